/* SPDX-License-Identifier: EUPL-1.2 */
/* nomenclatures check: what is wrong with the shared lists, and with the crosswalks of formats. */
#include <stdlib.h>

#include "base/str.h"
#include "cli/edition.h"
#include "mapping/converters.h"

static const char *file_of(struct nomenclatures *n, const struct nomenclature *l)
{
    const char *file = arena_format(&n->arena, "%.*s.csv", STR_ARG(l->name));

    return file ? file : "";
}

/* ---- where they are from ---- */

static void source_check(struct nomenclatures *n, const struct nomenclature *l)
{
    const struct {
        const char *name;
        struct gw_str text;
    } cells[] = {{"publisher", l->publisher}, {"source", l->source}, {"date", l->date}};
    struct gw_arg args[] = {{"found", l->name}, {"cell", GW_STR("")}};
    uint32_t day;

    if (!l->line) {
        nomenclatures_say(n, GW_ERROR, "list.source_absent", "sources.csv", 1, args, 1);
        return;
    }
    for (size_t i = 0; i < LEN(cells); i++) {
        args[1].value = str_of(cells[i].name);
        if (!cells[i].text.len)
            nomenclatures_say(n, GW_ERROR, "list.source_empty", "sources.csv", l->line, args, 2);
    }
    args[1] = (struct gw_arg){"cell", l->date};
    if (l->date.len && (l->date.len != 10 || !code_day(l->date, &day)))
        nomenclatures_say(n, GW_ERROR, "list.source_date", "sources.csv", l->line, args, 2);
    if (!l->installed)
        nomenclatures_say(n, GW_WARNING, "list.absent", "sources.csv", l->line, args, 1);
}

static void age_check(struct nomenclatures *n, const struct nomenclature *l)
{
    char room[20];
    struct gw_arg args[] = {{"found", l->name}, {"date", l->date}, {"months", gw_digits(l->months, room)}};

    if (nomenclature_is_stale(l, n->engine->today))
        nomenclatures_say(n, GW_WARNING, "list.stale", "sources.csv", l->line, args, LEN(args));
}

/* ---- rows ---- */

static void day_check(struct nomenclatures *n, const struct nomenclature *l, const struct code_row *row,
                      const char *cell, struct gw_str day)
{
    struct gw_arg args[] = {{"cell", str_of(cell)}, {"found", day}};
    uint32_t number;

    if (day.len && !code_day(day, &number))
        nomenclatures_say(n, GW_ERROR, "codes.date", file_of(n, l), row->line, args, 2);
}

static void row_check(struct nomenclatures *n, const struct nomenclature *l, const struct code_row *row)
{
    struct gw_arg args[] = {{"found", row->native}, {"from", row->from}, {"to", row->to}};

    day_check(n, l, row, "from", row->from);
    day_check(n, l, row, "to", row->to);
    if (row->from.len && row->to.len && str_compare(row->from, row->to) > 0)
        nomenclatures_say(n, GW_ERROR, "list.days", file_of(n, l), row->line, args, LEN(args));
}

static int by_native(const void *a, const void *b)
{
    const struct code_row *x = *(const struct code_row *const *)a, *y = *(const struct code_row *const *)b;
    int order = str_compare(x->native, y->native);

    if (!order)
        order = str_compare(code_of_pivot(x), code_of_pivot(y));
    return order ? order : str_compare(x->from, y->from);
}

/* One code said twice for the same day, in the same direction and under the same condition. */
static bool said_twice(const struct code_row *x, const struct code_row *y)
{
    return str_eq(x->native, y->native) && str_eq(code_of_pivot(x), code_of_pivot(y)) && x->use == y->use &&
           str_eq(x->when, y->when) && (!x->to.len || str_compare(y->from, x->to) <= 0);
}

static enum gw_result rows_check(struct nomenclatures *n, const struct nomenclature *l)
{
    const struct code_row **rows = arena_array(&n->arena, l->nrows + 1, sizeof(*rows));

    if (!rows)
        return GW_FATAL;
    for (size_t i = 0; i < l->nrows; i++) {
        row_check(n, l, &l->rows[i]);
        rows[i] = &l->rows[i];
    }
    qsort(rows, l->nrows, sizeof(const struct code_row *), by_native);
    for (size_t i = 1; i < l->nrows; i++) {
        struct gw_arg args[] = {{"found", rows[i]->native}};

        if (said_twice(rows[i - 1], rows[i]))
            nomenclatures_say(n, GW_ERROR, "list.row_twice", file_of(n, l), rows[i]->line, args, 1);
    }
    return GW_OK;
}

/* ---- crosswalks ---- */

static bool has_code(const struct nomenclature *l, struct gw_str code)
{
    for (size_t i = 0; i < l->nrows; i++)
        if (str_eq(l->rows[i].native, code) || str_eq(l->rows[i].pivot, code))
            return true;
    return false;
}

/* From one shared list to another. */
static void leads_check(struct nomenclatures *n, const struct nomenclature *l)
{
    const struct nomenclature *to = l->codes_of.len ? nomenclatures_find(n, l->codes_of) : NULL;
    const struct layout but = {.covers = l->codes_but};
    struct gw_arg args[] = {{"found", l->codes_of}, {"list", l->codes_of}};

    if (l->codes_of.len && !to)
        nomenclatures_say(n, GW_ERROR, "list.unknown", "official/lists.csv", 0, args, 1);
    for (size_t i = 0; to && to->installed && i < l->nrows; i++) {
        args[0].value = code_of_pivot(&l->rows[i]);
        if (!has_code(to, args[0].value) && layout_covers(&but, args[0].value))
            nomenclatures_say(n, GW_WARNING, "list.leads", file_of(n, l), l->rows[i].line, args, 2);
    }
}

/* A row of the list as it is written for that format, so that its line can be said. */
static void code_missing(struct nomenclatures *n, const struct codec *c, const struct codes *list,
                         const struct field *f, struct gw_str code)
{
    struct gw_arg args[] = {{"found", code}, {"list", f->codes->name}, {"format", c->format->name}};
    struct code_row *rows;
    size_t count;
    const char *where = file_of(n, &(struct nomenclature){.name = list->name});
    uint32_t line = 0;

    if (code_rows_load(&n->arena, c->format, n->folder, list->name, n->sink, &rows, &count) == GW_OK)
        for (size_t i = 0; i < count && !line; i++)
            if (str_eq(code_of_pivot(&rows[i]), code)) {
                line = rows[i].line;
                where = arena_format(&n->arena, "%.*s", STR_ARG(rows[i].file));
            }
    nomenclatures_say(n, GW_ERROR, "list.no_code", where ? where : "", line, args, LEN(args));
}

static void pivots_check(struct nomenclatures *n, const struct codec *c, const struct codes *list,
                         const struct field *f)
{
    for (uint32_t i = 0; i < list->nlines; i++) {
        struct gw_str code = codes_text(list, list->lines[i].pivot);

        if ((list->lines[i].use & CODES_READ) && !codes_has(f->codes, code))
            code_missing(n, c, list, f, code);
    }
}

static void convs_check(struct nomenclatures *n, const struct codec *c, const struct convs *convs,
                        const struct field *f)
{
    struct gw_str otherwise;

    for (size_t i = 0; f->codes && f->codes->codes && i < convs->count; i++) {
        const struct codes *list = code_list(&convs->items[i], &otherwise);

        if (list && !list->missing && i + 1 == convs->count)
            pivots_check(n, c, list, f);
        if (list && otherwise.len && !codes_has(f->codes, otherwise))
            code_missing(n, c, list, f, otherwise);
    }
}

static void tie_check(struct nomenclatures *n, const struct codec *c, const struct tie *tie)
{
    if (!tie->ntargets || (tie->use & USE_WRITE))
        return;
    if (tie->form == FORM_SPLIT)
        for (size_t k = 0; k < tie->ntargets && tie->ntemplates; k++)
            convs_check(n, c, &tie->templates[0].holes[k].convs, tie->targets[k].field);
    else if (tie->form == FORM_VALUE || tie->form == FORM_LIST || tie->form == FORM_JOIN)
        convs_check(n, c, &tie->convs, tie->targets[0].field);
}

/* Faults of the tables are said as they are loaded. */
static enum gw_result formats_check(struct nomenclatures *n)
{
    struct gw_str *names;
    size_t count;
    enum gw_result r = formats_list(&n->arena, n->engine->formats, &names, &count);

    for (size_t i = 0; r == GW_OK && i < count; i++) {
        struct codec c;
        enum gw_result opened = codec_open(&c, n->engine, names[i], (struct gw_str){NULL, 0}, n->sink);

        n->faulty |= opened != GW_OK;
        for (size_t k = 0; opened == GW_OK && c.table && k < c.table->nties; k++)
            tie_check(n, &c, c.table->ties[k]);
        r = opened == GW_FATAL ? opened : GW_OK;
        codec_close(&c);
    }
    return r;
}

enum exit_code nomenclatures_check(struct invocation *in, struct nomenclatures *n)
{
    const char *name = in->noperands > 1 ? in->operands[1] : NULL;
    enum gw_result r = GW_OK;

    if (name && !nomenclatures_find(n, str_of(name))) {
        complain(in, "nomenclature inconnue (voyez passerelle nomenclatures)",
                 "unknown nomenclature (see passerelle nomenclatures)", name);
        return EXIT_USAGE;
    }
    for (size_t i = 0; r == GW_OK && i < n->count; i++) {
        const struct nomenclature *l = &n->items[i];

        if (name && !str_is(l->name, name))
            continue;
        source_check(n, l);
        age_check(n, l);
        leads_check(n, l);
        r = rows_check(n, l);
    }
    if (r == GW_OK)
        r = formats_check(n);
    if (r == GW_OK)
        r = layouts_check(n);
    return r != GW_OK ? exit_of(r, false) : n->faulty ? EXIT_REJECTS : EXIT_DONE;
}
