/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/notices.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"

#define STEP_MS  2000
#define TEXT_MAX ((size_t)64 << 10)

const char *const notice_words[NOTICE_KINDS] = {"late", "empty", "undelivered", "connector", "backup", "head"};

/* ---- to and from the file of a flow ---- */

static void write_told(struct buf *out, const struct gateway_conf *c, uint32_t told)
{
    bool first = true;

    buf_text(out, ",\"told\":[");
    for (size_t i = 0; i < c->nrecipients; i++)
        if (told >> i & 1) {
            buf_text(out, first ? "" : ",");
            buf_json(out, c->recipients[i].name);
            first = false;
        }
    buf_text(out, "]}");
}

void notices_write(struct buf *out, const struct gateway_conf *c, const struct flow_notices *n)
{
    buf_format(out, "{\"due\":%lld,\"spent\":%lld,\"came\":%s", (long long)n->due, (long long)n->spent,
               n->came ? "true" : "false");
    for (size_t i = 0; i < NOTICE_KINDS; i++) {
        const struct notice *k = &n->items[i];

        if (!k->raised && !k->told)
            continue;
        buf_format(out, ",\"%s\":{\"raised\":%s,\"since\":%lld,\"at\":%lld,\"missed\":%llu", notice_words[i],
                   k->raised ? "true" : "false", (long long)k->since, (long long)k->at,
                   (unsigned long long)k->missed);
        write_told(out, c, k->told);
    }
    buf_text(out, "}\n");
}

static uint32_t told_of(yyjson_val *list, const struct gateway_conf *c)
{
    uint32_t told = 0;
    yyjson_val *name;
    size_t i, n;

    yyjson_arr_foreach(list, i, n, name)
    {
        for (size_t k = 0; k < c->nrecipients; k++)
            if (str_eq(str_of(yyjson_get_str(name)), c->recipients[k].name))
                told |= (uint32_t)1 << k;
    }
    return told;
}

static int64_t number_of(yyjson_val *object, const char *key)
{
    return yyjson_get_sint(yyjson_obj_get(object, key));
}

enum gw_result notices_parse(struct gw_str text, const struct gateway_conf *c, struct flow_notices *ret)
{
    yyjson_doc *doc = yyjson_read(text.ptr, text.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    bool good = yyjson_is_obj(root);

    *ret = (struct flow_notices){.due = number_of(root, "due"), .spent = number_of(root, "spent")};
    ret->came = yyjson_get_bool(yyjson_obj_get(root, "came"));
    for (size_t i = 0; i < NOTICE_KINDS; i++) {
        yyjson_val *k = yyjson_obj_get(root, notice_words[i]);

        ret->items[i] = (struct notice){.raised = yyjson_get_bool(yyjson_obj_get(k, "raised")),
                                        .since = number_of(k, "since"),
                                        .at = number_of(k, "at"),
                                        .missed = (uint64_t)number_of(k, "missed"),
                                        .told = told_of(yyjson_obj_get(k, "told"), c)};
    }
    yyjson_doc_free(doc);
    return good ? GW_OK : GW_FAIL;
}

/* ---- the folder ---- */

static struct gw_str name_of(const struct gateway *g, size_t i)
{
    return i < g->conf.nflows ? g->conf.flows[i].name : NOTICES_OF_GATEWAY;
}

static enum gw_result save(struct gateway *g, size_t i)
{
    struct flow_notices *n = &g->notices[i];
    struct durable d = {.fd = -1};
    struct buf text;
    char name[96];
    enum gw_result result;

    (void)snprintf(name, sizeof(name), "%.*s.json", STR_ARG(name_of(g, i)));
    buf_init(&text, TEXT_MAX);
    notices_write(&text, &g->conf, n);
    result = text.failed ? GW_FATAL : durable_create(&d, g->notices_folder, name, 0600);
    if (result == GW_OK)
        result = durable_write(d.fd, text.data, text.len);
    if (result == GW_OK)
        result = durable_commit(&d);
    else
        durable_abandon(&d);
    if (result == GW_OK)
        result = durable_sync(g->notices_folder);
    n->changed = result != GW_OK;
    buf_done(&text);
    return result;
}

/* What is wrong there is as if it had never been: it is looked at anew. */
static void load(struct gateway *g, size_t i)
{
    struct flow_notices *n = &g->notices[i];
    struct buf text;
    char path[4096];

    (void)snprintf(path, sizeof(path), "%.*s/notices/%.*s.json", STR_ARG(g->conf.state),
                   STR_ARG(name_of(g, i)));
    buf_init(&text, TEXT_MAX);
    if (buf_read_file(&text, path) == GW_OK && notices_parse(buf_view(&text), &g->conf, n) != GW_OK) {
        journal("notice.unreadable", "file", path, NULL);
        *n = (struct flow_notices){0};
    }
    buf_done(&text);
}

enum gw_result notices_open(struct gateway *g)
{
    char path[4096];
    enum gw_result result;

    (void)snprintf(path, sizeof(path), "%.*s/notices", STR_ARG(g->conf.state));
    result = durable_folder(path, 0700, &g->notices_folder);
    if (result == GW_OK)
        result = durable_sweep(g->notices_folder);
    for (size_t i = 0; result == GW_OK && i <= g->conf.nflows; i++)
        load(g, i);
    memset(g->letters, 0, sizeof(g->letters));
    g->next_notices = 0;
    return result;
}

void notices_close(struct gateway *g)
{
    if (g->notices_folder >= 0)
        (void)close(g->notices_folder);
    g->notices_folder = -1;
}

/* ---- raised and cleared ---- */

static void tell(const struct flow *f, const char *event, enum notice_kind kind)
{
    if (f)
        journal(event, "flow", f->name.ptr, "kind", notice_words[kind], NULL);
    else
        journal(event, "kind", notice_words[kind], NULL);
}

static struct flow_notices *notices_of(struct gateway *g, const struct flow *f)
{
    return &g->notices[f ? (size_t)(f - g->conf.flows) : g->conf.nflows];
}

void notice_raise(struct gateway *g, const struct flow *f, enum notice_kind kind, int64_t since)
{
    struct flow_notices *n = notices_of(g, f);
    struct notice *k = &n->items[kind];

    if (k->raised)
        return;
    *k = (struct notice){
        .raised = true, .since = since, .at = time(NULL), .told = k->told, .telling = k->telling};
    n->changed = true;
    tell(f, "notice.raised", kind);
}

void notice_clear(struct gateway *g, const struct flow *f, enum notice_kind kind)
{
    struct flow_notices *n = notices_of(g, f);
    struct notice *k = &n->items[kind];

    if (!k->raised)
        return;
    k->raised = false;
    k->at = time(NULL);
    n->changed = true;
    tell(f, "notice.cleared", kind);
}

void notices_came(struct gateway *g, const struct flow *f)
{
    struct flow_notices *n = notices_of(g, f);

    n->changed = n->changed || (f->expected.kind != SCHEDULE_NONE && !n->came);
    n->came = f->expected.kind != SCHEDULE_NONE;
}

static void save_all(struct gateway *g)
{
    for (size_t i = 0; i <= g->conf.nflows; i++)
        if (g->notices[i].changed && save(g, i) != GW_OK) {
            journal("notice.unwritten", "flow", name_of(g, i).ptr, NULL);
            return;
        }
}

/* Nobody is told what is not on the disk: it would be told again. */
void notices_step(struct gateway *g)
{
    int64_t now = clock_ms();

    if (now < g->next_notices && !g->once)
        return;
    g->next_notices = now + STEP_MS;
    notices_watch(g);
    save_all(g);
    letters_step(g);
    save_all(g);
}
