/* SPDX-License-Identifier: EUPL-1.2 */
/* A date is a number that is shown as one: styles.xml tells which. */
#include "table/keep.h"

#include "xlsx.h"

#define STYLES_MOST 65536u

struct styles_parse {
    struct xlsx_styles *to;
    bool in_cells;
    const xmlChar *format, *id, *code, *cells, *xf;
};

/* ---- what a format code shows ---- */

/* The next sign of a code that means something: texts, escapes, fillers and colours are passed over. 0: the end
 * of its first section. `[h]` is an 'h'. */
static char next_sign(struct gw_str code, size_t *at)
{
    while (*at < code.len) {
        char c = code.ptr[(*at)++];

        if (c == ';')
            return 0;
        if (c == '"') {
            while (*at < code.len && code.ptr[(*at)++] != '"')
                ;
        } else if (c == '\\' || c == '_' || c == '*') {
            (*at)++;
        } else if (c == '[') {
            char first = *at < code.len ? code.ptr[*at] | 0x20 : 0;
            size_t begin = *at;

            while (*at < code.len && code.ptr[(*at)++] != ']')
                ;
            if ((first == 'h' || first == 'm' || first == 's') && *at - begin <= 3)
                return first;
        } else {
            return c;
        }
    }
    return 0;
}

static bool is_general(struct gw_str code)
{
    return part_is(code, "General") || part_is(code, "GENERAL") || part_is(code, "Standard") ||
           part_is(code, "@");
}

/* Digits before the point that are always shown: from the leftmost 0 on. Not for numbers with a point or
 * groups. */
static uint8_t least_digits(struct gw_str code)
{
    size_t at = 0;
    unsigned n = 0;
    char c;

    while ((c = next_sign(code, &at))) {
        if (c == '0' || ((c == '#' || c == '?') && n))
            n++;
        else if (c != '#' && c != '?' && c != ' ' && c != '-' && c != '|')
            return 0;
    }
    return (uint8_t)(n <= 30 ? n : 0);
}

static struct xlsx_style style_of_code(struct gw_str code)
{
    bool date = false, time = false, month = false;
    size_t at = 0;
    char c;

    if (is_general(code))
        return (struct xlsx_style){SHOWN_PLAIN, 0};
    while ((c = next_sign(code, &at))) {
        c |= 0x20;
        date |= c == 'y' || c == 'd' || c == 'j';
        time |= c == 'h' || c == 's';
        month |= c == 'm';
    }
    if (month && !time)
        date = true;
    if (date || time)
        return (struct xlsx_style){date && time ? SHOWN_DATE_TIME : date ? SHOWN_DATE : SHOWN_TIME, 0};
    return (struct xlsx_style){SHOWN_PLAIN, least_digits(code)};
}

/* Formats that every workbook has without saying so. */
static struct xlsx_style style_of_id(uint32_t id)
{
    uint8_t shown = SHOWN_PLAIN;

    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
        (id >= 57 && id <= 58))
        shown = SHOWN_DATE;
    else if (id == 22)
        shown = SHOWN_DATE_TIME;
    else if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 || id == 56)
        shown = SHOWN_TIME;
    return (struct xlsx_style){shown, 0};
}

/* ---- the part ---- */

static void format_add(struct part *p, struct xlsx_styles *s, uint32_t id, struct gw_str code)
{
    struct xlsx_format *f =
        s->nown < STYLES_MOST ? keep_more(p->s, s->own, s->nown, s->nown + 1, &s->own_room, sizeof(*f)) : NULL;

    if (!f) {
        part_stop(p, GW_FATAL);
        return;
    }
    s->own = f;
    s->own[s->nown++] = (struct xlsx_format){id, style_of_code(code)};
}

static void cell_style_add(struct part *p, struct xlsx_styles *s, uint32_t id)
{
    struct xlsx_style style = style_of_id(id),
                      *cells = s->count < STYLES_MOST
                                   ? keep_more(p->s, s->cells, s->count, s->count + 1, &s->room, sizeof(style))
                                   : NULL;

    for (size_t i = 0; i < s->nown; i++)
        if (s->own[i].id == id)
            style = s->own[i].style;
    if (!cells) {
        part_stop(p, GW_FATAL);
        return;
    }
    s->cells = cells;
    s->cells[s->count++] = style;
}

static void styles_start(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    struct styles_parse *t = p->context;

    if (name == t->cells)
        t->in_cells = true;
    else if (name == t->format)
        format_add(p, t->to, part_number(part_value(attributes, n, t->id), 0),
                   part_value(attributes, n, t->code));
    else if (name == t->xf && t->in_cells)
        cell_style_add(p, t->to, part_number(part_value(attributes, n, t->id), 0));
}

static void styles_end(struct part *p, const xmlChar *name)
{
    struct styles_parse *t = p->context;

    if (name == t->cells)
        t->in_cells = false;
}

static const struct part_handlers handlers = {.start = styles_start, .end = styles_end};

enum gw_result xlsx_styles_read(struct xlsx_reader *x)
{
    struct sheet *sh = &x->sheet;
    struct styles_parse t = {.to = &x->styles};
    enum gw_result r;

    if (!x->book.styles.len)
        return GW_OK;
    r = part_open(&sh->part, &sh->zip, x->book.styles, &sh->codes->part, &handlers, &t);
    if (r == GW_OK) {
        t.format = part_intern(&sh->part, "numFmt");
        t.id = part_intern(&sh->part, "numFmtId");
        t.code = part_intern(&sh->part, "formatCode");
        t.cells = part_intern(&sh->part, "cellXfs");
        t.xf = part_intern(&sh->part, "xf");
    }
    while (r == GW_OK)
        r = part_feed(&sh->part);
    part_close(&sh->part);
    return r == GW_END ? GW_OK : r;
}

struct xlsx_style xlsx_style_of(const struct xlsx_styles *s, uint32_t number)
{
    return number < s->count ? s->cells[number] : (struct xlsx_style){0};
}
