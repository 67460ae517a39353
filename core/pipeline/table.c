/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/table.h"

#include "base/str.h"
#include "pipeline/options.h"

const struct gw_plugin *table_plugin(const struct registry *r, const char *path)
{
    const char *dot = strrchr(path, '.');
    const struct gw_plugin *p = dot ? registry_plugin(r, str_of(dot + 1)) : NULL;

    return p && p->writer && p->flags & GW_TYPED && !(p->flags & GW_NESTED) ? p : NULL;
}

static struct gw_str not_set(void *context, const char *name)
{
    (void)context;
    (void)name;
    return (struct gw_str){NULL, 0};
}

static enum gw_result set_columns(struct table_out *t, const struct gw_str *heads, size_t n)
{
    enum gw_result result = names_init(&t->names, &t->arena, false);

    for (size_t i = 0; result == GW_OK && i < n && i < TABLE_COLUMNS; i++) {
        t->columns[i].name = names_add(&t->names, heads[i].ptr, heads[i].len);
        result = t->columns[i].name ? GW_OK : GW_FATAL;
        t->ncolumns++;
    }
    return result;
}

enum gw_result table_open(struct table_out *t, const struct gw_plugin *p, const char *path, int fd,
                          const struct gw_str *heads, size_t n, struct sink *sink)
{
    struct option_source source = {.get = not_set, .file = str_of(p->name), .sink = sink};
    struct session_stream stream = {.records = UINT64_MAX};
    enum gw_result result;

    *t = (struct table_out){.plugin = p, .open = true};
    arena_init(&t->arena, 0, 0);
    t->config = arena_zero(&t->arena, p->config_size + 1);
    result = t->config ? set_columns(t, heads, n) : GW_FATAL;
    if (result == GW_OK)
        result = options_fill(p, t->config, &source);
    if (result == GW_OK)
        result = fd < 0 ? output_open_path(&t->output, path, 0, sink)
                        : output_open_fd(&t->output, fd, str_of(path), 0, sink);
    stream.columns = t->columns;
    stream.ncolumns = t->ncolumns;
    if (result == GW_OK)
        result = session_open_writer(&t->session, p, t->config, &t->names, NULL, &stream, &t->output, sink);
    return t->result = result;
}

static bool is_number(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

void table_row(struct table_out *t, const struct gw_str *cells, uint32_t numbers)
{
    struct gw_node nodes[TABLE_COLUMNS] = {0}, root = {.kind = GW_MAP, .first = nodes};
    struct gw_record rec = {.root = &root};

    for (size_t i = 0; i < t->ncolumns; i++)
        nodes[i] = (struct gw_node){.name = t->columns[i].name,
                                    .text = cells[i].ptr,
                                    .len = (uint32_t)cells[i].len,
                                    .next = i + 1 < t->ncolumns ? &nodes[i + 1] : NULL,
                                    .kind = numbers >> i & 1 && is_number(cells[i]) ? GW_NUMBER : GW_TEXT};
    if (t->result == GW_OK)
        t->result = session_write(&t->session, &rec, ++t->rows);
}

enum gw_result table_close(struct table_out *t)
{
    enum gw_result closed;

    if (!t->open)
        return GW_OK;
    if (t->result == GW_OK)
        t->result = session_finish(&t->session, NULL);
    session_close(&t->session);
    closed = output_close(&t->output, t->result == GW_OK);
    arena_done(&t->arena);
    t->open = false;
    return t->result == GW_OK ? closed : t->result;
}
