/* SPDX-License-Identifier: EUPL-1.2 */
#include "schema/place.h"

#include "base/buf.h"
#include "base/str.h"

#define NOWHERE SIZE_MAX

static size_t blanks(struct gw_str t, size_t at)
{
    while (at < t.len && (t.ptr[at] == ' ' || t.ptr[at] == '\t' || t.ptr[at] == '\n' || t.ptr[at] == '\r'))
        at++;
    return at;
}

/* Behind the string that begins at `at`. */
static size_t string_end(struct gw_str t, size_t at)
{
    for (at++; at < t.len && t.ptr[at] != '"'; at++)
        at += t.ptr[at] == '\\';
    return at + 1;
}

static size_t value_end(struct gw_str t, size_t at)
{
    size_t depth = 0;

    while (at < t.len) {
        char c = t.ptr[at];

        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            break;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        at = c == '"' ? string_end(t, at) : at + 1;
    }
    return at;
}

/* One step down from the value at `at`; *ret_place is where the key or the item stands. */
static size_t step_down(struct gw_str t, size_t at, const struct way *step, size_t *ret_place)
{
    size_t n = 0;

    at = blanks(t, at);
    if (at >= t.len || t.ptr[at] != (step->key ? '{' : '['))
        return NOWHERE;
    for (at = blanks(t, at + 1); at < t.len; n++) {
        size_t place = at;
        bool found = !step->key && n == step->index;

        if (step->key) {
            at = string_end(t, at);
            found = at <= t.len && str_is((struct gw_str){t.ptr + place + 1, at - place - 2}, step->key);
            at = blanks(t, at) + 1;
        }
        if (found) {
            *ret_place = place;
            return at;
        }
        at = value_end(t, at);
        if (at >= t.len || t.ptr[at] != ',')
            return NOWHERE;
        at = blanks(t, at + 1);
    }
    return NOWHERE;
}

static size_t way_offset(struct gw_str t, const struct way *way, size_t *ret_place)
{
    size_t at;

    if (!way) {
        *ret_place = blanks(t, 0);
        return 0;
    }
    at = way_offset(t, way->up, ret_place);
    return at == NOWHERE ? NOWHERE : step_down(t, at, way, ret_place);
}

void text_place(struct gw_str text, size_t at, uint32_t *ret_line, uint32_t *ret_column)
{
    *ret_line = *ret_column = 1;
    for (size_t i = 0; i < at && i < text.len; i++) {
        *ret_column = text.ptr[i] == '\n' ? 1 : *ret_column + 1;
        *ret_line += text.ptr[i] == '\n';
    }
}

void way_place(struct gw_str text, const struct way *way, uint32_t *ret_line, uint32_t *ret_column)
{
    size_t place = 0;

    *ret_line = *ret_column = 0;
    if (way_offset(text, way, &place) != NOWHERE && place < text.len)
        text_place(text, place, ret_line, ret_column);
}

static void way_add(struct buf *b, const struct way *way)
{
    if (!way)
        return;
    way_add(b, way->up);
    buf_char(b, '/');
    if (way->key)
        buf_text(b, way->key);
    else
        buf_number(b, way->index);
}

struct gw_str way_text(struct arena *a, const struct way *way)
{
    struct gw_str text;
    struct buf b;

    buf_init(&b, 4096);
    way_add(&b, way);
    text = arena_copy(a, buf_view(&b));
    buf_done(&b);
    return text;
}
