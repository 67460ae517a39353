/* SPDX-License-Identifier: EUPL-1.2 */
/* Where the parts of the workbook are: relations say it, names of files do not. */
#include "table/keep.h"

#include "xlsx.h"

#define SHEETS_MOST 10000u

/* A relation of a part: id, kind, target. They are few. */
struct relation {
    struct gw_str id, kind, target;
};

struct relations {
    struct relation *items;
    size_t count, room;
    const xmlChar *relation, *id, *type, *target;
    struct gw_session *s;
};

struct book_parse {
    struct xlsx_reader *x;
    const struct relations *relations;
    const xmlChar *sheet, *name, *id, *state, *properties, *from_1904;
};

static void nothing(struct part *p, const xmlChar *name)
{
    (void)p;
    (void)name;
}

/* ---- relations ---- */

static struct gw_str last_word(struct gw_str path)
{
    size_t at = path.len;

    if (!path.len)
        return path; /* an attribute that is not there */
    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return (struct gw_str){path.ptr + at, path.len - at};
}

static void relation_start(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    struct relations *rs = p->context;
    struct relation *r;

    if (name != rs->relation || rs->count > SHEETS_MOST)
        return;
    r = keep_more(rs->s, rs->items, rs->count, rs->count + 1, &rs->room, sizeof(*rs->items));
    if (!r) {
        part_stop(p, GW_FATAL);
        return;
    }
    rs->items = r;
    r = &rs->items[rs->count++];
    r->id = keep_text(rs->s, part_value(attributes, n, rs->id));
    r->kind = keep_text(rs->s, last_word(part_value(attributes, n, rs->type)));
    r->target = keep_text(rs->s, part_value(attributes, n, rs->target));
    if (!r->id.ptr || !r->kind.ptr || !r->target.ptr)
        part_stop(p, GW_FATAL);
}

static const struct part_handlers relation_handlers = {.start = relation_start, .end = nothing};

/* Those of the part `of`: FOLDER/_rels/NAME.rels. */
static enum gw_result relations_read(struct xlsx_reader *x, struct gw_str of, struct relations *rs)
{
    struct sheet *sh = &x->sheet;
    struct gw_str word = last_word(of);
    char *name = gw_keep(sh->s, of.len + 12);
    size_t folder = of.len - word.len;
    struct gw_str path = {name, of.len + 11};
    enum gw_result r;

    *rs = (struct relations){.s = sh->s};
    if (!name)
        return GW_FATAL;
    if (folder)
        memcpy(name, of.ptr, folder);
    memcpy(name + folder, "_rels/", 6);
    if (word.len)
        memcpy(name + folder + 6, word.ptr, word.len);
    memcpy(name + of.len + 6, ".rels", 5);
    r = part_open(&sh->part, &sh->zip, path, &sh->codes->part, &relation_handlers, rs);
    if (r == GW_OK) {
        rs->relation = part_intern(&sh->part, "Relationship");
        rs->id = part_intern(&sh->part, "Id");
        rs->type = part_intern(&sh->part, "Type");
        rs->target = part_intern(&sh->part, "Target");
    }
    if (r == GW_END) {
        struct gw_arg arg = {"part", path};

        return gw_fail(sh->s, (struct gw_place){0}, sh->codes->part.missing, &arg, 1);
    }
    while (r == GW_OK)
        r = part_feed(&sh->part);
    part_close(&sh->part);
    return r == GW_END ? GW_OK : r;
}

/* A target as a name in the container: from its root, or from the folder of `of`. */
static enum gw_result resolve(struct gw_session *s, struct gw_str of, struct gw_str target, struct gw_str *ret)
{
    size_t folder = of.len - last_word(of).len;
    char *name;

    if (target.len && *target.ptr == '/') {
        *ret = (struct gw_str){target.ptr + 1, target.len - 1};
        return GW_OK;
    }
    for (; target.len >= 3 && memcmp(target.ptr, "../", 3) == 0; target.ptr += 3, target.len -= 3) {
        while (folder > 0 && of.ptr[folder - 1] == '/')
            folder--;
        while (folder > 0 && of.ptr[folder - 1] != '/')
            folder--;
    }
    name = gw_keep(s, folder + target.len + 1);
    if (!name)
        return GW_FATAL;
    if (folder)
        memcpy(name, of.ptr, folder);
    if (target.len)
        memcpy(name + folder, target.ptr, target.len);
    *ret = (struct gw_str){name, folder + target.len};
    return GW_OK;
}

static enum gw_result of_kind(struct xlsx_reader *x, const struct relations *rs, struct gw_str of,
                              const char *kind, struct gw_str *ret)
{
    for (size_t i = 0; i < rs->count; i++)
        if (part_is(rs->items[i].kind, kind))
            return resolve(x->sheet.s, of, rs->items[i].target, ret);
    return GW_OK;
}

/* ---- the workbook ---- */

static void sheet_add(struct part *p, struct book_parse *b, const xmlChar **attributes, int n)
{
    struct xlsx_book *book = &b->x->book;
    struct gw_str id = part_value(attributes, n, b->id), state = part_value(attributes, n, b->state);
    struct xlsx_place *place;
    enum gw_result r = GW_OK;

    if (book->count >= SHEETS_MOST)
        return;
    place = keep_more(p->s, book->sheets, book->count, book->count + 1, &book->room, sizeof(*book->sheets));
    if (!place) {
        part_stop(p, GW_FATAL);
        return;
    }
    book->sheets = place;
    place = &book->sheets[book->count++];
    *place = (struct xlsx_place){.name = keep_text(p->s, part_value(attributes, n, b->name)),
                                 .hidden = state.len && !part_is(state, "visible")};
    for (size_t i = 0; r == GW_OK && i < b->relations->count; i++) {
        const struct relation *known = &b->relations->items[i];

        if (id.len && known->id.len == id.len && memcmp(known->id.ptr, id.ptr, id.len) == 0)
            r = resolve(p->s, book->part, known->target, &place->part);
    }
    if (r != GW_OK || !place->name.ptr)
        part_stop(p, GW_FATAL);
}

static void book_start(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    struct book_parse *b = p->context;
    struct gw_str value;

    if (name == b->sheet) {
        sheet_add(p, b, attributes, n);
    } else if (name == b->properties) {
        value = part_value(attributes, n, b->from_1904);
        b->x->book.from_1904 = part_is(value, "1") || part_is(value, "true");
    }
}

static const struct part_handlers book_handlers = {.start = book_start, .end = nothing};

static enum gw_result sheets_read(struct xlsx_reader *x, const struct relations *rs)
{
    struct sheet *sh = &x->sheet;
    struct book_parse b = {.x = x, .relations = rs};
    struct gw_arg arg = {"part", x->book.part};
    enum gw_result r = part_open(&sh->part, &sh->zip, x->book.part, &sh->codes->part, &book_handlers, &b);

    if (r == GW_END)
        return gw_fail(sh->s, (struct gw_place){0}, sh->codes->part.missing, &arg, 1);
    if (r == GW_OK) {
        b.sheet = part_intern(&sh->part, "sheet");
        b.name = part_intern(&sh->part, "name");
        b.id = part_intern(&sh->part, "id");
        b.state = part_intern(&sh->part, "state");
        b.properties = part_intern(&sh->part, "workbookPr");
        b.from_1904 = part_intern(&sh->part, "date1904");
    }
    while (r == GW_OK)
        r = part_feed(&sh->part);
    part_close(&sh->part);
    return r == GW_END ? GW_OK : r;
}

enum gw_result xlsx_book_read(struct xlsx_reader *x)
{
    static const struct gw_str usual = GW_STR_INIT("xl/workbook.xml"), root = GW_STR_INIT("");
    struct relations rs;
    enum gw_result r = relations_read(x, root, &rs);

    x->book.part = usual;
    if (r == GW_OK)
        r = of_kind(x, &rs, root, "officeDocument", &x->book.part);
    if (r == GW_OK)
        r = relations_read(x, x->book.part, &rs);
    if (r == GW_OK)
        r = of_kind(x, &rs, x->book.part, "styles", &x->book.styles);
    if (r == GW_OK)
        r = of_kind(x, &rs, x->book.part, "sharedStrings", &x->book.strings);
    return r == GW_OK ? sheets_read(x, &rs) : r;
}
