/* SPDX-License-Identifier: EUPL-1.2 */
/* One function a path. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/str.h"
#include "store/store.h"

#define KEY_MOST 255 /* of an Idempotency-Key */
#define PAGE_MAX ((size_t)64 << 20)

static void set(char ret[FRONT_TEXT], struct gw_str text)
{
    (void)snprintf(ret, FRONT_TEXT, "%.*s", STR_ARG(text));
}

static struct ask about(const struct call *c, enum ask_kind kind)
{
    struct ask a = {.kind = kind};

    set(a.partner, c->partner->name);
    set(a.flow, c->parts[0]);
    return a;
}

static const char *query_of(const struct call *c, const char *name)
{
    return MHD_lookup_connection_value(c->c, MHD_GET_ARGUMENT_KIND, name);
}

/* Asks; false: the problem is answered, or there was no answer, and *ret says how that went. */
static bool asked(struct call *c, struct ask *a, struct told *t, int *fd, enum MHD_Result *ret)
{
    if (!ask_supervisor(c, a, t, fd)) {
        *ret = answer_problem(c, 503, "api.busy");
        return false;
    }
    if (t->status >= 200 && t->status < 300)
        return true;
    if (*fd >= 0)
        (void)close(*fd);
    *ret = answer_problem(c, t->status >= 400 && t->status < 600 ? t->status : 503,
                          t->code[0] ? t->code : "api.busy");
    return false;
}

/* ---- a file in ---- */

static bool name_file(const struct call *c, char ret[FRONT_TEXT])
{
    const char *disposition = request_header(c, "Content-Disposition"),
               *header = request_header(c, "X-File-Name");
    const char *query = query_of(c, "name");
    bool good = true;

    ret[0] = '\0';
    if (disposition)
        good = filename_disposition(str_of(disposition), ret);
    if (good && !ret[0] && (header || query))
        good = filename_take(str_of(header ? header : query), ret);
    return good;
}

/* By partner, flow and the sender's key. False: it is none. */
static bool key_file(const struct call *c, struct ask *a)
{
    const char *key = request_header(c, "Idempotency-Key");
    uint8_t digest[32];
    struct buf b;

    if (!key)
        return true;
    if (!*key || strlen(key) > KEY_MOST)
        return false;
    buf_init(&b, 4096);
    buf_format(&b, "%s\n%s\n%s", a->partner, a->flow, key);
    store_digest(buf_view(&b), digest);
    buf_done(&b);
    memcpy(a->key, digest, sizeof(a->key));
    a->keyed = true;
    return true;
}

static enum MHD_Result accepted(struct call *c, const struct told *t)
{
    char location[64], room[256];

    (void)snprintf(location, sizeof(location), "/v1/exchanges/%lld", (long long)t->id);
    (void)snprintf(room, sizeof(room), "{\"id\":%lld,\"exchange\":\"%s\",\"seen\":%s}\n", (long long)t->id,
                   location, t->seen ? "true" : "false");
    return answer_json(c, 202, str_of(room), location);
}

static const struct flow *flow_in(const struct call *c)
{
    const struct flow *f = conf_flow(c->api->conf, c->parts[0]);

    return f && f->api && !f->out && f->partner == c->partner ? f : NULL;
}

static enum MHD_Result post_file(struct call *c)
{
    struct ask a = about(c, ASK_FILE);
    struct told t;
    int fd = -1;
    enum MHD_Result result;

    if (!flow_in(c))
        return answer_problem(c, 404, "api.flow");
    if (!name_file(c, a.name))
        return answer_problem(c, 422, "api.name");
    if (!key_file(c, &a))
        return answer_problem(c, 422, "api.key_form");
    if (!c->body.size)
        return answer_problem(c, 422, "api.empty");
    if (!body_end(c, a.digest))
        return answer_problem(c, c->body.status, c->body.code);
    if (!a.name[0])
        (void)snprintf(a.name, sizeof(a.name), "api-%02x%02x%02x%02x%02x%02x%02x%02x", a.digest[0], a.digest[1],
                       a.digest[2], a.digest[3], a.digest[4], a.digest[5], a.digest[6], a.digest[7]);
    a.slot = (uint32_t)c->body.slot;
    a.size = c->body.size;
    t.taken = true;
    if (!asked(c, &a, &t, &fd, &result)) {
        c->body.given = t.taken;
        return result;
    }
    c->body.given = t.taken;
    return accepted(c, &t);
}

/* ---- what is known ---- */

static bool id_of(struct gw_str text, int64_t *ret)
{
    uint64_t n = 0;

    if (!str_number(text, &n) || n > INT64_MAX)
        return false;
    *ret = (int64_t)n;
    return true;
}

static enum MHD_Result get_page(struct call *c, struct ask *a)
{
    const char *after = query_of(c, "after");
    enum MHD_Result result;
    struct told t;
    int fd;

    if (after && !id_of(str_of(after), &a->after))
        return answer_problem(c, 400, "api.request");
    if (!asked(c, a, &t, &fd, &result))
        return result;
    return answer_bytes(c, 200, fd, 0, t.size, "application/json", NULL);
}

static enum MHD_Result get_exchange(struct call *c)
{
    struct ask a = about(c, ASK_EXCHANGE);

    return id_of(c->parts[0], &a.id) ? get_page(c, &a) : answer_problem(c, 404, "api.exchange");
}

static enum MHD_Result get_receipt(struct call *c)
{
    struct ask a = about(c, ASK_RECEIPT);

    return id_of(c->parts[0], &a.id) ? get_page(c, &a) : answer_problem(c, 404, "api.exchange");
}

static enum MHD_Result get_outbox(struct call *c)
{
    struct ask a = about(c, ASK_OUTBOX);

    return get_page(c, &a);
}

/* Names of ours and of formats: still, only what a header may hold in quotes. */
static void put_name(struct MHD_Response *r, const char *name)
{
    char room[3 * FRONT_TEXT + 64];
    size_t n = (size_t)snprintf(room, sizeof(room), "attachment; filename*=UTF-8''");

    for (const unsigned char *p = (const unsigned char *)name; *p && n + 4 < sizeof(room); p++)
        n += (size_t)snprintf(room + n, sizeof(room) - n,
                              (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                                      (*p >= '0' && *p <= '9') || strchr("-_.", *p)
                                  ? "%c"
                                  : "%%%02X",
                              *p);
    answer_header(r, "Content-Disposition", room);
}

static enum MHD_Result send_part(struct call *c, const struct told *t, int fd)
{
    struct MHD_Response *r;
    uint64_t from, len;
    char room[128];
    int part = head_range(request_header(c, "Range"), t->size, &from, &len);
    enum MHD_Result result;

    if (part < 0) {
        (void)close(fd);
        return answer_problem(c, 416, "api.range");
    }
    if (answer_bytes(c, 200, fd, from, len, "application/octet-stream", &r) != MHD_YES)
        return MHD_NO;
    put_name(r, t->name);
    answer_header(r, "Accept-Ranges", "bytes");
    if (part) {
        (void)snprintf(room, sizeof(room), "bytes %llu-%llu/%llu", (unsigned long long)from,
                       (unsigned long long)(from + len - 1), (unsigned long long)t->size);
        answer_header(r, "Content-Range", room);
    }
    (void)snprintf(room, sizeof(room), "\"");
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(room + 1 + 2 * i, sizeof(room) - 1 - 2 * i, "%02x", t->digest[i]);
    (void)snprintf(room + 65, sizeof(room) - 65, "\"");
    answer_header(r, "ETag", room);
    result = MHD_queue_response(c->c, part ? 206 : 200, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result get_file(struct call *c)
{
    struct ask a = about(c, ASK_TAKE);
    enum MHD_Result result;
    struct told t;
    int fd;

    if (!id_of(c->parts[1], &a.id))
        return answer_problem(c, 404, "api.outbox_file");
    if (!asked(c, &a, &t, &fd, &result))
        return result;
    return send_part(c, &t, fd);
}

static enum MHD_Result post_ack(struct call *c)
{
    struct ask a = about(c, ASK_ACK);
    enum MHD_Result result;
    struct told t;
    int fd;

    if (!id_of(c->parts[1], &a.id))
        return answer_problem(c, 404, "api.outbox_file");
    return asked(c, &a, &t, &fd, &result) ? answer_empty(c, 204) : result;
}

/* ---- formats ---- */

/* The flow of the partner's that has it; NULL: none. */
static const struct flow *flow_of_format(const struct call *c)
{
    for (size_t i = 0; i < c->api->conf->nflows; i++) {
        const struct flow *f = &c->api->conf->flows[i];

        if (f->api && f->partner == c->partner && str_eq(f->format, c->parts[0]))
            return f;
    }
    return NULL;
}

static enum MHD_Result get_format(struct call *c)
{
    const struct flow *f = flow_of_format(c);
    struct gw_str page = f ? c->api->formats[f - c->api->conf->flows][c->lang] : (struct gw_str){NULL, 0};

    return page.ptr ? answer_json(c, 200, page, NULL) : answer_problem(c, 404, "api.format");
}

static enum MHD_Result validated(struct call *c, int fd)
{
    enum MHD_Result result;
    struct buf page;

    buf_init(&page, PAGE_MAX);
    result = verdict_read(fd, c->lang, &page) == GW_OK ? answer_json(c, 200, buf_view(&page), NULL)
                                                       : answer_problem(c, 422, "api.unreadable");
    (void)close(fd);
    buf_done(&page);
    return result;
}

static enum MHD_Result post_validate(struct call *c)
{
    const struct flow *f = flow_of_format(c);
    struct ask a = about(c, ASK_VALIDATE);
    uint8_t digest[32];
    enum MHD_Result result;
    struct told t;
    int fd;

    if (!f)
        return answer_problem(c, 404, "api.format");
    if (!name_file(c, a.name))
        return answer_problem(c, 422, "api.name");
    if (!body_end(c, digest))
        return answer_problem(c, c->body.status, c->body.code);
    (void)snprintf(a.flow, sizeof(a.flow), "%.*s%s%.*s", STR_ARG(f->format), f->profile.len ? ":" : "",
                   STR_ARG(f->profile));
    a.slot = (uint32_t)c->body.slot;
    return asked(c, &a, &t, &fd, &result) ? validated(c, fd) : result;
}

/* ---- for everybody ---- */

static enum MHD_Result get_openapi(struct call *c)
{
    return answer_json(c, 200, c->api->openapi, NULL);
}

static enum MHD_Result get_health(struct call *c)
{
    return answer_json(c, 200, GW_STR("{\"status\":\"ok\"}\n"), NULL);
}

const struct route api_routes[] = {
    {"POST", "/v1/flows/*/files", false, true, post_file},
    {"GET", "/v1/exchanges/*", false, false, get_exchange},
    {"GET", "/v1/exchanges/*/receipt", false, false, get_receipt},
    {"GET", "/v1/flows/*/outbox", false, false, get_outbox},
    {"GET", "/v1/flows/*/outbox/*", false, false, get_file},
    {"POST", "/v1/flows/*/outbox/*/ack", false, false, post_ack},
    {"GET", "/v1/formats/*", false, false, get_format},
    {"POST", "/v1/validate/*", false, true, post_validate},
    {"GET", "/v1/openapi.json", true, false, get_openapi},
    {"GET", "/health", true, false, get_health},
};
const size_t api_nroutes = sizeof(api_routes) / sizeof(*api_routes);
