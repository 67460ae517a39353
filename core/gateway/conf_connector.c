/* SPDX-License-Identifier: EUPL-1.2 */
/* Connectors, and what a flow does at one, by the tables of transfer/connector.h. */
#include <string.h>

#include "base/str.h"
#include "gateway/conf_keys.h"
#include "schema/canon.h"

#define KEYS_MAX 96

/* What a flow has for itself already: the errand takes it from there. */
static bool is_own(const char *name)
{
    for (size_t i = 0; i < conf_nflow_keys; i++)
        if (strcmp(conf_flow_keys[i].name, name) == 0)
            return true;
    return false;
}

static bool is_errand(const char *name)
{
    for (size_t i = 0; i < errand_nkeys; i++)
        if (strcmp(errand_keys[i].name, name) == 0)
            return !is_own(name);
    return false;
}

bool conf_take_connectors(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to)
{
    struct gateway_conf *c = to;
    struct conf_entry keys[KEYS_MAX];

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_LIST)
        return false;
    for (size_t i = 0; i < connector_nkeys; i++)
        keys[i] = conf_entry_of(&connector_keys[i], 0);
    for (int i = 0; i < config_setting_length(s) && c->nconnectors < CONF_CONNECTORS; i++) {
        const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
        struct connector *k = &c->connectors[c->nconnectors++];

        connector_defaults(k);
        k->file = r->file;
        k->line = config_setting_source_line(one);
        conf_group(r, one, keys, connector_nkeys, k);
    }
    return true;
}

static void match(struct conf_reading *r, const config_setting_t *s, const struct flow *f)
{
    static const char *const local[] = {"folder", "done", "marker"};
    const char *name = config_setting_name(s);

    if (!f->connector_name.len && is_errand(name))
        conf_report(r, s, "conf.errand", str_of(name), GW_STR(""));
    if (!f->connector_name.len && strcmp(name, "after") == 0 && f->after == AFTER_LEAVE)
        conf_report(r, s, "conf.value", GW_STR("leave"), GW_STR("\"move\" | \"delete\""));
    for (size_t i = 0; f->connector_name.len && i < sizeof(local) / sizeof(*local); i++)
        if (strcmp(name, local[i]) == 0)
            conf_report(r, s, "conf.both", str_of(name), f->connector_name);
}

void conf_take_flow(struct conf_reading *r, const config_setting_t *s, struct flow *f)
{
    struct conf_entry keys[KEYS_MAX];
    size_t n = conf_nflow_keys;

    memcpy(keys, conf_flow_keys, n * sizeof(*keys));
    for (size_t i = 0; i < errand_nkeys; i++)
        if (!is_own(errand_keys[i].name))
            keys[n++] = conf_entry_of(&errand_keys[i], offsetof(struct flow, errand));
    conf_group(r, s, keys, n, f);
    for (int i = 0; config_setting_type(s) == CONFIG_TYPE_GROUP && i < config_setting_length(s); i++)
        match(r, config_setting_get_elem(s, (unsigned)i), f);
}

/* ---- a connector ---- */

struct settling {
    struct conf_reading *r;
    const struct connector *k;
};

static void fault(const struct settling *s, const char *code, struct gw_str found, struct gw_str expected)
{
    conf_fault_at(s->r, s->k->file, s->k->line, code, found, expected);
}

static void need(const struct settling *s, const char *key, bool given)
{
    if (!given)
        fault(s, "conf.connector_missing", str_of(key), s->k->name);
}

/* Who and a password before the host would stand in every message; what holds one is not shown. */
static bool has_user(struct gw_str url)
{
    struct gw_str rest;
    size_t at;

    if (!str_find(url, GW_STR("://"), &at))
        return memchr(url.ptr, '@', url.len) != NULL;
    url = str_cut(str_from(url, at + 3), '/', &rest);
    return memchr(url.ptr, '@', url.len) != NULL;
}

static void check_url(const struct settling *s, const char *key, struct gw_str url, bool good)
{
    if (!url.len)
        return;
    if (has_user(url))
        fault(s, "conf.url_user", str_of(key), s->k->name);
    else if (!good)
        fault(s, "conf.url", url, str_of(key));
}

static bool is_web(struct gw_str url)
{
    return str_begins(url, GW_STR("http://")) || str_begins(url, GW_STR("https://"));
}

static void check_ssh(const struct settling *s)
{
    const struct connector *k = s->k;

    need(s, "user", k->user.len > 0);
    need(s, "key", k->key.len || k->password.len || k->agent);
    if (!k->host_keys.count)
        fault(s, "conf.host_keys", k->name, GW_STR(""));
    for (size_t i = 0; i < k->host_keys.count; i++)
        if (!str_begins(k->host_keys.items[i], GW_STR("SHA256:")) || k->host_keys.items[i].len != 7 + 43)
            fault(s, "conf.host_key", k->host_keys.items[i], k->name);
}

static void check_auth(const struct settling *s)
{
    const struct connector *k = s->k;

    switch ((enum auth)k->auth) {
    case AUTH_NONE:
        break;
    case AUTH_BASIC:
        need(s, "user", k->user.len > 0);
        need(s, "password", k->password.len > 0);
        break;
    case AUTH_BEARER:
    case AUTH_API_KEY:
        need(s, "token", k->token.len > 0);
        break;
    case AUTH_OAUTH2:
        need(s, "token_url", k->token_url.len > 0);
        need(s, "client_id", k->client_id.len > 0);
        need(s, "client_secret", k->client_secret.len > 0);
        break;
    }
    if (k->certificate.len || k->certificate_key.len) {
        need(s, "certificate", k->certificate.len > 0);
        need(s, "certificate_key", k->certificate_key.len > 0);
    }
}

static bool is_clock(const char *t)
{
    return t[0] >= '0' && t[0] <= '2' && t[1] >= '0' && t[1] <= '9' && (t[0] < '2' || t[1] < '4') &&
           t[2] == ':' && t[3] >= '0' && t[3] <= '5' && t[4] >= '0' && t[4] <= '9';
}

static void check_times(const struct settling *s)
{
    const struct connector *k = s->k;
    int32_t days;

    for (size_t i = 0; i < k->quiet.count; i++) {
        struct gw_str q = k->quiet.items[i];

        if (q.len != 11 || !is_clock(q.ptr) || q.ptr[5] != '-' || !is_clock(q.ptr + 6))
            fault(s, "conf.quiet", q, k->name);
    }
    if (k->algorithms.count && !k->algorithms_until.len)
        fault(s, "conf.algorithms", k->name, GW_STR(""));
    if (k->algorithms_until.len && !date_days(k->algorithms_until, &days))
        fault(s, "conf.algorithms_date", k->algorithms_until, k->name);
    if (k->pause_max < k->pause)
        fault(s, "conf.pause", k->name, GW_STR(""));
}

static void check_names(const struct settling *s, const struct gateway_conf *c)
{
    const struct connector *k = s->k;
    bool known = !k->partner_name.len;

    need(s, "name", k->name.len > 0);
    if (k->name.len && !conf_name_good(k->name))
        fault(s, "conf.name", k->name, GW_STR(""));
    for (const struct connector *other = c->connectors; other < k; other++)
        if (k->name.len && str_eq(k->name, other->name))
            fault(s, "conf.twice", k->name, GW_STR(""));
    for (size_t i = 0; i < c->npartners; i++)
        known = known || str_eq(c->partners[i].name, k->partner_name);
    if (!known)
        fault(s, "conf.partner", k->partner_name, GW_STR(""));
}

void conf_connector_settle(struct conf_reading *r, const struct gateway_conf *c, const struct connector *k)
{
    struct settling s = {r, k};

    check_names(&s, c);
    need(&s, "url", k->url.len > 0);
    check_url(&s, "url", k->url, connector_program(k) != NULL);
    check_url(&s, "token_url", k->token_url, is_web(k->token_url));
    check_url(&s, "proxy", k->proxy, is_web(k->proxy));
    if (str_begins(k->url, GW_STR("sftp://")))
        check_ssh(&s);
    check_auth(&s);
    check_times(&s);
}

/* ---- an errand ---- */

const struct connector *conf_connector(const struct gateway_conf *c, struct gw_str name)
{
    for (size_t i = 0; i < c->nconnectors; i++)
        if (str_eq(c->connectors[i].name, name))
            return &c->connectors[i];
    return NULL;
}

static void unknown(struct conf_reading *r, const struct gateway_conf *c, const struct flow *f)
{
    const char *names[64];
    size_t n = 0;

    for (size_t i = 0; i < c->nconnectors && n < 64; i++)
        if (c->connectors[i].name.ptr)
            names[n++] = c->connectors[i].name.ptr;
    conf_fault_at(r, f->file, f->line, "conf.connector", f->connector_name,
                  str_of(str_nearest(f->connector_name, names, n)));
}

static void flow_need(struct conf_reading *r, const struct flow *f, const char *key, bool given)
{
    if (!given)
        conf_fault_at(r, f->file, f->line, "conf.missing", str_of(key), f->name);
}

static void check_errand(struct conf_reading *r, const struct flow *f)
{
    const struct errand *e = &f->errand;
    bool mail = str_begins(f->connector->url, GW_STR("smtp"));

    if (mail && !f->out)
        conf_fault_at(r, f->file, f->line, "conf.mail_in", f->name, f->connector->url);
    if (mail && f->out) {
        flow_need(r, f, "sender", e->from.len > 0);
        flow_need(r, f, "to", e->to.count > 0);
    }
    if (!f->out && e->after == SOURCE_MOVE && !is_web(f->connector->url))
        flow_need(r, f, "after_path", e->after_path.len > 0);
    if (!f->out && is_web(f->connector->url) && (e->one_file || e->files_max))
        conf_fault_at(r, f->file, f->line, "conf.errand_web",
                      e->one_file ? GW_STR("one_file") : GW_STR("files_max"), f->name);
    if (!f->out && e->paging >= PAGING_NEXT)
        flow_need(r, f, "page_key", e->page_key.len > 0);
}

/* What was fetched lies in a folder of ours, whole; intake takes it from there at once, and moves it to where
 * the next transfer sees that it may go on the server too. */
static void settle_in(struct conf_reading *r, const struct gateway_conf *c, struct flow *f)
{
    f->folder = str_of(arena_format(r->arena, "%.*s/remote/%.*s", STR_ARG(c->state), STR_ARG(f->name)));
    f->done = str_of(arena_format(r->arena, "%.*s/taken", STR_ARG(f->folder)));
    f->pattern = GW_STR("*");
    f->unready = (struct gw_str){NULL, 0};
    f->stable = 0;
    f->after = AFTER_MOVE;
}

void conf_errand_settle(struct conf_reading *r, const struct gateway_conf *c, struct flow *f)
{
    struct errand *e = &f->errand;

    f->connector = conf_connector(c, f->connector_name);
    if (!f->connector) {
        unknown(r, c, f);
        return;
    }
    f->speaks = true;
    for (const struct flow *g = c->flows; g < f; g++)
        f->speaks = f->speaks && !str_eq(g->connector_name, f->connector_name);
    e->pattern = f->pattern;
    e->unready = f->unready;
    e->stable = f->stable;
    if (f->after != AFTER_UNSAID)
        e->after = f->after;
    else if (e->after_path.len || is_web(f->connector->url))
        e->after = e->after_path.len ? SOURCE_MOVE : SOURCE_LEAVE;
    check_errand(r, f);
    if (!f->out)
        settle_in(r, c, f);
}
