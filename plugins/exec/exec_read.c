/* SPDX-License-Identifier: EUPL-1.2 */
/* The reader: the file's text goes to the program while its lines are taken; it can neither fill us up nor hold
 * us. */
#include <string.h>

#include "exec.h"

struct reader {
    struct exec_child child;
    char *line; /* what it has said and we have not taken: `from` .. `len` */
    size_t from, len, room;
    uint64_t number; /* of the line at hand */
    bool fed, over;  /* the file is at its end; the program said so */
};

static enum gw_result open_reader(struct gw_session *s)
{
    struct reader *r = s->state;

    r->room = s->stream->record_bytes;
    r->line = gw_keep(s, r->room);
    return r->line ? exec_start(s, &r->child, "read") : GW_FATAL;
}

/* As much of the file as it takes now. */
static enum gw_result feed(struct gw_session *s, struct reader *r)
{
    struct gw_str seen;
    size_t sent;
    enum gw_result result = gw_peek(s, 1, &seen);

    if (result == GW_OK) {
        result = exec_send(&r->child, seen.ptr, seen.len, &sent);
        gw_consume(s, sent);
    }
    if (result == GW_END) {
        r->fed = true;
        exec_hush(&r->child);
    }
    return result == GW_END ? GW_OK : result;
}

static enum gw_result too_long(struct gw_session *s, const struct reader *r)
{
    char room[20];
    struct gw_arg arg = {"limit", gw_digits(r->room, room)};

    return gw_fail(s, (struct gw_place){0}, "exec.long", &arg, 1);
}

/* GW_END: it says no more. */
static enum gw_result listen(struct gw_session *s, struct reader *r)
{
    size_t got;
    enum gw_result result;

    if (r->from) {
        memmove(r->line, r->line + r->from, r->len - r->from);
        r->len -= r->from;
        r->from = 0;
    }
    if (r->len == r->room)
        return too_long(s, r);
    result = exec_take(&r->child, r->line + r->len, r->room - r->len, &got);
    r->len += got;
    return result;
}

/* GW_OK: *ret is a whole line. GW_END: there are no more. */
static enum gw_result next_line(struct gw_session *s, struct reader *r, struct gw_str *ret)
{
    enum gw_result result = GW_OK;
    int events = 0;

    while (result == GW_OK) {
        char *begin = r->line + r->from, *end = r->len > r->from ? memchr(begin, '\n', r->len - r->from) : NULL;

        if (end) {
            *ret = (struct gw_str){begin, (size_t)(end - begin)};
            r->from += ret->len + 1;
            r->number++;
            return GW_OK;
        }
        result = exec_wait(&r->child, r->fed ? 0 : EXEC_CAN_SEND, &events);
        if (result == GW_OK && events & EXEC_CAN_SEND && !r->fed)
            result = feed(s, r);
        if (result == GW_OK && events & EXEC_CAN_READ)
            result = listen(s, r);
    }
    return result;
}

static enum gw_result bad_line(struct gw_session *s, const struct reader *r, struct gw_str why)
{
    char room[20];
    struct gw_arg args[] = {{"number", gw_digits(r->number, room)}, {"said", why}};

    return gw_fail(s, (struct gw_place){0}, "exec.line", args, 2);
}

/* It has closed its output. */
static enum gw_result finish(struct gw_session *s, struct reader *r)
{
    enum gw_result result = exec_finish(&r->child);

    if (result != GW_END)
        return result;
    return r->over && r->from == r->len ? GW_END : gw_fail(s, (struct gw_place){0}, "exec.no_end", NULL, 0);
}

static enum gw_result take(struct gw_session *s, struct reader *r, struct gw_str line, struct gw_record *rec)
{
    struct exec_told told;
    struct gw_place at;
    struct gw_arg arg;
    enum gw_result result = exec_parse(s, line, &told);

    if (result != GW_OK)
        return result;
    at = (struct gw_place){0, told.line, told.line != 0};
    arg = (struct gw_arg){"said", told.message};
    rec->line = told.line;
    switch (told.kind) {
    case EXEC_RECORD:
        rec->root = told.root;
        return GW_OK;
    case EXEC_REJECT:
        return gw_reject(s, at, "exec.told", &arg, 1);
    case EXEC_FAIL:
        return gw_fail(s, at, "exec.gave_up", &arg, 1);
    case EXEC_END:
        r->over = true;
        return GW_END;
    case EXEC_BAD:
        break;
    }
    return bad_line(s, r, told.message);
}

static enum gw_result next_record(struct gw_session *s, struct gw_record *rec)
{
    struct reader *r = s->state;
    struct gw_str line = {NULL, 0};
    enum gw_result result = next_line(s, r, &line);

    if (result == GW_OK)
        result = take(s, r, line, rec);
    if (result == GW_END && r->over) { /* nothing may follow */
        result = next_line(s, r, &line);
        if (result == GW_OK)
            return bad_line(s, r, line);
    }
    return result == GW_END ? finish(s, r) : result;
}

static void close_reader(struct gw_session *s)
{
    exec_kill(&((struct reader *)s->state)->child);
}

const struct gw_reader exec_reader = {
    .state_size = sizeof(struct reader), .open = open_reader, .next = next_record, .close = close_reader};
