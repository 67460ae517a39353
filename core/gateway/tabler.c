/* SPDX-License-Identifier: EUPL-1.2 */
/* One order to write a table for people: rows of ours, each a record of a plugin that writes workbooks. */
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "base/str.h"
#include "gateway/reject_rows.h"
#include "gateway/worker.h"
#include "pipeline/table.h"

enum gw_result worker_table_load(struct worker *w)
{
    struct engine *e = &w->engine;
    enum gw_result result = engine_words(e, &w->home, &w->complaints);

    if (result == GW_OK)
        result = registry_load(&e->registry, &e->arena, w->home.plugins, &w->complaints);
    if (result == GW_OK)
        result = registry_messages(&e->registry, &e->catalogue);
    if (result == GW_OK)
        w->table = table_plugin(&e->registry, arena_format(&w->arena, ".%.*s", STR_ARG(w->format)));
    return result == GW_OK && !w->table ? GW_FAIL : result;
}

/* A row may have fewer cells than there are columns. */
static enum gw_result next_row(struct csv *c, struct gw_str cells[TABLE_COLUMNS], size_t *ret_n)
{
    enum gw_result result = csv_row(c, cells, TABLE_COLUMNS, ret_n);

    for (size_t i = result == GW_OK ? *ret_n : 0; i < TABLE_COLUMNS; i++)
        cells[i] = GW_STR("");
    for (size_t i = 0; i < TABLE_COLUMNS; i++)
        cells[i] = csv_bare(cells[i]);
    return result;
}

static enum gw_result write_rows(struct worker *w, struct gw_str text, int to, struct answer *ret)
{
    struct gw_str cells[TABLE_COLUMNS];
    struct table_out t = {.open = false};
    struct csv c;
    size_t n = 0, mark;
    enum gw_result result, closed;

    csv_open(&c, &w->arena, str_begins(text, GW_STR("\xEF\xBB\xBF")) ? str_from(text, 3) : text);
    result = next_row(&c, cells, &n);
    if (result == GW_OK)
        result = table_open(&t, w->table, "-", to, cells, n, &w->complaints);
    mark = arena_mark(&w->arena);
    while (result == GW_OK && (result = next_row(&c, cells, &n)) == GW_OK) {
        table_row(&t, cells, REJECT_NUMBERS);
        result = t.result;
        arena_release(&w->arena, mark);
        __atomic_store_n(&w->page->done, ++ret->records, __ATOMIC_RELEASE);
    }
    closed = table_close(&t);
    return result == GW_END ? closed : result;
}

enum gw_result worker_table(struct worker *w, const int *fds, struct answer *ret)
{
    struct stat st;
    char *text;
    size_t len;
    enum gw_result result;

    if (fstat(fds[0], &st) != 0 || st.st_size <= 0)
        return GW_FATAL;
    len = (size_t)st.st_size;
    text = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fds[0], 0);
    if (text == MAP_FAILED)
        return GW_FATAL;
    result = write_rows(w, (struct gw_str){text, len}, fds[1], ret);
    (void)munmap(text, len);
    return result;
}
