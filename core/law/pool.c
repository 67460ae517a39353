/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Values to try. Of a field: by its type, from its code list, from the samples, from the conditions
 * that name it, and examples that schemas/pivot/examples.csv gives for its checks and converters (the
 * core knows no field). Of a line: those of its field that it writes, and some that it refuses.
 */
#include "law/pool.h"
#include "base/csv.h"

#define CODES_SHOWN 60
#define CODES_ALL   600
#define BAD_MAX     6

/* ---- examples ---- */

enum gw_result examples_load(struct proof *p)
{
    const char *path = arena_format(&p->keep, "%.*s/pivot/examples.csv", STR_ARG(p->engine->home.schemas));
    struct gw_str cells[2];
    struct buf text;
    struct csv rows;
    size_t n, lines = 0;
    enum gw_result result;

    buf_init(&text, (size_t)1 << 20);
    if (!path || buf_read_file(&text, path) != GW_OK) {
        buf_done(&text);
        return path ? GW_OK : GW_FATAL; /* without examples fewer lines are reached, and that is said */
    }
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    p->examples = arena_array(&p->keep, lines + 1, sizeof(*p->examples));
    csv_open(&rows, &p->keep, arena_copy(&p->keep, buf_view(&text)));
    buf_done(&text);
    result = p->examples ? csv_row(&rows, cells, 2, &n) : GW_FATAL;
    while (result == GW_OK || result == GW_REJECT) {
        result = csv_row(&rows, cells, 2, &n);
        if (result == GW_OK && n == 2)
            p->examples[p->nexamples++] = (struct example){cells[0], cells[1]};
    }
    return result == GW_END ? GW_OK : result;
}

/* ---- one value of a line ---- */

static struct gw_str any_get(struct lookup *l, const void *ref)
{
    (void)ref;
    return ((struct probe *)l)->day;
}

static bool any_holds(struct lookup *l, const void *condition)
{
    (void)l;
    (void)condition;
    return true;
}

void probe_open(struct probe *pr, struct proof *p, struct gw_str day)
{
    *pr = (struct probe){.lookup = {any_get, any_holds}, .day = day};
    conversion_init(&pr->conversion, (struct converters *)&p->table->convert, &p->scratch, &pr->lookup, day,
                    p->engine->now);
}

static enum gw_result hole_write(struct conversion *c, const struct tie *tie, size_t k, struct gw_str text,
                                 struct gw_str *ret)
{
    *ret = text;
    return convs_write(c, &tie->templates[0].holes[k].convs, ret);
}

static enum gw_result join_write(struct conversion *c, const struct tie *tie, struct gw_str text,
                                 struct gw_str *ret)
{
    struct gw_str parts[TEMPLATE_HOLES] = {{NULL, 0}};
    enum gw_result result;

    *ret = text;
    result = convs_write(c, &tie->convs, ret);
    if (result == GW_OK && ret->ptr)
        result = template_match(c, &tie->templates[0], *ret, parts);
    for (size_t k = 0; result == GW_OK && k < tie->nplaces; k++)
        if (parts[k].ptr)
            result = convs_write(c, &tie->templates[0].holes[k].convs, &parts[k]);
    return result;
}

enum gw_result probe_write(struct probe *pr, const struct tie *tie, size_t k, struct gw_str text,
                           struct gw_str *ret)
{
    struct conversion *c = &pr->conversion;
    struct gw_str fields[RULE_PARTS] = {{NULL, 0}}, natives[RULE_PARTS] = {{NULL, 0}};

    *ret = text;
    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_WORDS:
    case FORM_LIST:
        return convs_write(c, &tie->convs, ret);
    case FORM_JOIN:
        return join_write(c, tie, text, ret);
    case FORM_SPLIT:
        return hole_write(c, tie, k, text, ret);
    case FORM_RULE:
        fields[k] = text;
        if (tie->ntargets > 1)
            return GW_OK; /* only together can they be judged */
        if (rule_write(c, &tie->rule, fields, natives) != GW_OK)
            return GW_REJECT;
        *ret = natives[0];
        return GW_OK;
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
        return GW_OK;
    }
    return GW_OK;
}

enum gw_result value_write(struct proof *p, const struct tie *tie, size_t k, struct gw_str text,
                           struct gw_str *ret)
{
    struct probe pr;

    probe_open(&pr, p, p->today);
    return probe_write(&pr, tie, k, text, ret);
}

/* ---- values of a field ---- */

static const char *const of_text[] = {
    "A",
    "7",
    "0012",
    "Éloïse d'Île",
    "O'Brien \"x\"",
    "a;b|c,d",
    "<&>",
    "x  y",
    "DUPONT",
    "Zoé",
    "Anne-Marie-Charlotte Dupont de la Tour d'Auvergne Lauraguais du Bois Joli",
    "123456789",
    "A1 B2",
    NULL};
static const char *const of_integer[] = {"0", "1", "2", "7", "12", "150", "999", "1234567", "-3", NULL};
static const char *const of_decimal[] = {"0",         "1",    "12.5",  "1234.56", "0.01",
                                         "999999.99", "-3.2", "0.125", NULL};
static const char *const of_date[] = {"2024-02-29", "1985-07-14", "2026-12-31",
                                      "1999-01-01", "2021-06-01", NULL};
static const char *const of_datetime[] = {"2024-02-29T23:59:58", "2026-01-05T08:30:00", "2021-11-30T00:00:00",
                                          NULL};
static const char *const of_month[] = {"2024-02", "2026-12", "1999-01", NULL};
static const char *const of_time[] = {"08:05", "23:59", "00:00", "12:34:56", NULL};
static const char *const of_boolean[] = {"true", "false", NULL};

static const char *const *by_type(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_CODE:
        return of_text;
    case FIELD_INTEGER:
        return of_integer;
    case FIELD_DECIMAL:
        return of_decimal;
    case FIELD_DATE:
        return of_date;
    case FIELD_DATETIME:
        return of_datetime;
    case FIELD_MONTH:
        return of_month;
    case FIELD_TIME:
        return of_time;
    case FIELD_BOOLEAN:
        return of_boolean;
    case FIELD_REF:
    case FIELD_TREE:
    case FIELD_ITEMS:
        return NULL;
    }
    return NULL;
}

static void field_add(struct proof *p, struct field_pool *f, struct gw_str text)
{
    const char *code;
    struct gw_str canonical;

    text = str_trim(text);
    if (text.len && canon(&p->keep, f->field, text, &canonical, &code) == GW_OK)
        (void)texts_add(&p->keep, &f->texts, arena_copy(&p->keep, canonical));
}

static struct field_pool *pool_for(struct proof *p, const struct field *f)
{
    struct field_pool **at = &p->fields;

    for (; *at; at = &(*at)->next)
        if ((*at)->field == f)
            return *at;
    *at = arena_zero(&p->keep, sizeof(**at));
    if (*at)
        (*at)->field = f;
    return *at;
}

static void add_codes(struct proof *p, struct field_pool *f)
{
    const struct pivot_codes *codes = f->field->codes;
    size_t step = codes->count > CODES_ALL ? codes->count / CODES_SHOWN : 1;

    for (size_t i = 0; codes->codes && i < codes->count; i += step)
        field_add(p, f, codes->codes[i]);
}

static void add_examples(struct proof *p, struct field_pool *f, struct gw_str rule)
{
    for (size_t i = 0; i < p->nexamples; i++)
        if (str_eq(p->examples[i].rule, rule))
            field_add(p, f, p->examples[i].value);
}

/* The list of a `code(list)`, its first and last lines and some between. */
static void add_list(struct proof *p, struct field_pool *f, const struct conv_call *call)
{
    const struct codes *list;
    size_t n, step;

    if (!call->nargs || codes_load((struct converters *)&p->table->convert, call->args[0], &list) != GW_OK)
        return;
    n = codes_count(list);
    step = n > CODES_ALL ? n / CODES_SHOWN : 1;
    for (size_t i = 0; i < n; i += step)
        field_add(p, f, codes_row(list, i)->pivot);
}

/* As long as a converter says that a text may be, and one more. */
static void add_lengths(struct proof *p, struct field_pool *f, const struct conv_call *call)
{
    for (size_t i = 0; i < call->nargs; i++) {
        uint64_t n;
        struct buf b;

        if (!str_number(call->args[i], &n) || n < 1 || n > 4000)
            continue;
        buf_init(&b, 65536);
        for (uint64_t k = 0; k < n; k++)
            buf_char(&b, (char)('1' + k % 9));
        field_add(p, f, arena_copy(&p->keep, buf_view(&b)));
        buf_char(&b, '5');
        field_add(p, f, arena_copy(&p->keep, buf_view(&b)));
        buf_clear(&b);
        for (uint64_t k = 0; k < n; k++)
            buf_char(&b, k && k % 7 == 6 && k + 1 < n ? ' ' : (char)('A' + k % 26));
        field_add(p, f, arena_copy(&p->keep, buf_view(&b)));
        buf_text(&b, "Z");
        field_add(p, f, arena_copy(&p->keep, buf_view(&b)));
        buf_done(&b);
    }
}

static void add_chain(struct proof *p, struct field_pool *f, const struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct conv_call *call = &chain->items[i];

        add_examples(p, f, call->name);
        if (str_is(call->name, "code"))
            add_list(p, f, call);
        add_lengths(p, f, call);
        for (size_t k = 0; k < call->nargs; k++) {
            if (str_is(call->name, "fn"))
                add_examples(p, f, call->args[k]);
            else if (!str_is(call->name, "code") && !str_is(call->name, "date"))
                field_add(p, f, call->args[k]);
        }
        for (size_t n = 0; n < call->npatterns; n++)
            for (size_t k = 0; k < call->patterns[n].count; k++)
                add_chain(p, f, &call->patterns[n].pieces[k].chain);
    }
}

/* "984*" can only be met by what begins so: the star is some digits, or nothing. */
static void add_condition(struct proof *p, struct field_pool *f, const struct condition *c)
{
    for (const struct condition *k = c->kids; k; k = k->next)
        add_condition(p, f, k);
    if (c->kind != COND_TEST || c->ref.kind != REF_FIELD || c->ref.target.field != f->field)
        return;
    for (size_t i = 0; i < c->nvalues; i++) {
        struct gw_str rest, head = str_cut(c->values[i], '*', &rest);

        field_add(p, f, head);
        if (f->field->type == FIELD_DATE)
            for (int day = -1; day <= 1; day += 2)
                field_add(p, f, day_off(&p->keep, c->values[i], day));
        if (rest.ptr)
            field_add(p, f, str_of(arena_format(&p->keep, "%.*s12%.*s", STR_ARG(head), STR_ARG(rest))));
    }
}

static bool targets(const struct tie *tie, const struct field *f)
{
    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->targets[k].field == f)
            return true;
    return false;
}

/* Parts that fit the holes of a template, put together. */
static void add_joined(struct proof *p, struct field_pool *f, const struct tie *tie)
{
    static const char *const digits = "12345678901234567890";
    const struct template *t = &tie->templates[0];
    struct gw_str parts[TEMPLATE_HOLES], text;
    struct probe pr;

    probe_open(&pr, p, p->today);
    for (int turn = 0; turn < 3; turn++) {
        memset(parts, 0, sizeof(parts));
        for (size_t i = 0; i < t->pattern->count; i++) {
            const struct piece *piece = &t->pattern->pieces[i];

            if (piece->kind != PIECE_HOLE)
                continue;
            parts[piece->rank] = piece->hole == HOLE_EXACT ? (struct gw_str){digits + turn, piece->width}
                                 : piece->hole == HOLE_DIGITS || piece->hole == HOLE_ZEROS
                                     ? (struct gw_str){digits + turn, turn == 2 ? 2 : 1}
                                 : turn ? GW_STR("X20")
                                        : GW_STR("ab");
        }
        if (template_build(&pr.conversion, t, parts, &text) == GW_OK)
            field_add(p, f, text);
    }
}

static void field_fill(struct proof *p, struct field_pool *f)
{
    const char *const *typed = by_type((enum field_type)f->field->type);

    if (f->field->codes && f->field->codes->codes)
        add_codes(p, f);
    for (size_t i = 0; i < f->field->nchecks; i++)
        add_examples(p, f, f->field->checks[i]);
    for (size_t k = 0; p->table && k < p->table->nties; k++) {
        const struct tie *tie = p->table->ties[k];

        if (targets(tie, f->field)) {
            add_chain(p, f, &tie->line->chain);
            if (tie->form == FORM_JOIN)
                add_joined(p, f, tie);
            if (tie->form == FORM_SELECT || tie->form == FORM_MEMBER)
                for (struct gw_str rest = tie->word; rest.ptr;)
                    field_add(p, f, str_cut(rest, '|', &rest));
        }
        if (tie->when)
            add_condition(p, f, tie->when);
        if (tie->test)
            add_condition(p, f, tie->test);
    }
    for (size_t i = 0; typed && typed[i]; i++)
        field_add(p, f, str_of(typed[i]));
    for (size_t i = 0; f->field->type == FIELD_DATE && i < p->dates.count; i++)
        field_add(p, f, p->dates.items[i]);
}

const struct texts *field_values(struct proof *p, const struct field *f)
{
    static const struct texts none;
    struct field_pool *pool = pool_for(p, f);

    if (!pool)
        return &none;
    if (!pool->filled) {
        pool->filled = true;
        field_fill(p, pool);
    }
    return &pool->texts;
}

/* A value met in a sample. */
void field_seen(struct proof *p, const struct field *f, struct gw_str text)
{
    struct field_pool *pool = pool_for(p, f);

    if (pool && pool->texts.count < CODES_SHOWN)
        field_add(p, pool, arena_copy(&p->keep, text));
}

/* ---- values of a line ---- */

struct pool *pool_of(const struct proof *p, const struct tie *tie, size_t target)
{
    for (size_t k = 0; k < p->table->nties; k++)
        if (p->table->ties[k] == tie)
            return &p->pools[k * RULE_PARTS + target];
    return NULL;
}

static void pool_fill(struct proof *p, const struct tie *tie, size_t k, struct pool *pool)
{
    const struct texts *all = field_values(p, tie->targets[k].field);

    for (size_t i = 0; i < all->count; i++) {
        struct gw_str text;
        size_t mark = arena_mark(&p->scratch);

        if (value_write(p, tie, k, all->items[i], &text) == GW_OK)
            (void)texts_add(&p->keep, &pool->good, all->items[i]);
        else if (pool->bad.count < BAD_MAX)
            (void)texts_add(&p->keep, &pool->bad, all->items[i]);
        arena_release(&p->scratch, mark);
    }
}

enum gw_result pools_make(struct proof *p)
{
    const struct table *t = p->table;

    p->pools = arena_array(&p->keep, t->nties * RULE_PARTS + 1, sizeof(*p->pools));
    if (!p->pools)
        return GW_FATAL;
    for (size_t n = 0; n < t->nties; n++)
        for (size_t k = 0; k < t->ties[n]->ntargets; k++)
            if (carries(t->ties[n]) && t->ties[n]->form != FORM_REF && t->ties[n]->form != FORM_TREE)
                pool_fill(p, t->ties[n], k, &p->pools[n * RULE_PARTS + k]);
    return GW_OK;
}
