/* SPDX-License-Identifier: EUPL-1.2 */
#include "infer/values.h"

#include "base/csv.h"
#include "base/str.h"
#include "pipeline/registry.h"

enum { MUTATED_BYTES = 256, ELSEWHERE_SAMPLES = 4, FOLDED_BYTES = 512 };

/* ---- the rules, called as the mapping calls them ---- */

struct verdict {
    struct conversion conversion; /* first */
    bool doubted, refused;
};

static void judge(struct gw_call *call, enum gw_severity severity, size_t field, const char *code,
                  const struct gw_arg *args, size_t nargs)
{
    struct verdict *v = (struct verdict *)call;

    (void)field;
    (void)code;
    (void)args;
    (void)nargs;
    v->refused |= severity == GW_ERROR;
    v->doubted |= severity == GW_WARNING;
}

static struct gw_str nothing_known(struct lookup *l, const void *ref)
{
    (void)l;
    (void)ref;
    return (struct gw_str){NULL, 0};
}

static bool all_holds(struct lookup *l, const void *condition)
{
    (void)l;
    (void)condition;
    return true;
}

static const struct gw_converter *rule_named(void *registry, struct gw_str name)
{
    return registry_converter(registry, name);
}

static void hush(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

static struct sink nobody = {hush};

enum gw_result tester_open(struct tester *t, struct engine *e, struct arena *a, const struct words *w)
{
    *t = (struct tester){.engine = e, .arena = a, .words = w};
    arena_init(&t->scratch, 65536, 0);
    t->format = (struct format){.name = GW_STR("infer"), .folder = GW_STR(""), .formats = e->formats};
    t->env = (struct converters){.arena = a,
                                 .format = &t->format,
                                 .model = &e->model,
                                 .nomenclatures = e->nomenclatures,
                                 .sink = &nobody,
                                 .rule = rule_named,
                                 .rules = &e->registry};
    return GW_OK;
}

void tester_close(struct tester *t)
{
    arena_done(&t->scratch);
}

/* 1 it passes, 0.5 with a doubt, 0 it does not. */
static double field_checks(struct tester *t, struct verdict *v, const struct field *f, struct gw_str text)
{
    v->refused = v->doubted = false;
    v->conversion.call.report = judge;
    for (size_t i = 0; i < f->nchecks; i++) {
        const struct gw_check *check = registry_check(&t->engine->registry, f->checks[i]);

        if (check && !check->fields)
            check->run(&v->conversion.call, &text);
    }
    return v->refused ? 0 : v->doubted ? 0.5 : 1;
}

static double text_passes(struct tester *t, const struct convs *convs, const struct field *f,
                          struct gw_str text)
{
    static struct lookup lookup = {nothing_known, all_holds};
    struct verdict v = {.doubted = false};

    arena_reset(&t->scratch);
    conversion_init(&v.conversion, &t->env, &t->scratch, &lookup, t->engine->today, t->engine->now);
    if (convs_read(&v.conversion, convs, f, &text) != GW_OK || !text.ptr)
        return 0;
    return f ? field_checks(t, &v, f, text) : 1;
}

static bool compile(struct tester *t, struct gw_str as, const struct field *f, struct convs *ret)
{
    struct chain chain;
    struct fault fault = {0};

    if (!as.len)
        return convs_default(&t->env, f, ret) == GW_OK;
    return chain_parse(t->arena, as, &chain, &fault) == GW_OK &&
           convs_compile(&t->env, &chain, 0, ret, &fault) == GW_OK;
}

static bool is_nothing(const struct tester *t, struct gw_str text)
{
    const struct entry *e = words_entry(t->words, "!nothing", "");

    for (size_t i = 0; e && i < e->count; i++)
        if (str_eq(e->texts[i], text))
            return true;
    return false;
}

/* Over the items of each sample, when `cut` is a separator. */
static double samples_pass(struct tester *t, const struct convs *convs, const struct field *f,
                           const struct column *c, char cut, size_t most)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < c->nsamples && i < most; i++) {
        struct gw_str rest = c->samples[i];

        if (is_nothing(t, c->samples[i]))
            continue;
        while (rest.ptr) {
            struct gw_str item = str_trim(cut ? str_cut(rest, cut, &rest) : rest);

            rest = cut ? rest : (struct gw_str){NULL, 0};
            sum += item.len ? text_passes(t, convs, f, item) : 0;
            n += item.len > 0;
        }
    }
    return n ? sum / (double)n : 1;
}

/* ---- by type ---- */

static void offer(struct tester *t, struct trial *best, const struct column *c, const struct field *f,
                  struct gw_str as)
{
    struct convs convs;
    double share;

    if (!compile(t, as, f, &convs))
        return;
    share = samples_pass(t, &convs, f, c, 0, COLUMN_SAMPLES);
    if (share > best->share) {
        best->share = share;
        best->as = as;
    }
}

/* Each text of an entry as the argument of a converter: date(DD/MM/YYYY). */
static void offer_each(struct tester *t, struct trial *best, const struct column *c, const struct field *f,
                       const char *converter, const char *entry)
{
    const struct entry *e = words_entry(t->words, entry, "");

    for (size_t i = 0; e && i < e->count; i++) {
        char *as = arena_format(t->arena, "%s(%.*s)", converter, STR_ARG(e->texts[i]));

        if (as)
            offer(t, best, c, f, str_of(as));
    }
}

/* A converter of the rules that bears the name of the check: it also gives back what was lost, and what it
 * refuses is said and kept, where the check alone would reject the record. */
static bool offer_rule(struct tester *t, struct trial *best, const struct column *c, const struct field *f)
{
    for (size_t i = 0; i < f->nchecks; i++) {
        const struct gw_converter *rule = registry_converter(&t->engine->registry, f->checks[i]);

        best->checked = true;
        if (!rule || rule->natives != 1 || rule->fields != 1)
            continue;
        best->as = f->checks[i];
        offer(t, best, c, f, f->checks[i]);
        return true;
    }
    return false;
}

static bool folds_alike(struct gw_str a, struct gw_str b)
{
    char left[FOLDED_BYTES], right[FOLDED_BYTES];
    size_t n = names_fold(a.ptr, a.len, left, sizeof(left)), m = names_fold(b.ptr, b.len, right, sizeof(right));

    return n && n == m && memcmp(left, right, n) == 0;
}

struct gw_str code_said(struct tester *t, const struct field *f, struct gw_str text)
{
    struct gw_str cells[3], ret = {NULL, 0};
    const char *path = arena_format(&t->scratch, "%.*s/pivot/codes/%.*s.csv", STR_ARG(t->engine->home.schemas),
                                    STR_ARG(f->codes->name));
    struct buf file;
    struct csv rows;
    size_t n;

    buf_init(&file, (size_t)4 << 20);
    if (path && buf_read_file(&file, path) == GW_OK) {
        enum gw_result r;

        csv_open(&rows, &t->scratch, buf_view(&file));
        r = csv_row(&rows, cells, 3, &n);
        while (!ret.ptr && (r == GW_OK || r == GW_REJECT)) {
            r = csv_row(&rows, cells, 3, &n);
            for (size_t i = 0; r == GW_OK && i < n && i < 3 && !ret.ptr; i++)
                if (folds_alike(cells[i], text))
                    ret = arena_copy(t->arena, cells[0]);
        }
    }
    buf_done(&file);
    return ret;
}

static void offer_codes(struct tester *t, struct trial *best, const struct column *c, const struct field *f)
{
    size_t said = 0, n = 0;

    for (size_t i = 0; i < c->nsamples; i++) {
        if (is_nothing(t, c->samples[i]))
            continue;
        n++;
        arena_reset(&t->scratch);
        said += code_said(t, f, c->samples[i]).ptr != NULL;
    }
    best->codes = f->codes->name;
    best->as = str_of(arena_format(t->arena, "code(%.*s)", STR_ARG(f->codes->name)));
    best->share = n ? (double)said / (double)n : 1;
    best->checked = true;
}

static void offer_type(struct tester *t, struct trial *best, const struct column *c, const struct field *f)
{
    offer(t, best, c, f, GW_STR(""));
    switch ((enum field_type)f->type) {
    case FIELD_INTEGER:
        offer(t, best, c, f, GW_STR("int"));
        break;
    case FIELD_DECIMAL:
        offer(t, best, c, f, GW_STR("decimal"));
        offer(t, best, c, f, GW_STR("decimal(2,comma)"));
        break;
    case FIELD_DATE:
        offer_each(t, best, c, f, "date", "!date");
        break;
    case FIELD_DATETIME:
        offer_each(t, best, c, f, "datetime", "!datetime");
        break;
    case FIELD_MONTH:
        offer_each(t, best, c, f, "month", "!month");
        break;
    case FIELD_BOOLEAN:
        offer_each(t, best, c, f, "bool", "!bool");
        break;
    case FIELD_CODE:
        if (best->share < 1 && f->codes->codes)
            offer_codes(t, best, c, f);
        break;
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_REF:
    case FIELD_TREE:
    case FIELD_ITEMS:
        break;
    }
}

/* A list in one cell: the separator that leaves most items good. */
static void offer_list(struct tester *t, struct trial *best, const struct column *c, const struct field *f)
{
    static const char cuts[] = ",;|";
    struct convs convs;
    struct gw_str items = best->as;
    double before = best->share;

    for (size_t i = 0; cuts[i]; i++) {
        bool stands = false;

        for (size_t k = 0; k < c->nsamples && !stands; k++)
            stands = memchr(c->samples[k].ptr, cuts[i], c->samples[k].len) != NULL;
        if ((!stands && i) || best->codes.ptr || !compile(t, items, f, &convs))
            continue;
        best->share = samples_pass(t, &convs, f, c, cuts[i], COLUMN_SAMPLES);
        if (best->share > before || !i) {
            before = best->share;
            best->as = str_of(
                arena_format(t->arena, "list('%c')%s%.*s", cuts[i], items.len ? " > " : "", STR_ARG(items)));
        }
    }
    if (best->codes.ptr)
        best->as = str_of(arena_format(t->arena, "list(',') > %.*s", STR_ARG(items)));
}

/* A field of the items of a list: one cell may hold several. */
static bool is_item(const struct field *f)
{
    size_t at;

    return f->type == FIELD_TEXT && str_find(f->full, GW_STR("[]"), &at);
}

struct trial try_field(struct tester *t, const struct column *c, const struct field *f, struct gw_str as)
{
    struct trial best = {.as = GW_STR(""), .share = 0};

    if (as.len) {
        best.checked = f->nchecks > 0;
        best.as = as;
        offer(t, &best, c, f, as);
    } else if (!offer_rule(t, &best, c, f)) {
        offer_type(t, &best, c, f);
    }
    if (f->list || is_item(f))
        offer_list(t, &best, c, f);
    return best;
}

double passes_elsewhere(struct tester *t, const struct column *c, const struct field *f, struct gw_str as)
{
    struct convs convs;
    double sum = 0;
    size_t n = 0;

    if (!compile(t, as, f, &convs))
        return 1;
    for (size_t i = 0; i < t->columns->nleaves; i++) {
        const struct column *other = t->columns->leaves[i];

        if (other == c || !other->nsamples)
            continue;
        sum += samples_pass(t, &convs, f, other, 0, ELSEWHERE_SAMPLES);
        n++;
    }
    return n ? sum / (double)n : 1;
}

/* The last digit turned into the next one; false: it has none. */
static bool mutate(struct gw_str text, char *to)
{
    size_t at = text.len;

    while (at && !(text.ptr[at - 1] >= '0' && text.ptr[at - 1] <= '9'))
        at--;
    if (!at)
        return false;
    memcpy(to, text.ptr, text.len);
    to[at - 1] = to[at - 1] == '9' ? '0' : (char)(to[at - 1] + 1);
    return true;
}

bool is_keyed(struct tester *t, const struct column *c, const struct field *f, struct gw_str as)
{
    struct convs convs;
    double passed = 0;
    size_t n = 0;

    if (!compile(t, as, f, &convs))
        return false;
    for (size_t i = 0; i < c->nsamples; i++) {
        char other[MUTATED_BYTES];
        struct gw_str text = {other, c->samples[i].len};

        if (text.len > sizeof(other) || !mutate(c->samples[i], other))
            continue;
        passed += text_passes(t, &convs, f, text);
        n++;
    }
    return n && passed * 2 <= (double)n;
}

/* ---- no field ---- */

/* A number that begins with 0 is a code. */
static bool counts_as_number(const struct column *c)
{
    for (size_t i = 0; i < c->nsamples; i++) {
        struct gw_str s = c->samples[i];

        if (s.len > 12 || (s.len > 1 && s.ptr[0] == '0' && s.ptr[1] != '.' && s.ptr[1] != ','))
            return false;
    }
    return true;
}

static bool plain_passes(struct tester *t, const struct column *c, enum field_type type, const char *as)
{
    struct field f = {.type = type, .scale = -1};
    struct convs convs;

    return compile(t, str_of(as), &f, &convs) && samples_pass(t, &convs, &f, c, 0, COLUMN_SAMPLES) >= 1;
}

static const char *plain_each(struct tester *t, const struct column *c, enum field_type type,
                              const char *converter, const char *entry)
{
    const struct entry *e = words_entry(t->words, entry, "");

    for (size_t i = 0; e && i < e->count; i++) {
        char *as = arena_format(t->arena, "%s(%.*s)", converter, STR_ARG(e->texts[i]));

        if (as && plain_passes(t, c, type, as))
            return as;
    }
    return NULL;
}

static bool says_something(const struct tester *t, const struct column *c)
{
    for (size_t i = 0; i < c->nsamples; i++)
        if (!is_nothing(t, c->samples[i]))
            return true;
    return false;
}

struct trial try_plain(struct tester *t, const struct column *c)
{
    struct trial ret = {.as = GW_STR(""), .share = 1};
    const char *as = NULL;

    if (!says_something(t, c))
        return ret;
    if (c->kinds == 1u << GW_TRUE || c->kinds == (1u << GW_TRUE | 1u << GW_FALSE) || c->kinds == 1u << GW_FALSE)
        as = "bool";
    if (!as && counts_as_number(c))
        as = plain_passes(t, c, FIELD_INTEGER, "int")       ? "int"
             : plain_passes(t, c, FIELD_DECIMAL, "decimal") ? "decimal"
                                                            : NULL;
    if (!as)
        as = plain_each(t, c, FIELD_DATE, "date", "!date");
    if (as)
        ret.as = str_of(as);
    return ret;
}
