/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include "base/str.h"

#define NUMBERS 1000u

/* ---- what is durable in the gateway goes on the server ---- */

static enum fx_status move_away(struct sftp *s, struct gw_str from, struct gw_str name)
{
    const struct errand *e = &s->run->duty.errand;
    enum fx_status status = FX_FAILURE;
    struct wire_attrs attrs;

    for (unsigned i = 0; i < NUMBERS; i++) {
        const char *end = i ? arena_format(&s->run->arena, ".%u", i) : "";
        struct gw_str to = sftp_join(s->run, e->after_path, name, str_of(end));

        status = wire_rename(&s->wire, from, to);
        if (status == FX_OK || s->wire.broken || wire_stat(&s->wire, to, &attrs) != FX_OK)
            break;
    }
    return status;
}

static enum fx_status dispose(struct sftp *s, struct gw_str path, struct gw_str name)
{
    enum fx_status status;

    if (s->run->duty.errand.after == SOURCE_MOVE) {
        run_step(s->run, "rename");
        status = move_away(s, path, name);
    } else {
        run_step(s->run, "delete");
        status = wire_remove(&s->wire, path);
    }
    return status == FX_NO_SUCH_FILE && s->run->duty.errand.after != SOURCE_MOVE ? FX_OK : status;
}

static void forget(struct run *r, struct gw_str name)
{
    if (local_dismiss(&r->local, name) != GW_OK)
        run_disk(r, LOCAL_TAKEN);
    else
        answer_dismissed(name);
}

/* false: there is no connection any more. A file that may not be deleted does not keep others from coming. */
static bool dismiss(struct sftp *s, const struct remote_file *f)
{
    struct run *r = s->run;
    struct gw_str path = sftp_join(r, r->duty.errand.path, f->name, GW_STR(""));
    struct wire_attrs attrs;
    enum fx_status status = wire_stat(&s->wire, path, &attrs);

    if (status == FX_OK && sftp_same(&attrs, f->size, f->mtime))
        status = dispose(s, path, f->name);
    else if (status == FX_NO_SUCH_FILE)
        status = FX_OK;
    if (status == FX_OK) {
        forget(r, f->name);
        run_done(r, true, NULL);
    } else if (status == FX_NO_SUCH_FILE)
        sftp_no_folder(s, status, r->duty.errand.after_path);
    else
        sftp_refused(s, status, path);
    return !s->wire.broken;
}

/* It stays there: remembered, durably, before taken/ forgets it. */
static bool remember(struct run *r, const struct remote_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *is =
            arena_format(&r->arena, "%llu %lld", (unsigned long long)files[i].size, (long long)files[i].mtime);

        if (!is || memory_set(&r->local.memory, "left", files[i].name, str_of(is)) != GW_OK) {
            run_fails(r, END_FAIL, "transfer.memory", NULL);
            return false;
        }
    }
    if (n && memory_save(&r->local.memory, r->local.folder) != GW_OK) {
        run_disk(r, MEMORY_FILE);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        forget(r, files[i].name);
    return true;
}

static bool dismiss_all(struct sftp *s)
{
    struct remote_file *files;
    struct run *r = s->run;
    size_t n;
    bool good = true;

    if (r->duty.dry)
        return true;
    if (local_taken(&r->local, &files, &n) != GW_OK) {
        run_disk(r, LOCAL_TAKEN);
        return false;
    }
    if (r->duty.errand.after == SOURCE_LEAVE)
        return remember(r, files, n);
    for (size_t i = 0; i < n && good; i++)
        good = dismiss(s, &files[i]);
    return good;
}

/* ---- what is new comes ---- */

static bool is_too_large(struct run *r, const struct remote_file *f)
{
    uint64_t max = r->duty.errand.size_max;

    if (!max || f->size <= max)
        return false;
    const struct gw_arg args[] = {
        {"found", f->name},
        {"size", str_of(arena_format(&r->arena, "%llu", (unsigned long long)f->size))},
        {"limit", str_of(arena_format(&r->arena, "%llu", (unsigned long long)max))}};

    run_end(r, END_FAIL, "transfer.size", args, 3);
    return true;
}

/* All bytes are here; are they those of one file? */
static bool finish(struct sftp *s, const struct wire_handle *h, struct incoming *in)
{
    struct run *r = s->run;
    struct wire_attrs attrs;
    enum fx_status status = wire_fstat(&s->wire, h, &attrs);

    if (s->wire.broken) {
        local_suspend(&r->local, in, in->file.size);
        sftp_lost(s, END_RETRY);
        return false;
    }
    (void)wire_close(&s->wire, h);
    if (status == FX_OK && !sftp_same(&attrs, in->file.size, in->file.mtime)) {
        local_abandon(&r->local, in); /* still being written: later */
        run_done(r, true, "changed");
        return true;
    }
    if (local_commit(&r->local, in) != GW_OK) {
        run_disk(r, in->file.name.ptr);
        local_abandon(&r->local, in);
        return false;
    }
    run_done(r, true, NULL);
    answer_file(in->file.name, in->file.size);
    return true;
}

/* true: the next one may be tried. */
static bool receive(struct sftp *s, const struct wire_handle *h, struct incoming *in, struct gw_str path)
{
    struct run *r = s->run;
    enum fx_status status;
    uint64_t good;

    switch (sftp_read(s, h, in, &good, &status)) {
    case MOVED_ALL:
        return finish(s, h, in);
    case MOVED_SHORT:
        (void)wire_close(&s->wire, h);
        local_abandon(&r->local, in);
        run_done(r, true, "changed");
        return true;
    case MOVED_REFUSED:
        (void)wire_close(&s->wire, h);
        local_suspend(&r->local, in, good);
        sftp_refused(s, status, path);
        return !s->wire.broken;
    case MOVED_CUT:
        local_suspend(&r->local, in, good);
        sftp_lost(s, END_RETRY);
        return false;
    case MOVED_DISK:
        run_disk(r, in->file.name.ptr);
        local_abandon(&r->local, in);
        return false;
    }
    return false;
}

static bool fetch_one(struct sftp *s, const struct remote_file *f)
{
    struct run *r = s->run;
    struct gw_str path = sftp_join(r, r->duty.errand.path, f->name, GW_STR(""));
    struct wire_handle h;
    struct incoming in;
    enum fx_status status;

    run_step(r, "read");
    status = wire_open(&s->wire, path, FXF_READ, &h);
    if (status == FX_NO_SUCH_FILE)
        return true;
    if (status != FX_OK) {
        sftp_refused(s, status, path);
        return !s->wire.broken;
    }
    if (local_begin(&r->local, f, &in) != GW_OK) {
        run_disk(r, f->name.ptr);
        return false;
    }
    return receive(s, &h, &in, path);
}

static void fetch_all(struct sftp *s, const struct listing *l)
{
    struct run *r = s->run;
    uint64_t max = r->duty.errand.one_file ? 1 : r->duty.errand.files_max, n = 0;
    bool good = true;

    for (size_t i = 0; i < l->count && good && (!max || n < max); i++) {
        if (is_too_large(r, &l->files[i]))
            continue;
        n++;
        if (r->duty.dry)
            answer_file(l->files[i].name, l->files[i].size);
        else
            good = fetch_one(s, &l->files[i]);
    }
}

/* What was seen for the first time is looked at once more: the next run may be a day away. */
static bool list_settled(struct sftp *s, struct listing *l)
{
    if (!sftp_list(s, l))
        return false;
    return !l->unsettled || !run_settle(s->run) || sftp_list(s, l);
}

void sftp_fetch(struct run *r)
{
    static struct sftp s;
    struct listing l;

    if (sftp_open(&s, r) && dismiss_all(&s) && list_settled(&s, &l))
        fetch_all(&s, &l);
    sftp_close(&s);
}
