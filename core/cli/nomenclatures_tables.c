/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables of the shared lists, and the lists themselves. */
#include <dirent.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/str.h"
#include "cli/nomenclatures.h"

#define TABLE_BYTES  ((size_t)1 << 20)
#define TABLE_CELLS  8
#define LIST_MONTHS  24 /* where nobody says */
#define LISTS_MOST   1000
#define LAYOUTS_MOST 1000

struct table_row {
    struct gw_str cells[TABLE_CELLS];
    uint32_t line;
};

/* A table of ours: its path below the folder, its header, who takes a row. */
struct small_table {
    const char *path, *header;
    size_t cells;
    bool (*take)(struct nomenclatures *n, const struct table_row *row); /* false: out of memory */
};

void nomenclatures_say(struct nomenclatures *n, enum gw_severity severity, const char *code, const char *where,
                       uint32_t line, const struct gw_arg *args, size_t nargs)
{
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = str_of(arena_format(&n->arena, "%.*s/%s", STR_ARG(n->folder), where)),
                     .line = line,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = nargs};

    n->faulty |= severity == GW_ERROR;
    n->sink->put(n->sink, &d);
}

struct nomenclature *nomenclatures_find(const struct nomenclatures *n, struct gw_str name)
{
    for (size_t i = 0; i < n->count; i++)
        if (str_eq(n->items[i].name, name))
            return &n->items[i];
    return NULL;
}

/* ---- the tables ---- */

static struct nomenclature *find_or_add(struct nomenclatures *n, struct gw_str name)
{
    struct nomenclature *l = nomenclatures_find(n, name);

    if (l || n->count == LISTS_MOST)
        return l;
    l = &n->items[n->count++];
    *l = (struct nomenclature){.name = name, .months = LIST_MONTHS};
    return l;
}

static bool take_source(struct nomenclatures *n, const struct table_row *row)
{
    struct nomenclature *l = find_or_add(n, row->cells[0]);
    struct gw_arg args[] = {{"found", row->cells[0]}};

    if (!l)
        return true;
    if (l->line)
        nomenclatures_say(n, GW_ERROR, "list.twice", "sources.csv", row->line, args, 1);
    l->line = row->line;
    l->publisher = row->cells[1];
    l->source = row->cells[2];
    l->date = row->cells[3];
    return true;
}

static bool take_policy(struct nomenclatures *n, const struct table_row *row)
{
    struct nomenclature *l = nomenclatures_find(n, row->cells[0]);
    struct gw_arg args[] = {{"found", row->cells[0]}};
    uint64_t months = LIST_MONTHS;

    if (!l) {
        nomenclatures_say(n, GW_ERROR, "list.unknown", "official/lists.csv", row->line, args, 1);
        return true;
    }
    args[0].value = row->cells[1];
    if (row->cells[1].len && (!str_number(row->cells[1], &months) || months > 1200))
        nomenclatures_say(n, GW_ERROR, "list.months", "official/lists.csv", row->line, args, 1);
    l->months = months > 1200 ? LIST_MONTHS : (unsigned)months;
    l->codes_of = str_cut(row->cells[2], ' ', &l->codes_but);
    return true;
}

static bool take_layout(struct nomenclatures *n, const struct table_row *row)
{
    struct gw_arg args[] = {{"found", row->cells[0]}};

    if (n->nlayouts == LAYOUTS_MOST)
        return true;
    if (!nomenclatures_find(n, row->cells[0]))
        nomenclatures_say(n, GW_ERROR, "list.unknown", "official/layouts.csv", row->line, args, 1);
    n->layouts[n->nlayouts++] = (struct layout){.list = row->cells[0],
                                                .name = row->cells[1],
                                                .kinds = row->cells[2],
                                                .covers = row->cells[3],
                                                .one_day = str_is(row->cells[4], "holds"),
                                                .begins = row->cells[5],
                                                .before = str_is(row->cells[6], "before")};
    return true;
}

static const struct small_table sources = {"sources.csv", "list;publisher;source;date", 4, take_source};

/* These speak of lists that are known by then. */
static const struct small_table tables[] = {
    {"official/lists.csv", "list;months;codes_of", 3, take_policy},
    {"official/layouts.csv", "list;layout;kinds;covers;one_day;begins;ends", 7, take_layout},
};

static bool header_good(const struct small_table *t, const struct gw_str *cells, size_t n)
{
    struct gw_str rest = str_of(t->header);

    for (size_t i = 0; i < t->cells; i++)
        if (i >= n || !str_eq(str_trim(cells[i]), str_cut(rest, ';', &rest)))
            return false;
    return n == t->cells;
}

static enum gw_result rows_take(struct nomenclatures *n, const struct small_table *t, struct csv *csv)
{
    struct table_row row;
    size_t cells = 0;
    enum gw_result r;

    while ((r = csv_row(csv, row.cells, TABLE_CELLS, &cells)) == GW_OK || r == GW_REJECT) {
        struct gw_arg args[] = {{"expected", str_of(t->header)}};

        if (r == GW_REJECT || cells != t->cells) {
            nomenclatures_say(n, GW_ERROR, "list.cells", t->path, csv->line, args, 1);
            continue;
        }
        for (size_t i = 0; i < cells; i++)
            row.cells[i] = str_trim(row.cells[i]);
        row.line = csv->line;
        if (!t->take(n, &row))
            return GW_FATAL;
    }
    return r == GW_END ? GW_OK : r;
}

/* One that is not there says nothing; the others are said to be wrong. */
static enum gw_result table_read(struct nomenclatures *n, const struct small_table *t)
{
    const char *path = arena_format(&n->arena, "%.*s/%s", STR_ARG(n->folder), t->path);
    struct gw_arg args[] = {{"expected", str_of(t->header)}};
    struct gw_str cells[TABLE_CELLS], text;
    size_t found = 0;
    struct csv csv;
    struct buf b;
    enum gw_result r;

    buf_init(&b, TABLE_BYTES);
    if (!path || buf_read_file(&b, path) != GW_OK) {
        buf_done(&b);
        return path ? GW_OK : GW_FATAL;
    }
    text = arena_copy(&n->arena, buf_view(&b));
    buf_done(&b);
    if (!text.ptr)
        return GW_FATAL;
    csv_open(&csv, &n->arena, text);
    r = csv_row(&csv, cells, TABLE_CELLS, &found);
    if (r == GW_OK && header_good(t, cells, found))
        return rows_take(n, t, &csv);
    nomenclatures_say(n, GW_ERROR, "list.header", t->path, 1, args, 1);
    return r == GW_FATAL ? r : GW_FAIL;
}

/* ---- the lists ---- */

static bool is_coded(struct nomenclatures *n, struct gw_str name)
{
    const char *path = arena_format(&n->arena, "%.*s/%.*s.csv", STR_ARG(n->folder), STR_ARG(name));
    FILE *f = path ? fopen(path, "r") : NULL;
    char head[8] = "";
    bool coded = f && fread(head, 1, 6, f) == 6 && memcmp(head, "native", 6) == 0;

    if (f)
        (void)fclose(f);
    return coded;
}

static enum gw_result list_read(struct nomenclatures *n, struct nomenclature *l)
{
    enum gw_result r;

    l->coded = is_coded(n, l->name);
    if (!l->coded)
        return GW_OK;
    r = code_rows_load(&n->arena, NULL, n->folder, l->name, n->sink, &l->rows, &l->nrows);
    n->faulty |= r == GW_FAIL;
    return r == GW_FATAL ? r : GW_OK;
}

/* Its name without .csv; absent: no list. */
static struct gw_str list_name(struct nomenclatures *n, const char *file)
{
    struct gw_str name = str_of(file), end = GW_STR(".csv");

    if (name.len <= end.len || !str_eq(str_from(name, name.len - end.len), end) || str_is(name, "sources.csv"))
        return (struct gw_str){NULL, 0};
    name.len -= end.len;
    return arena_copy(&n->arena, name);
}

static void folder_look(struct nomenclatures *n)
{
    DIR *dir = opendir(n->folder.ptr);
    const struct dirent *d;

    while (dir && (d = readdir(dir))) {
        struct gw_str name = list_name(n, d->d_name);
        struct nomenclature *l = name.ptr ? find_or_add(n, name) : NULL;

        if (l)
            l->installed = true;
    }
    if (dir)
        (void)closedir(dir);
}

enum gw_result nomenclatures_open(struct nomenclatures *n, struct engine *e, struct sink *sink)
{
    enum gw_result r = GW_OK;

    *n = (struct nomenclatures){.engine = e, .sink = sink, .folder = e->nomenclatures};
    arena_init(&n->arena, 1u << 20, 0);
    n->items = arena_array(&n->arena, LISTS_MOST, sizeof(*n->items));
    n->layouts = arena_array(&n->arena, LAYOUTS_MOST, sizeof(*n->layouts));
    if (!n->items || !n->layouts)
        return GW_FATAL;
    r = table_read(n, &sources);
    folder_look(n);
    for (size_t i = 0; r == GW_OK && i < sizeof(tables) / sizeof(*tables); i++)
        r = table_read(n, &tables[i]);
    for (size_t i = 0; r == GW_OK && i < n->count; i++)
        if (n->items[i].installed)
            r = list_read(n, &n->items[i]);
    return r;
}

void nomenclatures_close(struct nomenclatures *n)
{
    arena_done(&n->arena);
}

/* ---- what is said of a list ---- */

bool layout_covers(const struct layout *l, struct gw_str native)
{
    struct gw_str pattern, rest = l->covers;
    bool out = false, some = false, any = false;

    while (rest.ptr && !out) {
        pattern = str_cut(rest, ' ', &rest);
        if (!pattern.len)
            continue;
        out = pattern.ptr[0] == '!' && str_glob(str_from(pattern, 1), native);
        any |= pattern.ptr[0] != '!';
        some |= str_glob(pattern, native);
    }
    return !out && (some || !any);
}

struct gw_str code_of_pivot(const struct code_row *row)
{
    return row->pivot.len ? row->pivot : row->native;
}

struct gw_str nomenclature_from(const struct nomenclature *l)
{
    struct gw_str first = {NULL, 0};

    for (size_t i = 0; i < l->nrows; i++)
        if (l->rows[i].from.len && (!first.ptr || str_compare(l->rows[i].from, first) < 0))
            first = l->rows[i].from;
    return first;
}

struct gw_str nomenclature_to(const struct nomenclature *l)
{
    struct gw_str last = {NULL, 0};

    for (size_t i = 0; i < l->nrows; i++) {
        if (!l->rows[i].to.len)
            return (struct gw_str){NULL, 0};
        if (!last.ptr || str_compare(l->rows[i].to, last) > 0)
            last = l->rows[i].to;
    }
    return last;
}

static unsigned months_of(struct gw_str day)
{
    uint64_t year = 0, month = 0;

    if (day.len < 7 || !str_number((struct gw_str){day.ptr, 4}, &year) ||
        !str_number((struct gw_str){day.ptr + 5, 2}, &month))
        return 0;
    return (unsigned)(year * 12 + month);
}

bool nomenclature_is_stale(const struct nomenclature *l, struct gw_str today)
{
    unsigned then = months_of(l->date), now = months_of(today);

    return l->months && then &&
           (now > then + l->months ||
            (now == then + l->months && str_compare(str_from(today, 8), str_from(l->date, 8)) > 0));
}
