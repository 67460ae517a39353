/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a line is seen to lose, tried on the line alone: each value of its pool there and back, other
 * spellings of its native text, each line of its code lists on its first, last and the days beside.
 */
#include "law/pool.h"

#define ROWS_MAX 1500

/* One text to one text, there and back: a chain, or a rule of one native and one field. */
struct way {
    struct proof *proof;
    const struct tie *tie;
    const struct convs *convs;
    const struct rule *rule;
    const struct field *field; /* NULL: no canonical form */
    const struct chain *chain;
    size_t from;
};

static enum gw_result way_read(const struct way *w, struct conversion *c, struct gw_str *v)
{
    struct gw_str fields[RULE_PARTS] = {{NULL, 0}};
    enum gw_result result;

    if (!w->rule)
        return convs_read(c, w->convs, w->field, v);
    if (!v->ptr)
        return GW_OK;
    result = rule_read(c, w->rule, v, fields);
    *v = fields[0];
    return result;
}

static enum gw_result way_write(const struct way *w, struct conversion *c, struct gw_str *v)
{
    struct gw_str natives[RULE_PARTS] = {{NULL, 0}};
    enum gw_result result;

    if (!w->rule)
        return convs_write(c, w->convs, v);
    if (!v->ptr)
        return GW_OK;
    result = rule_write(c, w->rule, v, natives);
    *v = natives[0];
    return result;
}

/* Read, then written otherwise: it normalises. */
static void spelling(const struct way *w, struct conversion *c, struct gw_str native)
{
    struct gw_str v = native = str_trim(native); /* blanks around are the format's */

    if (native.ptr && (!native.len || !str_valid(native)))
        return;
    if (way_read(w, c, &v) != GW_OK || way_write(w, c, &v) != GW_OK)
        return;
    if (v.ptr && !str_eq(v, native))
        row_measured(w->proof, w->tie, GW_NORMALISES, native.ptr ? native : GW_STR("(absent)"), v);
}

static struct gw_str cased(struct arena *a, struct gw_str s, bool upper)
{
    char *t = arena_text(a, s);

    for (size_t i = 0; t && i < s.len; i++)
        if (upper && t[i] >= 'a' && t[i] <= 'z')
            t[i] = (char)(t[i] - 'a' + 'A');
        else if (!upper && t[i] >= 'A' && t[i] <= 'Z')
            t[i] = (char)(t[i] - 'A' + 'a');
    return t ? (struct gw_str){t, s.len} : s;
}

static void spellings(const struct way *w, struct conversion *c, struct gw_str n)
{
    struct arena *a = &w->proof->scratch;
    static const char *const before[] = {"0", "+", NULL}, *const after[] = {"0", ".0", ".00", " ", ":00", NULL};
    size_t at;

    for (size_t i = 0; before[i]; i++)
        spelling(w, c, str_of(arena_format(a, "%s%.*s", before[i], STR_ARG(n))));
    for (size_t i = 0; after[i]; i++)
        spelling(w, c, str_of(arena_format(a, "%.*s%s", STR_ARG(n), after[i])));
    spelling(w, c, cased(a, n, true));
    spelling(w, c, cased(a, n, false));
    if (n.len > 1) {
        spelling(w, c, str_from(n, 1));
        spelling(w, c, (struct gw_str){n.ptr, n.len - 1});
    }
    if (n.len > 1)
        for (at = 1; at < n.len; at += 3)
            spelling(w, c, str_of(arena_format(a, "%.*s %.*s", (int)at, n.ptr, STR_ARG(str_from(n, at)))));
    if (str_find(n, GW_STR(","), &at))
        spelling(w, c, str_of(arena_format(a, "%.*s, %.*s", (int)at, n.ptr, STR_ARG(str_from(n, at + 1)))));
}

/* ---- alternatives in the arguments: "O|1", "DD/MM/YYYY|YYYY-MM-DD" ---- */

static void alternative(const struct way *w, struct conversion *c, const struct chain *chain,
                        struct gw_str value)
{
    struct convs convs;
    struct fault fault;
    struct gw_str native = value;

    if (convs_compile((struct converters *)&w->proof->table->convert, chain, w->from, &convs, &fault) ==
            GW_OK &&
        convs_write(c, &convs, &native) == GW_OK && native.ptr)
        spelling(w, c, native);
}

static void alternatives(const struct way *w, struct conversion *c, struct gw_str value)
{
    struct arena *a = &w->proof->scratch;
    struct chain chain = *w->chain;

    for (size_t i = w->from; i < w->chain->count; i++)
        for (size_t k = 0; k < w->chain->items[i].nargs; k++) {
            struct gw_str rest = w->chain->items[i].args[k];
            size_t at;

            if (!str_find(rest, GW_STR("|"), &at))
                continue;
            while (rest.ptr) {
                struct conv_call *calls = arena_array(a, chain.count, sizeof(*calls));
                struct gw_str *args = arena_array(a, chain.items[i].nargs, sizeof(*args));
                struct gw_str one = str_cut(rest, '|', &rest);

                if (!calls || !args)
                    return;
                memcpy(calls, w->chain->items, chain.count * sizeof(*calls));
                memcpy(args, w->chain->items[i].args, chain.items[i].nargs * sizeof(*args));
                args[k] = str_is(one, "*") ? GW_STR("x") : one;
                calls[i].args = args;
                alternative(w, c, &(struct chain){calls, chain.count}, value);
            }
        }
}

/* ---- code lists ---- */

static void row_there_and_back(const struct way *w, struct gw_str native, struct gw_str pivot,
                               struct gw_str day)
{
    struct proof *p = w->proof;
    struct probe pr;
    struct gw_str text = native, again = pivot;

    probe_open(&pr, p, day);
    spelling(w, &pr.conversion, native);
    if (way_write(w, &pr.conversion, &again) != GW_OK || !again.ptr)
        return;
    text = again;
    if (way_read(w, &pr.conversion, &text) == GW_OK && str_eq(text, pivot))
        return;
    row_measured(p, w->tie, GW_LOSSY, pivot, text);
    if (w->tie->loss < GW_LOSSY)
        (void)fail(p, LAW_PUTGET, w->tie->line,
                   str_of(arena_format(&p->scratch, "%.*s (%.*s)", STR_ARG(again), STR_ARG(day))), pivot, text);
}

static void list_rows(const struct way *w, const struct conv_call *call)
{
    struct arena *a = &w->proof->scratch;
    const struct codes *list;
    size_t n, step;

    if (!call->nargs ||
        codes_load((struct converters *)&w->proof->table->convert, call->args[0], &list) != GW_OK)
        return;
    n = codes_count(list);
    step = n > ROWS_MAX ? n / ROWS_MAX : 1;
    for (size_t i = 0; i < n; i += step) {
        const struct code_row *row = codes_row(list, i);
        struct gw_str native = row->native, pivot = row->pivot, from = row->from, to = row->to;
        size_t mark = arena_mark(a);
        struct gw_str days[] = {w->proof->today, arena_copy(a, from), arena_copy(a, to), day_off(a, from, -1),
                                day_off(a, to, 1)};

        for (size_t k = 0; k < sizeof(days) / sizeof(*days); k++)
            if (days[k].len)
                row_there_and_back(w, native, pivot, days[k]);
        arena_release(a, mark);
    }
}

/* ---- a line ---- */

static void way_measure(const struct way *w, const struct texts *values)
{
    struct proof *p = w->proof;
    struct probe pr;
    struct gw_str absent = {NULL, 0};

    for (size_t i = 0; i < values->count; i++) {
        struct gw_str native = values->items[i], back;

        arena_reset(&p->scratch);
        probe_open(&pr, p, p->today);
        if (way_write(w, &pr.conversion, &native) != GW_OK)
            continue;
        back = native;
        if (!native.ptr || way_read(w, &pr.conversion, &back) != GW_OK || !str_eq(back, values->items[i])) {
            row_measured(p, w->tie, GW_LOSSY, values->items[i], native.ptr ? back : absent);
            continue;
        }
        spellings(w, &pr.conversion, native);
        if (!w->rule)
            alternatives(w, &pr.conversion, values->items[i]);
    }
    arena_reset(&p->scratch);
    probe_open(&pr, p, p->today);
    for (size_t i = 0; w->chain && i < w->chain->count; i++)
        if (str_is(w->chain->items[i].name, "default"))
            spelling(w, &pr.conversion, absent);
    for (size_t i = 0; w->chain && i < w->chain->count; i++)
        for (size_t k = 0; k < w->chain->items[i].nargs; k++) {
            struct gw_str none = w->chain->items[i].args[k], v = none;

            if (str_is(w->chain->items[i].name, "none") && none.len &&
                way_read(w, &pr.conversion, &v) == GW_OK && !v.ptr)
                spelling(w, &pr.conversion, none);
        }
    for (size_t i = 0; w->chain && i < w->chain->count; i++)
        if (str_is(w->chain->items[i].name, "code"))
            list_rows(w, &w->chain->items[i]);
}

/* What a hole of a join holds, of the values of the whole. */
static void parts_of(struct proof *p, const struct tie *tie, size_t rank, struct texts *ret)
{
    const struct texts *whole = &pool_of(p, tie, 0)->good;
    struct probe pr;

    *ret = (struct texts){0};
    probe_open(&pr, p, p->today);
    for (size_t i = 0; i < whole->count; i++) {
        struct gw_str parts[TEMPLATE_HOLES] = {{NULL, 0}};

        if (template_match(&pr.conversion, &tie->templates[0], whole->items[i], parts) == GW_OK &&
            parts[rank].ptr)
            (void)texts_add(&p->keep, ret, arena_copy(&p->keep, parts[rank]));
    }
}

static void holes_measure(struct proof *p, const struct tie *tie, const struct way *w)
{
    const struct template *t = &tie->templates[0];
    bool join = tie->form == FORM_JOIN;
    struct texts parts;

    for (size_t i = 0; i < t->pattern->count; i++) {
        const struct piece *piece = &t->pattern->pieces[i];
        struct way hole = *w;

        if (piece->kind != PIECE_HOLE)
            continue;
        hole.convs = &t->holes[piece->rank].convs;
        hole.chain = &piece->chain;
        hole.from = 0;
        hole.field = join ? NULL : tie->targets[piece->rank].field;
        if (join)
            parts_of(p, tie, piece->rank, &parts);
        way_measure(&hole, join ? &parts : &pool_of(p, tie, piece->rank)->good);
    }
    if (tie->ntemplates > 1)
        row_measured(p, tie, GW_NORMALISES, tie->templates[1].text, tie->templates[0].text);
}

static void tie_measure(struct proof *p, const struct tie *tie)
{
    struct way w = {.proof = p,
                    .tie = tie,
                    .convs = &tie->convs,
                    .field = tie->targets[0].field,
                    .chain = &tie->line->chain};

    switch ((enum form)tie->form) {
    case FORM_RULE:
        w.rule = tie->ntargets == 1 && tie->nplaces == 1 ? &tie->rule : NULL;
        if (!w.rule)
            return;
        way_measure(&w, &pool_of(p, tie, 0)->good);
        return;
    case FORM_VALUE:
        way_measure(&w, &pool_of(p, tie, 0)->good);
        return;
    case FORM_WORDS:
        if (tie->nplaces > 1) /* what was in the others comes back in the first */
            row_measured(p, tie, GW_NORMALISES, tie->line->cells[CELL_PATH], tie->places[0]->path);
        w.from = 1;
        way_measure(&w, &pool_of(p, tie, 0)->good);
        return;
    case FORM_LIST:
        w.from = 1;
        way_measure(&w, &pool_of(p, tie, 0)->good);
        return;
    case FORM_JOIN:
    case FORM_SPLIT:
        holes_measure(p, tie, &w);
        return;
    case FORM_MEMBER:
    case FORM_CONST:
    case FORM_NIL:
    case FORM_TEST:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
    case FORM_NOW:
    case FORM_TREE:
    case FORM_REST:
    case FORM_REF:
    case FORM_SELECT:
        return;
    }
}

enum gw_result measure_lines(struct proof *p)
{
    for (size_t k = 0; k < p->table->nties; k++)
        if (carries(p->table->ties[k]))
            tie_measure(p, p->table->ties[k]);
    arena_reset(&p->scratch);
    return GW_OK;
}
