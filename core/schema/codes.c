/* SPDX-License-Identifier: EUPL-1.2 */
/* Code lists of the pivot: codes/NAME.csv beside the schemas, columns code;fr;en. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/str.h"
#include "schema/load.h"

enum { LISTS_MAX = 1024, LIST_BYTES_MAX = 16 << 20 };

static int by_text(const void *a, const void *b)
{
    return str_compare(*(const struct gw_str *)a, *(const struct gw_str *)b);
}

static uint32_t slot_of(const struct pivot_codes *codes, uint64_t key)
{
    return (uint32_t)(key * 0x9e3779b97f4a7c15u >> 32) & codes->mask;
}

static bool has_key(const struct pivot_codes *codes, uint64_t key)
{
    uint32_t slot = slot_of(codes, key);

    while (codes->keys[slot] && codes->keys[slot] != key)
        slot = (slot + 1) & codes->mask;
    return key && codes->keys[slot] == key;
}

bool codes_has(const struct pivot_codes *codes, struct gw_str code)
{
    size_t low = 0, high = codes->count;

    if (!codes->codes)
        return true;
    if (codes->keys)
        return has_key(codes, str_key(code));
    while (low < high) {
        size_t middle = (low + high) / 2;
        int c = str_compare(code, codes->codes[middle]);

        if (c == 0)
            return true;
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool list_name(struct gw_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (i && ((c >= '0' && c <= '9') || c == '_'))))
            return false;
    }
    return name.len > 0 && name.len < 64;
}

/* A fault of the list itself: its place is a line of the CSV, not one of the schema. */
static void row_fault(struct loader *l, const char *path, uint32_t line, const char *code, struct gw_str found)
{
    struct diag d = {.severity = GW_ERROR, .code = code, .file = str_of(path), .line = line, .column = 1};
    const struct gw_arg arg = {"found", found};

    d.byte = UINT64_MAX;
    d.args = &arg;
    d.nargs = 1;
    l->sink->put(l->sink, &d);
    l->failed = true;
}

static enum gw_result header_check(struct loader *l, const char *path, struct csv *rows)
{
    struct gw_str cells[3];
    size_t n = 0;
    enum gw_result r = csv_row(rows, cells, 3, &n);

    if (r == GW_FATAL)
        return r;
    if (r == GW_OK && n == 3 && str_is(cells[0], "code") && str_is(cells[1], "fr") && str_is(cells[2], "en"))
        return GW_OK;
    row_fault(l, path, 1, "schema.list_row", r == GW_OK ? cells[0] : GW_STR(""));
    return GW_REJECT;
}

/* `codes` has room for every line of the text. */
static enum gw_result rows_read(struct loader *l, const char *path, struct csv *rows, struct gw_str *codes,
                                size_t *ret_n)
{
    struct gw_str cells[3];
    enum gw_result r;
    size_t n = 0;

    while ((r = csv_row(rows, cells, 3, &n)) != GW_END) {
        if (r == GW_FATAL)
            return r;
        if (r == GW_REJECT || n != 3 || !cells[0].len || !str_valid(cells[0])) {
            row_fault(l, path, rows->line, "schema.list_row", r == GW_OK ? cells[0] : GW_STR(""));
            continue;
        }
        codes[*ret_n] = arena_copy(l->m->arena, cells[0]);
        if (!codes[(*ret_n)++].ptr)
            return GW_FATAL;
    }
    return GW_OK;
}

/* Most lists are of short codes. */
static bool keys_make(struct loader *l, struct pivot_codes *list)
{
    uint32_t size = 4;
    uint64_t *keys;

    while (size < 2 * list->count)
        size *= 2;
    keys = arena_array(l->m->arena, size, sizeof(*keys));
    list->mask = size - 1;
    for (size_t i = 0; keys && i < list->count; i++) {
        uint64_t key = str_key(list->codes[i]);
        uint32_t slot = slot_of(list, key);

        if (!key)
            return true;
        while (keys[slot])
            slot = (slot + 1) & list->mask;
        keys[slot] = key;
    }
    list->keys = keys;
    return keys != NULL;
}

static enum gw_result list_parse(struct loader *l, const char *path, struct gw_str text,
                                 struct pivot_codes *list)
{
    struct gw_str *codes;
    struct csv rows;
    size_t lines = 1, n = 0;
    enum gw_result r;

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    codes = arena_array(l->m->arena, lines, sizeof(*codes));
    if (!codes)
        return GW_FATAL;
    csv_open(&rows, l->m->arena, text);
    r = header_check(l, path, &rows);
    if (r == GW_OK)
        r = rows_read(l, path, &rows, codes, &n);
    if (r != GW_OK)
        return r;
    qsort(codes, n, sizeof(*codes), by_text);
    for (size_t i = 1; i < n; i++)
        if (str_eq(codes[i], codes[i - 1]))
            row_fault(l, path, 0, "schema.list_twice", codes[i]);
    list->codes = codes;
    list->count = n;
    return keys_make(l, list) ? GW_OK : GW_FATAL;
}

/* GW_END: there is no such file. */
static enum gw_result list_load(struct loader *l, struct pivot_codes *list)
{
    const char *path =
        arena_format(l->m->arena, "%.*s/codes/%.*s.csv", STR_ARG(l->folder), STR_ARG(list->name));
    enum gw_result r;
    struct buf text;

    if (!path)
        return GW_FATAL;
    buf_init(&text, LIST_BYTES_MAX);
    r = buf_read_file(&text, path);
    if (r != GW_OK)
        r = errno == ENOENT ? GW_END : GW_REJECT;
    else
        r = list_parse(l, path, buf_view(&text), list);
    buf_done(&text);
    return r;
}

static struct pivot_codes *list_new(struct model *m, struct gw_str name)
{
    if (!m->lists)
        m->lists = arena_array(m->arena, LISTS_MAX, sizeof(*m->lists));
    if (!m->lists || m->nlists == LISTS_MAX)
        return NULL;
    m->lists[m->nlists] = (struct pivot_codes){.name = name};
    return &m->lists[m->nlists++];
}

enum gw_result codes_read(struct loader *l, const struct way *way, const struct spec *spec,
                          const struct pivot_codes **ret)
{
    struct pivot_codes *list = NULL;
    enum gw_result r;

    *ret = NULL;
    for (size_t i = 0; i < l->m->nlists && !*ret; i++)
        if (str_eq(l->m->lists[i].name, spec->codes))
            *ret = &l->m->lists[i];
    if (*ret)
        return GW_OK;
    if (!list_name(spec->codes)) {
        load_fault(l, way, "schema.name", spec->codes, NULL);
        return GW_REJECT;
    }
    *ret = list = list_new(l->m, spec->codes);
    if (!list)
        return GW_FATAL;
    r = l->folder.ptr ? list_load(l, list) : GW_OK;
    if (r == GW_END && spec->open)
        return GW_OK;
    if (r == GW_END)
        load_fault(l, way, "schema.list_missing", spec->codes, NULL);
    return r == GW_END ? GW_REJECT : r;
}
