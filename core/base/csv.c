/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/csv.h"

#include <string.h>

#include "base/str.h"

void csv_open(struct csv *c, struct arena *arena, struct gw_str text)
{
    if (str_begins(text, GW_STR("\xef\xbb\xbf")))
        text = str_from(text, 3);
    *c = (struct csv){.arena = arena, .left = text, .next_line = 1};
    c->last_end = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
}

/* Bytes of the line end at the start of s. */
static size_t line_end(struct gw_str s)
{
    if (s.len && s.ptr[0] == '\n')
        return 1;
    return s.len >= 2 && s.ptr[0] == '\r' && s.ptr[1] == '\n' ? 2 : 0;
}

static void take_line_end(struct csv *c)
{
    size_t n = line_end(c->left);

    if (n) {
        c->left = str_from(c->left, n);
        c->next_line++;
    }
}

static struct gw_str bare_cell(struct csv *c)
{
    struct gw_str s = c->left;
    size_t n = 0;

    while (n < s.len && s.ptr[n] != ';' && !line_end(str_from(s, n)))
        n++;
    c->left = str_from(s, n);
    return (struct gw_str){s.ptr, n};
}

static enum gw_result undouble(struct csv *c, struct gw_str *cell)
{
    char *out = arena_alloc(c->arena, cell->len);
    size_t used = 0;

    if (!out)
        return GW_FATAL;
    for (size_t i = 0; i < cell->len; i++) {
        out[used++] = cell->ptr[i];
        i += cell->ptr[i] == '"';
    }
    *cell = (struct gw_str){out, used};
    return GW_OK;
}

static enum gw_result quoted_cell(struct csv *c, struct gw_str *ret)
{
    struct gw_str s = str_from(c->left, 1);
    bool doubled = false;
    size_t n = 0;

    for (; n < s.len; n++) {
        c->next_line += s.ptr[n] == '\n';
        if (s.ptr[n] != '"')
            continue;
        if (n + 1 == s.len || s.ptr[n + 1] != '"')
            break;
        doubled = true;
        n++;
    }
    *ret = (struct gw_str){s.ptr, n};
    c->left = str_from(s, n < s.len ? n + 1 : n);
    if (n == s.len || (c->left.len && c->left.ptr[0] != ';' && !line_end(c->left)))
        return GW_REJECT;
    return doubled ? undouble(c, ret) : GW_OK;
}

static void pass_over_line(struct csv *c)
{
    while (c->left.len && !line_end(c->left))
        c->left = str_from(c->left, 1);
    take_line_end(c);
}

/* ---- most rows ---- */

/* A row without quotes that has its line end, as most have: nothing is asked but what a byte is. False: it
 * is another kind of row. */
static bool plain_row(struct csv *c, struct gw_str *cells, size_t max, size_t *ret_n)
{
    static const bool stops[256] = {[';'] = true, ['\n'] = true, ['\r'] = true};
    const char *p = c->left.ptr, *cell = p;
    size_t n = 0;

    if (!c->last_end || p > c->last_end)
        return false;
    for (;; cell = p) {
        if (*p == '"')
            return false;
        while (!stops[(unsigned char)*p])
            p++;
        if (n < max)
            cells[n] = (struct gw_str){cell, (size_t)(p - cell)};
        n++;
        if (*p++ != ';')
            break;
    }
    if (p[-1] == '\r' && *p++ != '\n')
        return false;
    c->left = str_from(c->left, (size_t)(p - c->left.ptr));
    c->next_line++;
    *ret_n = n;
    return true;
}

bool csv_row_ending(struct csv *c, struct gw_str tail, struct gw_str *cells, size_t n)
{
    const char *p = c->left.ptr, *feed = tail.len && c->left.len ? memchr(p, '\n', c->left.len) : NULL, *end;

    if (!feed || (size_t)(feed - p) < tail.len)
        return false;
    end = feed - tail.len; /* of the last of these cells */
    if (*end != ';' || memcmp(end + 1, tail.ptr, tail.len) != 0)
        return false;
    for (size_t i = 0; i + 1 < n; i++) {
        const char *cell = p;

        while (*p != ';')
            p++;
        if (p == end || *cell == '"')
            return false;
        cells[i] = (struct gw_str){cell, (size_t)(p++ - cell)};
    }
    cells[n - 1] = (struct gw_str){p, (size_t)(end - p)};
    if (*p == '"' || memchr(p, ';', (size_t)(end - p)))
        return false;
    c->left = str_from(c->left, (size_t)(feed + 1 - c->left.ptr));
    c->line = c->next_line++;
    return true;
}

/* ---- any row ---- */

static enum gw_result quoted_row(struct csv *c, struct gw_str *cells, size_t max, size_t *ret_n)
{
    size_t n = 0;

    for (;;) {
        struct gw_str cell;
        enum gw_result r = GW_OK;

        if (c->left.len && c->left.ptr[0] == '"')
            r = quoted_cell(c, &cell);
        else
            cell = bare_cell(c);
        if (r == GW_REJECT)
            pass_over_line(c);
        if (r != GW_OK)
            return r;
        if (n < max)
            cells[n] = cell;
        n++;
        if (!c->left.len || c->left.ptr[0] != ';')
            break;
        c->left = str_from(c->left, 1);
    }
    take_line_end(c);
    *ret_n = n;
    return GW_OK;
}

enum gw_result csv_row(struct csv *c, struct gw_str *cells, size_t max, size_t *ret_n)
{
    while (line_end(c->left))
        take_line_end(c);
    if (!c->left.len)
        return GW_END;
    c->line = c->next_line;
    if (plain_row(c, cells, max, ret_n))
        return GW_OK;
    return quoted_row(c, cells, max, ret_n);
}

/* ---- written ---- */

static bool begins_formula(char c)
{
    return c && strchr("=+-@\t\r", c);
}

/* A sign, a digit, then digits and what parts them. */
static bool is_amount(struct gw_str text)
{
    if (text.len < 2 || (text.ptr[0] != '-' && text.ptr[0] != '+'))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if ((text.ptr[i] < '0' || text.ptr[i] > '9') && (i == 1 || !text.ptr[i] || !strchr(" .,", text.ptr[i])))
            return false;
    return true;
}

static bool is_guarded(struct gw_str text)
{
    return text.len > 1 && text.ptr[0] == '\'' && (text.ptr[1] == '\'' || begins_formula(text.ptr[1]));
}

static bool needs_guard(struct gw_str text)
{
    if (!text.len)
        return false;
    return is_guarded(text) || (begins_formula(text.ptr[0]) && !is_amount(text));
}

struct gw_str csv_bare(struct gw_str cell)
{
    return is_guarded(cell) ? str_from(cell, 1) : cell;
}

void csv_cell(struct buf *out, struct gw_str text)
{
    buf_text(out, needs_guard(text) ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.ptr[i]);
    }
    buf_char(out, '"');
}

void csv_cells(struct buf *out, const struct gw_str *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_char(out, ';');
        csv_cell(out, cells[i]);
    }
    buf_text(out, "\r\n");
}
