/* SPDX-License-Identifier: EUPL-1.2 */
/* The writer: a line a record for the program, and what it says is the file. */
#include <string.h>

#include "exec.h"

#define BLOCK 65536u

struct writer {
    struct exec_child child;
    char *block;
};

/* What it has said goes into the file. GW_END: it says no more. */
static enum gw_result listen(struct gw_session *s, struct writer *w)
{
    size_t got;
    enum gw_result r = exec_take(&w->child, w->block, BLOCK, &got), written = GW_OK;

    if (got)
        written = gw_write(s, w->block, got);
    return written == GW_OK ? r : written;
}

/* It ended before it was told to. */
static enum gw_result left(struct gw_session *s, struct writer *w)
{
    enum gw_result r = exec_finish(&w->child);

    return r == GW_END ? gw_fail(s, (struct gw_place){0}, "exec.left", NULL, 0) : r;
}

static enum gw_result tell(struct gw_session *s, struct writer *w, const struct exec_text *line)
{
    size_t at = 0, sent;
    enum gw_result r = GW_OK;
    int events;

    while (r == GW_OK && at < line->len) {
        r = exec_wait(&w->child, EXEC_CAN_SEND, &events);
        if (r == GW_OK && events & EXEC_CAN_READ)
            r = listen(s, w);
        if (r == GW_OK && events & EXEC_CAN_SEND) {
            r = exec_send(&w->child, line->text + at, line->len - at, &sent);
            at += sent;
        }
    }
    return r == GW_END ? left(s, w) : r;
}

/* {"open":{"columns":["a","b"]}} */
static enum gw_result tell_columns(struct gw_session *s, struct writer *w)
{
    const struct gw_stream *stream = s->stream;
    struct exec_text line = {NULL, 0};
    size_t size = 64;

    for (size_t i = 0; i < stream->ncolumns; i++)
        size += 6 * gw_name_text(s, stream->columns[i].name).len + 3;
    line.text = gw_alloc(s, size);
    if (!line.text)
        return GW_FATAL;
    exec_word("{\"open\":{\"columns\":[", &line);
    for (size_t i = 0; i < stream->ncolumns; i++) {
        if (i)
            exec_word(",", &line);
        exec_string(gw_name_text(s, stream->columns[i].name), &line);
    }
    exec_word("]}}\n", &line);
    return tell(s, w, &line);
}

static enum gw_result open_writer(struct gw_session *s)
{
    struct writer *w = s->state;
    enum gw_result r;

    w->block = gw_keep(s, BLOCK);
    r = w->block ? exec_start(s, &w->child, "write") : GW_FATAL;
    return r == GW_OK ? tell_columns(s, w) : r;
}

static enum gw_result write_record(struct gw_session *s, const struct gw_record *rec)
{
    struct exec_text line = {gw_alloc(s, exec_size(s, rec->root) + 32), 0};

    if (!line.text)
        return GW_FATAL;
    exec_word("{\"record\":", &line);
    exec_print(s, rec->root, &line);
    exec_word("}\n", &line);
    return tell(s, s->state, &line);
}

static enum gw_result finish_writer(struct gw_session *s, const struct gw_node *context)
{
    char end[] = "{\"end\":true}\n";
    struct writer *w = s->state;
    enum gw_result r = tell(s, w, &(struct exec_text){end, sizeof(end) - 1});
    int events;

    (void)context;
    exec_hush(&w->child);
    while (r == GW_OK) {
        r = exec_wait(&w->child, 0, &events);
        if (r == GW_OK)
            r = listen(s, w);
    }
    if (r == GW_END)
        r = exec_finish(&w->child);
    return r == GW_END ? GW_OK : r;
}

static void close_writer(struct gw_session *s)
{
    exec_kill(&((struct writer *)s->state)->child);
}

const struct gw_writer exec_writer = {.state_size = sizeof(struct writer),
                                      .open = open_writer,
                                      .write = write_record,
                                      .finish = finish_writer,
                                      .close = close_writer};
