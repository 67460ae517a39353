/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Code lists as they are written: codes/NAME.csv of the format and its ancestors, else the shared
 * one. The shared may be large: its rows are handed on one by one, as views of the text.
 */
#include "gw/session.h"
#include "mapping/cursor.h"
#include "mapping/format.h"

enum { CODE_NATIVE, CODE_PIVOT, CODE_LABEL, CODE_FROM, CODE_TO, CODE_USE, CODE_WHEN, CODE_CELLS };

static const char *const code_cells[CODE_CELLS] = {"native", "pivot", "label", "from", "to", "use", "when"};

/* One file of a list. */
struct code_file {
    struct gw_str file; /* path */
    struct gw_str name; /* "child/codes/role.csv" */
    struct gw_str text;
    struct code_row *rows; /* when several files are laid over each other */
    size_t count;
};

/* Who takes a row. */
struct taker {
    enum gw_result (*take)(void *to, const struct code_row *row);
    void *to;
};

/* One file being read. */
struct code_reader {
    struct loader *l;
    const struct code_file *from;
    struct csv csv;
    size_t at[CODE_CELLS]; /* where each cell stands in a row; CODE_CELLS: nowhere */
    size_t width;
    bool usual;         /* the first columns are native, pivot, label */
    struct gw_str tail; /* what stands behind them in the row before; absent: it is nothing to go by */
};

static void complain(struct code_reader *c, const char *code, int cell, struct gw_str found,
                     const char *expected)
{
    loader_complain(c->l, &(struct complaint){.code = code,
                                              .file = c->from->file,
                                              .line = c->csv.line,
                                              .found = found,
                                              .expected = expected,
                                              .in = cell < 0 ? NULL : code_cells[cell]});
}

/* ---- one file ---- */

static void header_cell(struct code_reader *c, struct gw_str cell, size_t at)
{
    for (size_t i = 0; i < CODE_CELLS; i++)
        if (str_is(cell, code_cells[i]) && c->at[i] == CODE_CELLS) {
            c->at[i] = at;
            return;
        }
    complain(c, "codes.header", -1, cell, str_nearest(cell, code_cells, CODE_CELLS));
}

static bool header_read(struct code_reader *c)
{
    struct gw_str cells[CODE_CELLS];
    enum gw_result r = csv_row(&c->csv, cells, CODE_CELLS, &c->width);

    if (r != GW_OK || c->width > CODE_CELLS) {
        c->l->out_of_memory |= r == GW_FATAL;
        complain(c, "codes.header", -1, GW_STR(""), "native;pivot;label;from;to;use;when");
        return false;
    }
    for (size_t i = 0; i < CODE_CELLS; i++)
        c->at[i] = CODE_CELLS;
    for (size_t i = 0; i < c->width; i++)
        header_cell(c, cells[i], i);
    c->usual = c->at[CODE_NATIVE] == 0 && c->at[CODE_PIVOT] == 1 && c->at[CODE_LABEL] == 2;
    if (c->at[CODE_NATIVE] == CODE_CELLS)
        complain(c, "codes.header", -1, cells[0], "native");
    return !c->l->failed;
}

static bool number_within(const char *two, int from, int to)
{
    int n = (two[0] - '0') * 10 + two[1] - '0';

    return str_digits((struct gw_str){two, 2}) && n >= from && n <= to;
}

/* YYYY-MM-DD; whether the month has that day is nobody's concern here. */
static bool is_day(struct gw_str s)
{
    return s.len == 10 && s.ptr[4] == '-' && s.ptr[7] == '-' && str_digits((struct gw_str){s.ptr, 4}) &&
           number_within(s.ptr + 5, 1, 12) && number_within(s.ptr + 8, 1, 31);
}

static void use_parse(struct code_reader *c, struct gw_str cell, unsigned *ret)
{
    static const char *const words[] = {"read", "write"};
    struct gw_str word;

    while ((word = word_next(&cell)).len) {
        if (str_is(word, "read"))
            *ret |= USE_READ;
        else if (str_is(word, "write"))
            *ret |= USE_WRITE;
        else
            complain(c, "codes.use", CODE_USE, word, str_nearest(word, words, 2));
    }
}

/* `cells` has an empty one at CODE_CELLS, for those that the file has not. */
static void row_fill(struct code_reader *c, const struct gw_str *cells, struct code_row *ret)
{
    *ret = (struct code_row){.native = cells[c->at[CODE_NATIVE]],
                             .pivot = cells[c->at[CODE_PIVOT]],
                             .label = cells[c->at[CODE_LABEL]],
                             .from = cells[c->at[CODE_FROM]],
                             .to = cells[c->at[CODE_TO]],
                             .when = cells[c->at[CODE_WHEN]],
                             .line = c->csv.line,
                             .file = c->from->name};
    if (cells[c->at[CODE_USE]].len)
        use_parse(c, cells[c->at[CODE_USE]], &ret->use);
    if (!ret->native.len)
        complain(c, "codes.native", CODE_NATIVE, ret->native, NULL);
    if (ret->from.len && !is_day(ret->from))
        complain(c, "codes.date", CODE_FROM, ret->from, "YYYY-MM-DD");
    if (ret->to.len && !is_day(ret->to))
        complain(c, "codes.date", CODE_TO, ret->to, "YYYY-MM-DD");
}

/* What stands behind the label, if that row is good and a line without quotes. */
static struct gw_str tail_of(const struct code_reader *c, const char *row, struct gw_str label)
{
    const char *end = c->csv.left.ptr, *tail = label.ptr + label.len + 1;

    if (!c->usual || c->width < 4 || c->l->failed || end[-1] != '\n' || memchr(row, '"', (size_t)(end - row)))
        return (struct gw_str){NULL, 0};
    return (struct gw_str){tail, (size_t)(end - tail)};
}

/* The next row, if it differs from the one before in native, pivot and label only. */
static bool row_alike(struct code_reader *c, struct code_row *row)
{
    struct gw_str cells[3];

    if (!c->tail.len || c->csv.left.ptr[0] == ';' || !csv_row_ending(&c->csv, c->tail, cells, 3))
        return false;
    row->native = cells[0];
    row->pivot = cells[1];
    row->label = cells[2];
    row->line = c->csv.line;
    row->alike = true;
    return true;
}

/* GW_END: no more. GW_REJECT: it is said what is wrong. */
static enum gw_result row_next(struct code_reader *c, struct code_row *row)
{
    struct gw_str cells[CODE_CELLS + 1];
    const char *from = c->csv.left.ptr;
    size_t n = 0;
    char room[20];
    enum gw_result r;

    if (row_alike(c, row))
        return GW_OK;
    cells[CODE_CELLS] = GW_STR("");
    r = csv_row(&c->csv, cells, CODE_CELLS, &n);
    if (r == GW_REJECT || (r == GW_OK && n != c->width)) {
        complain(c, r == GW_REJECT ? "mapping.csv" : "codes.cells", -1, gw_digits(n, room), NULL);
        r = GW_REJECT;
    }
    c->tail = (struct gw_str){NULL, 0};
    if (r != GW_OK)
        return r;
    row_fill(c, cells, row);
    c->tail = tail_of(c, from, row->label);
    return GW_OK;
}

static enum gw_result rows_each(struct code_reader *c, const struct taker *taker)
{
    struct code_row row;
    enum gw_result r;

    while ((r = row_next(c, &row)) == GW_OK || r == GW_REJECT) {
        if (r == GW_OK)
            r = taker->take(taker->to, &row);
        if (r != GW_OK && r != GW_REJECT)
            return r;
    }
    return r == GW_END ? GW_OK : r;
}

static enum gw_result text_each(struct loader *l, const struct code_file *from, const struct taker *taker)
{
    struct code_reader c = {.l = l, .from = from};

    csv_open(&c.csv, l->arena, from->text);
    if (!header_read(&c))
        return loader_result(l);
    return rows_each(&c, taker);
}

/* ---- which files ---- */

/* GW_END: not there. */
static enum gw_result text_open(struct loader *l, struct gw_str folder, const char *name, struct gw_str list,
                                struct code_file *ret)
{
    struct complaint what = {0};
    enum gw_result r;

    ret->file = str_of(arena_format(l->arena, "%.*s/%.*s.csv", STR_ARG(folder), STR_ARG(list)));
    ret->name = str_of(arena_format(l->arena, "%s/%.*s.csv", name, STR_ARG(list)));
    if (!ret->file.ptr || !ret->name.ptr)
        return GW_FATAL;
    r = file_text(l->arena, ret->file, CODES_MAX, &ret->text, &what.line);
    if (r != GW_FAIL && r != GW_REJECT)
        return r;
    what.code = r == GW_REJECT ? "format.utf8" : "format.file";
    what.file = ret->file;
    loader_complain(l, &what);
    return GW_FAIL;
}

/* The list in the folders of the chain, the ancestor first. */
static enum gw_result chain_open(struct loader *l, const struct format *f, struct gw_str list,
                                 struct code_file *ret, size_t *ret_n)
{
    for (size_t i = 0; i < f->nchain; i++) {
        const char *name = arena_format(l->arena, "%.*s/codes", STR_ARG(f->chain[i]));
        struct gw_str folder = name ? path_join(l->arena, f->formats, name) : (struct gw_str){NULL, 0};
        enum gw_result r = folder.ptr ? text_open(l, folder, name, list, &ret[*ret_n]) : GW_FATAL;

        *ret_n += r == GW_OK;
        if (r != GW_OK && r != GW_END)
            return r;
    }
    return GW_OK;
}

static enum gw_result texts_open(struct loader *l, const struct format *f, struct gw_str shared,
                                 struct gw_str list, struct code_file *ret, size_t *ret_n)
{
    enum gw_result r = GW_OK;
    const char *slash, *folder;

    if (!name_is_plain(list, true))
        return GW_END;
    if (f)
        r = chain_open(l, f, list, ret, ret_n);
    if (r != GW_OK || *ret_n)
        return r;
    if (!shared.ptr)
        return GW_END;
    folder = arena_text(l->arena, shared);
    if (!folder)
        return GW_FATAL;
    slash = strrchr(folder, '/');
    *ret_n = 1;
    return text_open(l, shared, slash ? slash + 1 : folder, list, ret);
}

/* ---- the child's rows over its ancestors' ---- */

struct collection {
    struct code_row *rows;
    size_t count;
};

static enum gw_result collect(void *to, const struct code_row *row)
{
    struct collection *c = to;

    c->rows[c->count] = *row;
    c->rows[c->count++].alike = false;
    return GW_OK;
}

static size_t rows_most(const struct code_file *t)
{
    size_t n = 1;

    for (const char *p = t->text.ptr, *end = p + t->text.len;
         p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        n++;
    return n;
}

static enum gw_result text_collect(struct loader *l, struct code_file *t)
{
    struct collection c = {.rows = arena_array(l->arena, rows_most(t), sizeof(*t->rows))};
    enum gw_result r = c.rows ? text_each(l, t, &(struct taker){collect, &c}) : GW_FATAL;

    t->rows = c.rows;
    t->count = c.count;
    return r;
}

static bool replaced(const struct code_row *row, const struct code_file *below, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < below[i].count; k++)
            if (str_eq(below[i].rows[k].native, row->native))
                return true;
    return false;
}

static enum gw_result laid_over(struct loader *l, struct code_file *texts, size_t n, const struct taker *taker)
{
    enum gw_result r = GW_OK;

    for (size_t i = 0; i < n && r == GW_OK; i++)
        r = text_collect(l, &texts[i]);
    for (size_t i = 0; i < n && r == GW_OK; i++)
        for (size_t k = 0; k < texts[i].count && r == GW_OK; k++)
            if (!replaced(&texts[i].rows[k], texts + i + 1, n - i - 1))
                r = taker->take(taker->to, &texts[i].rows[k]);
    return r;
}

/* ---- the two ways to ask ---- */

enum gw_result code_rows_each(struct arena *a, const struct format *f, struct gw_str shared, struct gw_str list,
                              struct sink *sink, enum gw_result (*take)(void *to, const struct code_row *row),
                              void *to)
{
    struct loader l = {.arena = a, .sink = sink};
    struct code_file texts[CHAIN_MAX + 1] = {0};
    struct taker taker = {take, to};
    size_t n = 0;
    enum gw_result r = texts_open(&l, f, shared, list, texts, &n);

    if (r == GW_OK)
        r = n == 1 ? text_each(&l, &texts[0], &taker) : laid_over(&l, texts, n, &taker);
    return r == GW_OK ? loader_result(&l) : r;
}

enum gw_result code_rows_load(struct arena *a, const struct format *f, struct gw_str shared, struct gw_str list,
                              struct sink *sink, struct code_row **ret, size_t *ret_n)
{
    struct loader l = {.arena = a, .sink = sink};
    struct code_file texts[CHAIN_MAX + 1] = {0};
    struct collection all = {0};
    size_t n = 0, most = 0;
    enum gw_result r = texts_open(&l, f, shared, list, texts, &n);

    for (size_t i = 0; r == GW_OK && i < n; i++)
        most += rows_most(&texts[i]);
    if (r == GW_OK) {
        all.rows = arena_array(a, most, sizeof(*all.rows));
        r = all.rows ? GW_OK : GW_FATAL;
    }
    if (r == GW_OK)
        r = n == 1 ? text_each(&l, &texts[0], &(struct taker){collect, &all})
                   : laid_over(&l, texts, n, &(struct taker){collect, &all});
    *ret = all.rows;
    *ret_n = all.count;
    return r == GW_OK ? loader_result(&l) : r;
}
