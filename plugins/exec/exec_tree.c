/* SPDX-License-Identifier: EUPL-1.2 */
/* JSON lines both ways: what the program says becomes a tree, a tree becomes what it is told. */
#include <string.h>
#include <yyjson.h>

#include "exec.h"

#define FLAGS YYJSON_READ_NUMBER_AS_RAW

/* ---- reading ---- */

static struct gw_str text_of(yyjson_val *v)
{
    if (yyjson_is_str(v))
        return (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)};
    if (yyjson_is_raw(v))
        return (struct gw_str){yyjson_get_raw(v), yyjson_get_len(v)};
    return (struct gw_str){NULL, 0};
}

static uint8_t kind_of(yyjson_val *v)
{
    if (yyjson_is_obj(v))
        return GW_MAP;
    if (yyjson_is_arr(v))
        return GW_LIST;
    if (yyjson_is_raw(v))
        return GW_NUMBER;
    if (yyjson_is_true(v))
        return GW_TRUE;
    if (yyjson_is_false(v))
        return GW_FALSE;
    return yyjson_is_null(v) ? GW_NULL : GW_TEXT;
}

static enum gw_result fill(struct gw_session *s, yyjson_val *v, uint32_t depth, struct gw_node *n);

static enum gw_result add(struct gw_session *s, yyjson_val *v, uint16_t name, uint32_t depth, uint32_t line,
                          struct gw_node ***end)
{
    struct gw_node *n = gw_alloc(s, sizeof(*n));

    if (!n || !name)
        return GW_FATAL;
    *n = (struct gw_node){.name = name, .line = line};
    **end = n;
    *end = &n->next;
    return fill(s, v, depth, n);
}

/* Members one beside the other; items bear the list's own name. GW_REJECT: deeper than may be. */
static enum gw_result fill(struct gw_session *s, yyjson_val *v, uint32_t depth, struct gw_node *n)
{
    struct gw_node **end = &n->first;
    struct gw_str text = text_of(v);
    enum gw_result r = GW_OK;
    yyjson_val *key, *value;
    size_t i, max;

    n->kind = kind_of(v);
    if (n->kind == GW_TRUE || n->kind == GW_FALSE)
        text = n->kind == GW_TRUE ? GW_STR("true") : GW_STR("false");
    n->text = text.ptr;
    n->len = (uint32_t)text.len;
    if (n->kind < GW_LIST)
        return GW_OK;
    if (depth >= s->stream->depth)
        return GW_REJECT;
    yyjson_obj_foreach(v, i, max, key, value)
    {
        if (r == GW_OK)
            r = add(s, value, gw_name(s, yyjson_get_str(key), yyjson_get_len(key)), depth + 1, n->line, &end);
    }
    yyjson_arr_foreach(v, i, max, value)
    {
        if (r == GW_OK)
            r = add(s, value, n->name, depth + 1, n->line, &end);
    }
    return r;
}

static uint32_t line_of(yyjson_val *v)
{
    struct gw_str text = text_of(v);
    uint32_t n = 0;

    if (!yyjson_is_raw(v) || text.len > 9)
        return 0;
    for (size_t i = 0; i < text.len; i++)
        n = text.ptr[i] >= '0' && text.ptr[i] <= '9' ? n * 10 + (uint32_t)(text.ptr[i] - '0') : 0;
    return n;
}

static void bad(struct exec_told *t, const char *why)
{
    t->kind = EXEC_BAD;
    t->message = (struct gw_str){why, strlen(why)};
}

static enum gw_result take_record(struct gw_session *s, yyjson_val *v, struct exec_told *t)
{
    enum gw_result r;

    t->root = gw_alloc(s, sizeof(*t->root));
    if (!t->root)
        return GW_FATAL;
    *t->root = (struct gw_node){.line = t->line, .column = t->line != 0};
    t->kind = EXEC_RECORD;
    r = fill(s, v, 0, t->root);
    if (r == GW_REJECT)
        bad(t, "depth");
    return r == GW_REJECT ? GW_OK : r;
}

enum gw_result exec_parse(struct gw_session *s, struct gw_str line, struct exec_told *ret)
{
    size_t size = yyjson_read_max_memory_usage(line.len, FLAGS);
    void *pool = gw_alloc(s, size);
    yyjson_read_err error;
    yyjson_alc alc;
    yyjson_doc *doc;
    yyjson_val *root, *v;

    *ret = (struct exec_told){.kind = EXEC_BAD};
    if (!pool || !yyjson_alc_pool_init(&alc, pool, size))
        return GW_FATAL;
    doc = yyjson_read_opts((char *)(uintptr_t)line.ptr, line.len, FLAGS, &alc, &error);
    root = yyjson_doc_get_root(doc);
    ret->line = line_of(yyjson_obj_get(root, "line"));
    if (!doc) {
        bad(ret, error.msg);
    } else if ((v = yyjson_obj_get(root, "record"))) {
        if (yyjson_is_obj(v))
            return take_record(s, v, ret);
        bad(ret, "record");
    } else if ((v = yyjson_obj_get(root, "reject")) || (v = yyjson_obj_get(root, "fail"))) {
        ret->kind = yyjson_obj_get(root, "reject") ? EXEC_REJECT : EXEC_FAIL;
        ret->message = text_of(v);
    } else if (yyjson_is_true(yyjson_obj_get(root, "end"))) {
        ret->kind = EXEC_END;
    } else {
        bad(ret, "record, reject, fail, end?");
    }
    return GW_OK;
}

/* ---- writing ---- */

void exec_word(const char *word, struct exec_text *to)
{
    size_t len = strlen(word);

    memcpy(to->text + to->len, word, len);
    to->len += len;
}

void exec_string(struct gw_str text, struct exec_text *to)
{
    static const char hex[] = "0123456789abcdef";

    to->text[to->len++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\') {
            to->text[to->len++] = '\\';
            to->text[to->len++] = (char)c;
        } else if (c < ' ') {
            exec_word("\\u00", to);
            to->text[to->len++] = hex[c >> 4];
            to->text[to->len++] = hex[c & 15];
        } else {
            to->text[to->len++] = (char)c;
        }
    }
    to->text[to->len++] = '"';
}

/* At most six bytes for one, and what is around a name and a value. */
size_t exec_size(struct gw_session *s, const struct gw_node *n)
{
    size_t size = 6 * (size_t)n->len + 6 * gw_name_text(s, n->name).len + 16;

    for (const struct gw_node *kid = n->first; kid; kid = kid->next)
        size += exec_size(s, kid);
    return size;
}

void exec_print(struct gw_session *s, const struct gw_node *n, struct exec_text *to)
{
    struct gw_str text = {n->text, n->text ? n->len : 0};
    bool list = n->kind == GW_LIST;

    if (n->kind < GW_LIST) {
        if (n->kind == GW_TEXT)
            exec_string(text, to);
        else if (n->kind == GW_NUMBER)
            exec_word("", to), memcpy(to->text + to->len, text.ptr, text.len), to->len += text.len;
        else
            exec_word(n->kind == GW_TRUE ? "true" : n->kind == GW_FALSE ? "false" : "null", to);
        return;
    }
    exec_word(list ? "[" : "{", to);
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        if (kid != n->first)
            exec_word(",", to);
        if (!list) {
            exec_string(gw_name_text(s, kid->name), to);
            exec_word(":", to);
        }
        exec_print(s, kid, to);
    }
    exec_word(list ? "]" : "}", to);
}
