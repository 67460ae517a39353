/* SPDX-License-Identifier: EUPL-1.2 */
/* What all parsers of the language share: where they are, and what is wrong there. */
#include "mapping/cursor.h"

#define FOUND_CHARS 24

struct cursor cursor_of(struct arena *a, struct gw_str text)
{
    if (!text.ptr)
        text = GW_STR("");
    return (struct cursor){.arena = a, .text = text};
}

void cursor_blanks(struct cursor *c)
{
    while (is_blank(cursor_peek(c, 0)))
        c->at++;
}

bool cursor_wrong(struct cursor *c, const char *code, size_t at)
{
    if (!c->fault.code)
        c->fault = (struct fault){code, at + 1, str_chars_cut(str_from(c->text, at), FOUND_CHARS)};
    return false;
}

bool cursor_no_memory(struct cursor *c)
{
    c->out_of_memory = true;
    return false;
}

enum gw_result cursor_result(const struct cursor *c, bool good, struct fault *ret)
{
    *ret = c->fault;
    if (good)
        return GW_OK;
    return c->out_of_memory ? GW_FATAL : GW_FAIL;
}

struct gw_str cursor_ident(struct cursor *c)
{
    size_t from = c->at;

    if (cursor_peek(c, 0) >= '0' && cursor_peek(c, 0) <= '9')
        return cursor_since(c, from);
    while (is_ident(cursor_peek(c, 0)))
        c->at++;
    return cursor_since(c, from);
}

bool cursor_number(struct cursor *c, uint32_t max, const char *code, uint32_t *ret)
{
    size_t from = c->at;
    uint64_t n;

    while (cursor_peek(c, 0) >= '0' && cursor_peek(c, 0) <= '9')
        c->at++;
    if (!str_number(cursor_since(c, from), &n) || n == 0 || n > max)
        return cursor_wrong(c, code, from);
    *ret = (uint32_t)n;
    return true;
}

static bool undouble(struct cursor *c, struct gw_str *s)
{
    char *out = arena_alloc(c->arena, s->len + 1);
    size_t used = 0;

    if (!out)
        return cursor_no_memory(c);
    for (size_t i = 0; i < s->len; i++) {
        out[used++] = s->ptr[i];
        i += s->ptr[i] == '\'';
    }
    *s = (struct gw_str){out, used};
    return true;
}

bool cursor_quoted(struct cursor *c, struct gw_str *ret)
{
    size_t from = c->at++;
    bool doubled = false;

    for (;; c->at++) {
        if (cursor_peek(c, 0) < 0)
            return cursor_wrong(c, "mapping.quote", from);
        if (cursor_peek(c, 0) != '\'')
            continue;
        if (cursor_peek(c, 1) != '\'')
            break;
        doubled = true;
        c->at++;
    }
    *ret = cursor_since(c, from + 1);
    c->at++;
    return !doubled || undouble(c, ret);
}

bool cursor_plus(struct cursor *c)
{
    size_t from = c->at;
    bool found;

    cursor_blanks(c);
    found = c->at > from && cursor_peek(c, 0) == '+' && (is_blank(cursor_peek(c, 1)) || cursor_peek(c, 1) < 0);
    if (!found) {
        c->at = from;
        return false;
    }
    c->at++;
    cursor_blanks(c);
    return true;
}

bool cursor_down(struct cursor *c, const char *code)
{
    if (c->depth == CURSOR_DEPTH)
        return cursor_wrong(c, code, c->at);
    c->depth++;
    return true;
}

void *array_more(struct arena *a, void *items, size_t count, size_t size)
{
    bool full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    void *grown;

    if (!full)
        return items;
    grown = arena_array(a, count ? count * 2 : 4, size);
    if (grown && count)
        memcpy(grown, items, count * size);
    return grown;
}
