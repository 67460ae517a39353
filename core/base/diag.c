/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Shows diagnostics. What comes from a partner's file (values, paths, names) is made harmless
 * here: one line, no control characters, of bounded length, and masked where it must be.
 */
#include "base/diag.h"

#include "base/str.h"

enum { SHOWN_CHARS_MAX = 200, MASK_STARS_MAX = 12, MESSAGE_BYTES_MAX = 64 << 10 };

static const char *const severity_words[3][2] = {
    [GW_INFO] = {"info", "info"},
    [GW_WARNING] = {"avertissement", "warning"},
    [GW_ERROR] = {"erreur", "error"},
};

static bool hidden(const struct diag *d, bool mask)
{
    return mask && d->sensitivity >= SENS_IDENTITY;
}

/* U+0080 to U+009F, and the marks that turn the direction of writing: a terminal obeys them. */
static bool treacherous(const unsigned char *p, size_t n)
{
    if (n == 2)
        return p[0] == 0xc2 && p[1] < 0xa0;
    return n == 3 && p[0] == 0xe2 &&
           ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static void show(struct buf *out, struct gw_str s)
{
    size_t at = 0, chars = 0;

    while (at < s.len && chars++ < SHOWN_CHARS_MAX) {
        const unsigned char *p = (const unsigned char *)s.ptr + at;
        size_t n = str_utf8(s, at);

        if (n == 0)
            buf_text(out, "\xef\xbf\xbd");
        else if (n == 1 && (*p < 0x20 || *p == 0x7f))
            buf_char(out, *p == '\t' ? ' ' : '?');
        else if (treacherous(p, n))
            buf_char(out, '?');
        else
            buf_add(out, p, n);
        at += n ? n : 1;
    }
    if (at < s.len)
        buf_text(out, "…");
}

/* The first character stays, so that who knows the value recognises it; its length does not show beyond 12. */
static void show_masked(struct buf *out, struct gw_str s)
{
    size_t stars = str_chars(s);

    stars = stars ? stars - 1 : 0;
    show(out, str_chars_cut(s, 1));
    for (size_t i = 0; i < stars && i < MASK_STARS_MAX; i++)
        buf_char(out, '*');
}

static void show_value(struct buf *out, const struct diag *d, struct gw_str value, bool mask)
{
    if (hidden(d, mask))
        show_masked(out, value);
    else
        show(out, value);
}

/* Does an argument give the value away, whole or a good part of it? */
static bool tells_value(const struct diag *d, const struct gw_arg *arg)
{
    size_t at;

    if (str_is(str_of(arg->name), "value"))
        return true;
    return d->value.len && (str_find(arg->value, d->value, &at) ||
                            (arg->value.len >= 4 && str_find(d->value, arg->value, &at)));
}

/* "own": what we have in place of the value, as secret as it. */
static void show_argument(struct buf *out, const struct diag *d, const struct gw_arg *arg, bool mask)
{
    if (tells_value(d, arg) || strcmp(arg->name, "own") == 0)
        show_value(out, d, arg->value, mask);
    else
        show(out, arg->value);
}

static bool render_named(struct buf *out, struct gw_str name, const struct diag *d, bool mask)
{
    if (str_is(name, "value") && d->value.ptr) {
        show_value(out, d, d->value, mask);
        return true;
    }
    for (size_t i = 0; i < d->nargs; i++) {
        if (!str_is(name, d->args[i].name))
            continue;
        show_argument(out, d, &d->args[i], mask);
        return true;
    }
    if (str_is(name, "path"))
        show(out, d->path);
    else if (str_is(name, "rule"))
        show(out, d->rule);
    else if (str_is(name, "file"))
        show(out, d->file);
    else if (str_is(name, "line"))
        buf_number(out, d->line);
    else if (str_is(name, "record"))
        buf_number(out, d->record);
    else
        return str_is(name, "value");
    return true;
}

static void render_plain(struct buf *out, struct gw_str text, const struct diag *d, bool mask)
{
    struct gw_str rest, name;

    for (;;) {
        buf_str(out, str_cut(text, '{', &rest));
        if (!rest.ptr)
            return;
        name = str_cut(rest, '}', &text);
        if (text.ptr && render_named(out, name, d, mask))
            continue;
        buf_char(out, '{'); /* unknown: shown as it stands, so that the fault is seen */
        text = rest;
    }
}

static bool has_value(struct gw_str name, const struct diag *d)
{
    for (size_t i = 0; i < d->nargs; i++)
        if (str_is(name, d->args[i].name))
            return d->args[i].value.len > 0;
    return str_among(GW_STR("path|rule|file|line|record|value"), '|', name);
}

/* Some argument named in it has no value. */
static bool lacks_value(struct gw_str text, const struct diag *d)
{
    while (str_cut(text, '{', &text).ptr && text.ptr)
        if (!has_value(str_cut(text, '}', &text), d))
            return true;
    return false;
}

/* <<...>> stands only when every argument in it has a value. */
void diag_render(struct buf *out, struct gw_str text, const struct diag *d, bool mask)
{
    size_t at, end;

    while (str_find(text, GW_STR("<<"), &at) && str_find(str_from(text, at), GW_STR(">>"), &end)) {
        struct gw_str inner = {text.ptr + at + 2, end - 2};

        render_plain(out, (struct gw_str){text.ptr, at}, d, mask);
        if (!lacks_value(inner, d))
            render_plain(out, inner, d, mask);
        text = str_from(text, at + end + 2);
    }
    render_plain(out, text, d, mask);
}

/* The text in that language, or in the other when it was not written. */
static struct gw_str words_of(const struct gw_str text[2], enum lang lang)
{
    return text[lang].len ? text[lang] : text[!lang];
}

static void render_message(struct buf *out, const struct catalogue_entry *e, enum lang lang,
                           const struct diag *d, bool mask)
{
    if (e) {
        diag_render(out, words_of(e->text, lang), d, mask);
        return;
    }
    for (size_t i = 0; i < d->nargs; i++) {
        buf_format(out, "%s%s=", i ? ", " : "", d->args[i].name);
        show_argument(out, d, &d->args[i], mask);
    }
    if (!d->nargs)
        buf_text(out, d->code);
}

/* The advice, and which line of which table asked for it. */
static void render_advice(struct buf *out, const struct catalogue_entry *e, enum lang lang,
                          const struct diag *d, bool mask)
{
    struct gw_str advice = e ? words_of(e->advice, lang) : (struct gw_str){NULL, 0};
    size_t at;

    diag_render(out, advice, d, mask);
    if (!d->rule.len || str_find(advice, GW_STR("{rule}"), &at))
        return;
    buf_text(out, advice.len ? " [" : "[");
    show(out, d->rule);
    buf_char(out, ']');
}

/* What file:line:column does not say and the message did not: which record, which path. */
static void text_place(struct buf *out, const struct catalogue_entry *e, enum lang lang, const struct diag *d)
{
    struct gw_str text = e ? words_of(e->text, lang) : (struct gw_str){NULL, 0};
    bool record = d->record && !d->line;
    size_t at;
    bool path = d->path.len && !str_find(text, GW_STR("{path}"), &at);

    if (!record && !path)
        return;
    buf_text(out, " [");
    if (record)
        buf_format(out, lang == LANG_FR ? "enregistrement %llu" : "record %llu", (unsigned long long)d->record);
    if (record && path)
        buf_text(out, ", ");
    if (path)
        show(out, d->path);
    buf_char(out, ']');
}

void diag_text(struct buf *out, const struct catalogue *c, enum lang lang, const struct diag *d, bool mask)
{
    const struct catalogue_entry *e = catalogue_find(c, d->code);
    size_t before;

    if (d->file.len) {
        show(out, d->file);
        buf_char(out, ':');
        if (d->line)
            buf_format(out, "%u:", d->line);
        if (d->line && d->column)
            buf_format(out, "%u:", d->column);
        buf_char(out, ' ');
    }
    buf_format(out, "%s: %s: ", severity_words[d->severity][lang], d->code);
    render_message(out, e, lang, d, mask);
    text_place(out, e, lang, d);
    buf_text(out, "\n  ");
    before = out->len;
    render_advice(out, e, lang, d, mask);
    if (out->len > before)
        buf_char(out, '\n');
    else if (!out->failed)
        out->data[out->len -= 2] = '\0';
}

static void json_text(struct buf *out, const char *key, struct gw_str text)
{
    buf_format(out, ",\"%s\":", key);
    if (text.len)
        buf_json(out, text);
    else
        buf_text(out, "null");
}

static void json_number(struct buf *out, const char *key, uint64_t n, uint64_t absent)
{
    buf_format(out, ",\"%s\":", key);
    if (n == absent)
        buf_text(out, "null");
    else
        buf_number(out, n);
}

void diag_json(struct buf *out, const struct catalogue *c, enum lang lang, const struct diag *d, bool mask)
{
    const struct catalogue_entry *e = catalogue_find(c, d->code);
    struct buf text;

    buf_init(&text, MESSAGE_BYTES_MAX);
    buf_text(out, "{\"file\":");
    if (d->file.len)
        buf_json(out, d->file);
    else
        buf_text(out, "null");
    json_number(out, "line", d->line, 0);
    json_number(out, "column", d->column, 0);
    json_number(out, "byte", d->byte, UINT64_MAX);
    json_number(out, "record", d->record, 0);
    json_text(out, "severity", str_of(severity_words[d->severity][LANG_EN]));
    json_text(out, "code", str_of(d->code));
    json_text(out, "path", d->path);
    if (d->value.ptr)
        show_value(&text, d, d->value, mask);
    json_text(out, "value", buf_view(&text));
    buf_clear(&text);
    render_message(&text, e, lang, d, mask);
    json_text(out, "message", buf_view(&text));
    buf_clear(&text);
    render_advice(&text, e, lang, d, mask);
    json_text(out, "advice", buf_view(&text));
    buf_char(out, '}');
    buf_done(&text);
}
