/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One record at a time: an object is read from a bounded guess of its size, and only when that
 * fails is its end looked for; or a line is a record. Errors are told here with their place.
 */
#include "json.h"

enum gw_result json_need(struct reader *r, size_t n)
{
    enum gw_result result = GW_OK;

    if (r->view.len >= n || r->all)
        return GW_OK;
    result = gw_peek(r->s, n, &r->view);
    r->all = result == GW_END;
    return r->all ? GW_OK : result;
}

static void take(struct reader *r, size_t n)
{
    gw_consume(r->s, n);
    r->view.ptr += n;
    r->view.len -= n;
    r->at += n;
}

/* The same for what is no record: its lines are counted. */
void json_take_counted(struct reader *r, size_t n)
{
    const char *end = r->view.ptr + n, *p = r->view.ptr;

    while (r->line && (p = memchr(p, '\n', (size_t)(end - p)))) {
        r->line++;
        r->line_at = r->at + (uint64_t)(++p - r->view.ptr);
    }
    take(r, n);
}

enum gw_result json_unexpected(struct reader *r, const char *code)
{
    enum gw_result result = json_need(r, 4); /* the whole of the character */
    char room[8];
    struct gw_arg arg = {"found", json_shown(r->view, room)};

    return result == GW_OK ? gw_fail(r->s, json_place(r->at), code, &arg, 1) : result;
}

static enum gw_result truncated(struct reader *r)
{
    return gw_fail(r->s, json_place(r->at + r->view.len), "json.truncated", NULL, 0);
}

/* The next character that is no blank, not taken. GW_END: there is none. */
enum gw_result json_next_char(struct reader *r, char *ret)
{
    enum gw_result result;
    size_t i;

    for (;;) {
        if ((result = json_need(r, 1)) != GW_OK)
            return result;
        for (i = 0; i < r->view.len && json_blank(r->view.ptr[i]); i++)
            ;
        if (i > 0)
            json_take_counted(r, i);
        if (r->view.len > 0) {
            *ret = r->view.ptr[0];
            return GW_OK;
        }
        if (r->all)
            return GW_END;
    }
}

/* The same where a document cannot end. */
enum gw_result json_must_char(struct reader *r, char *ret)
{
    enum gw_result result = json_next_char(r, ret);

    return result == GW_END ? truncated(r) : result;
}

/* The end of the value at hand, in the window. GW_REJECT: it is beyond the bound, `c` stands at *ret_len;
 * GW_END: the stream ends before it. */
enum gw_result json_locate(struct reader *r, struct slicer *c, size_t *ret_len)
{
    size_t bound = r->s->stream->record_bytes, at = 0;
    enum gw_result result;
    bool done = false;

    for (;;) {
        at += slicer_run(c, r->view.ptr + at, (r->view.len < bound ? r->view.len : bound) - at, &done);
        *ret_len = at;
        if (done)
            return GW_OK;
        if (at >= bound)
            return GW_REJECT;
        if (r->all)
            return c->word ? GW_OK : GW_END;
        if ((result = json_need(r, r->view.len < bound / 2 ? 2 * r->view.len + 1 : bound)) != GW_OK)
            return result;
    }
}

/* Take the rest of a value that is too large, window by window. */
enum gw_result json_skip_value(struct reader *r, struct slicer *c, size_t len)
{
    enum gw_result result;
    bool done = false;

    json_take_counted(r, len);
    while (!done) {
        if ((result = json_need(r, 1)) != GW_OK)
            return result;
        if (r->view.len == 0)
            return c->word ? GW_OK : truncated(r);
        json_take_counted(r, slicer_run(c, r->view.ptr, r->view.len, &done));
    }
    return GW_OK;
}

void json_report(struct reader *r, const struct parsed *p)
{
    char room[8], depth[20], limit[20];
    struct gw_str from = {r->view.ptr + p->at, r->view.len - p->at};
    struct gw_arg args[] = {
        {"found", json_shown(from, room)},
        {"key", p->key},
        {"depth", gw_digits(r->s->stream->depth, depth)},
        {"limit", gw_digits(r->s->stream->record_bytes, limit)},
    };

    gw_report(r->s, GW_ERROR, json_place(r->at + p->at), p->code, args, sizeof(args) / sizeof(*args));
}

void json_report_large(struct reader *r, uint64_t at)
{
    char digits[20];
    struct gw_arg arg = {"limit", gw_digits(r->s->stream->record_bytes, digits)};

    gw_report(r->s, GW_ERROR, json_place(at), "json.too_large", &arg, 1);
}

/* ---- records ---- */

static enum gw_result deliver(struct reader *r, struct gw_record *rec, size_t len, struct gw_node *root)
{
    rec->root = root;
    rec->context = r->context;
    rec->changes = r->changes;
    rec->begin = r->at;
    rec->end = r->at + len;
    r->line = 0;
    take(r, len);
    return root ? GW_OK : GW_REJECT;
}

static enum gw_result reject(struct reader *r, struct gw_record *rec, size_t len, const struct parsed *p)
{
    json_report(r, p);
    return deliver(r, rec, len, NULL);
}

static enum gw_result reject_large(struct reader *r, struct gw_record *rec, struct slicer *c, size_t len)
{
    uint64_t begin = r->at;
    enum gw_result result;

    json_report_large(r, begin);
    result = json_skip_value(r, c, len);
    if (result != GW_OK)
        return result;
    (void)deliver(r, rec, 0, NULL);
    rec->begin = begin;
    return GW_REJECT;
}

/* The stream ends inside a record: is that all that is wrong? */
enum gw_result json_broken_off(struct reader *r)
{
    struct parsed p;
    enum gw_result result = builder_read(&r->b, r->view, false, GW_RECORD_LIFE, 0, &p);

    if (result != GW_REJECT)
        return result == GW_FATAL ? result : truncated(r);
    json_report(r, &p);
    return GW_FAIL;
}

/* The long way: the value's end is looked for first. */
static enum gw_result read_sliced(struct reader *r, struct gw_record *rec, uint16_t name)
{
    struct slicer c = {0};
    struct parsed p;
    size_t len;
    enum gw_result result = json_locate(r, &c, &len);

    if (result == GW_REJECT)
        return reject_large(r, rec, &c, len);
    if (result == GW_END)
        return json_broken_off(r);
    if (result != GW_OK)
        return result;
    result = builder_read(&r->b, (struct gw_str){r->view.ptr, len}, true, GW_RECORD_LIFE, name, &p);
    if (result == GW_REJECT)
        return reject(r, rec, len, &p);
    return result == GW_OK ? deliver(r, rec, len, p.root) : result;
}

static size_t guess(const struct reader *r)
{
    size_t size = r->recent + r->recent / 4 + 64, bound = r->s->stream->record_bytes;

    return size < bound ? size : bound;
}

/* An object that is a record, from a guess of its size: the common case. */
static enum gw_result read_guessed(struct reader *r, struct gw_record *rec, uint16_t name)
{
    enum gw_result result = GW_END;
    struct gw_str bytes;
    struct parsed p;
    size_t size;

    for (size = guess(r); size <= JSON_TEXT; size *= 2) {
        if ((result = json_need(r, size)) != GW_OK)
            return result;
        bytes = (struct gw_str){r->view.ptr, r->view.len < size ? r->view.len : size};
        result = builder_read(&r->b, bytes, false, GW_RECORD_LIFE, name, &p);
        if (result == GW_OK) {
            r->recent = p.used > r->recent ? p.used : r->recent - (r->recent - p.used) / 16;
            return deliver(r, rec, p.used, p.root);
        }
        if (result == GW_REJECT && p.used)
            return reject(r, rec, p.used, &p);
        if (result != GW_END || bytes.len < size || 2 * size > r->s->stream->record_bytes)
            break;
    }
    return result == GW_FATAL ? result : read_sliced(r, rec, name);
}

/* What stands where a record should is not an object. */
static enum gw_result not_object(struct reader *r, struct gw_record *rec)
{
    struct parsed p = {.code = "json.not_object"};
    struct slicer c = {0};
    size_t len;
    enum gw_result result;

    if (!json_begins(r->view.ptr[0]))
        return json_unexpected(r, "json.syntax");
    result = json_locate(r, &c, &len);
    if (result == GW_REJECT)
        return reject_large(r, rec, &c, len);
    if (result == GW_END)
        return json_broken_off(r);
    return result == GW_OK ? reject(r, rec, len, &p) : result;
}

enum gw_result json_record(struct reader *r, struct gw_record *rec, uint16_t name)
{
    return r->view.ptr[0] == '{' ? read_guessed(r, rec, name) : not_object(r, rec);
}

/* ---- one record a line ---- */

/* The line at hand; *ret_len without its end. GW_REJECT: it is too long; GW_END: there is none. */
static enum gw_result find_line(struct reader *r, size_t *ret_len)
{
    size_t bound = r->s->stream->record_bytes, at = 0;
    enum gw_result result = json_need(r, 1);
    const char *end;

    for (; result == GW_OK; result = json_need(r, at < bound / 2 ? 2 * at + 1 : bound)) {
        if (r->view.len == 0)
            return GW_END;
        end = memchr(r->view.ptr + at, '\n', (r->view.len < bound ? r->view.len : bound) - at);
        *ret_len = end ? (size_t)(end - r->view.ptr) : r->view.len;
        if (end || (r->all && r->view.len < bound))
            return GW_OK;
        if (r->view.len >= bound)
            return GW_REJECT;
        at = r->view.len;
    }
    return result;
}

static enum gw_result reject_long_line(struct reader *r, struct gw_record *rec)
{
    uint64_t begin = r->at;
    enum gw_result result = GW_OK;
    const char *end = NULL;

    json_report_large(r, begin);
    while (!end && (result = json_need(r, 1)) == GW_OK && r->view.len > 0) {
        end = memchr(r->view.ptr, '\n', r->view.len);
        take(r, end ? (size_t)(end - r->view.ptr) : r->view.len);
    }
    if (result != GW_OK)
        return result;
    (void)deliver(r, rec, 0, NULL);
    rec->begin = begin;
    return GW_REJECT;
}

/* A last line that a value begins on and does not end. */
static bool breaks_off(struct reader *r, struct gw_str line)
{
    struct slicer c = {0};
    bool done;

    (void)slicer_run(&c, line.ptr, line.len, &done);
    return r->all && line.ptr + line.len == r->view.ptr + r->view.len && !done && !c.word;
}

static enum gw_result read_line(struct reader *r, struct gw_record *rec, size_t len)
{
    struct gw_str line = {r->view.ptr, len - (r->view.ptr[len - 1] == '\r')};
    struct parsed p;
    enum gw_result result = builder_read(&r->b, line, true, GW_RECORD_LIFE, 0, &p);

    if (result == GW_REJECT && p.cut && breaks_off(r, line))
        return truncated(r);
    if (result == GW_OK && p.root->kind != GW_MAP) {
        p.code = "json.not_object";
        result = GW_REJECT;
    }
    if (result == GW_REJECT)
        return reject(r, rec, line.len, &p);
    return result == GW_OK ? deliver(r, rec, line.len, p.root) : result;
}

enum gw_result json_line(struct reader *r, struct gw_record *rec)
{
    enum gw_result result;
    size_t len, i;

    for (;;) {
        result = find_line(r, &len);
        if (result == GW_REJECT)
            return reject_long_line(r, rec);
        if (result == GW_END)
            rec->begin = rec->end = r->at;
        if (result != GW_OK)
            return result;
        for (i = 0; i < len && json_blank(r->view.ptr[i]); i++)
            ;
        if (i < len)
            return read_line(r, rec, len);
        take(r, len < r->view.len ? len + 1 : len);
    }
}
