/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A child's table laid over its ancestors': each line finds the one it replaces, or stands behind
 * the line above it. Only ancestors' lines are replaced; two lines of one table never replace each other.
 */
#include "mapping/cursor.h"
#include "mapping/format.h"

#define NONE SIZE_MAX

/* The effective table while a child is laid over it. */
struct overlay {
    struct loader *l;
    struct rows *rows;
    size_t next;   /* where a new line goes */
    bool anchored; /* a line of the child stands above */
};

static const struct {
    const char *word;
    unsigned bit;
} words[] = {{"add", USE_ADD}, {"move", USE_MOVE}, {"drop", USE_DROP}};

struct gw_str use_without(struct arena *a, struct gw_str use, unsigned bits)
{
    char *out = arena_alloc(a, use.len + 1);
    struct gw_str word, rest = use;
    size_t used = 0;

    while (out && (word = word_next(&rest)).len) {
        bool out_of_it = false;

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
            out_of_it |= (bits & words[i].bit) && str_is(word, words[i].word);
        if (out_of_it)
            continue;
        if (used)
            out[used++] = ' ';
        memcpy(out + used, word.ptr, word.len);
        used += word.len;
    }
    return (struct gw_str){out, out ? used : 0};
}

/* ---- places in the table ---- */

static void row_insert(struct overlay *o, size_t at, const struct row *row)
{
    struct rows *rows = o->rows;

    rows->items = array_more(o->l->arena, rows->items, rows->count, sizeof(*rows->items));
    if (!rows->items) {
        o->l->out_of_memory = true;
        rows->count = 0;
        return;
    }
    memmove(rows->items + at + 1, rows->items + at, (rows->count - at) * sizeof(*rows->items));
    rows->items[at] = *row;
    rows->count++;
}

static void row_remove(struct overlay *o, size_t at)
{
    struct rows *rows = o->rows;

    rows->count--;
    memmove(rows->items + at, rows->items + at + 1, (rows->count - at) * sizeof(*rows->items));
}

static void stand_behind(struct overlay *o, const struct row *row)
{
    size_t at = o->anchored ? o->next : o->rows->count;

    row_insert(o, at, row);
    o->next = at + 1;
    o->anchored = true;
}

/* ---- which line it replaces ---- */

static bool same_cells(const struct row *a, const struct row *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!str_eq(a->cells[i], b->cells[i]))
            return false;
    return true;
}

static bool same_converter(const struct row *a, const struct row *b)
{
    struct gw_str rest;

    return str_eq(str_trim(str_cut(a->cells[CELL_AS], '(', &rest)),
                  str_trim(str_cut(b->cells[CELL_AS], '(', &rest)));
}

/* Same resource, field and path; several: the one with the same converter. *ret_any: there was one at all. */
static size_t find_exact(const struct rows *rows, const struct row *child, bool *ret_any)
{
    size_t count = 0, found = NONE, alike = NONE;

    *ret_any = false;
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        if (!row->inherited || !same_cells(row, child, CELL_PATH + 1))
            continue;
        *ret_any = true;
        if (row->replaced)
            continue;
        count++;
        found = i;
        if (alike == NONE && same_converter(row, child))
            alike = i;
    }
    return count > 1 ? alike : found;
}

/* The only line with that resource and field: its path is renamed. */
static size_t find_only(const struct rows *rows, const struct row *child)
{
    size_t found = NONE;

    if (!child->cells[CELL_FIELD].len)
        return NONE;
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        if (!row->inherited || !same_cells(row, child, CELL_FIELD + 1))
            continue;
        if (found != NONE)
            return NONE;
        found = i;
    }
    return found != NONE && rows->items[found].replaced ? NONE : found;
}

static size_t find_replaced(const struct rows *rows, const struct row *child)
{
    bool any;
    size_t found;

    if (words_have(child->cells[CELL_USE], "add"))
        return NONE;
    found = find_exact(rows, child, &any);
    return any ? found : find_only(rows, child);
}

/* ---- laying over ---- */

/* Empty cells inherit. */
static struct row row_merged(struct overlay *o, const struct row *parent, const struct row *child)
{
    struct row row = *child;

    row.cells[CELL_USE] = use_without(o->l->arena, child->cells[CELL_USE], USE_ADD | USE_MOVE);
    o->l->out_of_memory |= !row.cells[CELL_USE].ptr;
    for (size_t i = 0; parent && i < CELLS; i++)
        if (!row.cells[i].len)
            row.cells[i] = parent->cells[i];
    row.inherited = row.replaced = parent != NULL;
    return row;
}

static void row_drop(struct overlay *o, size_t at, const struct row *child)
{
    if (at != NONE) {
        row_remove(o, at);
        o->next -= at < o->next;
        return;
    }
    loader_complain(o->l, &(struct complaint){.code = "mapping.extends",
                                              .file = child->file,
                                              .where = child->where,
                                              .line = child->number,
                                              .found = child->cells[CELL_FIELD],
                                              .in = "use"});
}

static void lay_line(struct overlay *o, const struct row *child)
{
    size_t at = find_replaced(o->rows, child);
    struct row row = row_merged(o, at == NONE ? NULL : &o->rows->items[at], child);

    if (words_have(child->cells[CELL_USE], "drop")) {
        row_drop(o, at, child);
        o->next = at == NONE ? o->next : at;
        o->anchored |= at != NONE;
    } else if (at == NONE) {
        stand_behind(o, &row);
    } else if (words_have(child->cells[CELL_USE], "move")) {
        row_remove(o, at);
        o->next -= at < o->next;
        stand_behind(o, &row);
    } else {
        o->rows->items[at] = row;
        o->next = at + 1;
        o->anchored = true;
    }
}

/* A named condition replaces by its name; a new one goes to the others. */
static void lay_let(struct overlay *o, const struct row *child)
{
    size_t at = NONE, behind = 0;
    struct row row;

    for (size_t i = 0; i < o->rows->count; i++) {
        if (!str_is(o->rows->items[i].cells[CELL_RESOURCE], "let"))
            continue;
        behind = i + 1;
        if (o->rows->items[i].inherited && same_cells(&o->rows->items[i], child, CELL_FIELD + 1))
            at = i;
    }
    row = row_merged(o, at == NONE ? NULL : &o->rows->items[at], child);
    if (words_have(child->cells[CELL_USE], "drop")) {
        row_drop(o, at, child);
    } else if (at != NONE) {
        o->rows->items[at] = row;
    } else {
        row_insert(o, behind, &row);
        o->next += behind <= o->next;
    }
}

void rows_inherit(struct loader *l, struct rows *rows, const struct rows *child)
{
    struct overlay o = {.l = l, .rows = rows};
    bool first = rows->count == 0;

    for (size_t i = 0; i < child->count && !l->out_of_memory; i++) {
        if (!first && str_is(child->items[i].cells[CELL_RESOURCE], "let"))
            lay_let(&o, &child->items[i]);
        else
            lay_line(&o, &child->items[i]);
    }
    for (size_t i = 0; i < rows->count; i++) {
        rows->items[i].inherited = true;
        rows->items[i].replaced = false;
    }
}
