/* SPDX-License-Identifier: EUPL-1.2 */
/* Pivot fields: "adresse.commune", "membres[].role", "effectifs[categorie=TOTAL].nombre", "x.anything". */
#include "mapping/cursor.h"

static const char fault_field[] = "mapping.grammar";

static bool key_parse(struct cursor *c, struct part *ret)
{
    size_t from = c->at++, value;

    ret->key = cursor_ident(c);
    if (!ret->key.len || !cursor_skip(c, '='))
        return cursor_wrong(c, fault_field, c->at);
    value = c->at;
    while (cursor_peek(c, 0) >= 0 && cursor_peek(c, 0) != ']' && cursor_peek(c, 0) != '[')
        c->at++;
    ret->val = str_trim(cursor_since(c, value));
    if (!ret->val.len)
        return cursor_wrong(c, fault_field, value);
    return cursor_skip(c, ']') || cursor_wrong(c, "mapping.bracket", from);
}

static bool part_parse(struct cursor *c, struct part *ret)
{
    ret->name = cursor_ident(c);
    if (!ret->name.len)
        return cursor_wrong(c, fault_field, c->at);
    if (cursor_peek(c, 0) == '[' && cursor_peek(c, 1) == ']') {
        ret->each = true;
        c->at += 2;
    }
    return cursor_peek(c, 0) != '[' || key_parse(c, ret);
}

static bool field_parse(struct cursor *c, struct field_ref *ret)
{
    size_t from = c->at;

    if (cursor_peek(c, 0) == 'x' && cursor_peek(c, 1) == '.') {
        ret->ext = true;
        c->at += 2;
    }
    do {
        ret->parts = array_more(c->arena, ret->parts, ret->nparts, sizeof(*ret->parts));
        if (!ret->parts)
            return cursor_no_memory(c);
        if (!part_parse(c, &ret->parts[ret->nparts++]))
            return false;
    } while (cursor_skip(c, '.'));
    ret->text = cursor_since(c, from);
    return true;
}

static bool all_fields(struct cursor *c, struct field_refs *ret)
{
    cursor_blanks(c);
    if (cursor_peek(c, 0) < 0)
        return true;
    do {
        ret->items = array_more(c->arena, ret->items, ret->count, sizeof(*ret->items));
        if (!ret->items)
            return cursor_no_memory(c);
        if (!field_parse(c, &ret->items[ret->count++]))
            return false;
    } while (cursor_plus(c));
    cursor_blanks(c);
    return c->at == c->text.len || cursor_wrong(c, fault_field, c->at);
}

enum gw_result fields_parse(struct arena *a, struct gw_str text, struct field_refs *ret, struct fault *fault)
{
    struct cursor c = cursor_of(a, text);

    *ret = (struct field_refs){0};
    return cursor_result(&c, all_fields(&c, ret), fault);
}
