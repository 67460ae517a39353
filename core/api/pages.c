/* SPDX-License-Identifier: EUPL-1.2 */
/* What a format asks for, and what the API is: JSON that does not change while the process lives. */
#include "api/api.h"
#include "base/str.h"
#include "mapping/syntax.h"

#define PAGE_MAX ((size_t)8 << 20)

static void member(struct buf *out, const char *name, struct gw_str text)
{
    buf_format(out, ",\"%s\":", name);
    if (text.len)
        buf_json(out, text);
    else
        buf_text(out, "null");
}

static void put_line(struct buf *out, const struct line *l, size_t *n)
{
    const struct gw_str *cells = l->cells;

    if (l->kind != LINE_FIELD || !cells[CELL_PATH].len)
        return;
    buf_text(out, (*n)++ ? ",{\"path\":" : "{\"path\":");
    buf_json(out, cells[CELL_PATH]);
    member(out, "resource", cells[CELL_RESOURCE]);
    member(out, "field", cells[CELL_FIELD]);
    member(out, "as", cells[CELL_AS]);
    member(out, "use", cells[CELL_USE]);
    member(out, "note", cells[CELL_NOTE]);
    buf_char(out, '}');
}

static void put_format(struct buf *out, const struct format *f, enum lang lang)
{
    size_t n = 0;

    buf_text(out, "{\"name\":");
    buf_json(out, f->name);
    member(out, "label", f->label[lang]);
    member(out, "summary", f->summary[lang]);
    buf_text(out, ",\"fields\":[");
    for (size_t i = 0; i < f->lines.count; i++)
        put_line(out, &f->lines.items[i], &n);
    buf_text(out, "]}\n");
}

static enum gw_result make_format(struct api *a, const struct api_options *o, size_t flow, struct arena *arena)
{
    struct arena scratch;
    struct format *f;
    struct buf page;
    enum gw_result result;

    arena_init(&scratch, 65536, 0);
    buf_init(&page, PAGE_MAX);
    result = format_load(&scratch, o->formats, o->conf->flows[flow].format, o->sink, &f);
    for (int lang = LANG_FR; result == GW_OK && lang <= LANG_EN; lang++) {
        buf_clear(&page);
        put_format(&page, f, (enum lang)lang);
        a->formats[flow][lang] = arena_copy(arena, buf_view(&page));
        if (page.failed || !a->formats[flow][lang].ptr)
            result = GW_FATAL;
    }
    buf_done(&page);
    arena_done(&scratch);
    return result;
}

static enum gw_result make_openapi(struct api *a, const struct api_options *o, struct arena *arena)
{
    const char *path = arena_format(arena, "%s/openapi.json", o->schemas);
    enum gw_result result = GW_FATAL;
    struct buf page;

    buf_init(&page, PAGE_MAX);
    if (path)
        result = buf_read_file(&page, path);
    a->openapi = arena_copy(arena, buf_view(&page));
    buf_done(&page);
    return result == GW_OK && !a->openapi.ptr ? GW_FATAL : result;
}

enum gw_result pages_make(struct api *a, const struct api_options *o, struct arena *arena)
{
    enum gw_result result = make_openapi(a, o, arena);

    a->formats = arena_array(arena, o->conf->nflows + 1, sizeof(*a->formats));
    if (!a->formats)
        return GW_FATAL;
    for (size_t i = 0; result == GW_OK && i < o->conf->nflows; i++)
        if (o->conf->flows[i].api)
            result = make_format(a, o, i, arena);
    return result;
}
