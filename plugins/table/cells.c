/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/cells.h"

#include <string.h>

enum gw_result cells_open(struct gw_session *s, struct cells *c, const struct cells_codes *codes)
{
    const struct gw_stream *stream = s->stream;
    uint16_t most = 0;

    c->codes = codes;
    if (stream->ncolumns == 0 || stream->ncolumns > UINT16_MAX)
        return gw_fail(s, (struct gw_place){0}, codes->columns, NULL, 0);
    for (size_t i = 0; i < stream->ncolumns; i++)
        most = stream->columns[i].name > most ? stream->columns[i].name : most;
    c->count = (uint32_t)stream->ncolumns;
    c->symbols = most + 1u;
    c->columns = gw_keep(s, c->symbols * sizeof(*c->columns));
    c->items = gw_keep(s, stream->ncolumns * sizeof(*c->items));
    if (!c->columns || !c->items)
        return GW_FATAL;
    memset(c->columns, 0, c->symbols * sizeof(*c->columns));
    for (size_t i = 0; i < stream->ncolumns; i++)
        c->columns[stream->columns[i].name] = (uint16_t)(i + 1);
    return GW_OK;
}

enum gw_result cells_refuse(struct gw_session *s, uint32_t column, const char *code)
{
    struct gw_arg arg = {"column", gw_name_text(s, s->stream->columns[column].name)};

    return gw_reject(s, (struct gw_place){0}, code, &arg, 1);
}

enum gw_result cells_place(struct gw_session *s, struct cells *c, const struct gw_node *root, size_t *ret_bytes)
{
    memset(c->items, 0, c->count * sizeof(*c->items));
    *ret_bytes = 0;
    for (const struct gw_node *node = root->first; node; node = node->next) {
        uint32_t column = node->name < c->symbols ? c->columns[node->name] : 0;

        if (column == 0) {
            struct gw_arg arg = {"column", gw_name_text(s, node->name)};

            return gw_fail(s, (struct gw_place){0}, c->codes->unknown, &arg, 1);
        }
        if (node->first || node->kind >= GW_LIST || c->items[column - 1])
            return cells_refuse(s, column - 1, c->codes->nested);
        c->items[column - 1] = node;
        *ret_bytes += node->len;
    }
    return GW_OK;
}

bool cells_writable(struct gw_str text)
{
    const char *p = text.ptr, *end = p + text.len;

    while (text.len && (p = memchr(p, '\xEF', (size_t)(end - p)))) {
        if (end - p >= 3 && p[1] == '\xBF' && ((unsigned char)p[2] & 0xFE) == 0xBE)
            return false;
        p++;
    }
    return true;
}

bool cells_empty(const struct cells *cells)
{
    for (uint32_t i = 0; i < cells->count; i++)
        if (cells_text(cells->items[i]).len)
            return false;
    return true;
}
