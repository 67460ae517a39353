/* SPDX-License-Identifier: EUPL-1.2 */
/* A revised list written in the place of the one there is, and the row that says where it is from. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/str.h"
#include "cli/edition.h"
#include "store/durable.h"

#define SOURCE_CELLS 4

/* ---- texts ---- */

static void cell_put(struct buf *b, struct gw_str text, bool first)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++)
        quoted |= text.ptr[i] == ';' || text.ptr[i] == '"' || text.ptr[i] == '\n' || text.ptr[i] == '\r';
    buf_text(b, first ? "" : ";");
    buf_text(b, quoted ? "\"" : "");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_char(b, '"');
        buf_char(b, text.ptr[i]);
    }
    buf_text(b, quoted ? "\"" : "");
}

static void row_put(struct buf *b, const struct code_row *row)
{
    const char *use = row->use == USE_READ    ? "read"
                      : row->use == USE_WRITE ? "write"
                      : row->use              ? "read write"
                                              : "";
    const struct gw_str cells[] = {row->native, row->pivot,  row->label, row->from,
                                   row->to,     str_of(use), row->when};

    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
        cell_put(b, cells[i], i == 0);
    buf_char(b, '\n');
}

static void list_text(const struct revision *r, struct buf *b)
{
    buf_text(b, "native;pivot;label;from;to;use;when\n");
    for (size_t i = 0; i < r->count; i++)
        row_put(b, &r->rows[i]);
}

/* All rows as they are, this list's with its new source and day; a new one at the end. */
static enum gw_result sources_text(const struct edition *e, struct gw_str source, struct buf *b)
{
    struct nomenclatures *n = e->lists;
    const char *path = arena_format(&n->arena, "%.*s/sources.csv", STR_ARG(n->folder));
    struct gw_str cells[SOURCE_CELLS];
    struct buf old;
    struct csv csv;
    bool found = false;
    size_t count;

    buf_init(&old, (size_t)1 << 20);
    if (!path || buf_read_file(&old, path) != GW_OK) {
        buf_done(&old);
        return GW_RETRY;
    }
    csv_open(&csv, &n->arena, buf_view(&old));
    while (csv_row(&csv, cells, SOURCE_CELLS, &count) == GW_OK) {
        if (count == SOURCE_CELLS && str_eq(cells[0], e->list->name)) {
            cells[2] = source;
            cells[3] = e->date;
            found = true;
        }
        for (size_t i = 0; i < count && i < SOURCE_CELLS; i++)
            cell_put(b, cells[i], i == 0);
        buf_char(b, '\n');
    }
    if (!found) {
        const struct gw_str row[] = {e->list->name, e->list->publisher, source, e->date};

        for (size_t i = 0; i < SOURCE_CELLS; i++)
            cell_put(b, row[i], i == 0);
        buf_char(b, '\n');
    }
    buf_done(&old);
    return GW_OK;
}

/* ---- what must hold ---- */

/* Days in order, and no code that means two things at a time: else formats that use it would not load. */
static bool rows_hold(const struct edition *e, const struct revision *r)
{
    struct gw_str file = str_of(arena_format(&e->lists->arena, "%.*s.csv", STR_ARG(e->list->name)));
    bool good = file.ptr != NULL;

    for (size_t i = 0; good && i < r->count; i++) {
        const struct code_row *x = &r->rows[i];
        const struct code_row *y = i + 1 < r->count && str_eq(x[1].native, x->native) ? x + 1 : NULL;
        struct gw_arg args[] = {{"found", x->native}, {"from", x->from}, {"to", x->to}};
        bool ends = !x->from.len || !x->to.len || str_compare(x->from, x->to) <= 0;
        bool apart = !y || x->use != y->use || !str_eq(x->when, y->when) ||
                     !str_eq(code_of_pivot(x), code_of_pivot(y)) ||
                     (x->to.len && str_compare(x->to, y->from) < 0);

        if (!ends)
            nomenclatures_say(e->lists, GW_ERROR, "list.days", file.ptr, 0, args, 3);
        if (!apart)
            nomenclatures_say(e->lists, GW_ERROR, "list.row_twice", file.ptr, 0, args, 1);
        good = ends && apart;
    }
    return good;
}

/* ---- files ---- */

static enum gw_result file_put(int folder, const char *name, const struct buf *b)
{
    struct durable d;
    enum gw_result r = b->failed ? GW_FATAL : durable_create(&d, folder, name, 0666);

    if (r != GW_OK)
        return r;
    r = durable_write(d.fd, b->data, b->len);
    if (r == GW_OK)
        r = durable_commit(&d);
    if (r != GW_OK)
        durable_abandon(&d);
    return r;
}

static enum gw_result files_put(const struct edition *e, const struct buf *list, const struct buf *sources)
{
    const char *name = arena_format(&e->lists->arena, "%.*s.csv", STR_ARG(e->list->name));
    int folder = open(e->lists->folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;
    enum gw_result r = folder < 0 ? GW_RETRY : name ? GW_OK : GW_FATAL;

    if (r == GW_OK)
        r = file_put(folder, name, list);
    if (r == GW_OK)
        r = file_put(folder, "sources.csv", sources);
    if (r == GW_OK)
        r = durable_sync(folder);
    error = errno;
    if (folder >= 0)
        (void)close(folder);
    errno = error;
    return r;
}

enum gw_result edition_write(const struct edition *e, const struct revision *r, struct gw_str source)
{
    struct buf list, sources;
    enum gw_result result = GW_OK;

    if (!rows_hold(e, r))
        return GW_FAIL;
    buf_init(&list, (size_t)64 << 20);
    buf_init(&sources, (size_t)1 << 20);
    list_text(r, &list);
    result = sources_text(e, source, &sources);
    if (result == GW_OK)
        result = files_put(e, &list, &sources);
    buf_done(&list);
    buf_done(&sources);
    return result;
}
