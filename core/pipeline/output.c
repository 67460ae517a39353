/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

static enum gw_result fault(struct output *o, const char *code)
{
    char room[128];
    struct gw_arg arg = {"error", str_of(strerror_r(errno, room, sizeof(room)))};
    struct diag d = {
        .severity = GW_ERROR, .code = code, .file = o->name, .byte = UINT64_MAX, .args = &arg, .nargs = 1};

    if (o->sink && !o->failed)
        o->sink->put(o->sink, &d);
    o->failed = true;
    return GW_RETRY;
}

static void start(struct output *o, struct gw_str name, size_t max, struct sink *sink)
{
    *o = (struct output){.name = name, .sink = sink, .fd = -1};
    if (!max)
        max = OUTPUT_TENTATIVE;
    buf_init(&o->buf, max + OUTPUT_BLOCK);
    buf_init(&o->target, PATH_MAX);
    buf_init(&o->partial, PATH_MAX);
}

enum gw_result output_open_fd(struct output *o, int fd, struct gw_str name, size_t max, struct sink *sink)
{
    start(o, name, max, sink);
    o->fd = fd;
    return GW_OK;
}

void output_open_memory(struct output *o, struct buf *memory, struct gw_str name, size_t max, struct sink *sink)
{
    start(o, name, max, sink);
    o->memory = memory;
}

static enum gw_result open_as_it_is(struct output *o, const char *path)
{
    o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (o->fd < 0)
        return fault(o, "output.open");
    o->close_fd = true;
    return GW_OK;
}

/* The file that the name stands for, so that renaming does not replace a link. */
static void set_target(struct output *o, const char *path)
{
    char real[PATH_MAX];

    buf_text(&o->target, realpath(path, real) ? real : path);
    buf_str(&o->partial, buf_view(&o->target));
    buf_text(&o->partial, ".partial");
}

enum gw_result output_open_path(struct output *o, const char *path, size_t max, struct sink *sink)
{
    bool is_stdout = strcmp(path, "-") == 0, exists;
    struct stat st;

    start(o, str_of(path), max, sink);
    if (is_stdout) {
        o->fd = STDOUT_FILENO;
        return GW_OK;
    }
    exists = stat(path, &st) == 0;
    if (exists && !S_ISREG(st.st_mode))
        return open_as_it_is(o, path);
    set_target(o, path);
    if (o->partial.failed) {
        errno = ENAMETOOLONG;
        return fault(o, "output.open");
    }
    o->fd = open(o->partial.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    o->close_fd = o->fd >= 0;
    if (o->fd < 0 || (exists && fchmod(o->fd, st.st_mode & 07777) < 0))
        return fault(o, "output.open");
    return GW_OK;
}

void output_add(struct output *o, const void *data, size_t len)
{
    buf_add(&o->buf, data, len);
}

void output_rollback(struct output *o)
{
    o->buf.len = o->committed;
    o->buf.failed = false;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};

            (void)poll(&wait, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return false;
        }
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

enum gw_result output_flush(struct output *o)
{
    if (o->failed)
        return GW_RETRY;
    if (o->memory) {
        buf_add(o->memory, o->buf.data, o->committed);
        if (o->memory->failed) {
            errno = ENOSPC;
            return fault(o, "output.write");
        }
    } else if (!write_all(o->fd, o->buf.data, o->committed)) {
        return fault(o, "output.write");
    }
    buf_drop(&o->buf, o->committed);
    o->committed = 0;
    return GW_OK;
}

enum gw_result output_commit(struct output *o)
{
    if (o->buf.failed) {
        output_rollback(o);
        return GW_FATAL;
    }
    o->written += o->buf.len - o->committed;
    o->committed = o->buf.len;
    return o->failed ? GW_RETRY : o->committed < OUTPUT_BLOCK ? GW_OK : output_flush(o);
}

static enum gw_result finish(struct output *o, bool keep)
{
    enum gw_result r = output_flush(o);

    if (r == GW_OK && keep && o->durable && o->close_fd && fsync(o->fd) < 0)
        r = fault(o, "output.write");
    if (o->close_fd && close(o->fd) < 0 && r == GW_OK)
        r = fault(o, "output.write");
    if (r == GW_OK && keep && o->partial.len && rename(o->partial.data, o->target.data) < 0)
        r = fault(o, "output.write");
    return r;
}

enum gw_result output_close(struct output *o, bool keep)
{
    enum gw_result r = GW_OK;

    output_rollback(o);
    if (o->fd >= 0 || o->memory)
        r = finish(o, keep);
    buf_done(&o->buf);
    buf_done(&o->target);
    buf_done(&o->partial);
    o->fd = -1;
    o->memory = NULL;
    o->committed = 0;
    o->close_fd = false;
    return r;
}
