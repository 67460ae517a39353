/* SPDX-License-Identifier: EUPL-1.2 */
/* The words of diagnostics: sorted by code, a search a diagnostic. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/diag.h"
#include "base/str.h"

enum { CATALOGUE_BYTES_MAX = 4 << 20 };

static int by_code(const void *a, const void *b)
{
    return str_compare(((const struct catalogue_entry *)a)->code, ((const struct catalogue_entry *)b)->code);
}

static void sort(struct catalogue *c)
{
    if (c->count)
        qsort(c->entries, c->count, sizeof(*c->entries), by_code);
}

static bool grow(struct catalogue *c)
{
    size_t room = c->room ? c->room * 2 : 256;
    struct catalogue_entry *entries;

    if (c->count < c->room)
        return true;
    entries = arena_array(c->arena, room, sizeof(*entries));
    if (!entries)
        return false;
    if (c->count)
        memcpy(entries, c->entries, c->count * sizeof(*entries));
    c->entries = entries;
    c->room = room;
    return true;
}

/* code;fr;en;advice_fr;advice_en */
static struct catalogue_entry entry_of(const struct gw_str cells[5])
{
    return (struct catalogue_entry){cells[0], {cells[1], cells[2]}, {cells[3], cells[4]}};
}

static bool is_header(const struct gw_str cells[5])
{
    static const char *const names[] = {"code", "fr", "en", "advice_fr", "advice_en"};

    for (int i = 0; i < 5; i++)
        if (!str_is(cells[i], names[i]))
            return false;
    return true;
}

static enum gw_result rows_load(struct catalogue *c, struct gw_str text)
{
    struct gw_str cells[5];
    struct csv rows;
    enum gw_result r;
    size_t n;

    csv_open(&rows, c->arena, text);
    r = csv_row(&rows, cells, 5, &n);
    if (r != GW_OK || n != 5 || !is_header(cells))
        return r == GW_FATAL ? r : GW_FAIL;
    while ((r = csv_row(&rows, cells, 5, &n)) == GW_OK && n == 5) {
        if (!grow(c))
            return GW_FATAL;
        c->entries[c->count++] = entry_of(cells);
    }
    return r == GW_END ? GW_OK : r == GW_FATAL ? r : GW_FAIL;
}

enum gw_result catalogue_load(struct catalogue *c, struct arena *arena, const char *path)
{
    struct gw_str text = {NULL, 0};
    struct buf b;
    enum gw_result r;

    *c = (struct catalogue){.arena = arena};
    buf_init(&b, CATALOGUE_BYTES_MAX);
    r = buf_read_file(&b, path);
    if (r == GW_OK)
        text = arena_copy(arena, buf_view(&b));
    buf_done(&b);
    if (r != GW_OK)
        return r;
    r = text.ptr ? rows_load(c, text) : GW_FATAL;
    if (r == GW_OK)
        sort(c);
    return r;
}

enum gw_result catalogue_add(struct catalogue *c, const struct gw_message *messages)
{
    size_t known = c->count;

    for (const struct gw_message *m = messages; m && m->code; m++) {
        const struct gw_str cells[] = {str_of(m->code), str_of(m->fr), str_of(m->en), str_of(m->advice_fr),
                                       str_of(m->advice_en)};
        struct catalogue_entry e = entry_of(cells);

        if (known && bsearch(&e, c->entries, known, sizeof(e), by_code))
            continue;
        if (!grow(c))
            return GW_FATAL;
        c->entries[c->count++] = e;
    }
    sort(c);
    return GW_OK;
}

const struct catalogue_entry *catalogue_find(const struct catalogue *c, const char *code)
{
    const struct catalogue_entry e = {.code = str_of(code)};

    return c->count ? bsearch(&e, c->entries, c->count, sizeof(e), by_code) : NULL;
}
