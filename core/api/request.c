/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One request from its head to its end. What can be refused by the head alone is, before a byte of the body is
 * taken: form, path and method, who it is, how often.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "base/str.h"

const char *request_header(const struct call *c, const char *name)
{
    return MHD_lookup_connection_value(c->c, MHD_HEADER_KIND, name);
}

/* ---- calls, one a connection ---- */

static struct call *call_new(struct api *a, struct MHD_Connection *c)
{
    struct call *found = NULL;

    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; !found && i < FRONT_FILES; i++)
        if (!a->calls[i].used)
            found = &a->calls[i];
    if (found)
        *found = (struct call){.used = true, .api = a, .c = c, .body = {.slot = -1, .fd = -1}};
    pthread_mutex_unlock(&a->lock);
    return found;
}

void request_over(void *cls, struct MHD_Connection *conn, void **state, enum MHD_RequestTerminationCode why)
{
    struct call *c = *state;
    struct api *a = cls;

    (void)conn, (void)why;
    if (!c)
        return;
    body_free(c);
    arena_done(&c->arena);
    pthread_mutex_lock(&a->lock);
    if (c->link)
        link_head(a, c->link);
    c->used = false;
    pthread_mutex_unlock(&a->lock);
    *state = NULL;
}

/* ---- the head ---- */

static bool segment_good(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= 'a' && s.ptr[i] <= 'z') && !(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') &&
            !(s.ptr[i] >= '0' && s.ptr[i] <= '9') && !strchr("-_.:", s.ptr[i]))
            return false;
    return s.len > 0 && s.len < 100 && s.ptr[0] != '.';
}

static bool fits(const char *pattern, struct gw_str path, struct gw_str parts[API_PARTS])
{
    struct gw_str want = str_of(pattern), a, b;
    size_t n = 0;

    while (want.ptr && path.ptr) {
        a = str_cut(want, '/', &want);
        b = str_cut(path, '/', &path);
        if (!str_is(a, "*") && !str_eq(a, b))
            return false;
        if (str_is(a, "*") && (n == API_PARTS || !segment_good(b)))
            return false;
        if (str_is(a, "*"))
            parts[n++] = b;
    }
    return !want.ptr && !path.ptr;
}

/* False: the path is none, or it is and has another method; c->route then tells which. */
static bool route_find(struct call *c, const char *method)
{
    const char *wanted = c->head ? "GET" : method;

    for (size_t i = 0; i < api_nroutes; i++) {
        if (!fits(api_routes[i].path, str_of(c->path), c->parts))
            continue;
        c->route = &api_routes[i];
        if (strcmp(api_routes[i].method, wanted) == 0)
            return true;
    }
    return false;
}

static bool identified(struct call *c)
{
    c->partner = auth_partner(c);
    if (!c->partner)
        stranger_came(c);
    return c->partner != NULL;
}

/* 0: it may go on; else it is answered, and *ret says how that went. */
static bool refused(struct call *c, const char *method, enum MHD_Result *ret)
{
    bool known = route_find(c, method);
    const char *fault = strict_fault(c->c, known ? c->route : NULL);

    if (fault)
        *ret = answer_problem(c, strcmp(fault, "api.media") == 0 ? 415 : 400, fault);
    else if (!known)
        *ret = answer_problem(c, c->route ? 405 : 404, c->route ? "api.method" : "api.path");
    else if (!c->route->open && (c->wait = stranger_wait(c)))
        *ret = answer_problem(c, 429, "api.rate");
    else if (!c->route->open && !identified(c))
        *ret = answer_problem(c, 401, "api.key");
    else if (c->partner && (c->wait = rate_take(c->api, c->partner)))
        *ret = answer_problem(c, 429, "api.rate");
    else if (c->route->body && !body_begin(c))
        *ret = answer_problem(c, c->body.status, c->body.code);
    else
        return false;
    return true;
}

static enum MHD_Result begin(struct call *c, const char *url, const char *method)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c->c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    enum MHD_Result result = MHD_YES;

    arena_init(&c->arena, 4096, (size_t)64 << 20);
    c->link = info ? info->socket_context : NULL;
    c->path = arena_text(&c->arena, str_of(url));
    c->head = strcmp(method, "HEAD") == 0;
    c->lang = head_lang(request_header(c, "Accept-Language"));
    if (!c->path || !c->link)
        return MHD_NO;
    (void)refused(c, method, &result);
    return result;
}

enum MHD_Result request_take(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                             const char *version, const char *data, size_t *len, void **state)
{
    struct call *c = *state;

    (void)version;
    if (!c) {
        *state = c = call_new(cls, conn);
        return c ? begin(c, url, method) : MHD_NO;
    }
    if (*len) {
        if (c->route && c->route->body && body_add(c, data, *len) != GW_OK)
            return MHD_NO;
        *len = 0;
        return MHD_YES;
    }
    link_work(c);
    return c->body.code ? answer_problem(c, c->body.status, c->body.code) : c->route->run(c);
}
