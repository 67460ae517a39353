/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where a code list comes from: the format's chain, else the nomenclatures; loaded once a
 * stream. And the converter that asks it.
 *
 * A nomenclature is a file of the shared folder. One that `sources.csv` of that folder names, or
 * that a rules plugin asks for, may be missing: that is a warning, and texts pass. Any other name
 * that a table gives is one that nobody knows, and refused.
 */
#include "mapping/codes.h"
#include "base/csv.h"

/* ---- what is not there ---- */

static bool named(struct converters *env, const char *path, struct gw_str list)
{
    struct gw_str cells[8];
    struct buf text;
    bool found = false;
    struct csv csv;
    size_t n;

    buf_init(&text, 1u << 20);
    if (buf_read_file(&text, path) == GW_OK) {
        csv_open(&csv, env->arena, buf_view(&text));
        while (!found && csv_row(&csv, cells, LEN(cells), &n) == GW_OK)
            found = n && str_eq(str_trim(cells[0]), list);
    }
    buf_done(&text);
    return found;
}

static bool may_be_missing(struct converters *env, struct gw_str list)
{
    const char *path = arena_format(env->arena, "%.*s/sources.csv", STR_ARG(env->nomenclatures));

    return path && env->nomenclatures.len && named(env, path, list);
}

static void say_missing(struct converters *env, struct gw_str list)
{
    struct gw_arg arg = {"found", list};
    struct diag d = {.severity = GW_WARNING,
                     .code = "mapping.list_absent",
                     .file = env->nomenclatures,
                     .byte = UINT64_MAX,
                     .args = &arg,
                     .nargs = 1};

    if (env->sink)
        env->sink->put(env->sink, &d);
}

/* ---- loading ---- */

/* The one found comes first: checks ask for the same few again and again. */
static struct codes *loaded(struct converters *env, struct gw_str name)
{
    struct codes **at = &env->loaded, *list;

    while (*at && !str_eq((*at)->name, name))
        at = &(*at)->next;
    list = *at;
    if (list && list != env->loaded) {
        *at = list->next;
        list->next = env->loaded;
        env->loaded = list;
    }
    return list;
}

/* GW_END: nobody has it. `by_rule`: code asks for it, whose names are right. */
static enum gw_result load(struct converters *env, struct codes *list, bool by_rule)
{
    struct codes_build b;
    enum gw_result r = build_begin(&b, env, list);

    if (r == GW_OK)
        r = code_rows_each(&b.text, env->format, env->nomenclatures, list->name, env->sink, build_row, &b);
    if (r == GW_OK)
        r = build_end(&b);
    build_done(&b);
    if (r != GW_END || !(by_rule || may_be_missing(env, list->name)))
        return r;
    list->missing = true;
    say_missing(env, list->name);
    return GW_OK;
}

static enum gw_result codes_get(struct converters *env, struct gw_str name, bool by_rule,
                                const struct codes **ret)
{
    struct codes *list = loaded(env, name);
    enum gw_result r = GW_OK;

    if (!list && env->closed)
        return GW_END;
    if (!list) {
        list = arena_zero(env->arena, sizeof(*list));
        if (!list)
            return GW_FATAL;
        list->name = arena_copy(env->arena, name);
        list->shown = arena_zero(env->arena, sizeof(*list->shown));
        list->days = arena_alloc(env->arena, 20);
        if (!list->name.ptr || !list->shown || !list->days)
            return GW_FATAL;
        r = load(env, list, by_rule);
        if (r == GW_OK && list->dated && !list->nwhens)
            list->near = arena_array(env->arena, NEAR_SLOTS, sizeof(*list->near));
        if (r == GW_OK) {
            list->next = env->loaded;
            env->loaded = list;
        }
    }
    *ret = list;
    return r;
}

/* A file that is no list is none now, as it would be none later. */
enum gw_result codes_warm(struct converters *env, struct gw_str list)
{
    struct sink *sink = env->sink;
    const struct codes *codes;
    enum gw_result r;

    env->sink = NULL;
    r = codes_get(env, list, true, &codes);
    env->sink = sink;
    return r == GW_FATAL ? r : GW_OK;
}

enum gw_result codes_load(struct converters *env, struct gw_str list, const struct codes **ret)
{
    enum gw_result r = codes_get(env, list, false, ret);
    struct gw_arg arg = {"found", list};
    struct diag d = {
        .severity = GW_ERROR, .code = "mapping.list", .byte = UINT64_MAX, .args = &arg, .nargs = 1};

    if (r != GW_END)
        return r;
    if (env->sink)
        env->sink->put(env->sink, &d);
    return GW_FAIL;
}

enum gw_result codes_of_rule(struct converters *env, struct gw_str list, const struct codes **ret)
{
    return codes_get(env, list, true, ret);
}

/* ---- the converter ---- */

/* What a short native reads as. */
struct quick {
    uint64_t key; /* 0: free */
    struct gw_str pivot;
};

struct code {
    const struct codes *list;
    struct quick
        *quick; /* by str_key() of natives; NULL: the list depends on days or conditions, or is large */
    uint32_t mask;
    const void *at;          /* NULL: $date */
    struct gw_str otherwise; /* else=X; ptr NULL: none */
    bool or_nil;
};

static bool option(struct gw_str arg, struct gw_str name, struct gw_str *ret)
{
    if (!str_begins(arg, name))
        return false;
    *ret = str_from(arg, name.len);
    return ret->len > 0;
}

static enum gw_result code_option(struct converters *env, const struct conv_call *call, struct gw_str arg,
                                  struct code *k, struct fault *fault)
{
    struct gw_str value;

    if (option(arg, GW_STR("else="), &value)) {
        k->or_nil = str_is(value, "nil");
        k->otherwise = k->or_nil ? absent() : value;
        return GW_OK;
    }
    if (!option(arg, GW_STR("at="), &value))
        return conv_fault(fault, "mapping.argument", call, arg);
    if (str_is(value, "$date"))
        return GW_OK;
    *fault = (struct fault){.code = NULL};
    k->at = env->resolve_ref ? env->resolve_ref(env->resolver, value, fault) : NULL;
    if (!k->at)
        return conv_fault(fault, fault->code ? fault->code : "mapping.argument", call, value);
    return GW_OK;
}

#define QUICK_LINES 256

static struct quick *quick_slot(const struct code *k, uint64_t key)
{
    uint32_t slot = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 32) & k->mask;

    while (k->quick[slot].key && k->quick[slot].key != key)
        slot = (slot + 1) & k->mask;
    return &k->quick[slot];
}

/* Small lists that always answer the same, by one look. */
static bool quick_make(struct converters *env, struct code *k)
{
    const struct codes *list = k->list;
    uint32_t line;

    if (list->missing || list->dated || list->nlines > QUICK_LINES)
        return true;
    for (uint32_t i = 0; i < list->nlines; i++)
        if (list->lines[i].when)
            return true;
    for (k->mask = 4; k->mask < 2 * list->nlines;)
        k->mask *= 2;
    k->quick = arena_array(env->arena, k->mask--, sizeof(*k->quick));
    for (uint32_t i = 0; k->quick && i < list->nlines; i++) {
        struct gw_str native = codes_text(list, list->lines[i].native);
        uint64_t key = str_key(native);

        if (key && (list->lines[i].use & CODES_READ) &&
            codes_find(list, NULL, true, native, ANY_DAY, &line) == GW_FOUND)
            *quick_slot(k, key) = (struct quick){key, codes_text(list, list->lines[line].pivot)};
    }
    return k->quick != NULL;
}

static enum gw_result code_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct code *k = arena_zero(env->arena, sizeof(*k));
    enum gw_result r;

    if (!k)
        return GW_FATAL;
    *ret_data = k;
    r = codes_get(env, call->args[0], false, &k->list);
    if (r == GW_END || r == GW_FAIL)
        return conv_fault(fault, "mapping.list", call, call->args[0]);
    for (size_t i = 1; i < call->nargs && r == GW_OK; i++)
        r = code_option(env, call, call->args[i], k, fault);
    return r == GW_OK && !quick_make(env, k) ? GW_FATAL : r;
}

/* Before the record's own day is known, any day will do. */
static uint32_t day_of(struct conversion *c, const struct code *k)
{
    struct gw_str day = k->at && c->lookup ? c->lookup->get(c->lookup, k->at) : c->date;
    uint32_t n = ANY_DAY;

    return day.ptr && code_day(day, &n) ? n : ANY_DAY;
}

static void say_else(struct conversion *c, const struct code *k)
{
    struct gw_arg args[] = {{"list", k->list->name}, {"else", k->or_nil ? GW_STR("nil") : k->otherwise}};

    conv_say(c, k->or_nil ? GW_WARNING : GW_INFO, "mapping.else", args, LEN(args));
}

static enum gw_result code_convert(struct conversion *c, const struct code *k, bool reading, struct gw_str *v)
{
    const struct codes *list = k->list;
    uint32_t line;
    enum gw_lookup found;

    if (list->missing)
        return GW_OK;
    found = codes_find(list, c->lookup, reading, *v, list->dated ? day_of(c, k) : ANY_DAY, &line);
    if (found == GW_FOUND) {
        *v = codes_text(list, reading ? list->lines[line].pivot : list->lines[line].native);
        return GW_OK;
    }
    if (k->or_nil || (reading && k->otherwise.ptr)) {
        say_else(c, k);
        *v = k->otherwise;
        return GW_OK;
    }
    return conv_refuse(c, "mapping.code", "list", list->name);
}

static enum gw_result code_read(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct code *k = data;
    uint64_t key = k->quick ? str_key(*v) : 0;
    const struct quick *quick = key ? quick_slot(k, key) : NULL;

    if (quick && quick->key) {
        *v = quick->pivot;
        return GW_OK;
    }
    return code_convert(c, data, true, v);
}

static enum gw_result code_write(struct conversion *c, const void *data, struct gw_str *v)
{
    return code_convert(c, data, false, v);
}

static enum gw_loss code_loss(const void *data)
{
    const struct code *k = data;

    return k->or_nil || k->otherwise.ptr ? GW_LOSSY : codes_loss(k->list, NULL);
}

/* `at=` and the conditions of its rows are of the record. */
static bool code_asks(const void *data)
{
    const struct code *k = data;

    return k->at || k->list->nwhens > 0;
}

const struct codes *code_list(const struct conv *conv, struct gw_str *ret_else)
{
    const struct code *k = conv->ops == &code_ops ? conv->data : NULL;

    *ret_else = k ? k->otherwise : absent();
    return k ? k->list : NULL;
}

#define GIVES_LINES 1000 /* of a list that is worth looking through */

static bool is_plain(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    return s.len > 0;
}

bool code_gives(const void *data, const struct field *f)
{
    const struct code *k = data;
    const struct codes *list = k->list;

    if (list->missing || k->otherwise.ptr || list->nlines > GIVES_LINES ||
        (f->type != FIELD_CODE && f->type != FIELD_TEXT))
        return false;
    for (uint32_t i = 0; i < list->nlines; i++) {
        struct gw_str text = codes_text(list, list->lines[i].pivot);

        if (!is_plain(text) || (f->type == FIELD_CODE && f->codes && !codes_has(f->codes, text)))
            return false;
    }
    return true;
}

const struct conv_ops code_ops = {
    .name = "code",
    .min_args = 1,
    .max_args = 3,
    .lasting = true,
    .help = "code(list,at=field,else=value|nil): a line of the list that holds on that day",
    .compile = code_compile,
    .read = code_read,
    .write = code_write,
    .loss_of = code_loss,
    .asks = code_asks,
};
