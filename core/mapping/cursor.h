/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A text of the language being parsed, for the files of the syntax only. Parsers return false
 * when they cannot go on: the first fault is kept, or memory is out.
 */
#ifndef MAPPING_CURSOR_H
#define MAPPING_CURSOR_H

#include "base/str.h"
#include "mapping/syntax.h"

#define CURSOR_DEPTH 16 /* of brackets within brackets: bounds the recursion */

struct cursor {
    struct arena *arena;
    struct gw_str text;
    size_t at;
    unsigned depth;
    struct fault fault;
    bool out_of_memory;
};

/* The character `ahead` of the cursor, -1 beyond the end. */
static inline int cursor_peek(const struct cursor *c, size_t ahead)
{
    return ahead < c->text.len - c->at ? (unsigned char)c->text.ptr[c->at + ahead] : -1;
}

static inline bool cursor_skip(struct cursor *c, char what)
{
    if (cursor_peek(c, 0) != (unsigned char)what)
        return false;
    c->at++;
    return true;
}

static inline struct gw_str cursor_since(const struct cursor *c, size_t from)
{
    return (struct gw_str){c->text.ptr + from, c->at - from};
}

static inline bool is_blank(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_ident(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

struct cursor cursor_of(struct arena *a, struct gw_str text);
void cursor_blanks(struct cursor *c);
/* False, with the fault at `at`. */
bool cursor_wrong(struct cursor *c, const char *code, size_t at);
bool cursor_no_memory(struct cursor *c);
/* GW_OK when good, else the fault handed over and what it is. */
GW_MUST_USE enum gw_result cursor_result(const struct cursor *c, bool good, struct fault *ret);
/* A letter or _, then letters, digits and _. Empty when there is none. */
struct gw_str cursor_ident(struct cursor *c);
/* Digits as a number of 1 to `max`; `code` when it is not. */
bool cursor_number(struct cursor *c, uint32_t max, const char *code, uint32_t *ret);
/* At a quote: the text up to its other end, doubled quotes made single. */
bool cursor_quoted(struct cursor *c, struct gw_str *ret);
/* " + " here: a plus between blanks; passed over. */
bool cursor_plus(struct cursor *c);
/* One level down; give it back with depth--. */
bool cursor_down(struct cursor *c, const char *code);

/* Room for one more item behind `count` of them: the array, moved when it was full. NULL: memory. */
void *array_more(struct arena *a, void *items, size_t count, size_t size);

#endif
