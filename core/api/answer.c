/* SPDX-License-Identifier: EUPL-1.2 */
/* What goes back. Errors are problems (RFC 9457), in the language of the caller. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/str.h"

#define TEXT_MAX 65536

void answer_header(struct MHD_Response *r, const char *name, const char *value)
{
    (void)MHD_add_response_header(r, name, value);
}

static void usual(struct MHD_Response *r, const char *type)
{
    answer_header(r, "Cache-Control", "no-store");
    answer_header(r, "X-Content-Type-Options", "nosniff");
    if (type)
        answer_header(r, "Content-Type", type);
}

static enum MHD_Result queue(struct call *c, unsigned status, struct MHD_Response *r)
{
    enum MHD_Result result = MHD_queue_response(c->c, status, r);

    MHD_destroy_response(r);
    return result;
}

static struct MHD_Response *of_text(struct call *c, struct gw_str text, const char *type)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(text.len, (void *)(uintptr_t)text.ptr, MHD_RESPMEM_MUST_COPY);

    link_goes(c, text.len);
    if (r)
        usual(r, type);
    return r;
}

enum MHD_Result answer_json(struct call *c, unsigned status, struct gw_str body, const char *location)
{
    struct MHD_Response *r = of_text(c, body, "application/json");

    if (r && location)
        answer_header(r, "Location", location);
    return r ? queue(c, status, r) : MHD_NO;
}

enum MHD_Result answer_empty(struct call *c, unsigned status)
{
    struct MHD_Response *r = of_text(c, GW_STR(""), NULL);

    return r ? queue(c, status, r) : MHD_NO;
}

enum MHD_Result answer_bytes(struct call *c, unsigned status, int fd, uint64_t from, uint64_t size,
                             const char *type, struct MHD_Response **ret)
{
    struct MHD_Response *r = MHD_create_response_from_fd_at_offset64(size, fd, from);

    if (!r) {
        (void)close(fd);
        return MHD_NO;
    }
    link_goes(c, size);
    usual(r, type);
    if (ret) {
        *ret = r;
        return MHD_YES;
    }
    return queue(c, status, r);
}

/* ---- problems ---- */

static void member(struct buf *out, const char *name, struct gw_str text)
{
    buf_format(out, ",\"%s\":", name);
    buf_json(out, text);
}

static void text_of(struct buf *out, struct call *c, struct gw_str text)
{
    struct gw_arg args[] = {{"limit", {NULL, 0}}};
    struct diag d = {.code = "", .byte = UINT64_MAX, .args = args, .nargs = 1};
    char room[24];

    (void)snprintf(room, sizeof(room), "%llu", (unsigned long long)c->api->conf->api.body_max);
    args[0].value = str_of(room);
    buf_clear(out);
    diag_render(out, text, &d, true);
}

static void problem_json(struct call *c, unsigned status, const char *code, struct buf *out)
{
    const struct catalogue_entry *words = catalogue_find(c->api->words, code);
    struct buf text;

    buf_init(&text, TEXT_MAX);
    buf_format(out, "{\"type\":\"urn:passerelle:problem:%s\",\"status\":%u", code, status);
    if (words) {
        text_of(&text, c, words->text[c->lang]);
        member(out, "title", buf_view(&text));
        text_of(&text, c, words->advice[c->lang]);
        member(out, "detail", buf_view(&text));
    }
    member(out, "instance", str_of(c->path));
    buf_text(out, "}\n");
    buf_done(&text);
}

static const char *methods_of(const struct call *c, char room[64])
{
    (void)snprintf(room, 64, "%s", c->route ? c->route->method : "GET");
    if (c->route && strcmp(c->route->method, "GET") == 0)
        (void)snprintf(room, 64, "GET, HEAD");
    return room;
}

enum MHD_Result answer_problem(struct call *c, unsigned status, const char *code)
{
    struct MHD_Response *r;
    struct buf out;
    char room[64];

    buf_init(&out, TEXT_MAX);
    problem_json(c, status, code, &out);
    r = of_text(c, buf_view(&out), "application/problem+json");
    buf_done(&out);
    if (!r)
        return MHD_NO;
    answer_header(r, "Content-Language", c->lang == LANG_EN ? "en" : "fr");
    if (status == 401)
        answer_header(r, "WWW-Authenticate", "Bearer realm=\"passerelle\"");
    if (status == 405)
        answer_header(r, "Allow", methods_of(c, room));
    if (status == 400 || status == 413 || status == 415)
        answer_header(r, "Connection", "close");
    if (status == 429 || status == 503) {
        (void)snprintf(room, sizeof(room), "%u", c->wait ? c->wait : 1);
        answer_header(r, "Retry-After", room);
    }
    return queue(c, status, r);
}
