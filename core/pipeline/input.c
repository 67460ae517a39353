/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bytes from a descriptor, a path or memory. Where reading by position is possible it is used,
 * so that the descriptor's own position never matters.
 */
#include "pipeline/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "gw/plugin.h"
#include "pipeline/unpack.h"

#define SNIFF 256u /* enough to know an archive, and a container by the name of its first member */

enum gw_result input_fault(struct input *in, enum gw_result result, const char *code, const struct gw_arg *args,
                           size_t nargs)
{
    struct diag d = {.severity = GW_ERROR,
                     .code = code,
                     .file = in->member.ptr ? in->member : in->name,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = nargs};

    if (in->options.sink)
        in->options.sink->put(in->options.sink, &d);
    return result;
}

static enum gw_result system_fault(struct input *in, const char *code)
{
    char room[128];
    struct gw_arg arg = {"error", str_of(strerror_r(errno, room, sizeof(room)))};

    return input_fault(in, GW_RETRY, code, &arg, 1);
}

static void start(struct input *in, struct gw_str name, const struct input_options *o)
{
    static const struct input_options none;

    *in = (struct input){.options = o ? *o : none, .name = name, .fd = -1, .opened = true};
    if (!in->options.max_unpacked)
        in->options.max_unpacked = INPUT_UNPACKED;
    if (!in->options.max_ratio)
        in->options.max_ratio = INPUT_RATIO;
    if (!in->options.max_members)
        in->options.max_members = INPUT_MEMBERS;
    buf_init(&in->sniff, SNIFF);
    buf_init(&in->head, INPUT_HEAD);
    buf_init(&in->held, INPUT_HELD + 1);
    buf_init(&in->label, 4096);
    buf_init(&in->block, INPUT_HEAD);
}

/* Bytes as they lie there, past the sniffed ones. */
static enum gw_result take_new(struct input *in, void *data, size_t room, size_t *ret_got)
{
    ssize_t got;

    if (in->fd < 0) {
        got = (ssize_t)(in->size - in->at < room ? in->size - in->at : room);
        if (got)
            memcpy(data, in->memory.ptr + in->at, (size_t)got);
    } else {
        do
            got = in->seeks ? pread(in->fd, data, room, (off_t)in->at) : read(in->fd, data, room);
        while (got < 0 && errno == EINTR);
    }
    *ret_got = got > 0 ? (size_t)got : 0;
    in->at += *ret_got;
    if (got < 0)
        return system_fault(in, "input.read");
    return got ? GW_OK : GW_END;
}

/* From what was read ahead, if anything is left of it. */
static size_t take_ahead(const struct buf *ahead, size_t *at, void *data, size_t room)
{
    size_t left = ahead->len - *at;
    size_t n = left < room ? left : room;

    if (n)
        memcpy(data, ahead->data + *at, n);
    *at += n;
    return n;
}

enum gw_result input_take(struct input *in, void *data, size_t room, size_t *ret_got)
{
    *ret_got = take_ahead(&in->sniff, &in->sniff_at, data, room);
    return *ret_got ? GW_OK : take_new(in, data, room, ret_got);
}

/* Reads on until `ahead` has `len` bytes, or all there are. */
static enum gw_result fill(struct input *in, struct buf *ahead, size_t len,
                           enum gw_result (*more)(struct input *, void *, size_t, size_t *))
{
    enum gw_result r = GW_OK;
    size_t got;

    while (r == GW_OK && ahead->len < len) {
        char *p = buf_room(ahead, len - ahead->len);

        if (!p)
            return input_fault(in, GW_FATAL, "memory.out", NULL, 0);
        r = more(in, p, len - ahead->len, &got);
        if (r == GW_OK)
            ahead->len += got;
    }
    if (ahead->room)
        ahead->data[ahead->len] = '\0';
    return r == GW_END ? GW_OK : r;
}

/* A container is an archive to everybody but the plugin that reads it. */
static bool is_container(const struct input *in)
{
    const struct gw_plugin *p = in->options.plugin;
    struct gw_probe probe = {.head = buf_view(&in->sniff), .name = in->name};

    return p && p->flags & GW_SEEKS && (!p->probe || p->probe(&probe) > 0);
}

static enum gw_result begin(struct input *in)
{
    enum gw_result r = fill(in, &in->sniff, 8, take_new);

    in->unpacks = r == GW_OK && unpack_knows(buf_view(&in->sniff), &in->zip);
    if (in->unpacks && in->zip && in->options.plugin)
        r = fill(in, &in->sniff, SNIFF, take_new);
    if (in->unpacks && in->zip && is_container(in))
        in->unpacks = false;
    return r == GW_OK && in->unpacks ? unpack_open(in) : r;
}

enum gw_result input_open_memory(struct input *in, struct gw_str bytes, struct gw_str name,
                                 const struct input_options *o)
{
    start(in, name, o);
    in->memory = bytes;
    in->size = bytes.len;
    in->seeks = true;
    return begin(in);
}

static enum gw_result open_descriptor(struct input *in, int fd)
{
    struct stat st;
    off_t at;

    in->fd = fd;
    if (fstat(fd, &st) < 0)
        return system_fault(in, "input.open");
    at = S_ISREG(st.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    if (at == 0) { /* begun elsewhere, it is read as a pipe is */
        in->seeks = true;
        in->size = (uint64_t)st.st_size;
    }
    return begin(in);
}

enum gw_result input_open_fd(struct input *in, int fd, struct gw_str name, const struct input_options *o)
{
    start(in, name, o);
    return open_descriptor(in, fd);
}

enum gw_result input_open_path(struct input *in, const char *path, const struct input_options *o)
{
    int fd;

    start(in, str_of(path), o);
    if (strcmp(path, "-") == 0)
        return open_descriptor(in, STDIN_FILENO);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return system_fault(in, "input.open");
    in->close_fd = true;
    return open_descriptor(in, fd);
}

void input_close(struct input *in)
{
    if (!in->opened)
        return;
    unpack_close(in);
    buf_done(&in->sniff);
    buf_done(&in->head);
    buf_done(&in->held);
    buf_done(&in->label);
    buf_done(&in->block);
    if (in->close_fd)
        close(in->fd);
    in->fd = -1;
    in->opened = in->close_fd = false;
}

enum gw_result input_next_member(struct input *in)
{
    buf_clear(&in->held);
    in->holds = false;
    if (in->unpacks)
        return unpack_next(in);
    if (in->members++)
        return GW_END;
    in->member = in->inner = in->name;
    return GW_OK;
}

enum gw_result input_read(struct input *in, void *data, size_t room, size_t *ret_got)
{
    *ret_got = take_ahead(&in->head, &in->head_at, data, room);
    if (*ret_got)
        return GW_OK;
    return in->unpacks ? unpack_read(in, data, room, ret_got) : input_take(in, data, room, ret_got);
}

enum gw_result input_head(struct input *in, struct gw_str *ret)
{
    enum gw_result r = fill(in, &in->head, INPUT_HEAD, in->unpacks ? unpack_read : input_take);

    *ret = buf_view(&in->head);
    return r;
}

/* The member from its first byte to its last. */
static enum gw_result hold(struct input *in)
{
    char room[20];
    struct gw_arg arg = {"limit", gw_digits(INPUT_HELD, room)};
    enum gw_result r = GW_OK;

    in->holds = true;
    while (r == GW_OK && in->held.len <= INPUT_HELD) {
        size_t got,
            want = INPUT_HELD + 1 - in->held.len < INPUT_HEAD ? INPUT_HELD + 1 - in->held.len : INPUT_HEAD;
        char *p = buf_room(&in->held, want);

        if (!p)
            return input_fault(in, GW_FATAL, "memory.out", NULL, 0);
        r = input_read(in, p, want, &got);
        in->held.len += got;
    }
    if (in->held.len > INPUT_HELD)
        return input_fault(in, GW_FAIL, "input.held", &arg, 1);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result copy_at(struct gw_str bytes, uint64_t at, void *data, size_t len)
{
    if (at > bytes.len || bytes.len - at < len)
        return GW_END;
    memcpy(data, bytes.ptr + at, len);
    return GW_OK;
}

enum gw_result input_read_at(struct input *in, uint64_t at, void *data, size_t len)
{
    bool positions = in->seeks && !in->unpacks;
    enum gw_result r = positions || in->holds ? GW_OK : hold(in);
    size_t done = 0;
    ssize_t got = 1;

    if (r != GW_OK)
        return r;
    if (!positions)
        return copy_at(buf_view(&in->held), at, data, len);
    if (in->fd < 0)
        return copy_at(in->memory, at, data, len);
    while (done < len && got) {
        got = pread(in->fd, (char *)data + done, len - done, (off_t)(at + done));
        if (got < 0 && errno != EINTR)
            return system_fault(in, "input.read");
        done += got > 0 ? (size_t)got : 0;
    }
    return done == len ? GW_OK : GW_END;
}
