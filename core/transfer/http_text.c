/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/http_text.h"

#include <curl/curl.h>
#include <stdio.h>
#include <strings.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/str.h"

#define NAME_MAX_BYTES 200u
#define PROBLEM_CHARS  200u
#define QUERY_MAX      16384u

static bool same_word(struct gw_str a, const char *word)
{
    return a.len == strlen(word) && strncasecmp(a.ptr, word, a.len) == 0;
}

/* ---- parameters: ;name=value;name="va\"lue" ---- */

/* The next one behind `*rest`, which moves; false: no more. A quoted value has its escapes undone in `value`.
 */
static bool next_parameter(struct gw_str *rest, struct gw_str *name, struct buf *value)
{
    size_t at = 0;

    buf_clear(value);
    while (at < rest->len && strchr("; \t", rest->ptr[at]))
        at++;
    *rest = str_from(*rest, at);
    for (at = 0; at < rest->len && !strchr("=;,", rest->ptr[at]);)
        at++;
    *name = str_trim((struct gw_str){rest->ptr, at});
    if (at == rest->len || rest->ptr[at] != '=') {
        *rest = str_from(*rest, at);
        return name->len > 0;
    }
    *rest = str_from(*rest, at + 1);
    at = 0;
    if (rest->len && rest->ptr[0] == '"') {
        for (at = 1; at < rest->len && rest->ptr[at] != '"'; at++) {
            at += rest->ptr[at] == '\\' && at + 1 < rest->len;
            buf_char(value, rest->ptr[at]);
        }
        at += at < rest->len;
    } else {
        for (; at < rest->len && !strchr(";,", rest->ptr[at]); at++)
            buf_char(value, rest->ptr[at]);
    }
    *rest = str_from(*rest, at);
    return true;
}

/* ---- names ---- */

/* To libcurl a length of 0 means up to the next NUL. */
static struct gw_str unescaped(struct arena *a, struct gw_str s)
{
    int len = 0;
    char *plain = s.len ? curl_easy_unescape(NULL, s.ptr, (int)s.len, &len) : NULL;
    struct gw_str copy = arena_copy(a, (struct gw_str){plain ? plain : "", (size_t)len});

    curl_free(plain);
    return copy;
}

/* filename*=UTF-8''... before filename=... (RFC 6266, 4.3). */
static struct gw_str disposition_name(struct arena *a, struct gw_str disposition)
{
    struct gw_str rest = disposition, word, plain = {NULL, 0}, coded = {NULL, 0}, ignored;
    struct buf value;

    (void)str_cut(disposition, ';', &rest);
    buf_init(&value, QUERY_MAX);
    while (rest.len && rest.ptr[0] != ',' && next_parameter(&rest, &word, &value)) {
        if (same_word(word, "filename"))
            plain = arena_copy(a, buf_view(&value));
        if (same_word(word, "filename*") && strncasecmp(value.data, "UTF-8'", 6) == 0) {
            (void)str_cut(str_from(buf_view(&value), 6), '\'', &ignored);
            coded = ignored.ptr ? unescaped(a, ignored) : coded;
        }
    }
    buf_done(&value);
    return coded.ptr ? coded : plain;
}

static struct gw_str url_name(struct arena *a, struct gw_str url)
{
    size_t at = 0;

    if (str_find(url, GW_STR("://"), &at))
        url = str_from(url, at + 3);
    for (at = 0; at < url.len && url.ptr[at] != '?' && url.ptr[at] != '#';)
        at++;
    url.len = at;
    while (at > 0 && url.ptr[at - 1] != '/')
        at--;
    return at ? unescaped(a, str_from(url, at)) : GW_STR("");
}

/* What is behind the last slash of either kind, of what can stand in a name. */
static struct gw_str plain(struct arena *a, struct gw_str s)
{
    struct buf out;
    struct gw_str name;
    size_t start = 0;

    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '/' || s.ptr[i] == '\\')
            start = i + 1;
    s = str_trim(str_from(s, start));
    buf_init(&out, NAME_MAX_BYTES + 8);
    for (size_t i = 0, n; i < s.len && out.len + 4 <= NAME_MAX_BYTES; i += n ? n : 1) {
        n = str_utf8(s, i);
        if (n == 1 && ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 127 || (s.ptr[i] == '.' && !out.len)))
            continue;
        buf_add(&out, n ? s.ptr + i : "_", n ? n : 1);
    }
    name = arena_copy(a, buf_view(&out));
    buf_done(&out);
    return name;
}

struct gw_str http_name(struct arena *a, struct gw_str disposition, struct gw_str url)
{
    struct gw_str name = plain(a, disposition_name(a, disposition));

    if (!name.len)
        name = plain(a, url_name(a, url));
    return name.len ? name : GW_STR("file");
}

struct gw_str http_name_at(struct arena *a, struct gw_str name, time_t when, uint64_t page)
{
    size_t dot = name.len;
    struct tm tm;
    char stamp[32], of_page[32] = "";
    char *text;

    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    dot = dot > 1 ? dot - 1 : name.len;
    (void)gmtime_r(&when, &tm);
    (void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    if (page)
        (void)snprintf(of_page, sizeof(of_page), "-p%llu", (unsigned long long)page);
    text = arena_format(a, "%.*s-%s%s%.*s", (int)dot, name.ptr, stamp, of_page, (int)(name.len - dot),
                        name.ptr + dot);
    return str_of(text);
}

/* ---- links and URLs ---- */

static bool has_next(struct gw_str words)
{
    while (words.ptr) {
        if (same_word(str_trim(str_cut(words, ' ', &words)), "next"))
            return true;
    }
    return false;
}

struct gw_str http_link_next(struct arena *a, struct gw_str link)
{
    struct gw_str target, word, found = {NULL, 0};
    struct buf value;
    size_t at;

    buf_init(&value, QUERY_MAX);
    while (!found.ptr && str_find(link, GW_STR("<"), &at)) {
        bool next = false;

        target = str_cut(str_from(link, at + 1), '>', &link);
        while (link.len && link.ptr[0] != ',' && next_parameter(&link, &word, &value))
            next |= same_word(word, "rel") && has_next(buf_view(&value));
        if (next && link.ptr)
            found = arena_copy(a, target);
    }
    buf_done(&value);
    return found;
}

const char *http_resolve(struct arena *a, const char *base, struct gw_str reference)
{
    CURLU *u = curl_url();
    char *url = NULL, *user = NULL;
    const char *absolute = NULL;

    if (u && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_URL, arena_text(a, reference), 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
        curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK)
        absolute = arena_text(a, str_of(url));
    curl_free(user);
    curl_free(url);
    curl_url_cleanup(u);
    return absolute;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = NULL, *y = NULL;
    bool same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(x, y) == 0;

    curl_free(x);
    curl_free(y);
    return same;
}

bool http_same_origin(const char *a, const char *b)
{
    CURLU *x = curl_url(), *y = curl_url();
    bool same = x && y && curl_url_set(x, CURLUPART_URL, a, 0) == CURLUE_OK &&
                curl_url_set(y, CURLUPART_URL, b, 0) == CURLUE_OK && same_part(x, y, CURLUPART_SCHEME) &&
                same_part(x, y, CURLUPART_HOST) && same_part(x, y, CURLUPART_PORT);

    curl_url_cleanup(x);
    curl_url_cleanup(y);
    return same;
}

const char *http_with(struct arena *a, const char *url, struct gw_str name, uint64_t value)
{
    struct gw_str query, path = str_cut(str_of(url), '?', &query), one;
    struct buf out;
    char mark = '?';
    const char *text;

    buf_init(&out, QUERY_MAX);
    buf_str(&out, path);
    while (query.ptr) {
        one = str_cut(query, '&', &query);
        if (str_begins(one, name) && one.len > name.len && one.ptr[name.len] == '=')
            continue;
        buf_char(&out, mark);
        buf_str(&out, one);
        mark = '&';
    }
    buf_format(&out, "%c%.*s=%llu", mark, STR_ARG(name), (unsigned long long)value);
    text = out.failed ? NULL : arena_text(a, buf_view(&out));
    buf_done(&out);
    return text;
}

/* ---- what a failure says of itself ---- */

static struct gw_str json_problem(struct arena *a, struct gw_str body)
{
    static const char *const keys[] = {"detail", "title", "message", "error_description", "error"};
    yyjson_doc *doc = yyjson_read(body.ptr, body.len, 0);
    struct gw_str text = {NULL, 0};

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !text.ptr; i++) {
        yyjson_val *v = yyjson_obj_get(yyjson_doc_get_root(doc), keys[i]);

        if (yyjson_is_str(v))
            text = arena_copy(a, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)});
    }
    yyjson_doc_free(doc);
    return text;
}

static struct gw_str between(struct gw_str s, struct gw_str start, struct gw_str end)
{
    size_t at;

    if (!str_find(s, start, &at))
        return GW_STR("");
    s = str_from(s, at + start.len);
    return str_find(s, end, &at) ? (struct gw_str){s.ptr, at} : GW_STR("");
}

struct gw_str http_problem(struct arena *a, struct gw_str type, struct gw_str body)
{
    struct gw_str text = body;
    struct buf line;
    size_t at;

    if (str_find(type, GW_STR("json"), &at))
        text = json_problem(a, body);
    else if (str_find(type, GW_STR("html"), &at))
        text = between(body, GW_STR("<title>"), GW_STR("</title>"));
    text = str_trim(text);
    buf_init(&line, 4 * PROBLEM_CHARS + 8);
    for (size_t i = 0, n; i < text.len && line.len + 4 < PROBLEM_CHARS; i += n ? n : 1) {
        n = str_utf8(text, i);
        if (n == 1 && (unsigned char)text.ptr[i] < ' ')
            buf_char(&line, ' ');
        else
            buf_add(&line, n ? text.ptr + i : "?", n ? n : 1);
    }
    text = arena_copy(a, buf_view(&line));
    buf_done(&line);
    return text;
}
