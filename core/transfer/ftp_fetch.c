/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Remembered: "left" NAME -> size and time of what stays on the server and was fetched; "watched" NAME -> size,
 * time and since when they have been so.
 */
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/ftp.h"

#define NUMBERS 1000u

struct fetching {
    struct ftp f;
    struct run *run;
    struct incoming in;
    uint64_t got, files;
    bool told;            /* the list has sizes and times */
    struct outcome later; /* keeps others from nothing, and is said at the end; code NULL: nothing */
    time_t now;
    bool unsettled; /* one is not fetched only because it must lie still */
};

static const char *where(struct fetching *t, struct gw_str name)
{
    return ftp_path(&t->f, t->f.errand->path, name, GW_STR(""));
}

static struct gw_str identity(struct fetching *t, const struct remote_file *file)
{
    return str_of(
        arena_format(&t->run->arena, "%llu %lld", (unsigned long long)file->size, (long long)file->mtime));
}

/* What there is no room for is fetched again. */
static void remember(struct fetching *t, const char *section, struct gw_str name, struct gw_str value)
{
    enum gw_result ignored = memory_set(&t->run->local.memory, section, name, value);

    (void)ignored;
}

/* ---- what is durable in the gateway ---- */

/* Over nothing: most servers rename onto what is there. */
static enum gw_result move_away(struct fetching *t, struct gw_str name)
{
    struct remote_file there;
    const char *to = NULL;
    enum gw_result r = GW_OK;

    for (unsigned i = 0; r == GW_OK && i < NUMBERS; i++) {
        to = ftp_path(&t->f, t->f.errand->after_path, name,
                      str_of(i ? arena_format(&t->run->arena, ".%u", i) : ""));
        r = ftp_head(&t->f, to, &there);
    }
    return r == GW_END ? ftp_rename(&t->f, where(t, name), to) : r;
}

static enum gw_result remove_source(struct fetching *t, const struct remote_file *taken)
{
    const struct errand *e = t->f.errand;

    if (e->after == SOURCE_DELETE)
        return ftp_remove(&t->f, where(t, taken->name));
    if (e->after == SOURCE_MOVE)
        return move_away(t, taken->name);
    remember(t, "left", taken->name, identity(t, taken));
    return GW_OK;
}

/* A file that is another one by now stays, and is fetched. */
static enum gw_result dismiss(struct fetching *t, const struct remote_file *taken)
{
    struct remote_file now = {.size = 0};
    enum gw_result r = ftp_head(&t->f, where(t, taken->name), &now);
    bool same = r == GW_OK && now.size == taken->size && (!now.mtime || now.mtime == taken->mtime);

    if (r != GW_OK && r != GW_END)
        return r;
    now.name = taken->name;
    r = same ? remove_source(t, &now) : GW_OK;
    if (r != GW_OK)
        return r;
    if (local_dismiss(&t->run->local, taken->name) != GW_OK) {
        run_disk(t->run, taken->name.ptr);
        return GW_FAIL;
    }
    answer_dismissed(taken->name);
    return GW_OK;
}

static enum gw_result dismiss_taken(struct fetching *t)
{
    struct remote_file *files;
    size_t n;
    enum gw_result r = GW_OK;

    if (local_taken(&t->run->local, &files, &n) != GW_OK) {
        run_disk(t->run, LOCAL_TAKEN);
        return GW_FAIL;
    }
    for (size_t i = 0; r == GW_OK && i < n; i++) {
        r = dismiss(t, &files[i]);
        if (r == GW_FAIL && !t->run->ended && strcmp(t->f.w.said.code, "transfer.rights") == 0) {
            t->later = t->f.w.said;
            r = GW_OK;
        }
    }
    return r;
}

/* ---- which ones ---- */

static bool ends_so(struct gw_str name, struct gw_str end)
{
    return end.len && name.len > end.len && str_eq(str_from(name, name.len - end.len), end);
}

static bool wanted(struct fetching *t, struct gw_str name)
{
    const struct errand *e = t->f.errand;

    return str_glob(e->pattern, name) && !ends_so(name, e->unready) && !local_has(&t->run->local, name);
}

/* Size and time have been what they are for as long as the errand says. */
static bool is_stable(struct fetching *t, const struct remote_file *file)
{
    struct gw_str now = identity(t, file), rest = memory_get(&t->run->local.memory, "watched", file->name),
                  what = str_cut(rest, '@', &rest);
    uint64_t since = 0;

    if (!t->f.errand->stable)
        return true;
    if (str_eq(what, now) && str_number(rest, &since) && (uint64_t)t->now >= since + t->f.errand->stable)
        return true;
    if (!str_eq(what, now))
        remember(t, "watched", file->name,
                 str_of(arena_format(&t->run->arena, "%.*s@%lld", STR_ARG(now), (long long)t->now)));
    t->unsettled = true;
    return false;
}

static bool is_small(struct fetching *t, const struct remote_file *file, uint64_t size)
{
    uint64_t max = t->f.errand->size_max;

    if (!max || size <= max)
        return true;
    (void)wire_say(&t->f.w, END_FAIL, "read", "transfer.size");
    wire_arg(&t->f.w, "found", file->name);
    wire_arg(&t->f.w, "size", str_of(arena_format(&t->run->arena, "%llu", (unsigned long long)size)));
    wire_arg(&t->f.w, "limit", str_of(arena_format(&t->run->arena, "%llu", (unsigned long long)max)));
    t->later = t->f.w.said;
    return false;
}

/* ---- one file ---- */

static size_t take(char *data, size_t size, size_t n, void *context)
{
    struct fetching *t = context;

    t->f.w.local = !is_small(t, &t->in.file, t->got + size * n);
    if (!t->f.w.local && durable_write(t->in.d.fd, data, size * n) != GW_OK) {
        run_disk(t->run, t->in.file.name.ptr);
        t->f.w.local = true;
    }
    t->got += t->f.w.local ? 0 : size * n;
    return t->f.w.local ? 0 : size * n;
}

static enum gw_result get(struct fetching *t, const struct remote_file *file)
{
    CURLcode e;
    enum gw_result r;

    if (local_begin(&t->run->local, file, &t->in) != GW_OK) {
        run_disk(t->run, file->name.ptr);
        return GW_FAIL;
    }
    t->got = t->in.have;
    r = ftp_get(&t->f, where(t, file->name), t->in.have, take, t, &e);
    if (r == GW_OK && file->size && t->got != file->size) {
        r = wire_tell(&t->f.w, END_RETRY, "read", "transfer.cut", file->name, GW_STR(""));
        local_abandon(&t->run->local, &t->in);
    } else if (r != GW_OK && wire_lost(e))
        local_suspend(&t->run->local, &t->in, t->got);
    else if (r != GW_OK)
        local_abandon(&t->run->local, &t->in);
    else if (local_commit(&t->run->local, &t->in) != GW_OK) {
        run_disk(t->run, file->name.ptr);
        return GW_FAIL;
    }
    return r;
}

static enum gw_result one_file(struct fetching *t, struct remote_file *file)
{
    enum gw_result r = GW_OK;

    if (!wanted(t, file->name))
        return GW_OK;
    if (!t->told)
        r = ftp_head(&t->f, where(t, file->name), file);
    if (r == GW_END) /* a folder, or gone since */
        return GW_OK;
    if (r != GW_OK || !is_stable(t, file) || !is_small(t, file, file->size) ||
        str_eq(memory_get(&t->run->local.memory, "left", file->name), identity(t, file)))
        return r;
    if (!t->run->duty.dry)
        r = get(t, file);
    if (r == GW_OK) {
        t->files++;
        answer_file(file->name, file->size);
    }
    return r;
}

static enum gw_result look(struct fetching *t, uint64_t most)
{
    struct remote_file *files = NULL;
    size_t n = 0;
    enum gw_result r = ftp_list(&t->f, &files, &n, &t->told);

    t->now = time(NULL);
    t->unsettled = false;
    if (r == GW_OK)
        answer_step("list", true, 0, arena_format(&t->run->arena, "%zu", n));
    for (size_t i = 0; r == GW_OK && i < n && t->files < most; i++)
        r = one_file(t, &files[i]);
    return r;
}

/* What was seen for the first time is looked at once more: the next run may be a day away. */
static enum gw_result fetch(struct fetching *t)
{
    const struct errand *e = t->f.errand;
    uint64_t most = e->one_file ? 1 : e->files_max ? e->files_max : UINT64_MAX;
    enum gw_result r = t->run->duty.dry ? GW_OK : dismiss_taken(t);

    if (r != GW_OK)
        return r;
    r = look(t, most);
    if (r == GW_OK && t->unsettled && t->files < most && !t->run->duty.dry && run_settle(t->run))
        r = look(t, most);
    if (r == GW_OK && t->files < most) {
        memory_keep_met(&t->run->local.memory, "left");
        memory_keep_met(&t->run->local.memory, "watched");
    }
    if (r != GW_OK || !t->later.code)
        return r;
    t->f.w.said = t->later;
    return GW_FAIL;
}

void ftp_fetch(struct run *r)
{
    struct fetching t = {.f = {.run = r, .errand = &r->duty.errand}, .run = r};
    enum gw_result result = wire_open(&t.f.w, r);

    if (result == GW_OK)
        result = fetch(&t);
    wire_end(&t.f.w, result);
    wire_close(&t.f.w);
}
