/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counts and sums that a stream tells of itself, held against what was read: of the whole file at its end, of a
 * group when the next one begins. A group that tells another total than it has does not make the record that
 * follows a bad one; the stream is one, at its end.
 */
#include "base/str.h"
#include "mapping/read.h"
#include "schema/canon.h"

static struct gw_str amount_text(struct arena *a, __int128 n)
{
    bool minus = n < 0;
    uint64_t whole, part;

    if (minus)
        n = -n;
    whole = (uint64_t)(n / 1000000);
    part = (uint64_t)(n % 1000000);
    return str_of(arena_format(a, "%s%llu.%06llu", minus ? "-" : "", (unsigned long long)whole,
                               (unsigned long long)part));
}

static void compare(struct reading *r, const struct tie *tie, struct gw_node *node, uint64_t records,
                    __int128 sum)
{
    struct gw_str text = node ? str_trim((struct gw_str){node->text, node->len}) : (struct gw_str){NULL, 0};
    struct gw_str want =
        tie->form == FORM_COUNT
            ? str_of(arena_format(&r->arena, "%llu", (unsigned long long)(records + tie->plus)))
            : amount_text(&r->arena, sum);
    struct gw_arg args[] = {{"path", tie->places[0]->path}, {"expected", want}};

    if (!text.len || !want.ptr || canon_compare(FIELD_DECIMAL, text, want) == 0)
        return;
    read_report(r, tie->use & USE_CHECK ? GW_WARNING : GW_ERROR, "mapping.total", tie, tie->places[0], node,
                args, 2);
}

/* What is only written is nobody's word about the file. */
static bool is_total(const struct tie *tie)
{
    bool held = !(tie->use & USE_WRITE) || tie->use & USE_CHECK;

    return held && (tie->form == FORM_COUNT || tie->form == FORM_SUM) && tie->nplaces &&
           tie->up[0] == UP_CONTEXT;
}

static __int128 sum_now(struct reading *r, const struct tie *tie)
{
    struct frame *f;

    return tie->form == FORM_SUM && tie->ref_scope && has_frames(r, tie->ref_scope, &f) ? frames_sum(f, tie)
                                                                                        : 0;
}

/* The group that told it is over. */
static void told_end(struct reading *r, const struct tie *tie, struct told_total *t)
{
    bool rejected = r->rejected;

    if (!t->node.len)
        return;
    compare(r, tie, &t->node, t->records, t->sum);
    r->totals_wrong |= r->rejected && !rejected;
    r->rejected = rejected;
    t->node.len = 0;
}

static void told_begin(struct told_total *t, const struct gw_node *node)
{
    *t = (struct told_total){0};
    if (!node || node->kind >= GW_LIST || node->len > sizeof(t->text))
        return;
    t->node = *node;
    t->node.next = t->node.first = NULL;
    t->node.text = memcpy(t->text, node->text, node->len);
}

static bool same_node(const struct gw_node *a, const struct gw_node *b)
{
    return a->len && b && a->line == b->line && a->column == b->column;
}

static void told_add(struct reading *r, const struct tie *tie, struct told_total *t)
{
    const struct gw_node *node = r->context->cells[tie->cells[0]];

    if (!same_node(&t->node, node)) {
        told_end(r, tie, t);
        told_begin(t, node);
    }
    t->records++;
    t->sum += sum_now(r, tie);
}

void totals_add(struct reading *r)
{
    bool any = r->table->sums || (r->table->totals && r->table->group); /* records are counted anyway */

    for (size_t k = 0; any && k < r->table->nties; k++) {
        const struct tie *tie = r->table->ties[k];

        if (is_total(tie) && in_group(r->table, tie->places[0]))
            told_add(r, tie, &r->told[k]);
        else
            r->sums[k] += sum_now(r, tie);
    }
}

void totals_end(struct reading *r)
{
    for (size_t k = 0; k < r->table->nties; k++) {
        const struct tie *tie = r->table->ties[k];

        if (!is_total(tie))
            continue;
        if (in_group(r->table, tie->places[0]))
            told_end(r, tie, &r->told[k]);
        else
            compare(r, tie, r->context->cells[tie->cells[0]], r->records, r->sums[k]);
    }
    r->rejected |= r->totals_wrong;
}
