/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where a code list comes from: the format's chain, else the nomenclatures; loaded once a
 * stream. And the converter that asks it.
 *
 * A nomenclature is a file of the shared folder. One that `sources.csv` of that folder names,
 * or any when the folder has no file at all, may be missing: that is a warning, and texts pass.
 */
#include <unistd.h>

#include "mapping/codes.h"

#define FILE_MAX     ((size_t)64 << 20)
#define LABELLED_MAX ((size_t)512 << 10) /* bytes of a file whose labels are kept */

/* ---- from the nomenclatures ---- */

static const char *const columns[] = {"native", "pivot", "label", "from", "to", "use", "when"};

/* rank[i]: which column is the i-th cell. */
static bool header(const struct gw_str *cells, size_t n, uint8_t rank[LEN(columns)])
{
    if (!n || n > LEN(columns) || !str_is(cells[0], columns[0]))
        return false;
    for (size_t i = 0; i < n; i++) {
        rank[i] = LEN(columns);
        for (size_t k = 0; k < LEN(columns); k++)
            if (str_is(cells[i], columns[k]))
                rank[i] = (uint8_t)k;
        if (rank[i] == LEN(columns))
            return false;
    }
    return true;
}

static bool use_of(struct gw_str text, unsigned *ret)
{
    *ret = str_is(text, "read") ? USE_READ : str_is(text, "write") ? USE_WRITE : 0;
    return *ret || !text.len;
}

static enum gw_result add_cells(struct codes_build *b, const struct gw_str *cells, size_t n,
                                const uint8_t *rank, uint32_t line)
{
    struct code_row row = {.use = 0};
    struct gw_str use = absent(),
                  *to[] = {&row.native, &row.pivot, &row.label, &row.from, &row.to, &use, &row.when};

    for (size_t i = 0; i < n; i++)
        *to[rank[i]] = str_trim(cells[i]);
    if (use_of(use, &row.use))
        return build_row(b, &row, line);
    build_say(b, "mapping.list_row", line, use, NULL, 0);
    return GW_OK;
}

static enum gw_result add_rows(struct codes_build *b, struct gw_str text)
{
    struct gw_str cells[LEN(columns)];
    uint8_t rank[LEN(columns)];
    enum gw_result r = GW_OK;
    size_t count, n;
    struct csv csv;

    csv_open(&csv, &b->scratch, text);
    if (csv_row(&csv, cells, LEN(columns), &count) != GW_OK || !header(cells, count, rank)) {
        build_say(b, "mapping.list_header", csv.line, b->list->name, NULL, 0);
        return GW_OK;
    }
    while (r == GW_OK && (r = csv_row(&csv, cells, LEN(columns), &n)) != GW_END) {
        if (r == GW_OK && n == count)
            r = add_cells(b, cells, n, rank, csv.line);
        else if (r == GW_OK || r == GW_REJECT) {
            build_say(b, "mapping.list_row", csv.line, absent(), NULL, 0);
            r = GW_OK;
        }
    }
    return r == GW_END ? GW_OK : r;
}

static size_t count_lines(struct gw_str text)
{
    size_t n = 1;

    for (const char *p = text.ptr; p && (p = memchr(p, '\n', (size_t)(text.ptr + text.len - p))); p++)
        n++;
    return n;
}

static enum gw_result load_file(struct converters *env, struct codes *list, const char *path)
{
    struct codes_build b;
    struct buf text;
    enum gw_result r;

    buf_init(&text, FILE_MAX);
    if (buf_read_file(&text, path) != GW_OK) {
        buf_done(&text);
        return GW_END;
    }
    r = build_begin(&b, env, list, count_lines(buf_view(&text)), text.len <= LABELLED_MAX);
    b.file = str_of(path);
    if (r == GW_OK)
        r = add_rows(&b, buf_view(&text));
    buf_done(&text);
    if (r == GW_OK)
        r = build_end(&b);
    build_done(&b);
    return r;
}

/* ---- from the format's chain ---- */

static const char *chain_file(struct arena *a, const struct format *f, size_t i, struct gw_str list)
{
    const char *slash = f->folder.len ? memrchr(f->folder.ptr, '/', f->folder.len) : NULL;
    size_t up = slash ? (size_t)(slash - f->folder.ptr) : 0;

    return arena_format(a, "%.*s%s%.*s/codes/%.*s.csv", (int)up, f->folder.ptr, slash ? "/" : "",
                        STR_ARG(f->chain[i]), STR_ARG(list));
}

static bool in_chain(struct converters *env, struct gw_str list)
{
    const struct format *f = env->format;
    size_t mark = arena_mark(env->arena);
    bool found = false;

    for (size_t i = 0; f && i < f->nchain && !found; i++) {
        const char *path = chain_file(env->arena, f, i, list);

        found = path && access(path, R_OK) == 0;
    }
    arena_release(env->arena, mark);
    return found;
}

static enum gw_result load_chain(struct converters *env, struct codes *list)
{
    struct codes_build b;
    struct arena rows_arena;
    struct code_row *rows = NULL;
    enum gw_result r;
    size_t n = 0;

    arena_init(&rows_arena, 0, 0);
    r = code_rows_load(&rows_arena, env->format, absent(), list->name, env->sink, &rows, &n);
    if (r != GW_OK) {
        arena_done(&rows_arena);
        return r;
    }
    r = build_begin(&b, env, list, n, true);
    b.wheres = r == GW_OK ? arena_array(&b.scratch, n + 1, sizeof(*b.wheres)) : NULL;
    if (r == GW_OK && !b.wheres)
        r = GW_FATAL;
    for (size_t i = 0; i < n && r == GW_OK; i++) {
        b.wheres[i] = rows[i].where;
        r = build_row(&b, &rows[i], (uint32_t)i);
    }
    if (r == GW_OK)
        r = build_end(&b);
    build_done(&b);
    arena_done(&rows_arena);
    return r;
}

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
    const char *folder = arena_text(env->arena, env->nomenclatures);
    const char *path = arena_format(env->arena, "%.*s/sources.csv", STR_ARG(env->nomenclatures));

    if (!folder || !path || !env->nomenclatures.len || access(folder, R_OK) != 0)
        return true;
    return named(env, path, list);
}

static void say_missing(struct converters *env, struct gw_str list)
{
    struct gw_arg arg = {"list", list};
    struct diag d = {.severity = GW_WARNING,
                     .code = "mapping.list_absent",
                     .file = env->nomenclatures,
                     .byte = UINT64_MAX,
                     .value = list,
                     .args = &arg,
                     .nargs = 1};

    if (env->sink)
        env->sink->put(env->sink, &d);
}

/* ---- loading ---- */

static struct codes *loaded(const struct converters *env, struct gw_str name)
{
    struct codes *list = env->loaded;

    while (list && !str_eq(list->name, name))
        list = list->next;
    return list;
}

/* GW_END: nobody has it. */
static enum gw_result load(struct converters *env, struct codes *list)
{
    const char *path;
    enum gw_result r = GW_END;

    if (in_chain(env, list->name))
        return load_chain(env, list);
    path = arena_format(env->arena, "%.*s/%.*s.csv", STR_ARG(env->nomenclatures), STR_ARG(list->name));
    if (!path)
        return GW_FATAL;
    if (env->nomenclatures.len && !memchr(list->name.ptr, '/', list->name.len))
        r = load_file(env, list, path);
    if (r == GW_END && may_be_missing(env, list->name)) {
        list->missing = true;
        say_missing(env, list->name);
        return GW_OK;
    }
    return r;
}

static enum gw_result codes_get(struct converters *env, struct gw_str name, const struct codes **ret)
{
    struct codes *list = loaded(env, name);
    enum gw_result r = GW_OK;

    if (!list) {
        list = arena_zero(env->arena, sizeof(*list));
        if (!list)
            return GW_FATAL;
        list->name = arena_copy(env->arena, name);
        list->shown = arena_zero(env->arena, sizeof(*list->shown));
        list->days = arena_alloc(env->arena, 20);
        if (!list->name.ptr || !list->shown || !list->days)
            return GW_FATAL;
        r = load(env, list);
        if (r == GW_OK) {
            list->next = env->loaded;
            env->loaded = list;
        }
    }
    *ret = list;
    return r;
}

enum gw_result codes_load(struct converters *env, struct gw_str list, const struct codes **ret)
{
    enum gw_result r = codes_get(env, list, ret);
    struct gw_arg arg = {"list", list};
    struct diag d = {.severity = GW_ERROR,
                     .code = "mapping.list",
                     .byte = UINT64_MAX,
                     .value = list,
                     .args = &arg,
                     .nargs = 1};

    if (r != GW_END)
        return r;
    if (env->sink)
        env->sink->put(env->sink, &d);
    return GW_FAIL;
}

/* ---- the converter ---- */

struct code {
    const struct codes *list;
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

static enum gw_result code_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct code *k = arena_zero(env->arena, sizeof(*k));
    enum gw_result r;

    if (!k)
        return GW_FATAL;
    *ret_data = k;
    r = codes_get(env, call->args[0], &k->list);
    if (r == GW_END || r == GW_FAIL)
        return conv_fault(fault, r == GW_END ? "mapping.list" : "mapping.list_bad", call, call->args[0]);
    for (size_t i = 1; i < call->nargs && r == GW_OK; i++)
        r = code_option(env, call, call->args[i], k, fault);
    return r;
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
    return conv_refuse(c, found == GW_NOT_THEN && list->dated ? "mapping.code_day" : "mapping.code", "list",
                       list->name);
}

static enum gw_result code_read(struct conversion *c, const void *data, struct gw_str *v)
{
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

const struct conv_ops code_ops = {
    .name = "code",
    .min_args = 1,
    .max_args = 3,
    .help = "code(list,at=field,else=value|nil): a line of the list that holds on that day",
    .compile = code_compile,
    .read = code_read,
    .write = code_write,
    .loss_of = code_loss,
};
