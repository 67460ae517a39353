/* SPDX-License-Identifier: EUPL-1.2 */
/* Packed lines that make several texts of one: once done the long way, the same text is not taken apart again. */
#include "base/str.h"
#include "mapping/memo.h"
#include "mapping/packed.h"
#include "mapping/read.h"

/* Where a part is, so that it can be found in the same text when it comes again. False: too long. */
static bool part_keep(struct memo_parts *m, size_t *used, struct gw_str text, struct gw_str part)
{
    struct memo_part *to = &m->parts[m->n];
    uintptr_t at = (uintptr_t)part.ptr - (uintptr_t)text.ptr;

    m->n++;
    *to = (struct memo_part){.is = PART_ABSENT};
    if (!part.ptr)
        return true;
    if (at < text.len && part.len <= text.len - at) {
        *to = (struct memo_part){PART_INSIDE, (uint8_t)at, (uint8_t)part.len};
        return true;
    }
    if (part.len > PARTS_ROOM - *used)
        return false;
    *to = (struct memo_part){PART_APART, (uint8_t)*used, (uint8_t)part.len};
    memcpy(m->room + *used, part.ptr, part.len);
    *used += part.len;
    m->apart = true;
    return true;
}

static void parts_keep(struct memo_line *line, struct memo_parts *m, struct gw_str text,
                       const struct gw_str *parts, size_t n)
{
    size_t used = 0;

    line->lost += m->size > 0;
    m->size = 0;
    m->n = 0;
    m->apart = false;
    for (size_t k = 0; k < n; k++)
        if (!part_keep(m, &used, text, parts[k]))
            return;
    m->size = (uint8_t)text.len;
    memcpy(m->text, text.ptr, text.len);
}

/* The slot of a text; NULL: too long, or texts that never come twice. */
static struct memo_parts *slot_of(struct reading *r, struct memo_line *line, struct gw_str text)
{
    if (text.len > PARTS_TEXT || (int32_t)(line->lost - line->hits) > MEMO_LOSSES)
        return NULL;
    if (!line->slots)
        line->slots = arena_array(&r->stream_arena, MEMO_SLOTS, sizeof(*line->slots));
    return line->slots ? &line->slots[memo_at(memo_mix(text))] : NULL;
}

static bool is_met(const struct memo_parts *m, struct gw_str text)
{
    return m->size == text.len && memcmp(m->text, text.ptr, text.len) == 0;
}

/* The parts as they are in this text. False: memory. */
static bool parts_say(struct reading *r, const struct memo_parts *m, struct gw_str text, struct gw_str *parts)
{
    char *room = m->apart ? arena_alloc(&r->arena, PARTS_ROOM) : NULL;

    if (m->apart && !room)
        return false;
    if (room)
        memcpy(room, m->room, PARTS_ROOM);
    for (size_t k = 0; k < m->n; k++) {
        const struct memo_part *p = &m->parts[k];

        parts[k] = p->is == PART_INSIDE  ? (struct gw_str){text.ptr + p->at, p->len}
                   : p->is == PART_APART ? (struct gw_str){room + p->at, p->len}
                                         : (struct gw_str){NULL, 0};
    }
    return true;
}

/* ---- a text to several fields ---- */

/* What the line just set. False: nothing. */
static bool fields_of(const struct packed *p, const struct instance *i, const struct gw_node *n,
                      struct gw_str *parts)
{
    bool any = false;

    for (size_t k = 0; k < p->tie->ntargets; k++) {
        const struct value *v = object_value(i->object, p->tie->targets[k].slot);
        bool own = v && v->at == n && v->line == p->line;

        parts[k] = own ? (struct gw_str){v->text, v->len} : (struct gw_str){NULL, 0};
        any |= own;
    }
    return any;
}

static void fields_put(const struct packed *p, struct instance *i, const struct gw_node *n,
                       const struct gw_str *parts)
{
    for (size_t k = 0; k < p->tie->ntargets; k++)
        if (parts[k].ptr)
            *object_put(i->object, p->tie->targets[k].slot) = (struct value){
                .text = parts[k].ptr, .at = n, .len = (uint32_t)parts[k].len, .line = p->line};
}

/* ---- a text to the items of a list ---- */

/* False: too many of them, or one that there is something to say of. */
static bool items_of(struct reading *r, const struct tie *tie, struct gw_str text, struct gw_str *items,
                     size_t *ret_n)
{
    char separator = tie->word.len ? tie->word.ptr[0] : ',';
    struct gw_str rest = text;

    for (*ret_n = 0; rest.ptr;) {
        struct gw_str item = str_trim(str_cut(rest, separator, &rest));

        if (!item.len)
            continue;
        if (*ret_n == MEMO_PARTS ||
            convs_read(&r->conversion, &tie->convs, tie->targets[0].field, &item) != GW_OK)
            return false;
        if (item.ptr)
            items[(*ret_n)++] = item;
    }
    return true;
}

/* False: memory, and none was put. */
static bool items_put(struct reading *r, const struct packed *p, struct instance *i, const struct gw_str *items,
                      size_t n)
{
    struct value *v = n ? object_set(i->object, p->slot) : NULL;
    uint32_t before = v && v->list ? v->list->count : 0;

    for (size_t k = 0; k < n; k++)
        if (!list_add_text(&r->arena, v, items[k])) {
            if (v->list)
                v->list->count = before;
            return false;
        }
    return true;
}

static bool list_read(struct reading *r, const struct packed *p, struct instance *i, struct gw_str text,
                      struct gw_str *parts, size_t *ret_n)
{
    return items_of(r, p->tie, text, parts, ret_n) && items_put(r, p, i, parts, *ret_n);
}

/* What the long way does, and what came of it. */
static bool split_read(struct reading *r, const struct packed *p, struct instance *i, const struct gw_node *n,
                       struct gw_str *parts, bool *ret_keep)
{
    if (line_read(r, p->tie, i) != GW_OK)
        return false; /* it will say so again */
    *ret_keep = fields_of(p, i, n, parts);
    return true;
}

static void taken(const struct packed *p, struct instance *i, struct gw_node *n)
{
    n->flags |= p->tries && p->does == DOES_SPLIT ? NODE_TAKEN | NODE_CLOSED : NODE_TAKEN;
    i->live = true;
}

bool parts_read(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct gw_str text = {n->text, n->len}, parts[RULE_PARTS];
    struct memo_line *line = &r->splits[p->memo];
    struct memo_parts *m = p->memo && tight(text) ? slot_of(r, line, text) : NULL;
    size_t count = p->tie->ntargets;
    bool keep = true;

    if (!m)
        return false;
    if (is_met(m, text)) {
        line->hits++;
        if (!parts_say(r, m, text, parts))
            return false;
        if (p->does == DOES_SPLIT)
            fields_put(p, i, n, parts);
        else if (!items_put(r, p, i, parts, m->n))
            return false;
        taken(p, i, n);
        return true;
    }
    if (p->does == DOES_SPLIT ? !split_read(r, p, i, n, parts, &keep) : !list_read(r, p, i, text, parts, &count))
        return false;
    if (p->does == DOES_LIST)
        taken(p, i, n);
    if (keep)
        parts_keep(line, m, text, parts, count);
    return true;
}
