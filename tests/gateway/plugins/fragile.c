/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A plugin that is as bad as one can be: a record is a line NAME=VALUE; the name CRASH makes it write where it
 * may not, LOOP never comes back, EAT asks the system for memory without end, OPEN opens a file, SOCKET a
 * socket, SLOW takes its time.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "gw/plugin.h"

struct state {
    uint64_t at;
    uint32_t line;
};

static enum gw_result open_stream(struct gw_session *s)
{
    (void)s;
    return GW_OK;
}

static volatile int *volatile nowhere;
static volatile int forever = 1;

static void misbehave(struct gw_str name)
{
    if (name.len == 5 && memcmp(name.ptr, "CRASH", 5) == 0)
        *nowhere = 1;
    while (name.len == 4 && memcmp(name.ptr, "LOOP", 4) == 0 && forever)
        ;
    while (name.len == 3 && memcmp(name.ptr, "EAT", 3) == 0) {
        char *more = malloc((size_t)1 << 24);

        if (!more)
            abort();
        memset(more, 1, (size_t)1 << 24);
    }
    if (name.len == 4 && memcmp(name.ptr, "SLOW", 4) == 0)
        (void)nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 500000000}, NULL);
    if (name.len == 4 && memcmp(name.ptr, "OPEN", 4) == 0)
        (void)open("/etc/passwd", O_RDONLY);
    if (name.len == 6 && memcmp(name.ptr, "SOCKET", 6) == 0)
        (void)socket(AF_INET, SOCK_STREAM, 0);
}

/* The next line: begin, end and line of the record, and its bytes, which are not consumed yet. */
static enum gw_result frame(struct gw_session *s, struct gw_record *rec, struct gw_str *ret, size_t *ret_used)
{
    struct state *state = s->state;
    struct gw_str seen = {NULL, 0};
    const char *end = NULL;
    enum gw_result r = GW_OK;

    while (!end && r == GW_OK) {
        r = gw_peek(s, seen.len + 1, &seen);
        end = seen.len ? memchr(seen.ptr, '\n', seen.len) : NULL;
    }
    if (r != GW_OK && (r != GW_END || !seen.len))
        return r;
    *ret_used = end ? (size_t)(end - seen.ptr) + 1 : seen.len;
    *ret = (struct gw_str){seen.ptr, end ? *ret_used - 1 : *ret_used};
    rec->begin = state->at;
    rec->end = state->at += *ret_used;
    rec->line = ++state->line;
    return GW_OK;
}

static struct gw_node *node(struct gw_session *s, const char *name, struct gw_str text, uint8_t kind)
{
    struct gw_node *n = gw_alloc(s, sizeof(*n));
    char *copy = gw_alloc(s, text.len + 1);

    if (!n || !copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    *n = (struct gw_node){.text = kind == GW_TEXT ? copy : NULL, .len = (uint32_t)text.len, .kind = kind};
    n->name = name ? gw_name(s, name, strlen(name)) : 0;
    return n;
}

static enum gw_result next(struct gw_session *s, struct gw_record *rec)
{
    struct gw_str line, value = {NULL, 0};
    size_t used, at = 0;
    enum gw_result r = frame(s, rec, &line, &used);
    struct gw_node *first, *second;

    if (r != GW_OK)
        return r;
    while (at < line.len && line.ptr[at] != '=')
        at++;
    if (at < line.len)
        value = (struct gw_str){line.ptr + at + 1, line.len - at - 1};
    line.len = at;
    misbehave(line);
    rec->root = node(s, NULL, (struct gw_str){NULL, 0}, GW_MAP);
    first = node(s, "name", line, GW_TEXT);
    second = node(s, "value", value, GW_TEXT);
    if (!rec->root || !first || !second)
        return GW_FATAL;
    rec->root->first = first;
    first->next = second;
    gw_consume(s, used);
    return GW_OK;
}

static enum gw_result pass(struct gw_session *s, struct gw_record *rec)
{
    struct gw_str line;
    size_t used;
    enum gw_result r = frame(s, rec, &line, &used);

    if (r == GW_OK)
        gw_consume(s, used);
    return r;
}

static const struct gw_reader reader = {
    .state_size = sizeof(struct state), .open = open_stream, .next = next, .pass = pass};

GW_PLUGIN(.name = "fragile", .version = "1", .summary_fr = "un plugin qui tombe",
          .summary_en = "a plugin that falls", .flags = GW_NESTED, .reader = &reader);
