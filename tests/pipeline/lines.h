/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The smallest plugin: a record is a line. "!..." is rejected with a report at its second byte, "*N" asks
 * for N bytes of the record's memory, "+N" keeps N for the session, "=x" asks for the name x; "#..." is no
 * record. It counts no lines itself.
 */
#ifndef PIPELINE_LINES_H
#define PIPELINE_LINES_H

#include <stdlib.h>
#include <string.h>

#include "gw/plugin.h"

struct lines_state {
    uint64_t at;
};

static inline enum gw_result lines_open(struct gw_session *s)
{
    (void)s;
    return GW_OK;
}

static inline enum gw_result lines_do(struct gw_session *s, struct gw_record *rec, struct gw_str line)
{
    struct gw_node *n = gw_alloc(s, sizeof(*n));
    char *text = gw_alloc(s, line.len + 1);

    if (!n || !text)
        return GW_FATAL;
    if (line.len)
        memcpy(text, line.ptr, line.len);
    text[line.len] = '\0';
    *n = (struct gw_node){.text = text, .len = (uint32_t)line.len, .kind = GW_TEXT};
    rec->root = n;
    if (text[0] == '!')
        return gw_reject(s, (struct gw_place){.byte = rec->begin + 1}, "lines.bad", NULL, 0);
    if ((text[0] == '*' && !gw_alloc(s, strtoul(text + 1, NULL, 10))) ||
        (text[0] == '+' && !gw_keep(s, strtoul(text + 1, NULL, 10))) ||
        (text[0] == '=' && !gw_name(s, text + 1, line.len - 1)))
        return GW_FATAL;
    return GW_OK;
}

static inline enum gw_result lines_next(struct gw_session *s, struct gw_record *rec)
{
    struct lines_state *state = s->state;
    struct gw_str seen = {NULL, 0};
    const char *end = NULL;
    enum gw_result r = GW_OK;
    size_t used;

    while (!end && r == GW_OK) {
        r = gw_peek(s, seen.len + 1, &seen);
        end = seen.len ? memchr(seen.ptr, '\n', seen.len) : NULL;
    }
    if (r != GW_OK && (r != GW_END || !seen.len))
        return r;
    used = end ? (size_t)(end - seen.ptr) + 1 : seen.len;
    rec->begin = state->at;
    state->at += used;
    if (seen.ptr[0] == '#') {
        gw_consume(s, used);
        return lines_next(s, rec);
    }
    rec->end = state->at;
    r = lines_do(s, rec, (struct gw_str){seen.ptr, end ? used - 1 : used});
    gw_consume(s, used);
    return r;
}

/* Written, each line has the text of the root and of its children, with commas between. */
static inline enum gw_result lines_write(struct gw_session *s, const struct gw_record *rec)
{
    enum gw_result r = gw_write(s, rec->root->text, rec->root->len);

    for (const struct gw_node *n = rec->root->first; n && r == GW_OK; n = n->next) {
        r = gw_write(s, ",", 1);
        if (r == GW_OK)
            r = gw_write(s, n->text, n->len);
    }
    if (r == GW_OK && rec->root->len && rec->root->text[0] == '!')
        return gw_reject(s, (struct gw_place){0}, "lines.bad", NULL, 0);
    return r == GW_OK ? gw_write(s, "\n", 1) : r;
}

static inline enum gw_result lines_finish(struct gw_session *s, const struct gw_node *context)
{
    (void)context;
    return gw_write(s, "end\n", 4);
}

static const struct gw_reader lines_reader = {sizeof(struct lines_state), lines_open, lines_next, NULL, NULL};
static const struct gw_writer lines_writer = {0, lines_open, lines_write, lines_finish, NULL};
static const struct gw_plugin lines_plugin = {.abi = GW_ABI,
                                              .size = sizeof(struct gw_plugin),
                                              .name = "lines",
                                              .reader = &lines_reader,
                                              .writer = &lines_writer};

#endif
