/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows and cells of a sheet, from the parser into the grid. What a cell is, its type and its style say. */
#include "table/date.h"
#include "table/number.h"

#include "xlsx.h"

static void settle(struct part *p, struct xlsx_reader *x, enum gw_result r)
{
    if (r != GW_OK)
        part_stop(p, sheet_grid(&x->sheet, r));
}

static enum gw_result damaged(struct xlsx_reader *x, const char *what)
{
    struct gw_arg arg = {"what", {what, strlen(what)}};

    return gw_fail(x->sheet.s, x->sheet.at, x->sheet.codes->zip.damaged, &arg, 1);
}

/* ---- where ---- */

/* "AB12" is column 27; without letters: `other`. */
static uint32_t column_of(struct gw_str ref, uint32_t other)
{
    uint32_t n = 0;

    for (size_t i = 0; i < ref.len && i < 4; i++) {
        char c = ref.ptr[i] & ~0x20;

        if (c < 'A' || c > 'Z')
            break;
        n = n * 26 + (uint32_t)(c - 'A' + 1);
    }
    return n ? n - 1 : other;
}

/* "AB12": its row, from 1; 0: none. */
static uint32_t row_of(struct gw_str ref)
{
    size_t i = 0;

    while (i < ref.len && (ref.ptr[i] < '0' || ref.ptr[i] > '9'))
        i++;
    return part_number((struct gw_str){ref.ptr + i, ref.len - i}, 0);
}

/* "A2:A5". Without rows, or backwards, it covers nothing. */
static enum gw_result take_merge(struct xlsx_reader *x, struct gw_str ref)
{
    const char *colon = ref.len ? memchr(ref.ptr, ':', ref.len) : NULL;
    struct gw_str from = {ref.ptr, colon ? (size_t)(colon - ref.ptr) : ref.len};
    struct gw_str to = {colon ? colon + 1 : ref.ptr, colon ? ref.len - from.len - 1 : ref.len};
    struct merge m = {row_of(from), row_of(to), column_of(from, 0), column_of(to, 0)};

    if (!m.row || m.last_row < m.row || m.last_column < m.column || m.last_column >= GRID_COLUMNS)
        return GW_OK;
    return merge_add(x->sheet.s, &x->sheet.merges, m);
}

static void row_begin(struct part *p, struct xlsx_reader *x, const xmlChar **attributes, int n)
{
    x->row = part_number(part_value(attributes, n, x->names.r), x->row + 1);
    x->cell.column = UINT32_MAX;
    x->sheet.at = (struct gw_place){0, x->row, 1};
    if (x->sheet.grid.open)
        part_stop(p, damaged(x, "row"));
    else
        settle(p, x, grid_begin(&x->sheet.grid, x->row, 1));
}

static void cell_begin(struct part *p, struct xlsx_reader *x, const xmlChar **attributes, int n)
{
    struct xlsx_cell *c = &x->cell;
    uint32_t column = column_of(part_value(attributes, n, x->names.r), c->column + 1);
    struct gw_str type = part_value(attributes, n, x->names.t);
    size_t len = type.len < sizeof(c->type_room) ? type.len : sizeof(c->type_room);

    if (!x->sheet.grid.open || c->open) {
        part_stop(p, damaged(x, "c"));
        return;
    }
    *c = (struct xlsx_cell){
        .column = column, .style = part_number(part_value(attributes, n, x->names.s), 0), .open = true};
    grid_mark(&x->sheet.grid);
    if (len)
        memcpy(c->type_room, type.ptr, len);
    c->type = (struct gw_str){c->type_room, len};
    x->sheet.at.column = column + 1;
}

/* ---- what ---- */

static enum gw_result put(struct xlsx_reader *x, enum gw_kind kind, struct gw_str text)
{
    struct grid *g = &x->sheet.grid;
    enum gw_result r;

    g->len = g->mark;
    r = grid_add(g, text.ptr, text.len);
    return r == GW_OK ? grid_cell(g, x->cell.column, kind, (struct gw_str){NULL, 0}) : r;
}

static enum gw_result put_shared(struct xlsx_reader *x, struct gw_str text)
{
    struct gw_str shared;

    if (!xlsx_string(&x->strings, part_number(text, UINT32_MAX), &shared))
        return damaged(x, "sharedStrings");
    return grid_cell(&x->sheet.grid, x->cell.column, GW_TEXT, shared);
}

static enum gw_result put_number(struct xlsx_reader *x, struct gw_str text)
{
    const struct sheet_config *config = x->sheet.config;
    struct xlsx_style style = xlsx_style_of(&x->styles, x->cell.style);
    char room[NUMBER_ROOM];
    struct gw_str plain;

    if (style.shown != SHOWN_PLAIN && xlsx_serial(text, x->book.from_1904, (enum xlsx_shown)style.shown,
                                                  config->dates == DATES_FRENCH, room, &plain))
        return put(x, GW_TEXT, plain);
    if (!number_plain(text, room, &plain))
        return put(x, GW_TEXT, text);
    if (style.digits > plain.len) {
        memmove(room, plain.ptr, plain.len);
        return put(x, GW_TEXT, number_pad((struct gw_str){room, plain.len}, style.digits, room));
    }
    if (config->comma)
        number_comma(plain, room);
    return put(x, GW_NUMBER, plain);
}

static enum gw_result put_truth(struct xlsx_reader *x, struct gw_str text)
{
    bool truth = part_is(text, "1") || part_is(text, "true");

    return put(x, truth ? GW_TRUE : GW_FALSE, truth ? GW_STR("true") : GW_STR("false"));
}

static enum gw_result put_text(struct xlsx_reader *x)
{
    struct grid *g = &x->sheet.grid;

    g->len = g->mark + xlsx_unescape(g->text + g->mark, g->len - g->mark);
    return grid_cell(g, x->cell.column, GW_TEXT, (struct gw_str){NULL, 0});
}

static enum gw_result put_day(struct xlsx_reader *x, struct gw_str text)
{
    char room[DATE_ROOM];

    return put(x, GW_TEXT, date_of_iso(text, x->sheet.config->dates == DATES_FRENCH, room));
}

static enum gw_result put_cell(struct xlsx_reader *x)
{
    struct xlsx_cell *c = &x->cell;
    struct grid *g = &x->sheet.grid;
    struct gw_str text = grid_open(g);
    char copy[64];

    if (text.len == 0)
        return GW_OK;
    if (part_is(c->type, "s"))
        return put_shared(x, text);
    if (part_is(c->type, "str") || part_is(c->type, "inlineStr"))
        return put_text(x);
    if (part_is(c->type, "e")) {
        sheet_warn_error(&x->sheet, text);
        g->len = g->mark;
        return GW_OK;
    }
    if (text.len > sizeof(copy))
        return put_text(x);
    memcpy(copy, text.ptr, text.len); /* what is put goes to the same place */
    text.ptr = copy;
    if (part_is(c->type, "b"))
        return put_truth(x, text);
    return part_is(c->type, "d") ? put_day(x, text) : put_number(x, text);
}

static void cell_end(struct part *p, struct xlsx_reader *x)
{
    struct xlsx_cell *c = &x->cell;

    c->open = false;
    if (c->formula && !c->any)
        sheet_warn_formula(&x->sheet);
    settle(p, x, put_cell(x));
}

/* ---- the part ---- */

static void start(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    struct xlsx_reader *x = p->context;
    const struct xlsx_names *names = &x->names;
    struct xlsx_cell *c = &x->cell;

    if (name == names->c) {
        cell_begin(p, x, attributes, n);
    } else if (name == names->v || name == names->t) {
        c->in_text = c->open && c->aside == 0;
        c->any |= c->in_text;
    } else if (name == names->row) {
        row_begin(p, x, attributes, n);
    } else if (name == names->rph) {
        c->aside++;
    } else if (name == names->f) {
        c->formula = true;
    } else if (name == names->merge && x->sheet.config->merged == MERGED_FIRST) {
        settle(p, x, take_merge(x, part_value(attributes, n, names->ref)));
    }
}

static void end(struct part *p, const xmlChar *name)
{
    struct xlsx_reader *x = p->context;
    const struct xlsx_names *names = &x->names;

    if (name == names->v || name == names->t)
        x->cell.in_text = false;
    else if (name == names->c && x->cell.open)
        cell_end(p, x);
    else if (name == names->row && x->sheet.grid.open)
        grid_end(&x->sheet.grid);
    else if (name == names->rph && x->cell.aside)
        x->cell.aside--;
}

static void text_in(struct part *p, const char *text, size_t len)
{
    struct xlsx_reader *x = p->context;

    if (x->cell.in_text)
        settle(p, x, grid_add(&x->sheet.grid, text, len));
}

static const struct part_handlers handlers = {.start = start, .end = end, .text = text_in};

static void only_merges(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    struct xlsx_reader *x = p->context;

    if (name == x->names.merge)
        settle(p, x, take_merge(x, part_value(attributes, n, x->names.ref)));
}

static void nothing(struct part *p, const xmlChar *name)
{
    (void)p;
    (void)name;
}

static bool intern(struct part *p, struct xlsx_names *n)
{
    const struct {
        const xmlChar **to;
        const char *name;
    } words[] = {{&n->row, "row"},         {&n->c, "c"},    {&n->v, "v"}, {&n->t, "t"},
                 {&n->rph, "rPh"},         {&n->f, "f"},    {&n->r, "r"}, {&n->s, "s"},
                 {&n->merge, "mergeCell"}, {&n->ref, "ref"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        *words[i].to = part_intern(p, words[i].name);
        if (!*words[i].to)
            return false;
    }
    return true;
}

/* They stand behind the rows: where rows need them, the sheet is read twice. */
static enum gw_result read_merges(struct xlsx_reader *x, struct gw_str name)
{
    static const struct part_handlers merges = {.start = only_merges, .end = nothing};
    struct sheet *sh = &x->sheet;
    enum gw_result r = part_open(&sh->part, &sh->zip, name, &sh->codes->part, &merges, x);

    if (r == GW_OK && !intern(&sh->part, &x->names))
        r = GW_FATAL;
    while (r == GW_OK)
        r = part_feed(&sh->part);
    part_close(&sh->part);
    merge_sort(&sh->merges);
    return r == GW_END ? GW_OK : r;
}

enum gw_result xlsx_sheet_begin(struct sheet *sh, uint32_t rank)
{
    struct xlsx_reader *x = (struct xlsx_reader *)sh;
    const struct xlsx_place *place;
    struct gw_arg arg;
    enum gw_result r;

    part_close(&sh->part);
    if (rank >= x->book.count)
        return GW_END;
    place = &x->book.sheets[rank];
    sh->name = place->name;
    sh->hidden = place->hidden;
    x->row = 0;
    x->cell = (struct xlsx_cell){0};
    r = sh->config->merged == MERGED_REPEAT ? read_merges(x, place->part) : GW_OK;
    if (r != GW_OK)
        return r;
    r = part_open(&sh->part, &sh->zip, place->part, &sh->codes->part, &handlers, x);
    arg = (struct gw_arg){"part", place->part.len ? place->part : place->name};
    if (r == GW_END)
        return gw_fail(sh->s, (struct gw_place){0}, sh->codes->part.missing, &arg, 1);
    if (r != GW_OK)
        return r;
    return intern(&sh->part, &x->names) ? GW_OK : GW_FATAL;
}

enum gw_result xlsx_sheet_feed(struct sheet *sh)
{
    return part_feed(&sh->part);
}
