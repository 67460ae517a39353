/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include "base/str.h"

/* What the partner could have seen so far. */
enum stage {
    STAGE_NOTHING, /* not even a name */
    STAGE_PART,    /* under its own name, straight: perhaps a part of it */
    STAGE_WHOLE,   /* all bytes are acknowledged, the name is being given */
    STAGE_NAMED,
};

struct upload {
    struct sftp *sftp;
    struct gw_str final, target; /* paths: the name it shall have, the one it is written under */
    bool aside;                  /* they differ */
    enum stage stage;
};

/* ---- how it ends ---- */

/* `complete`: all of it was acknowledged, and the server, as it is one, confirms nothing more. */
static void end_doubt(struct upload *u, bool complete)
{
    struct run *r = u->sftp->run;
    const struct gw_arg args[] = {{"server", str_of(u->sftp->server)},
                                  {"found", u->final},
                                  {"complete", complete ? GW_STR("yes") : GW_STR("no")}};

    r->ended = false; /* that a second connection failed is not the point */
    run_end(r, END_DOUBT, complete ? "transfer.unconfirmed" : "transfer.doubt", args, 3);
}

static void end_taken(struct upload *u)
{
    sftp_end(u->sftp, END_FAIL, "transfer.name_taken", u->final, "");
}

enum there { THERE_NOT, THERE_SAME, THERE_OTHER, THERE_UNKNOWN };

static enum there look(struct upload *u, struct gw_str path)
{
    struct wire_attrs attrs;

    switch (wire_stat(&u->sftp->wire, path, &attrs)) {
    case FX_OK:
        if (!attrs.has_size)
            return THERE_UNKNOWN;
        return attrs.size == u->sftp->run->duty.size ? THERE_SAME : THERE_OTHER;
    case FX_NO_SUCH_FILE:
        return THERE_NOT;
    default:
        return THERE_UNKNOWN;
    }
}

/* The connection was cut while the partner could have seen something: one look over a new one. */
static void look_again(struct upload *u)
{
    struct sftp *s = u->sftp;
    struct run *r = s->run;
    enum there there = THERE_UNKNOWN;

    sftp_close(s);
    if (sftp_open(s, r))
        there = look(u, u->final);
    run_step(r, "rename");
    if (there == THERE_SAME)
        run_done(r, true, "found whole after a cut");
    else if (there == THERE_NOT)
        sftp_end(s, END_RETRY, "transfer.cut", GW_STR(""), "");
    else if (there == THERE_OTHER && u->stage == STAGE_PART && wire_remove(&s->wire, u->final) == FX_OK)
        sftp_end(s, END_RETRY, "transfer.cut", GW_STR(""), "");
    else
        end_doubt(u, false);
}

static void end_cut(struct upload *u)
{
    const struct duty *d = &u->sftp->run->duty;

    if (u->stage == STAGE_NOTHING)
        sftp_lost(u->sftp, END_RETRY);
    else if (!d->errand.blind)
        look_again(u);
    else
        end_doubt(u, u->stage == STAGE_WHOLE && !u->aside);
}

/* Refused, or cut. What was written aside is taken away where that can be. */
static void give_up(struct upload *u, enum fx_status status, struct gw_str what)
{
    struct sftp *s = u->sftp;

    if (s->wire.broken) {
        end_cut(u);
        return;
    }
    sftp_refused(s, status, what);
    (void)wire_remove(&s->wire, u->target);
}

/* ---- the way there ---- */

/* true: it is to be sent. */
static bool is_needed(struct upload *u)
{
    const struct duty *d = &u->sftp->run->duty;
    enum there there = d->errand.blind ? THERE_NOT : look(u, u->final);

    if (u->sftp->wire.broken) {
        sftp_lost(u->sftp, END_RETRY);
        return false;
    }
    if (there == THERE_NOT || there == THERE_UNKNOWN)
        return true;
    if (there == THERE_OTHER || !d->again)
        end_taken(u);
    return false;
}

/* Straight under its name only if that is free; unless somebody who knows said that it may be written again. */
static bool begin(struct upload *u, struct wire_handle *h)
{
    struct sftp *s = u->sftp;
    uint32_t how = u->aside || s->run->duty.again ? FXF_TRUNC : FXF_EXCL;
    enum fx_status status;

    run_step(s->run, "write");
    u->stage = u->aside ? STAGE_NOTHING : STAGE_PART;
    status = wire_open(&s->wire, u->target, FXF_WRITE | FXF_CREAT | how, h);
    if (status == FX_OK)
        return true;
    if (s->wire.broken)
        end_cut(u);
    else if (how == FXF_EXCL && (status == FX_FILE_ALREADY_EXISTS || status == FX_FAILURE))
        end_taken(u);
    else
        sftp_refused(s, status, u->target);
    return false;
}

static bool write_all(struct upload *u, const struct wire_handle *h)
{
    struct sftp *s = u->sftp;
    enum fx_status status;

    switch (sftp_write(s, h, s->run->duty.size, &status)) {
    case MOVED_ALL:
        return true;
    case MOVED_DISK:
        run_disk(s->run, "");
        s->wire.broken = true;
        return false;
    case MOVED_REFUSED:
        (void)wire_close(&s->wire, h);
        give_up(u, status == FX_FAILURE ? FX_NO_SPACE : status, u->target);
        return false;
    case MOVED_SHORT:
    case MOVED_CUT:
        break;
    }
    end_cut(u);
    return false;
}

/* A server may say yes to bytes that it then has no room for. */
static bool is_whole(struct upload *u)
{
    struct sftp *s = u->sftp;

    if (s->run->duty.errand.blind || look(u, u->target) != THERE_OTHER)
        return true;
    sftp_end(s, END_RETRY, "transfer.short", u->target, "");
    (void)wire_remove(&s->wire, u->target);
    return false;
}

static bool finish(struct upload *u, const struct wire_handle *h)
{
    struct sftp *s = u->sftp;
    enum fx_status status = wire_fsync(&s->wire, h);

    u->stage = u->aside ? STAGE_NOTHING : STAGE_WHOLE;
    if (!s->wire.broken && (status == FX_OK || status == FX_OP_UNSUPPORTED))
        status = wire_close(&s->wire, h);
    if (s->wire.broken || status != FX_OK) {
        give_up(u, status, u->target);
        return false;
    }
    if (!is_whole(u))
        return false;
    if (s->wire.broken) {
        end_cut(u);
        return false;
    }
    run_done(s->run, true, NULL);
    return true;
}

static bool give_name(struct upload *u)
{
    struct sftp *s = u->sftp;
    enum fx_status status;

    if (!u->aside)
        return true;
    run_step(s->run, "rename");
    u->stage = STAGE_WHOLE;
    status = wire_rename(&s->wire, u->target, u->final);
    if (status == FX_OK) {
        run_done(s->run, true, NULL);
        return true;
    }
    if (!s->wire.broken && (status == FX_FAILURE || status == FX_FILE_ALREADY_EXISTS) &&
        (s->run->duty.errand.blind || look(u, u->final) != THERE_NOT)) {
        end_taken(u);
        (void)wire_remove(&s->wire, u->target);
    } else
        give_up(u, status, u->final);
    return false;
}

static void upload(struct upload *u)
{
    struct run *r = u->sftp->run;
    struct wire_handle h;

    if (!is_needed(u) || r->duty.dry)
        return;
    if (!begin(u, &h) || !write_all(u, &h) || !finish(u, &h) || !give_name(u))
        return;
    u->stage = STAGE_NAMED;
    if (r->duty.errand.blind)
        end_doubt(u, true);
}

void sftp_send(struct run *r)
{
    static struct sftp s;
    const struct errand *e = &r->duty.errand;
    struct upload u = {.sftp = &s, .aside = e->aside.len > 0};

    u.final = sftp_join(r, e->path, r->duty.name, GW_STR(""));
    u.target = sftp_join(r, e->path, r->duty.name, e->aside);
    if (sftp_open(&s, r))
        upload(&u);
    sftp_close(&s);
}
