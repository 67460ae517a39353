/* SPDX-License-Identifier: EUPL-1.2 */
#include <unistd.h>

#include "base/str.h"
#include "store/durable.h"
#include "store/store.h"
#include "transfer/http.h"

#define PATH_ROOM 8192u

static const struct gw_str hole = GW_STR_INIT("{name}");

/* errand.path with the name in its place, each as a URL has it. */
static const char *target(struct http *h, struct gw_str name)
{
    struct gw_str path = h->w.duty->errand.path;
    struct buf out;
    const char *url;
    size_t at;

    buf_init(&out, PATH_ROOM);
    while (str_find(path, hole, &at)) {
        buf_str(&out, (struct gw_str){path.ptr, at});
        wire_escape(&out, name, "");
        path = str_from(path, at + hole.len);
    }
    buf_str(&out, path);
    url = out.failed ? NULL : wire_url(&h->w, buf_view(&out), true);
    buf_done(&out);
    return url;
}

/* The same for each attempt at this file, another for any other: a server that knows the header does the second
 * one no more. */
static enum gw_result once_line(struct http *h, const char **ret)
{
    const struct duty *d = h->w.duty;
    uint8_t of_file[32], of_all[32];
    uint64_t size;
    const struct gw_str zero = {"", 1};

    if (lseek(TRANSFER_FILE, 0, SEEK_SET) != 0 || durable_digest(TRANSFER_FILE, of_file, &size) != GW_OK) {
        run_disk(h->w.run, "");
        return GW_RETRY;
    }
    const struct gw_str parts[] = {d->flow, zero, d->name, zero, {(const char *)of_file, sizeof(of_file)}};

    store_digest(arena_join(h->w.arena, parts, sizeof(parts) / sizeof(*parts)), of_all);
    *ret = arena_format(h->w.arena, "Idempotency-Key: %s", wire_hex(&h->w, of_all, 16));
    return GW_OK;
}

static enum gw_result name_taken(struct http *h)
{
    return wire_tell(&h->w, END_FAIL, "write", "transfer.name_taken", h->w.duty->name, GW_STR(""));
}

/* A PUT twice is a PUT once (RFC 9110, 9.2.2); of a POST that was on its way whole nobody knows. */
static enum gw_result lost(struct http *h, const struct http_request *r, const struct http_answer *answer,
                           enum gw_result result)
{
    if (!answer->lost || !answer->complete || strcmp(r->method, "PUT") == 0)
        return result;
    result = wire_tell(&h->w, END_DOUBT, "write", "transfer.doubt", h->w.duty->name, GW_STR(""));
    wire_arg(&h->w, "complete", GW_STR("no"));
    return result;
}

static enum gw_result upload(struct http *h)
{
    const struct errand *e = &h->w.duty->errand;
    bool put = str_is(e->method, "PUT");
    struct gw_str type = e->content_type.len ? e->content_type : GW_STR("application/octet-stream");
    struct http_request r = {.method = put ? "PUT" : "POST",
                             .url = target(h, h->w.duty->name),
                             .step = "write",
                             .lines = {arena_format(h->w.arena, "Content-Type: %.*s", STR_ARG(type))},
                             .more = &e->headers,
                             .body = TRANSFER_FILE,
                             .size = h->w.duty->size};
    struct http_answer answer = {.status = 0};
    enum gw_result result = put ? GW_OK : once_line(h, &r.lines[1]);

    if (result == GW_OK && (result = http_do(h, &r, &answer)) != GW_OK)
        result = lost(h, &r, &answer, result);
    else if (result == GW_OK && (answer.status == 409 || answer.status == 412))
        result = name_taken(h);
    else if (result == GW_OK && answer.status / 100 != 2)
        result = http_refused(h, "write", &answer);
    buf_done(&answer.text);
    return result;
}

/* Reads no more than the head of what is there; that a server refuses HEAD (405, 501) or has nothing yet where
 * we shall send is no fault. */
static enum gw_result look(struct http *h, bool out)
{
    struct http_request r = {.method = "HEAD",
                             .url = target(h, GW_STR("")),
                             .step = "login",
                             .more = &h->w.duty->errand.headers,
                             .body = -1};
    struct http_answer answer;
    enum gw_result result = http_do(h, &r, &answer);
    bool fine = answer.status / 100 == 2 || answer.status == 405 || answer.status == 501 ||
                (out && answer.status / 100 == 4 && answer.status != 401 && answer.status != 403 &&
                 answer.status != 429);

    if (result == GW_OK && !fine)
        result = http_refused(h, out ? "write" : "read", &answer);
    if (result == GW_OK)
        answer_step("login", true, 0, arena_format(h->w.arena, "%ld", answer.status));
    buf_done(&answer.text);
    return result;
}

void http_send(struct run *r)
{
    struct http h;
    enum gw_result result = http_open(&h, r);

    if (result == GW_OK)
        result = r->duty.dry ? look(&h, true) : upload(&h);
    wire_end(&h.w, result);
    http_close(&h);
}

void http_probe(struct run *r)
{
    struct http h;
    enum gw_result result = http_open(&h, r);

    if (result == GW_OK)
        result = look(&h, r->duty.out);
    wire_end(&h.w, result);
    http_close(&h);
}
