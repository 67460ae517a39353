/* SPDX-License-Identifier: EUPL-1.2 */
#include "conformance/faulty.h"

static struct {
    struct gw_plugin plugin;
    struct gw_reader reader;
    struct gw_writer writer;
    const struct gw_plugin *real;
    const struct gw_host *host;
    struct gw_host wrapped;
    enum fault_kind kind;
    size_t left;
    bool hit;
} f;

/* Memory comes back; an input or output that has failed does not. */
static bool fails(enum fault_kind kind)
{
    bool lasts = kind == FAULT_PEEK || kind == FAULT_WRITE;

    if (kind != f.kind)
        return false;
    if (f.hit || f.left == 0)
        return f.hit && lasts;
    f.hit = --f.left == 0;
    return f.hit;
}

static void *alloc(struct gw_session *s, enum gw_life life, size_t size)
{
    return fails(FAULT_ALLOC) ? NULL : f.host->alloc(s, life, size);
}

static uint16_t name(struct gw_session *s, const char *text, size_t len)
{
    return fails(FAULT_NAME) ? 0 : f.host->name(s, text, len);
}

static enum gw_result peek(struct gw_session *s, size_t min, struct gw_str *ret)
{
    return fails(FAULT_PEEK) ? GW_RETRY : f.host->peek(s, min, ret);
}

static enum gw_result read_at(struct gw_session *s, uint64_t at, void *data, size_t len)
{
    return fails(FAULT_PEEK) ? GW_RETRY : f.host->read_at(s, at, data, len);
}

static enum gw_result write_out(struct gw_session *s, const void *data, size_t len)
{
    return fails(FAULT_WRITE) ? GW_RETRY : f.host->write(s, data, len);
}

static void wrap(struct gw_session *s)
{
    f.host = s->host;
    f.wrapped = *s->host;
    f.wrapped.alloc = alloc;
    f.wrapped.name = name;
    f.wrapped.peek = peek;
    f.wrapped.read_at = read_at;
    f.wrapped.write = write_out;
    s->host = &f.wrapped;
}

static enum gw_result open_reader(struct gw_session *s)
{
    wrap(s);
    return f.real->reader->open(s);
}

static enum gw_result open_writer(struct gw_session *s)
{
    wrap(s);
    return f.real->writer->open(s);
}

const struct gw_plugin *faulty_plugin(const struct gw_plugin *p, enum fault_kind kind, size_t nth)
{
    f.real = p;
    f.plugin = *p;
    if (p->reader) {
        f.reader = *p->reader;
        f.reader.open = open_reader;
        f.plugin.reader = &f.reader;
    }
    if (p->writer) {
        f.writer = *p->writer;
        f.writer.open = open_writer;
        f.plugin.writer = &f.writer;
    }
    f.kind = kind;
    f.left = nth;
    f.hit = false;
    return &f.plugin;
}

bool faulty_hit(void)
{
    return f.hit;
}
