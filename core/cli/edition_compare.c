/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an edition changes. A code that it has no more is not removed but ends the day before: what was written
 * under it can still be read. An edition without days is the codes of its first day; one with days is taken at
 * its word for the codes it has.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/str.h"
#include "cli/edition.h"
#include "schema/canon.h"

struct comparing {
    const struct edition *e;
    struct revision *r;
    struct arena *arena;
    bool crosswalk; /* some row of ours leads to another text */
    bool failed;
};

/* One code: our rows of it and the edition's entries. */
struct group {
    struct gw_str native;
    const struct code_row *rows;
    size_t nrows;
    struct entry *entries;
    size_t nentries;
};

/* ---- days ---- */

struct gw_str day_before(struct arena *a, struct gw_str day)
{
    uint64_t y = 0, m = 0, d = 0;

    if (day.len < 10 || !str_number((struct gw_str){day.ptr, 4}, &y) ||
        !str_number((struct gw_str){day.ptr + 5, 2}, &m) || !str_number((struct gw_str){day.ptr + 8, 2}, &d))
        return (struct gw_str){NULL, 0};
    if (--d == 0) {
        d = 31;
        if (--m == 0) {
            m = 12;
            y--;
        }
        while (!date_valid((unsigned)y, (unsigned)m, (unsigned)d) && d > 27)
            d--;
    }
    return str_of(arena_format(a, "%04u-%02u-%02u", (unsigned)y, (unsigned)m, (unsigned)d));
}

/* `from` is the day after `to`, or before it. */
static bool touches(struct arena *a, struct gw_str to, struct gw_str from)
{
    return !to.len || !from.len || str_compare(from, to) <= 0 || str_eq(day_before(a, from), to);
}

static bool is_open(const struct code_row *row, struct gw_str day)
{
    return !row->to.len || str_compare(row->to, day) >= 0;
}

/* ---- labels ---- */

static char letter(struct gw_str s, size_t *at)
{
    while (*at < s.len && (unsigned char)s.ptr[*at] < 0x80 && !isalnum((unsigned char)s.ptr[*at]))
        (*at)++;
    return *at < s.len ? (char)toupper((unsigned char)s.ptr[(*at)++]) : '\0';
}

/* But for capitals, blanks and punctuation. */
static bool same_label(struct gw_str a, struct gw_str b)
{
    size_t i = 0, k = 0;
    char x, y;

    do {
        x = letter(a, &i);
        y = letter(b, &k);
    } while (x && x == y);
    return x == y;
}

/* ---- what comes out ---- */

static void *grown(struct comparing *c, void *items, size_t count, size_t size)
{
    char *more;

    if (c->failed || (count & (count - 1)) != 0 || (count && count < 64))
        return c->failed ? NULL : items;
    more = arena_array(c->arena, count ? count * 2 : 64, size);
    if (more && count)
        memcpy(more, items, count * size);
    c->failed |= !more;
    return more;
}

static void row_put(struct comparing *c, struct code_row row)
{
    c->r->rows = grown(c, c->r->rows, c->r->count, sizeof(*c->r->rows));
    if (!c->failed)
        c->r->rows[c->r->count++] = row;
}

static void change_put(struct comparing *c, enum change what, struct gw_str native, struct gw_str before,
                       struct gw_str after)
{
    c->r->changes = grown(c, c->r->changes, c->r->nchanges, sizeof(*c->r->changes));
    if (c->failed)
        return;
    c->r->changes[c->r->nchanges++] = (struct changed){what, native, before, after};
    c->r->counts[what]++;
}

static void rows_keep(struct comparing *c, const struct group *g)
{
    for (size_t i = 0; i < g->nrows; i++)
        row_put(c, g->rows[i]);
}

/* ---- one code ---- */

static void end(struct comparing *c, const struct group *g)
{
    struct gw_str last = day_before(c->arena, c->e->date);
    bool said = false;

    for (size_t i = 0; i < g->nrows; i++) {
        struct code_row row = g->rows[i];

        if (is_open(&row, c->e->date) && (!row.from.len || str_compare(row.from, last) <= 0)) {
            row.to = last;
            if (!said)
                change_put(c, CHANGE_ENDED, row.native, row.label, last);
            said = true;
        }
        row_put(c, row);
    }
}

static struct code_row row_of(const struct comparing *c, const struct entry *e, const struct code_row *like)
{
    struct code_row row = like ? *like : (struct code_row){.pivot = e->pivot};

    row.native = e->native;
    if (str_eq(row.pivot, row.native))
        row.pivot = GW_STR("");
    if (e->label.len)
        row.label = e->label;
    row.from = e->from.len || like ? e->from : c->e->date;
    row.to = e->to;
    return row;
}

static void add(struct comparing *c, const struct group *g)
{
    if (c->crosswalk && !g->entries[0].pivot.len) {
        change_put(c, CHANGE_UNKNOWN, g->native, (struct gw_str){NULL, 0}, g->entries[g->nentries - 1].label);
        return;
    }
    for (size_t i = 0; i < g->nentries; i++)
        row_put(c, row_of(c, &g->entries[i], NULL));
    change_put(c, CHANGE_ADDED, g->native, (struct gw_str){NULL, 0}, g->entries[g->nentries - 1].label);
}

/* The edition knows no days: it has the code on its first one. */
static void compare_undated(struct comparing *c, const struct group *g)
{
    const struct entry *e = &g->entries[g->nentries - 1];
    bool open = false;

    for (size_t i = 0; i < g->nrows; i++) {
        struct code_row row = g->rows[i];

        if (is_open(&row, c->e->date) && !open) {
            open = true;
            if (e->label.len && !same_label(row.label, e->label)) {
                change_put(c, CHANGE_LABEL, g->native, row.label, e->label);
                row.label = e->label;
            }
        }
        row_put(c, row);
    }
    if (!open) {
        struct code_row row = row_of(c, e, &g->rows[g->nrows - 1]);

        row.from = c->e->date;
        row_put(c, row);
        change_put(c, CHANGE_AGAIN, g->native, g->rows[g->nrows - 1].to, c->e->date);
    }
}

static bool several_meanings(const struct group *g)
{
    for (size_t i = 1; i < g->nrows; i++)
        if (!str_eq(code_of_pivot(&g->rows[i]), code_of_pivot(&g->rows[0])) ||
            g->rows[i].use != g->rows[0].use || !str_eq(g->rows[i].when, g->rows[0].when))
            return true;
    return false;
}

static struct gw_str days(struct comparing *c, struct gw_str from, struct gw_str to)
{
    struct gw_str text = str_of(arena_format(c->arena, "%.*s → %.*s", STR_ARG(from), STR_ARG(to)));

    c->failed |= !text.ptr;
    return text;
}

static bool same_days(const struct group *g)
{
    for (size_t i = 0; i < g->nrows; i++)
        if (!str_eq(g->rows[i].from, g->entries[i].from) || !str_eq(g->rows[i].to, g->entries[i].to))
            return false;
    return true;
}

/* Of what stands at the beginning of its files an edition does not know since when. */
static void first_days(struct comparing *c, const struct group *g)
{
    struct entry *first = &g->entries[0];
    struct gw_str begins = c->e->layout->begins;

    if (begins.len && str_eq(first->from, begins) &&
        (!g->rows[0].to.len || str_compare(g->rows[0].to, begins) >= 0) &&
        str_compare(g->rows[0].from, begins) < 0)
        first->from = g->rows[0].from;
}

/* Ours that were over before the edition's first one stay; its own periods follow. */
static void compare_dated(struct comparing *c, const struct group *g)
{
    const struct code_row *last = &g->rows[g->nrows - 1];
    bool same = g->nrows == g->nentries && same_days(g);

    for (size_t i = 0; i < g->nrows && !same; i++)
        if (g->rows[i].to.len && g->entries[0].from.len && str_compare(g->rows[i].to, g->entries[0].from) < 0)
            row_put(c, g->rows[i]);
    for (size_t i = 0; i < g->nentries; i++) {
        struct code_row row = row_of(c, &g->entries[i], last);

        if (same && same_label(row.label, g->rows[i].label))
            row.label = g->rows[i].label;
        else if (same)
            change_put(c, CHANGE_LABEL, g->native, g->rows[i].label, row.label);
        row_put(c, row);
    }
    if (!same)
        change_put(c, CHANGE_DAYS, g->native, days(c, last->from, last->to),
                   days(c, g->entries[g->nentries - 1].from, g->entries[g->nentries - 1].to));
}

static bool is_dated(const struct group *g)
{
    for (size_t i = 0; i < g->nentries; i++)
        if (g->entries[i].from.len || g->entries[i].to.len)
            return true;
    return false;
}

static void compare(struct comparing *c, const struct group *g, bool covered)
{
    if (!g->nrows)
        add(c, g);
    else if (!g->nentries && covered)
        end(c, g);
    else if (!g->nentries)
        rows_keep(c, g);
    else if (!is_dated(g))
        compare_undated(c, g);
    else if (several_meanings(g))
        rows_keep(c, g);
    else {
        first_days(c, g);
        compare_dated(c, g);
    }
}

/* ---- the entries of a code, one behind the other ---- */

static int by_entry(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = str_compare(x->native, y->native);

    if (!order)
        order = str_compare(x->from, y->from);
    return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* The one before takes this one in: the same name, and no day between. */
static bool joins(struct comparing *c, struct entry *last, const struct entry *next)
{
    if (!str_eq(last->native, next->native) || !str_eq(last->label, next->label) ||
        !touches(c->arena, last->to, next->from))
        return false;
    if (last->to.len && (!next->to.len || str_compare(next->to, last->to) > 0))
        last->to = next->to;
    return true;
}

/* Where two names overlap the later one holds; it takes the place of one that begins on the same day. */
static bool replaces(struct comparing *c, struct entry *last, const struct entry *next)
{
    if (!str_eq(last->native, next->native) || (last->to.len && str_compare(next->from, last->to) > 0))
        return false;
    if (str_eq(last->from, next->from)) {
        *last = *next;
        return true;
    }
    last->to = day_before(c->arena, next->from);
    return false;
}

static size_t entries_settle(struct comparing *c, struct entry *entries, size_t count)
{
    size_t n = 0;

    qsort(entries, count, sizeof(*entries), by_entry);
    for (size_t i = 0; i < count; i++)
        if (!n || (!joins(c, &entries[n - 1], &entries[i]) && !replaces(c, &entries[n - 1], &entries[i])))
            entries[n++] = entries[i];
    return n;
}

/* ---- all of them ---- */

static int by_row(const void *a, const void *b)
{
    const struct code_row *x = a, *y = b;
    int order = str_compare(x->native, y->native);

    return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

static struct code_row *sorted_rows(struct comparing *c)
{
    const struct nomenclature *l = c->e->list;
    struct code_row *rows = arena_array(c->arena, l->nrows + 1, sizeof(*rows));

    if (!rows)
        return NULL;
    if (l->nrows)
        memcpy(rows, l->rows, l->nrows * sizeof(*rows));
    qsort(rows, l->nrows, sizeof(*rows), by_row);
    for (size_t i = 0; i < l->nrows; i++)
        c->crosswalk |= rows[i].pivot.len && !str_eq(rows[i].pivot, rows[i].native);
    return rows;
}

static size_t rows_of(const struct code_row *rows, size_t n, struct gw_str native)
{
    size_t k = 0;

    while (k < n && str_eq(rows[k].native, native))
        k++;
    return k;
}

static size_t entries_of(const struct entry *entries, size_t n, struct gw_str native)
{
    size_t k = 0;

    while (k < n && str_eq(entries[k].native, native))
        k++;
    return k;
}

static void merge(struct comparing *c, const struct code_row *rows, struct entry *entries, size_t nentries)
{
    size_t i = 0, k = 0, nrows = c->e->list->nrows;

    while (!c->failed && (i < nrows || k < nentries)) {
        bool ours = i < nrows && (k == nentries || str_compare(rows[i].native, entries[k].native) <= 0);
        struct group g = {.native = ours ? rows[i].native : entries[k].native};

        g.rows = &rows[i];
        g.entries = &entries[k];
        g.nrows = rows_of(&rows[i], nrows - i, g.native);
        g.nentries = entries_of(&entries[k], nentries - k, g.native);
        compare(c, &g, layout_covers(c->e->layout, g.native));
        i += g.nrows;
        k += g.nentries;
    }
}

enum gw_result edition_compare(const struct edition *e, struct revision *ret)
{
    struct comparing c = {.e = e, .r = ret, .arena = &e->lists->arena};
    struct code_row *rows = sorted_rows(&c);
    size_t n;

    *ret = (struct revision){.rows = NULL};
    if (!rows)
        return GW_FATAL;
    n = entries_settle(&c, e->entries, e->count);
    merge(&c, rows, e->entries, n);
    return c.failed ? GW_FATAL : GW_OK;
}
