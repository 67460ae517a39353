/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/backup_parts.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/sign.h"

const char *const backup_folders[BACKUP_FOLDERS] = {"",      "spool/",       "notices/", "receipts/",
                                                    "conf/", "conf/conf.d/", "heads/"};

struct part_head {
    uint64_t size; /* little endian */
    uint64_t name; /* its length, little endian */
};

enum gw_result part_put(struct coffer *c, const struct part *p)
{
    size_t len = strlen(p->name);
    struct part_head h = {htole64(p->size), htole64(len)};
    enum gw_result result = coffer_put(c, &h, sizeof(h));

    return result == GW_OK ? coffer_put(c, p->name, len) : result;
}

enum gw_result part_get(struct coffer *c, struct part *ret)
{
    struct part_head h;
    enum gw_result result = coffer_get(c, &h, sizeof(h));

    *ret = (struct part){.size = result == GW_OK ? le64toh(h.size) : 0};
    if (result != GW_OK)
        return result;
    return le64toh(h.name) < PART_NAME ? coffer_get(c, ret->name, le64toh(h.name)) : GW_REJECT;
}

static bool leaf_good(const char *name)
{
    if (!*name || *name == '.')
        return false;
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == '/')
            return false;
    return true;
}

static bool place_good(const struct part *p, enum backup_folder in, const char *name)
{
    struct gw_str rest = {NULL, 0};

    if (in == FOLDER_ROOT)
        return str_among(GW_STR("store.db key manifest " SIGN_KEY " " SIGN_SHOWN), ' ', str_of(p->name));
    if (in == FOLDER_RECEIPTS)
        return conf_name_good(str_cut(str_of(name), '/', &rest)) && rest.ptr && leaf_good(rest.ptr);
    return leaf_good(name);
}

/* The longest that it begins with: conf/conf.d/ stands behind conf/. */
bool part_place(const struct part *p, enum backup_folder *ret_folder, const char **ret_name)
{
    for (unsigned i = BACKUP_FOLDERS; i-- > 0;) {
        size_t n = strlen(backup_folders[i]);

        if (strncmp(backup_folders[i], p->name, n) != 0)
            continue;
        *ret_folder = (enum backup_folder)i;
        *ret_name = p->name + n;
        return place_good(p, *ret_folder, *ret_name);
    }
    return false;
}

mode_t part_mode(const struct part *p)
{
    bool shown =
        strcmp(p->name, SIGN_SHOWN) == 0 || str_begins(str_of(p->name), str_of(backup_folders[FOLDER_HEADS]));

    return shown ? 0644 : 0600;
}

void backup_fault(struct sink *sink, enum gw_result result, const char *about)
{
    struct gw_arg args[] = {{"file", str_of(about)}, {"reason", str_of(strerror(errno))}};
    struct diag d = {.severity = GW_ERROR,
                     .code = result == GW_REJECT ? "backup.altered"
                             : result == GW_END  ? "backup.key"
                             : result == GW_FAIL ? "backup.unknown"
                                                 : "backup.world",
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 2};

    sink->put(sink, &d);
}

enum gw_result backup_letter(int fd, const char *name, struct sink *sink, struct buf *out)
{
    struct gw_arg arg = {"file", str_of(name)};
    struct diag none = {
        .severity = GW_ERROR, .code = "backup.letter", .byte = UINT64_MAX, .args = &arg, .nargs = 1};
    enum gw_result result = coffer_letter_read(fd, out);

    if (result == GW_END)
        sink->put(sink, &none);
    else if (result != GW_OK)
        backup_fault(sink, result, name);
    return result;
}
