/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * fold(ascii|upper|lower|sepa): only writing folds. To ASCII by our own dated table, so that
 * bytes do not change with a library; a text that is ASCII already is not even copied.
 */
#include <stdlib.h>

#include <utf8proc.h>

#include "base/csv.h"
#include "mapping/converters.h"

#define ASCII_MAX 7

struct fold_entry {
    uint32_t code;
    uint8_t len;
    char ascii[ASCII_MAX];
};

struct fold {
    size_t count;
    struct fold_entry *entries; /* sorted; NULL: the table is not installed */
};

/* ---- the table ---- */

static int by_code(const void *a, const void *b)
{
    uint32_t x = ((const struct fold_entry *)a)->code, y = ((const struct fold_entry *)b)->code;

    return (x > y) - (x < y);
}

static void say(struct converters *env, enum gw_severity severity, const char *code, struct gw_str file,
                uint32_t line)
{
    struct gw_arg arg = {"found", GW_STR_INIT("fold-ascii")};
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = file,
                     .line = line,
                     .byte = UINT64_MAX,
                     .args = &arg,
                     .nargs = 1};

    if (env->sink)
        env->sink->put(env->sink, &d);
}

static bool entry(const struct gw_str *cells, size_t n, struct fold_entry *ret)
{
    size_t len = 0;

    if (n != 2 || !cells[0].len || cells[1].len > ASCII_MAX)
        return false;
    *ret = (struct fold_entry){.code = char_at(cells[0], 0, &len), .len = (uint8_t)cells[1].len};
    if (cells[1].len)
        memcpy(ret->ascii, cells[1].ptr, cells[1].len);
    return len == cells[0].len;
}

static enum gw_result parse(struct converters *env, struct fold *f, struct gw_str text, struct gw_str file)
{
    struct gw_str cells[2];
    size_t n, room = 1;
    struct csv csv;
    enum gw_result r;

    for (size_t i = 0; i < text.len; i++)
        room += text.ptr[i] == '\n';
    f->entries = arena_array(env->arena, room, sizeof(*f->entries));
    if (!f->entries)
        return GW_FATAL;
    csv_open(&csv, env->arena, text);
    if (csv_row(&csv, cells, 2, &n) != GW_OK || n != 2 || !str_is(cells[0], "char")) {
        say(env, GW_ERROR, "mapping.list_row", file, 1);
        return GW_FAIL;
    }
    while ((r = csv_row(&csv, cells, 2, &n)) != GW_END) {
        if (r != GW_OK || !entry(cells, n, &f->entries[f->count])) {
            say(env, GW_ERROR, "mapping.list_row", file, csv.line);
            return GW_FAIL;
        }
        f->count++;
    }
    qsort(f->entries, f->count, sizeof(*f->entries), by_code);
    return GW_OK;
}

enum gw_result fold_load(struct converters *env)
{
    struct fold *f;
    const char *path;
    struct buf text;
    enum gw_result r = GW_OK;

    if (env->fold)
        return GW_OK;
    f = arena_zero(env->arena, sizeof(*f));
    path = arena_format(env->arena, "%.*s/fold-ascii.csv", STR_ARG(env->nomenclatures));
    if (!f || !path)
        return GW_FATAL;
    buf_init(&text, 1u << 20);
    if (buf_read_file(&text, path) != GW_OK)
        say(env, GW_WARNING, "mapping.list_absent", env->nomenclatures, 0);
    else
        r = parse(env, f, buf_view(&text), str_of(path));
    buf_done(&text);
    if (r == GW_OK)
        env->fold = f;
    return r;
}

/* ---- to ASCII ---- */

static size_t first_beyond(struct gw_str s)
{
    size_t at = 0;

    while (at < s.len && !(s.ptr[at] & 0x80))
        at++;
    return at;
}

static const struct fold_entry *find(const struct fold *f, uint32_t code)
{
    struct fold_entry key = {.code = code};

    return bsearch(&key, f->entries, f->count, sizeof(key), by_code);
}

static enum gw_result say_left_out(struct conversion *c, struct gw_str v, size_t at, size_t len)
{
    struct gw_str copy = arena_copy(c->arena, (struct gw_str){v.ptr + at, len});

    if (!copy.ptr)
        return GW_FATAL;
    conv_say(c, GW_WARNING, "mapping.fold", &(struct gw_arg){"char", copy}, 1);
    return GW_OK;
}

enum gw_result fold_ascii(struct conversion *c, struct gw_str *v)
{
    const struct fold *f = c->env->fold;
    size_t at = first_beyond(*v), to = at, len;
    char *out;

    if (at == v->len || !f || !f->entries)
        return GW_OK;
    out = arena_alloc(c->arena, at + (v->len - at) * (ASCII_MAX - 1)); /* each takes 2 bytes or more */
    if (!out)
        return GW_FATAL;
    memcpy(out, v->ptr, at);
    for (; at < v->len; at += len) {
        uint32_t code = char_at(*v, at, &len);
        const struct fold_entry *e = code < 128 ? NULL : find(f, code);

        if (code < 128) {
            out[to++] = v->ptr[at];
        } else if (e) {
            memcpy(out + to, e->ascii, e->len);
            to += e->len;
        } else if (say_left_out(c, *v, at, len) != GW_OK) {
            return GW_FATAL;
        }
    }
    *v = (struct gw_str){out, to};
    return GW_OK;
}

/* ---- case ---- */

static uint32_t cased(uint32_t code, bool upper)
{
    if (code < 128)
        return code - (upper ? (code >= 'a' && code <= 'z') * 32u : 0) +
               (upper ? 0 : (code >= 'A' && code <= 'Z') * 32u);
    if (code == 0xb5) /* the micro sign is no letter to us */
        return code;
    return (uint32_t)(upper ? utf8proc_toupper((utf8proc_int32_t)code)
                            : utf8proc_tolower((utf8proc_int32_t)code));
}

/* Where the first eight bytes are that may hold a small letter or more than ASCII. */
static size_t capitals(struct gw_str v)
{
    size_t at = 0;
    uint64_t x;

    for (; v.len - at >= 8; at += 8) {
        memcpy(&x, v.ptr + at, 8);
        if ((x | (x & x << 1) << 1) & UINT64_C(0x8080808080808080)) /* beyond ASCII, or 0x60 to 0x7F */
            break;
    }
    return at;
}

static enum gw_result fold_case(struct conversion *c, bool upper, struct gw_str *v)
{
    size_t at = upper ? capitals(*v) : 0, to, len;
    char *out;

    while (at < v->len && !(v->ptr[at] & 0x80) &&
           cased((unsigned char)v->ptr[at], upper) == (unsigned char)v->ptr[at])
        at++;
    if (at == v->len)
        return GW_OK;
    out = arena_alloc(c->arena, at + (v->len - at) * 2); /* no case is longer by more */
    if (!out)
        return GW_FATAL;
    memcpy(out, v->ptr, at);
    for (to = at; at < v->len; at += len) {
        uint32_t code = char_at(*v, at, &len);

        if (code == 0xdf && upper) { /* sharp s has no capital that others know */
            memcpy(out + to, "SS", 2);
            to += 2;
        } else if (code >= 128 && len == 1) {
            out[to++] = v->ptr[at];
        } else {
            to += char_put(out + to, cased(code, upper));
        }
    }
    *v = (struct gw_str){out, to};
    return GW_OK;
}

/* ---- the characters of a European payment ---- */

static char payment_char(char c)
{
    static const char from[] = "&_;[]{}\\|~`", to[] = "+-,()()//-'", kept[] = "/-?:().,'+ ";
    const char *p;

    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr(kept, c)))
        return c;
    p = c ? strchr(from, c) : NULL;
    return p ? to[p - from] : '.';
}

static enum gw_result fold_payment(struct conversion *c, struct gw_str *v)
{
    enum gw_result r = fold_ascii(c, v);
    size_t at = 0;
    char *out;

    while (r == GW_OK && at < v->len && payment_char(v->ptr[at]) == v->ptr[at])
        at++;
    if (r != GW_OK || at == v->len)
        return r;
    out = arena_text(c->arena, *v);
    if (!out)
        return GW_FATAL;
    for (; at < v->len; at++)
        out[at] = payment_char(out[at]);
    v->ptr = out;
    return GW_OK;
}

/* ---- the converter ---- */

enum way { TO_ASCII, TO_UPPER, TO_LOWER, TO_SEPA };

struct folding {
    size_t count;
    uint8_t ways[4];
};

static enum gw_result fold_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    static const char *const names[] = {"ascii", "upper", "lower", "sepa"};
    struct folding *f = arena_zero(env->arena, sizeof(*f));
    enum gw_result r = GW_OK;

    if (!f)
        return GW_FATAL;
    for (; f->count < call->nargs && r == GW_OK; f->count++) {
        size_t way = 0;

        while (way < LEN(names) && !str_is(call->args[f->count], names[way]))
            way++;
        if (way == LEN(names))
            return conv_fault(fault, "mapping.argument", call, call->args[f->count]);
        f->ways[f->count] = (uint8_t)way;
        if (way == TO_ASCII || way == TO_SEPA)
            r = fold_load(env);
    }
    *ret_data = f;
    return r == GW_FAIL ? conv_fault(fault, "mapping.list", call, GW_STR("fold-ascii")) : r;
}

static enum gw_result fold_read(struct conversion *c, const void *data, struct gw_str *v)
{
    (void)c, (void)data, (void)v;
    return GW_OK;
}

static enum gw_result fold_one(struct conversion *c, enum way way, struct gw_str *v)
{
    switch (way) {
    case TO_ASCII:
        return fold_ascii(c, v);
    case TO_UPPER:
        return fold_case(c, true, v);
    case TO_LOWER:
        return fold_case(c, false, v);
    case TO_SEPA:
        return fold_payment(c, v);
    }
    return GW_FATAL;
}

static enum gw_result fold_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct folding *f = data;
    enum gw_result r = GW_OK;

    for (size_t i = 0; i < f->count && r == GW_OK; i++)
        r = fold_one(c, (enum way)f->ways[i], v);
    if (r == GW_OK)
        *v = str_trim(*v);
    if (!v->len)
        *v = absent();
    return r;
}

const struct conv_ops fold_ops = {
    .name = "fold",
    .min_args = 1,
    .max_args = 4,
    .loss = GW_LOSSY,
    .help = "fold(ascii|upper|lower|sepa): written in these characters",
    .compile = fold_compile,
    .read = fold_read,
    .write = fold_write,
};
