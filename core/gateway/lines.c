/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/lines.h"

#include <yyjson.h>

#include "base/str.h"
#include "gateway/plans.h"

enum gw_result lines_open(struct pivot_lines *l, const struct model *model, const struct store *store,
                          struct gw_str partner)
{
    *l = (struct pivot_lines){.model = model, .store = store, .partner = partner};
    arena_init(&l->arena, 65536, 0);
    arena_init(&l->at.arena, 262144, (size_t)512 << 20);
    return plans_make(&l->arena, model, &l->plans);
}

void lines_close(struct pivot_lines *l)
{
    lines_clear(l);
    arena_done(&l->at.arena);
    arena_done(&l->arena);
}

void lines_clear(struct pivot_lines *l)
{
    struct arena a = l->at.arena;

    arena_reset(&a);
    l->at = (struct record_lines){.arena = a};
}

/* ---- parsing ---- */

static struct gw_str text_at(yyjson_val *v)
{
    return (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)};
}

/* The parser takes its memory from the record's arena: nothing to free. */
static void *pool_malloc(void *ctx, size_t size)
{
    return arena_alloc(ctx, size);
}

static void *pool_realloc(void *ctx, void *ptr, size_t old, size_t size)
{
    void *more = arena_alloc(ctx, size);

    if (more)
        memcpy(more, ptr, old < size ? old : size);
    return more;
}

static void pool_free(void *ctx, void *ptr)
{
    (void)ctx, (void)ptr;
}

static yyjson_val *parse(struct arena *a, char *text, size_t len)
{
    yyjson_alc alc = {pool_malloc, pool_realloc, pool_free, a};
    yyjson_doc *doc = yyjson_read_opts(text, len, YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, &alc, NULL);

    return doc ? yyjson_doc_get_root(doc) : NULL;
}

/* {"type":"T","id":"I","record":N, and then groups: what a reader writes, to the letter. */
static bool head_good(const struct pivot_line *line, struct gw_str record)
{
    struct gw_str s = line->text,
                  parts[] = {GW_STR("{\"type\":\""),   line->type, GW_STR("\",\"id\":\""), line->id,
                             GW_STR("\",\"record\":"), record};

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (!str_begins(s, parts[i]))
            return false;
        s = str_from(s, parts[i].len);
    }
    return s.len && (s.ptr[0] == ',' || s.ptr[0] == '}');
}

static bool line_parse(struct pivot_lines *l, struct gw_str text, struct pivot_line *ret, uint64_t *ret_record)
{
    struct arena *a = &l->at.arena;
    char *copy = arena_alloc(a, text.len + YYJSON_PADDING_SIZE);
    yyjson_val *record;
    struct gw_str number;

    if (!copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    memset(copy + text.len, 0, YYJSON_PADDING_SIZE);
    *ret = (struct pivot_line){.text = arena_copy(a, text)};
    ret->root = ret->text.ptr ? parse(a, copy, text.len) : NULL;
    record = yyjson_obj_get(ret->root, "record");
    if (!yyjson_is_raw(record))
        return false;
    ret->type = text_at(yyjson_obj_get(ret->root, "type"));
    ret->id = text_at(yyjson_obj_get(ret->root, "id"));
    number = (struct gw_str){yyjson_get_raw(record), yyjson_get_len(record)};
    ret->plan = plan_of(l->plans, ret->type);
    return ret->plan && ret->id.ptr && str_number(number, ret_record) && head_good(ret, number);
}

enum gw_result lines_add(struct pivot_lines *l, struct gw_str text)
{
    size_t mark = arena_mark(&l->at.arena);
    struct pivot_line one, *kept;
    uint64_t record;

    if (!line_parse(l, text, &one, &record))
        return l->at.arena.full ? GW_FATAL : GW_FAIL;
    if (l->at.count && record != l->at.record) {
        arena_release(&l->at.arena, mark);
        return GW_END;
    }
    kept = arena_alloc(&l->at.arena, sizeof(*kept));
    if (!kept)
        return GW_FATAL;
    *kept = one;
    if (l->at.last)
        l->at.last->next = kept;
    else
        l->at.first = kept;
    l->at.last = kept;
    l->at.record = record;
    l->at.count++;
    return GW_OK;
}

/* ---- keys ---- */

static struct pivot_line *line_named(struct pivot_lines *l, struct gw_str id)
{
    for (struct pivot_line *k = l->at.first; k; k = k->next)
        if (str_eq(k->id, id))
            return k;
    return NULL;
}

static yyjson_val *group_of(const struct pivot_line *line, const struct way *w)
{
    return yyjson_obj_get(line->root, w->ref ? "refs" : "fields");
}

static yyjson_val *value_at(yyjson_val *at, const struct way *w)
{
    for (size_t i = 0; at && i < w->nparts; i++)
        at = yyjson_obj_getn(at, w->parts[i].ptr, w->parts[i].len);
    return at;
}

static void hex(const uint8_t key[STORE_KEY], char ret[2 * STORE_KEY])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < STORE_KEY; i++) {
        ret[2 * i] = digits[key[i] >> 4];
        ret[2 * i + 1] = digits[key[i] & 15];
    }
}

static void key_make(struct pivot_lines *l, struct pivot_line *line);

/* A value as text of the key; true: it is there. */
static bool key_value(struct pivot_lines *l, const struct pivot_line *line, const struct way *w,
                      struct buf *out)
{
    yyjson_val *v = value_at(group_of(line, w), w);
    struct pivot_line *target;
    char digits[2 * STORE_KEY];

    buf_char(out, '|');
    if (yyjson_is_raw(v))
        buf_add(out, yyjson_get_raw(v), yyjson_get_len(v));
    else if (yyjson_is_bool(v))
        buf_text(out, yyjson_get_bool(v) ? "true" : "false");
    if (!yyjson_is_str(v))
        return v != NULL;
    target = w->ref ? line_named(l, text_at(v)) : NULL;
    if (!target) {
        buf_str(out, text_at(v));
        return true;
    }
    key_make(l, target);
    hex(target->key, digits);
    buf_add(out, digits, sizeof(digits));
    return true;
}

static bool by_strong(struct pivot_lines *l, const struct pivot_line *line, struct buf *out)
{
    for (size_t i = 0; i < line->plan->nstrong; i++) {
        size_t before = out->len;

        buf_char(out, '=');
        buf_str(out, line->plan->strong[i].name);
        if (key_value(l, line, &line->plan->strong[i], out))
            return true;
        out->len = before;
    }
    return false;
}

static bool by_parts(struct pivot_lines *l, const struct pivot_line *line, struct buf *out)
{
    size_t before = out->len;
    bool any = false;

    buf_char(out, '+');
    for (size_t i = 0; i < line->plan->nparts; i++)
        any |= key_value(l, line, &line->plan->parts[i], out);
    if (!any)
        out->len = before;
    return any;
}

/* In what one partner sends, two of them say who it is, a date among them where the type has one, or all that the type
 * has: it is found again there, and by no other partner's. Namesakes are many. */
static bool by_weak(struct pivot_lines *l, const struct pivot_line *line, struct buf *out)
{
    const struct plan *p = line->plan;
    size_t before = out->len, n = 0, dates = 0;

    buf_char(out, '~');
    for (size_t i = 0; i < p->nweak; i++) {
        n += key_value(l, line, &p->weak[i], out);
        dates += i + 1 == p->ndates ? n : 0;
    }
    if ((n >= 2 && (dates || !p->ndates)) || (n && n == p->nweak))
        return true;
    out->len = before;
    return false;
}

/* What the lines of a record say, without who refers to whom. */
static void content_of(struct pivot_lines *l, uint8_t ret[STORE_KEY])
{
    memset(ret, 0, STORE_KEY);
    for (const struct pivot_line *k = l->at.first; k; k = k->next) {
        struct gw_str parts[] = {{(const char *)ret, STORE_KEY}, k->type, {k->text.ptr + k->text.len, 0}};
        size_t at;

        if (str_find(k->text, GW_STR(",\"fields\":"), &at) || str_find(k->text, GW_STR(",\"ext\":"), &at))
            parts[2] = str_from(k->text, at);
        store_hash_parts(l->store, parts, sizeof(parts) / sizeof(*parts), ret);
    }
}

/* Nothing says who or what it is. A record's own resource is what it says, so that no other takes its place; one
 * beside it is known by the record. */
static void by_place(struct pivot_lines *l, struct pivot_line *line, struct buf *out)
{
    uint8_t content[STORE_KEY];
    char digits[2 * STORE_KEY];

    buf_char(out, '@');
    if (line == l->at.first) {
        content_of(l, content);
        hex(content, digits);
    } else {
        key_make(l, l->at.first);
        hex(l->at.first->key, digits);
    }
    buf_add(out, digits, sizeof(digits));
}

static bool key_taken(struct pivot_lines *l, const struct pivot_line *line)
{
    for (const struct pivot_line *k = l->at.first; k && k != line; k = k->next)
        if (k->keying == 2 && memcmp(k->key, line->key, STORE_KEY) == 0)
            return true;
    return false;
}

static void key_make(struct pivot_lines *l, struct pivot_line *line)
{
    struct buf text;
    unsigned rank = 1;

    if (line->keying) /* made, or a circle of references: its first key is of its own values then */
        return;
    line->keying = 1;
    buf_init(&text, 65536);
    buf_str(&text, l->partner);
    buf_char(&text, '|');
    buf_str(&text, line->type);
    if (!by_strong(l, line, &text) && !by_parts(l, line, &text) && !by_weak(l, line, &text))
        by_place(l, line, &text);
    store_hash(l->store, buf_view(&text), line->key);
    while (key_taken(l, line)) {
        buf_format(&text, "#%u", ++rank);
        store_hash(l->store, buf_view(&text), line->key);
    }
    line->keying = 2;
    buf_done(&text);
}

/* ---- payloads ---- */

/* Pieces of the line's text that are replaced or left out, in order of place. */
struct cut {
    size_t from, to;
    struct gw_str by;
};

struct cuts {
    struct cut items[256];
    size_t count;
    const char *base; /* of the parsed copy */
    struct pivot_lines *l;
    bool full;
};

static void cut_add(struct cuts *c, size_t from, size_t to, struct gw_str by)
{
    size_t i = c->count;

    if (c->count == sizeof(c->items) / sizeof(*c->items)) {
        c->full = true;
        return;
    }
    for (; i > 0 && c->items[i - 1].from > from; i--)
        c->items[i] = c->items[i - 1];
    c->items[i] = (struct cut){from, to, by};
    c->count++;
}

static void ref_cut(struct cuts *c, yyjson_val *v)
{
    struct pivot_line *target = yyjson_is_str(v) ? line_named(c->l, text_at(v)) : NULL;
    size_t at = target ? (size_t)(yyjson_get_str(v) - c->base) : 0;
    char *digits = target ? arena_alloc(&c->l->at.arena, 2 * STORE_KEY) : NULL;

    if (!digits)
        return;
    hex(target->key, digits);
    cut_add(c, at, at + yyjson_get_len(v), (struct gw_str){digits, 2 * STORE_KEY});
}

static void refs_cut(struct cuts *c, const struct ref_plan *p, yyjson_val *at, bool top)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct ref_entry *e = &p->items[i];
        yyjson_val *v = value_at(top ? yyjson_obj_get(at, e->below ? "fields" : "refs") : at, &e->way), *item;
        size_t k, n;

        if (!e->below) {
            ref_cut(c, v);
            continue;
        }
        yyjson_arr_foreach(v, k, n, item) refs_cut(c, e->below, item, false);
    }
}

/* "name":"..." with one of the commas beside it. */
static void nir_cut(struct cuts *c, struct pivot_line *line)
{
    yyjson_val *fields = yyjson_obj_get(line->root, "fields"), *v;
    size_t from, to;

    if (!line->plan->nir.nparts)
        return;
    v = value_at(fields, &line->plan->nir);
    if (!yyjson_is_str(v) || line->plan->nir.nparts != 1)
        return;
    line->nir = text_at(v);
    from = (size_t)(yyjson_get_str(v) - c->base) - line->plan->nir.parts[0].len - 4;
    to = (size_t)(yyjson_get_str(v) - c->base) + line->nir.len + 1;
    if (line->text.ptr[to] == ',')
        to++;
    else if (line->text.ptr[from - 1] == ',')
        from--;
    cut_add(c, from, to, GW_STR(""));
}

static enum gw_result payload_make(struct pivot_lines *l, struct pivot_line *line)
{
    struct cuts c;
    size_t id = 9 + line->type.len + 1, at = 0, more = 0;
    size_t record = id + 7 + line->id.len + 1 + 10;
    char *out;

    c.count = 0; /* the items are many, and not looked at before */
    c.full = false;
    c.l = l;
    c.base = line->type.ptr - 9;
    while (record < line->text.len && line->text.ptr[record] >= '0' && line->text.ptr[record] <= '9')
        record++;
    cut_add(&c, id, record, GW_STR(""));
    refs_cut(&c, line->plan->refs, line->root, true);
    nir_cut(&c, line);
    for (size_t i = 0; i < c.count; i++)
        more += c.items[i].by.len;
    out = arena_alloc(&l->at.arena, line->text.len + more + 1);
    if (!out || c.full)
        return out ? GW_FAIL : GW_FATAL;
    line->payload.ptr = out;
    for (size_t i = 0; i <= c.count; i++) {
        size_t to = i < c.count ? c.items[i].from : line->text.len;

        memcpy(out, line->text.ptr + at, to - at);
        out += to - at;
        if (i == c.count)
            break;
        memcpy(out, c.items[i].by.ptr, c.items[i].by.len);
        out += c.items[i].by.len;
        at = c.items[i].to;
    }
    line->payload.len = (size_t)(out - line->payload.ptr);
    return GW_OK;
}

enum gw_result lines_settle(struct pivot_lines *l)
{
    enum gw_result result = GW_OK;

    for (struct pivot_line *k = l->at.first; k; k = k->next)
        key_make(l, k);
    for (struct pivot_line *k = l->at.first; result == GW_OK && k; k = k->next)
        result = payload_make(l, k);
    return result;
}
