/* SPDX-License-Identifier: EUPL-1.2 */
/* The group `backup` of gateway.conf: where the daemon puts backups, when, how many stay, and their key. */
#include <stddef.h>

#include "base/str.h"
#include "gateway/conf_keys.h"

#define OF_BACKUP(member) offsetof(struct backup_conf, member)

/* The key of a backup is sealed for people; nobody signs it. */
static bool encrypts_only(const struct openpgp *o)
{
    return o->encrypt.count && !o->decrypt.len && !o->password.len && !o->verify.len && !o->sign.len &&
           !o->sign_password.len;
}

bool conf_take_backup(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    static const struct conf_entry keys[] = {
        {"folder", conf_take_folder, OF_BACKUP(folder), "\"FOLDER\"", 0},
        {"schedule", conf_take_schedule, OF_BACKUP(schedule), SCHEDULE_EXPECTED, 0},
        {"keep", conf_take_number, OF_BACKUP(keep), "1, 2 ...", 0},
        {"key", conf_take_folder, OF_BACKUP(key), "\"FILE\"", 0},
        {"openpgp", conf_take_openpgp, OF_BACKUP(openpgp), "{ ... }", 0},
    };
    struct backup_conf *b = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_GROUP)
        return false;
    conf_group(r, s, keys, sizeof(keys) / sizeof(*keys), b);
    if (openpgp_given(&b->openpgp) && !encrypts_only(&b->openpgp))
        conf_report(r, s, "conf.openpgp_backup", GW_STR(""), GW_STR("encrypt"));
    if (!b->key.len)
        conf_report(r, s, "conf.missing", GW_STR("key"), GW_STR(""));
    if (b->schedule.kind != SCHEDULE_NONE && !b->folder.len)
        conf_report(r, s, "conf.missing", GW_STR("folder"), GW_STR(""));
    return true;
}
