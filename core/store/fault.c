/* SPDX-License-Identifier: EUPL-1.2 */
/* What went wrong, as a diagnostic and the result to be passed on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/inside.h"

enum gw_result store_fault(struct store *s, enum gw_result r, const char *code, const struct gw_arg *args,
                           size_t nargs)
{
    struct diag d = {.severity = r == GW_OK ? GW_WARNING : GW_ERROR,
                     .code = code,
                     .file = str_of(s->path),
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = nargs};

    if (s->sink)
        s->sink->put(s->sink, &d);
    if (s->in_tx && r >= GW_FAIL && !s->broken)
        s->broken = r;
    return r;
}

enum gw_result memory_fault(struct store *s)
{
    return store_fault(s, GW_FATAL, "memory.out", NULL, 0);
}

enum gw_result system_fault(struct store *s, const char *path)
{
    char room[128];
    struct gw_arg args[] = {{"found", str_of(path)}, {"error", str_of(strerror_r(errno, room, sizeof(room)))}};

    return store_fault(s, GW_RETRY, "store.file", args, 2);
}

enum gw_result path_fault(struct store *s, const char *code)
{
    struct gw_arg found = {"found", str_of(s->path)};

    return store_fault(s, GW_FAIL, code, &found, 1);
}

enum gw_result row_fault(struct store *s, const char *table, int64_t id)
{
    char number[24];
    struct gw_arg args[] = {{"table", str_of(table)}, {"id", {number, 0}}, {"found", {NULL, 0}}};
    char found[64];

    if (s->told_already)
        return GW_REJECT;
    args[1].value.len = (size_t)snprintf(number, sizeof(number), "%lld", (long long)id);
    args[2].value = (struct gw_str){found, (size_t)snprintf(found, sizeof(found), "%s %s", table, number)};
    return store_fault(s, GW_REJECT, "store.row", args, 3);
}
