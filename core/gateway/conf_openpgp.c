/* SPDX-License-Identifier: EUPL-1.2 */
/* The group `openpgp` of a flow, by the table of transfer/openpgp.h. */
#include "base/str.h"
#include "gateway/conf_keys.h"

#define KEYS_MAX 16

bool conf_take_openpgp(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct openpgp *o = to;
    struct conf_entry keys[KEYS_MAX];

    (void)e;
    for (size_t i = 0; i < openpgp_nkeys; i++)
        keys[i] = conf_entry_of(&openpgp_keys[i], 0);
    conf_group(r, s, keys, openpgp_nkeys, o);
    for (size_t i = 0; i < o->encrypt.count; i++) {
        struct gw_str *file = (struct gw_str *)(uintptr_t)&o->encrypt.items[i];

        if (file->len && file->ptr[0] != '/')
            *file = str_of(arena_format(r->arena, "%.*s/%.*s", STR_ARG(r->base), STR_ARG(*file)));
    }
    if (!openpgp_given(o))
        conf_report(r, s, "conf.openpgp_nothing", GW_STR(""), GW_STR("decrypt | verify | encrypt | sign"));
    return true;
}
