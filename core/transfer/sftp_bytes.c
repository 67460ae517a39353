/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include <errno.h>
#include <unistd.h>

#include "base/str.h"

#define AHEAD 64u

/* Requests on their way, in a ring. */
struct flight {
    struct sftp *sftp;
    const struct wire_handle *handle;
    struct {
        uint32_t id, len;
    } slots[AHEAD];
    unsigned first, count, window;
    uint32_t block;
    uint64_t asked, done, size; /* done: without a gap from the start */
    enum fx_status status;
};

/* A rate is not to be met in bursts: what is on its way is a quarter of a second's. */
static struct flight begin(struct sftp *s, const struct wire_handle *h, uint64_t at, uint64_t size)
{
    uint64_t quarter = s->run->pace.rate ? s->run->pace.rate / 4 + 1 : UINT64_MAX;
    uint64_t window = quarter / WIRE_BLOCK;

    return (struct flight){.sftp = s,
                           .handle = h,
                           .window = window > AHEAD ? AHEAD
                                     : window       ? (unsigned)window
                                                    : 1,
                           .block = quarter < WIRE_BLOCK ? (uint32_t)quarter : WIRE_BLOCK,
                           .asked = at,
                           .done = at,
                           .size = size};
}

static uint32_t next_len(const struct flight *f)
{
    uint64_t left = f->size - f->asked;

    return left < f->block ? (uint32_t)left : f->block;
}

static void took_off(struct flight *f, uint32_t id, uint32_t len)
{
    unsigned at = (f->first + f->count++) % AHEAD;

    f->slots[at].id = id;
    f->slots[at].len = len;
    f->asked += len;
}

static void landed(struct flight *f, uint32_t len)
{
    f->first = (f->first + 1) % AHEAD;
    f->count--;
    f->done += len;
    pace_wait(&f->sftp->run->pace, len);
}

/* ---- reading ---- */

/* What is still on its way is not wanted: asked again from `done` on. */
static bool restart(struct flight *f)
{
    struct wire_answer a;
    bool good = true;

    for (; f->count > 0 && good; f->count--)
        good = wire_take_answer(&f->sftp->wire, &a);
    f->asked = f->done;
    return good;
}

static bool ask(struct flight *f)
{
    while (f->count < f->window && f->asked < f->size) {
        uint32_t len = next_len(f), id = wire_ask_read(&f->sftp->wire, f->handle, f->asked, len);

        if (!id)
            return false;
        took_off(f, id, len);
    }
    return true;
}

/* In order, and whole, is how servers answer; one that does not is asked for less. */
static enum moved take(struct flight *f, const struct wire_answer *a, int fd)
{
    struct gw_str data;
    uint32_t wanted = f->slots[f->first].len;

    if (a->id != f->slots[f->first].id) {
        f->count--;
        f->window = f->window > 1 ? f->window / 2 : 1;
        return restart(f) ? MOVED_ALL : MOVED_CUT;
    }
    if (a->type == FXP_STATUS) {
        f->status = wire_status(&f->sftp->wire, a);
        f->count--;
        if (!restart(f))
            return MOVED_CUT;
        return f->status == FX_EOF ? MOVED_SHORT : MOVED_REFUSED;
    }
    if (!wire_data(&f->sftp->wire, a, &data) || !data.len || data.len > wanted)
        return MOVED_CUT;
    if (durable_write(fd, data.ptr, data.len) != GW_OK)
        return MOVED_DISK;
    landed(f, (uint32_t)data.len);
    if (data.len == wanted)
        return MOVED_ALL;
    f->block = (uint32_t)data.len;
    return restart(f) ? MOVED_ALL : MOVED_CUT;
}

enum moved sftp_read(struct sftp *s, const struct wire_handle *h, struct incoming *in, uint64_t *ret_good,
                     enum fx_status *ret_status)
{
    struct flight f = begin(s, h, in->have, in->file.size);
    enum moved moved = MOVED_ALL;

    while (moved == MOVED_ALL && f.done < f.size) {
        struct wire_answer a;

        if (ask(&f) && wire_take_answer(&s->wire, &a))
            moved = take(&f, &a, in->d.fd);
        else
            moved = MOVED_CUT;
    }
    *ret_good = f.done;
    *ret_status = f.status;
    return moved;
}

/* ---- writing ---- */

static enum moved push(struct flight *f)
{
    static char block[WIRE_BLOCK];

    while (f->count < f->window && f->asked < f->size) {
        uint32_t len = next_len(f), id;
        ssize_t n = read(TRANSFER_FILE, block, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return MOVED_DISK;
        id = wire_ask_write(&f->sftp->wire, f->handle, f->asked, (struct gw_str){block, (size_t)n});
        if (!id)
            return MOVED_CUT;
        took_off(f, id, (uint32_t)n);
    }
    return MOVED_ALL;
}

/* Acknowledgements may come in any order: all of them are counted. */
static enum moved acknowledge(struct flight *f)
{
    struct wire_answer a;

    if (!wire_take_answer(&f->sftp->wire, &a))
        return MOVED_CUT;
    f->status = wire_status(&f->sftp->wire, &a);
    if (f->sftp->wire.broken)
        return MOVED_CUT;
    if (f->status != FX_OK) {
        f->count--;
        return restart(f) ? MOVED_REFUSED : MOVED_CUT;
    }
    landed(f, f->slots[f->first].len);
    return MOVED_ALL;
}

enum moved sftp_write(struct sftp *s, const struct wire_handle *h, uint64_t size, enum fx_status *ret_status)
{
    struct flight f = begin(s, h, 0, size);
    enum moved moved = MOVED_ALL;

    while (moved == MOVED_ALL && f.done < f.size) {
        moved = push(&f);
        if (moved == MOVED_ALL)
            moved = acknowledge(&f);
    }
    *ret_status = f.status;
    return moved;
}
