/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/str.h"

#define LIST_MAX 100000u
#define UNKNOWN  UINT64_MAX /* size that the server did not tell with the name */

static bool ends_with(struct gw_str s, struct gw_str end)
{
    return end.len && s.len >= end.len && str_eq(str_from(s, s.len - end.len), end);
}

static bool grow(struct listing *l)
{
    size_t room = l->room ? l->room * 2 : 64;
    struct remote_file *more;

    if (l->count < l->room)
        return true;
    more = l->count < LIST_MAX ? arena_array(&l->sftp->run->arena, room, sizeof(*more)) : NULL;
    if (!more)
        return false;
    if (l->count)
        memcpy(more, l->files, l->count * sizeof(*more));
    l->files = more;
    l->room = room;
    return true;
}

/* By what the server says of it; hidden names are nobody's, as in a local folder. */
static bool take(void *of, struct gw_str name, const struct wire_attrs *attrs)
{
    struct listing *l = of;
    const struct errand *e = &l->sftp->run->duty.errand;
    struct gw_str copy;

    if ((name.len && name.ptr[0] == '.') || (attrs->has_mode && !S_ISREG(attrs->mode)) ||
        !str_glob(e->pattern, name) || ends_with(name, e->unready))
        return true;
    if (!local_plain(name)) {
        l->odd++;
        return true;
    }
    copy = arena_copy(&l->sftp->run->arena, name);
    if (!copy.ptr || !grow(l))
        return false;
    l->files[l->count++] = (struct remote_file){copy, attrs->has_size ? attrs->size : UNKNOWN, attrs->mtime};
    return true;
}

static int by_age(const void *a, const void *b)
{
    const struct remote_file *x = a, *y = b;

    if (x->mtime != y->mtime)
        return x->mtime < y->mtime ? -1 : 1;
    return str_compare(x->name, y->name);
}

/* ---- by what is known here ---- */

static bool was_left(struct run *r, const struct remote_file *f)
{
    char *now = arena_format(&r->arena, "%llu %lld", (unsigned long long)f->size, (long long)f->mtime);

    return now && r->duty.errand.after == SOURCE_LEAVE &&
           str_is(memory_get(&r->local.memory, "left", f->name), now);
}

/* Seen with that size and time `stable` seconds ago, by our clock: the server's may be wrong. */
static bool is_stable(struct run *r, const struct remote_file *f)
{
    struct gw_str seen, since, now;
    uint64_t first;
    size_t at;

    if (!r->duty.errand.stable)
        return true;
    now = str_of(arena_format(&r->arena, "%llu %lld ", (unsigned long long)f->size, (long long)f->mtime));
    seen = memory_get(&r->local.memory, "seen", f->name);
    if (now.ptr && str_begins(seen, now) && str_find(seen, now, &at)) {
        since = str_from(seen, now.len);
        return str_number(since, &first) && (uint64_t)time(NULL) >= first + r->duty.errand.stable;
    }
    seen = str_of(arena_format(&r->arena, "%s%lld", now.ptr ? now.ptr : "", (long long)time(NULL)));
    if (seen.ptr && memory_set(&r->local.memory, "seen", f->name, seen) != GW_OK)
        return true; /* there are too many to remember */
    return false;
}

static bool comes(struct listing *l, const struct remote_file *f)
{
    struct run *r = l->sftp->run;

    if (r->duty.verb != VERB_FETCH)
        return true;
    if (was_left(r, f) || local_has(&r->local, f->name))
        return false;
    if (is_stable(r, f))
        return true;
    l->unsettled = true;
    return false;
}

/* Those that are to come now stay. */
static void sift(struct listing *l)
{
    struct run *r = l->sftp->run;
    size_t kept = 0;

    for (size_t i = 0; i < l->count; i++) {
        struct remote_file *f = &l->files[i];
        struct wire_attrs attrs;

        if (f->size == UNKNOWN &&
            wire_stat(&l->sftp->wire, sftp_join(r, r->duty.errand.path, f->name, GW_STR("")), &attrs) ==
                FX_OK &&
            attrs.has_size) {
            f->size = attrs.size;
            f->mtime = attrs.mtime;
        }
        if (f->size != UNKNOWN && comes(l, f))
            l->files[kept++] = *f;
    }
    l->count = kept;
}

bool sftp_list(struct sftp *s, struct listing *ret)
{
    struct run *r = s->run;
    struct wire_handle h;
    enum fx_status status;
    const char *detail;

    *ret = (struct listing){.sftp = s};
    run_step(r, "list");
    status = wire_opendir(&s->wire, r->duty.errand.path, &h);
    if (status == FX_OK) {
        status = wire_readdir(&s->wire, &h, take, ret);
        if (!s->wire.broken)
            (void)wire_close(&s->wire, &h);
    }
    if (status != FX_EOF && status != FX_OK) {
        sftp_no_folder(s, status, r->duty.errand.path);
        return false;
    }
    sift(ret);
    if (s->wire.broken) {
        sftp_lost(s, END_RETRY);
        return false;
    }
    if (status == FX_EOF && r->duty.verb == VERB_FETCH) {
        memory_keep_met(&r->local.memory, "left");
        memory_keep_met(&r->local.memory, "seen");
    }
    if (ret->count)
        qsort(ret->files, ret->count, sizeof(*ret->files), by_age);
    detail = arena_format(&r->arena, ret->odd ? "%zu, and %zu whose name is no file name here" : "%zu",
                          ret->count, ret->odd);
    run_done(r, true, detail);
    return true;
}
