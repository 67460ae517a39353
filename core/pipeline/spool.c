/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "pipeline/outlet.h"

struct spool {
    struct engine *engine;
    struct sink *sink;
    struct codec codec;
    struct outlet out;
    struct source in;
    struct input input;
    int fd;
    bool writing, reading, codec_open;
};

static int temporary(void)
{
    const char *folder = getenv("TMPDIR");

    return open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static enum gw_result no_file(struct spool *s)
{
    struct gw_arg args[] = {{"reason", str_of(strerror(errno))}};
    struct diag d = {
        .severity = GW_ERROR, .code = "output.spool", .byte = UINT64_MAX, .args = args, .nargs = 1};

    s->sink->put(s->sink, &d);
    return GW_RETRY;
}

static enum gw_result open_pivot(struct spool *s, struct arena *a)
{
    struct gw_str lines;
    enum gw_result result = engine_lines(s->engine, a, s->sink, &lines);

    if (result != GW_OK)
        return result;
    s->codec_open = true;
    return codec_open(&s->codec, s->engine, lines, (struct gw_str){NULL, 0}, s->sink);
}

enum gw_result spool_open(struct arena *a, struct engine *e, struct sink *sink, struct spool **ret)
{
    struct spool *s = arena_zero(a, sizeof(*s));
    struct outlet_options options = {0};
    enum gw_result result;

    if (!s)
        return GW_FATAL;
    *ret = s;
    s->engine = e;
    s->sink = sink;
    s->fd = temporary();
    if (s->fd < 0)
        return no_file(s);
    result = open_pivot(s, a);
    if (result != GW_OK)
        return result;
    options.fd = s->fd + 1;
    s->writing = true;
    return outlet_open(&s->out, &s->codec, &options, sink);
}

enum gw_result spool_put(struct spool *s, const struct bundle *b)
{
    size_t written;

    return outlet_put(&s->out, b, &written);
}

enum gw_result spool_rewind(struct spool *s)
{
    struct source_options options = {0};
    struct input_options input = {.sink = s->sink};
    enum gw_result result = outlet_close(&s->out, true);

    s->writing = false;
    if (result != GW_OK)
        return result;
    if (lseek(s->fd, 0, SEEK_SET) < 0)
        return no_file(s);
    s->reading = true;
    result = input_open_fd(&s->input, s->fd, GW_STR("spool"), &input);
    if (result == GW_OK)
        result = input_next_member(&s->input);
    return result == GW_OK ? source_open(&s->in, &s->codec, &s->input, &options, s->sink) : result;
}

enum gw_result spool_next(struct spool *s, struct bundle *ret)
{
    return source_next(&s->in, ret);
}

void spool_close(struct spool *s)
{
    if (!s)
        return;
    if (s->writing && outlet_close(&s->out, false) != GW_OK)
        s->writing = false; /* said already; the file has no name */
    if (s->reading) {
        source_close(&s->in);
        input_close(&s->input);
    }
    if (s->codec_open)
        codec_close(&s->codec);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->writing = s->reading = s->codec_open = false;
}
