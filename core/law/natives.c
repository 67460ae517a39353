/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lines that only read, or read what we never write: a good resource is written, its native text at the
 * line's place is replaced by one after another that the line may take, and read. Among them are those that
 * a condition of the line undoes.
 */
#include "law/pool.h"

#define TRIES 120

static void natives_of_list(struct proof *p, const struct conv_call *call, struct texts *ret)
{
    const struct codes *list;
    size_t n, step;

    if (!call->nargs || codes_load((struct converters *)&p->table->convert, call->args[0], &list) != GW_OK)
        return;
    n = codes_count(list);
    step = n > TRIES / 2 ? n / (TRIES / 2) : 1;
    for (size_t i = 0; i < n; i += step)
        (void)texts_add(&p->keep, ret, codes_row(list, i)->native);
}

static void natives_of_join(struct proof *p, const struct tie *tie, struct gw_str whole, struct texts *ret)
{
    struct gw_str parts[TEMPLATE_HOLES] = {{NULL, 0}};
    struct probe pr;

    probe_open(&pr, p, p->today);
    if (template_match(&pr.conversion, &tie->templates[0], whole, parts) != GW_OK)
        return;
    if (parts[0].ptr && convs_write(&pr.conversion, &tie->templates[0].holes[0].convs, &parts[0]) == GW_OK &&
        parts[0].ptr)
        (void)texts_add(&p->keep, ret, arena_copy(&p->keep, parts[0]));
}

static void candidates(struct proof *p, const struct tie *tie, struct texts *ret)
{
    const struct texts *values = tie->ntargets ? field_values(p, tie->targets[0].field) : NULL;

    for (size_t i = 0; i < tie->line->chain.count; i++)
        if (str_is(tie->line->chain.items[i].name, "code"))
            natives_of_list(p, &tie->line->chain.items[i], ret);
    if (tie->form == FORM_CONST)
        for (struct gw_str rest = tie->word; rest.ptr;)
            (void)texts_add(&p->keep, ret, str_cut(rest, '|', &rest));
    for (size_t i = 0; values && i < values->count && ret->count < TRIES; i++) {
        struct gw_str native;

        if (tie->form == FORM_JOIN)
            natives_of_join(p, tie, values->items[i], ret);
        else if (value_write(p, tie, 0, values->items[i], &native) == GW_OK && native.ptr)
            (void)texts_add(&p->keep, ret, arena_copy(&p->keep, native));
        if (tie->form != FORM_JOIN)
            (void)texts_add(&p->keep, ret, values->items[i]);
    }
}

static struct gw_node *node_at(const struct reading *r, const struct tie *tie)
{
    uint16_t kind = tie->places[0]->opens ? tie->places[0]->opens->id : tie->places[0]->frame->id;
    const struct frame *f = kind == FRAME_CONTEXT ? r->context : r->frames[kind];

    for (; f; f = kind == FRAME_CONTEXT ? NULL : f->all)
        if (f->cells[tie->cells[0]])
            return f->cells[tie->cells[0]];
    return NULL;
}

static void unflag(struct gw_node *n)
{
    n->flags = 0;
    for (struct gw_node *k = n->first; k; k = k->next)
        unflag(k);
}

static bool is_done(const struct law_line *row, const struct tie *tie)
{
    unsigned sides = tie->use & USE_READ ? LINE_READ | LINE_FALSE : LINE_READ;

    return !(row->wants & ~row->reached & sides);
}

/* The record at hand with one text after another, until the line has read. */
static void try_natives(struct proof *p, struct trip *t, const struct tie *tie, const struct texts *natives)
{
    struct reading *r = &t->source.reading;
    struct law_line *row = row_of(p, tie->line);
    struct gw_node *node;
    struct bundle b;

    if (reading_record(r, &t->source.rec, 1, &b) == GW_FATAL)
        return;
    node = node_at(r, tie);
    for (size_t i = 0; node && i < natives->count && !is_done(row, tie); i++) {
        node->text = natives->items[i].ptr;
        node->len = (uint32_t)natives->items[i].len;
        node->kind = node->kind == GW_NULL ? GW_TEXT : node->kind;
        unflag(t->source.rec.root);
        said_clear(&p->said);
        if (reading_record(r, &t->source.rec, 1, &b) == GW_FATAL)
            return;
        cover_read(p, r, false);
    }
}

static enum gw_result reread(struct plan *plan, const struct tie *tie, const struct texts *natives)
{
    struct proof *p = plan->proof;
    struct sheet sheet = {&plan->envelope, &plan->bundle, plan->date};
    struct bundle b;
    struct trip t;
    struct buf bytes;
    enum gw_result result;

    buf_init(&bytes, (size_t)16 << 20);
    result = sheet_write(p, &sheet, &bytes, NULL);
    if (result == GW_OK)
        result = trip_open(p, &t, buf_view(&bytes), (struct gw_str){NULL, 0}, plan->date);
    else
        t.open = false;
    if (result == GW_OK)
        result = session_next(&t.source.session, &t.source.rec);
    if (result == GW_OK && reading_start(&t.source.reading, &t.source.rec, &b) != GW_FATAL)
        try_natives(p, &t, tie, natives);
    trip_close(&t);
    buf_done(&bytes);
    return result == GW_FATAL || result == GW_RETRY ? result : GW_OK;
}

static enum gw_result line_natives(struct proof *p, const struct tie *tie)
{
    struct texts natives = {0};
    enum gw_result result = GW_OK;

    candidates(p, tie, &natives);
    for (int n = 0; result == GW_OK && n < 16 && !is_done(row_of(p, tie->line), tie); n++) {
        struct plan plan;
        bool good;

        result = plan_aimed(&plan, p, tie, n % 2 ? PLAN_FULL : PLAN_RANDOM, &good);
        if (result == GW_OK && good)
            result = reread(&plan, tie, &natives);
    }
    return result;
}

enum gw_result natives_run(struct proof *p)
{
    enum gw_result result = GW_OK;

    for (size_t k = 0; result == GW_OK && k < p->table->nties; k++) {
        const struct tie *tie = p->table->ties[k];
        const struct law_line *row = row_of(p, tie->line);

        if (tie->nplaces && tie->form != FORM_REST && tie->up[0] != UP_CONTEXT && !is_done(row, tie))
            result = line_natives(p, tie);
    }
    return result;
}
