/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * text, pad, cut, drop, fits, none, default. Lengths are characters, not bytes; short ASCII
 * texts never reach the counting nor the arena.
 */
#include "mapping/converters.h"

/* ---- text ---- */

struct width {
    size_t max;
    struct gw_str text; /* for the diagnostic */
};

static enum gw_result too_long(struct conversion *c, struct gw_str max, size_t found)
{
    const char *digits = arena_format(c->arena, "%zu", found);
    enum gw_result r = conv_refuse(c, "mapping.long", "max", max);

    if (!digits)
        return GW_FATAL;
    c->args[c->nargs++] = (struct gw_arg){"found", str_of(digits)};
    return r;
}

static enum gw_result text_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct width *w;

    if (!call->nargs)
        return GW_OK;
    w = arena_zero(env->arena, sizeof(*w));
    if (!w)
        return GW_FATAL;
    w->text = call->args[0];
    *ret_data = w;
    return conv_size(call, 0, &w->max, fault);
}

static enum gw_result text_check(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct width *w = data;
    size_t chars;

    if (!w || v->len <= w->max)
        return GW_OK;
    chars = str_chars(*v);
    return chars <= w->max ? GW_OK : too_long(c, w->text, chars);
}

size_t text_most(const void *data)
{
    return data ? ((const struct width *)data)->max : SIZE_MAX;
}

const struct conv_ops text_ops = {
    .name = "text",
    .max_args = 1,
    .help = "text(n): at most n characters, else refused",
    .compile = text_compile,
    .read = text_check,
    .write = text_check,
};

/* ---- pad ---- */

struct pad {
    size_t width, min;
    struct gw_str width_text, written;
    char fill;
    bool right;
    bool exact; /* the pivot text is right behind: what would come back different is refused */
};

void pad_exact(void *data)
{
    ((struct pad *)data)->exact = true;
}

static enum gw_result pad_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                  struct fault *fault)
{
    struct pad *p = arena_zero(env->arena, sizeof(*p));
    enum gw_result r;

    if (!p)
        return GW_FATAL;
    *p = (struct pad){.min = 1, .fill = ' ', .width_text = call->args[0]};
    p->written = conv_written(env->arena, call);
    r = conv_size(call, 0, &p->width, fault);
    if (r == GW_OK && call->nargs > 1) {
        p->fill = call->args[1].len ? call->args[1].ptr[0] : ' ';
        if (call->args[1].len > 1)
            return conv_fault(fault, "mapping.argument", call, call->args[1]);
    }
    if (r == GW_OK && call->nargs > 2) {
        p->right = str_is(call->args[2], "right");
        if (!p->right && !str_is(call->args[2], "left"))
            return conv_fault(fault, "mapping.argument", call, call->args[2]);
    }
    if (r == GW_OK && call->nargs > 3)
        r = conv_size(call, 3, &p->min, fault);
    if (r == GW_OK && (!p->min || (p->width && p->min > p->width)))
        return conv_fault(fault, "mapping.argument", call, call->args[3]);
    *ret_data = p;
    return r;
}

static bool letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* How many fills may go: what is left keeps `min` characters, and the last of fills that are no blanks stays
 * when no letter or digit follows (the zero before the point of 0000000.00). */
static size_t spare(const struct pad *p, struct gw_str v)
{
    size_t left = p->min > 1 ? str_chars(v) : v.len, most = left > p->min ? left - p->min : 0, n = 0;

    if (p->right) {
        while (n < most && v.ptr[v.len - 1 - n] == p->fill)
            n++;
        return n;
    }
    while (n < most && v.ptr[n] == p->fill)
        n++;
    return n && p->fill != ' ' && !letter_or_digit(v.ptr[n]) && v.ptr[n] != p->fill ? n - 1 : n;
}

/* v[at...] with `n` fills; they stand behind a sign. */
static enum gw_result fill(struct conversion *c, const struct pad *p, size_t n, struct gw_str *v)
{
    size_t sign = !p->right && p->fill == '0' && v->len > 1 && v->ptr[0] == '-';
    size_t before = p->right ? v->len : sign;
    char *to = arena_alloc(c->arena, v->len + (n < 16 ? 16 : n));

    if (!to)
        return GW_FATAL;
    if (n <= 16)
        memset(to + before, p->fill, 16);
    else
        memset(to + before, p->fill, n);
    if (before)
        memcpy(to, v->ptr, before);
    if (before < v->len)
        memcpy(to + before + n, v->ptr + before, v->len - before);
    *v = (struct gw_str){to, v->len + n};
    return GW_OK;
}

/* -000012.00: the zeros stand behind the sign. */
static enum gw_result strip_signed(struct conversion *c, const struct pad *p, struct gw_str *v)
{
    size_t n = spare(p, str_from(*v, 1));
    char *to;

    if (!n)
        return GW_OK;
    to = arena_alloc(c->arena, v->len - n);
    if (!to)
        return GW_FATAL;
    to[0] = '-';
    memcpy(to + 1, v->ptr + 1 + n, v->len - 1 - n);
    *v = (struct gw_str){to, v->len - n};
    return GW_OK;
}

static enum gw_result pad_read(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct pad *p = data;
    size_t n;

    if (!p->right && p->fill == '0' && v->len > 2 && v->ptr[0] == '-')
        return strip_signed(c, p, v);
    n = spare(p, *v);
    if (p->right)
        v->len -= n;
    else
        *v = str_from(*v, n);
    if (p->min == 1 || (n = str_chars(*v)) >= p->min)
        return GW_OK;
    return fill(c, p, p->min - n, v);
}

static enum gw_result pad_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct pad *p = data;
    struct gw_str back, value = *v;
    size_t chars = str_chars(value);
    enum gw_result r = GW_OK;

    if (p->width && chars > p->width)
        return too_long(c, p->width_text, chars);
    if (p->width > chars)
        r = fill(c, p, p->width - chars, v);
    if (r != GW_OK || !p->exact)
        return r;
    back = *v;
    r = pad_read(c, data, &back);
    if (r != GW_OK || str_eq(back, value))
        return r;
    return conv_refuse(c, "mapping.convert", "expected", p->written);
}

const struct conv_ops pad_ops = {
    .name = "pad",
    .min_args = 1,
    .max_args = 4,
    .loss = GW_NORMALISES,
    .help = "pad(width,fill,left|right,min): filled to width; fills go on reading, down to min characters",
    .compile = pad_compile,
    .read = pad_read,
    .write = pad_write,
};

/* ---- cut ---- */

struct cut {
    size_t max;
    bool word;
};

static enum gw_result cut_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                  struct fault *fault)
{
    struct cut *k = arena_zero(env->arena, sizeof(*k));

    if (!k)
        return GW_FATAL;
    k->word = call->nargs > 1;
    if (k->word && !str_is(call->args[1], "word"))
        return conv_fault(fault, "mapping.argument", call, call->args[1]);
    *ret_data = k;
    return conv_size(call, 0, &k->max, fault);
}

/* A first word longer than the place is cut all the same. */
static enum gw_result cut_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct cut *k = data;
    struct gw_str head;
    const char *blank;

    (void)c;
    if (v->len <= k->max)
        return GW_OK;
    head = str_chars_cut(*v, k->max);
    if (head.len == v->len)
        return GW_OK;
    if (k->word && v->ptr[head.len] != ' ') {
        blank = memrchr(head.ptr, ' ', head.len);
        head.len = blank ? (size_t)(blank - head.ptr) : head.len;
    }
    *v = str_trim(head);
    if (!v->len)
        *v = absent();
    return GW_OK;
}

const struct conv_ops cut_ops = {
    .name = "cut",
    .min_args = 1,
    .max_args = 2,
    .loss = GW_LOSSY,
    .help = "cut(n,word): only the first n characters are written; word: never a part of a word",
    .compile = cut_compile,
    .read = conv_keep,
    .write = cut_write,
};

/* ---- drop ---- */

struct drop {
    struct gw_str set;
    struct gw_str by; /* one byte that stands for each; absent: nothing does */
};

static enum gw_result drop_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct drop *d = arena_zero(env->arena, sizeof(*d));

    if (!d)
        return GW_FATAL;
    d->set = call->args[0];
    if (call->nargs > 1)
        d->by = call->args[1];
    if (d->by.len > 1)
        return conv_fault(fault, "mapping.argument", call, d->by);
    *ret_data = d;
    return GW_OK;
}

static bool in_set(struct gw_str set, struct gw_str s, size_t at, size_t len)
{
    return len == 1 ? memchr(set.ptr, s.ptr[at], set.len) != NULL
                    : memmem(set.ptr, set.len, s.ptr + at, len) != NULL;
}

static enum gw_result drop_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct drop *d = data;
    size_t len, to = 0;
    char *out = NULL;

    for (size_t at = 0; at < v->len; at += len) {
        (void)char_at(*v, at, &len);
        if (in_set(d->set, *v, at, len)) {
            if (!out && !(out = arena_text(c->arena, *v)))
                return GW_FATAL;
            if (d->by.len)
                out[to++] = d->by.ptr[0];
            continue;
        }
        if (out)
            memcpy(out + to, v->ptr + at, len);
        to += len;
    }
    if (out)
        *v = str_trim((struct gw_str){out, to});
    if (!v->len)
        *v = absent();
    return GW_OK;
}

const struct conv_ops drop_ops = {
    .name = "drop",
    .min_args = 1,
    .max_args = 2,
    .loss = GW_LOSSY,
    .help = "drop('characters','-'): they are left out on writing, or '-' stands for each",
    .compile = drop_compile,
    .read = conv_keep,
    .write = drop_write,
};

/* ---- fits ---- */

struct fits {
    struct char_class set;
    size_t max;
    struct gw_str written;
};

static enum gw_result fits_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct fits *f = arena_zero(env->arena, sizeof(*f));

    if (!f)
        return GW_FATAL;
    f->max = SIZE_MAX;
    f->written = conv_written(env->arena, call);
    *ret_data = f;
    if (!class_parse(call->args[0], &f->set))
        return conv_fault(fault, "mapping.argument", call, call->args[0]);
    return call->nargs > 1 ? conv_size(call, 1, &f->max, fault) : GW_OK;
}

static enum gw_result fits_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct fits *f = data;
    size_t chars = 0, at = 0, len;

    while (at < v->len && chars < f->max && class_has(&f->set, char_at(*v, at, &len))) {
        at += len;
        chars++;
    }
    if (at == v->len)
        return GW_OK;
    conv_say(c, GW_INFO, "mapping.fits", &(struct gw_arg){"expected", f->written}, 1);
    *v = absent();
    return GW_OK;
}

const struct conv_ops fits_ops = {
    .name = "fits",
    .min_args = 1,
    .max_args = 2,
    .loss = GW_LOSSY,
    .help = "fits('characters',n): written only if all its characters are of these and at most n",
    .compile = fits_compile,
    .read = conv_keep,
    .write = fits_write,
};

/* ---- none and default ---- */

struct texts {
    const struct gw_str *items;
    size_t count;
    struct gw_str written;
};

static enum gw_result texts_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                    struct fault *fault)
{
    struct texts *t = arena_zero(env->arena, sizeof(*t));

    (void)fault;
    if (!t)
        return GW_FATAL;
    *t = (struct texts){call->args, call->nargs, conv_written(env->arena, call)};
    *ret_data = t;
    return GW_OK;
}

static bool among(const struct texts *t, struct gw_str v)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->items[i], v))
            return true;
    return false;
}

static enum gw_result none_read(struct conversion *c, const void *data, struct gw_str *v)
{
    (void)c;
    if (v->ptr && among(data, *v))
        *v = absent();
    return GW_OK;
}

/* A value that reads as absent is not sent for something else. */
static enum gw_result none_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct texts *t = data;

    if (!v->ptr)
        *v = (struct gw_str){t->items[0].ptr ? t->items[0].ptr : "", t->items[0].len};
    else if (among(t, *v))
        return conv_refuse(c, "mapping.convert", "expected", t->written);
    return GW_OK;
}

/* Several texts for nothing, and one is written. */
static enum gw_loss none_loss(const void *data)
{
    const struct texts *t = data;

    return t && t->count > 1 ? GW_NORMALISES : GW_EXACT;
}

const struct conv_ops none_ops = {
    .name = "none",
    .min_args = 1,
    .max_args = 16,
    .takes_absent = true,
    .help = "none(text,...): these texts mean absent; the first is written for it",
    .compile = texts_compile,
    .read = none_read,
    .write = none_write,
    .loss_of = none_loss,
};

static enum gw_result default_read(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct texts *t = data;

    (void)c;
    if (!v->ptr)
        *v = t->items[0];
    return GW_OK;
}

const struct conv_ops default_ops = {
    .name = "default",
    .min_args = 1,
    .max_args = 1,
    .loss = GW_NORMALISES,
    .takes_absent = true,
    .help = "default(value): absent reads as value",
    .compile = texts_compile,
    .read = default_read,
    .write = conv_keep,
};
