/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include "base/str.h"

struct gw_str sftp_join(struct run *r, struct gw_str folder, struct gw_str name, struct gw_str end)
{
    bool slash = folder.len && folder.ptr[folder.len - 1] != '/';
    const struct gw_str parts[] = {folder, slash ? GW_STR("/") : GW_STR(""), name, end};

    return arena_join(&r->arena, parts, 4);
}

bool sftp_same(const struct wire_attrs *a, uint64_t size, int64_t mtime)
{
    return a->has_size && a->size == size && (!mtime || !a->mtime || a->mtime == mtime);
}

const char *sftp_words(const struct sftp *s, enum fx_status status)
{
    static const char *const words[] = {
        "ok",          "end of file",   "no such file",    "permission denied",    "failure",
        "bad message", "no connection", "connection lost", "operation unsupported"};

    if (s->wire.said[0])
        return s->wire.said;
    return status < sizeof(words) / sizeof(*words) ? words[status] : "failure";
}

void sftp_end(struct sftp *s, enum ending end, const char *code, struct gw_str found, const char *error)
{
    const struct gw_arg args[] = {{"server", str_of(s->server)}, {"found", found}, {"error", str_of(error)}};

    run_end(s->run, end, code, args, 3);
}

void sftp_refused(struct sftp *s, enum fx_status status, struct gw_str what)
{
    const char *words = sftp_words(s, status);

    if (s->wire.broken)
        sftp_lost(s, END_RETRY);
    else if (status == FX_NO_SUCH_FILE)
        sftp_end(s, END_FAIL, "transfer.folder", what, words);
    else if (status == FX_PERMISSION_DENIED || status == FX_OP_UNSUPPORTED)
        sftp_end(s, END_FAIL, "transfer.rights", what, words);
    else if (status == FX_NO_SPACE || status == FX_QUOTA)
        sftp_end(s, END_RETRY, "transfer.full", what, words);
    else
        sftp_end(s, END_RETRY, "transfer.server", what, words);
}

void sftp_no_folder(struct sftp *s, enum fx_status status, struct gw_str folder)
{
    if (s->wire.broken)
        sftp_lost(s, END_RETRY);
    else
        sftp_end(s, END_FAIL, "transfer.folder", folder.len ? folder : GW_STR("."), sftp_words(s, status));
}
