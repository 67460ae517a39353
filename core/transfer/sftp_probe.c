/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include <time.h>
#include <unistd.h>

#include "base/str.h"

#define SHOWN 20u /* files that are named */

static bool said(struct sftp *s, enum fx_status status, struct gw_str what)
{
    if (status == FX_OK)
        run_done(s->run, true, what.ptr);
    else
        sftp_refused(s, status, what);
    return status == FX_OK;
}

/* ---- to fetch ---- */

static void read_first(struct sftp *s, const struct listing *l)
{
    struct gw_str path = sftp_join(s->run, s->run->duty.errand.path, l->files[0].name, GW_STR(""));
    struct wire_handle h;

    run_step(s->run, "read");
    if (said(s, wire_open(&s->wire, path, FXF_READ, &h), path))
        (void)wire_close(&s->wire, &h);
}

static void see_folder(struct sftp *s, const char *step, struct gw_str folder)
{
    struct wire_handle h;
    enum fx_status status;

    run_step(s->run, step);
    status = wire_opendir(&s->wire, folder, &h);
    if (status == FX_OK) {
        (void)wire_close(&s->wire, &h);
        run_done(s->run, true, folder.ptr);
    } else
        sftp_no_folder(s, status, folder);
}

static void probe_in(struct sftp *s)
{
    const struct errand *e = &s->run->duty.errand;
    struct listing l = {.sftp = s};

    if (sftp_list(s, &l)) {
        for (size_t i = 0; i < l.count && i < SHOWN; i++)
            answer_file(l.files[i].name, l.files[i].size);
        if (l.count)
            read_first(s, &l);
    }
    if (e->after == SOURCE_MOVE && !s->wire.broken)
        see_folder(s, "rename", e->after_path);
}

/* ---- to send ---- */

static void probe_out(struct sftp *s)
{
    struct run *r = s->run;
    const struct errand *e = &r->duty.errand;
    const char *name =
        arena_format(&r->arena, ".passerelle-probe-%lld-%d", (long long)time(NULL), (int)getpid());
    struct gw_str path = sftp_join(r, e->path, str_of(name), GW_STR("")),
                  named = sftp_join(r, e->path, str_of(name), GW_STR("-2"));
    struct wire_handle h;
    enum fx_status status;

    run_step(r, "write");
    status = wire_open(&s->wire, path, FXF_WRITE | FXF_CREAT | FXF_EXCL, &h);
    if (status == FX_OK)
        status = wire_close(&s->wire, &h);
    if (!said(s, status, path))
        return;
    if (e->aside.len) {
        run_step(r, "rename");
        if (said(s, wire_rename(&s->wire, path, named), named))
            path = named;
    }
    run_step(r, "delete");
    (void)said(s, wire_remove(&s->wire, path), path);
}

void sftp_probe(struct run *r)
{
    static struct sftp s;

    if (sftp_open(&s, r)) {
        if (!r->duty.out)
            probe_in(&s);
        else if (!r->duty.errand.blind) {
            see_folder(&s, "list", r->duty.errand.path);
            if (!s.wire.broken)
                probe_out(&s);
        }
    }
    sftp_close(&s);
}
