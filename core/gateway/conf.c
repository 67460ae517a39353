/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reading gateway.conf and conf.d/NAME.conf by libconfig: each file by itself, each key an entry of a table
 * {name, how it is taken, where it goes}. Nothing of libconfig outlives the loading.
 */
#include "gateway/conf.h"

#include <dirent.h>
#include <libconfig.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/str.h"
#include "gateway/conf_keys.h"
#include "gateway/metrics.h"
#include "gateway/storage.h"

#define CONF_FLOWS 256 /* of all files */
#define CONF_MAX   ((size_t)1 << 20)

void conf_report(struct conf_reading *r, const config_setting_t *at, const char *code, struct gw_str found,
                 struct gw_str expected)
{
    struct gw_arg args[] = {
        {"found", found}, {"expected", expected}, {"in", str_of(at ? config_setting_name(at) : NULL)}};
    struct diag d = {.severity = GW_ERROR,
                     .code = code,
                     .file = r->file,
                     .line = at ? config_setting_source_line(at) : r->line,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 3};

    r->faults++;
    r->sink->put(r->sink, &d);
}

/* ---- a group ---- */

static void unknown(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *keys, size_t n)
{
    const char *names[64];

    for (size_t i = 0; i < n && i < 64; i++)
        names[i] = keys[i].name;
    conf_report(r, s, "conf.key", str_of(config_setting_name(s)),
                str_of(str_nearest(str_of(config_setting_name(s)), names, n)));
}

static const struct conf_entry *entry_of(const struct conf_entry *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

void conf_group(struct conf_reading *r, const config_setting_t *group, const struct conf_entry *keys, size_t n,
                void *to)
{
    if (config_setting_type(group) != CONFIG_TYPE_GROUP) {
        conf_report(r, group, "conf.value", GW_STR(""), GW_STR("{ ... }"));
        return;
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        const struct conf_entry *e = entry_of(keys, n, config_setting_name(s));

        if (!e)
            unknown(r, s, keys, n);
        else if (!e->take(r, s, e, (char *)to + e->offset))
            conf_report(r, s, "conf.value", conf_shown(r, s), str_of(e->expected));
    }
}

/* ---- lists of partners and flows ---- */

static bool take_partners(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to)
{
    struct gateway_conf *c = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_LIST)
        return false;
    for (int i = 0; i < config_setting_length(s) && c->npartners < CONF_FLOWS; i++) {
        const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
        struct partner *p = &c->partners[c->npartners++];

        *p = (struct partner){.file = r->file, .line = config_setting_source_line(one)};
        conf_group(r, one, conf_partner_keys, conf_npartner_keys, p);
        if (!p->name.len)
            conf_report(r, one, "conf.missing", GW_STR("name"), GW_STR(""));
    }
    return true;
}

static bool take_flows(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct gateway_conf *c = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_LIST)
        return false;
    for (int i = 0; i < config_setting_length(s) && c->nflows < CONF_FLOWS; i++) {
        const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
        struct flow *f = &c->flows[c->nflows++];

        *f = (struct flow){.pattern = GW_STR("*"),
                           .stable = 2,
                           .rejects_max = -1,
                           .every = 0,
                           .deliver_within = 86400,
                           .after = AFTER_UNSAID,
                           .file = r->file,
                           .line = config_setting_source_line(one)};
        for (size_t k = 0; k < KEPT_KINDS; k++)
            f->kept[k] = KEPT_UNSAID;
        errand_defaults(&f->errand);
        openpgp_defaults(&f->openpgp);
        conf_take_flow(r, one, f);
    }
    return true;
}

/* Numbers about people's files are for this machine only. */
static bool take_loopback(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to)
{
    struct sockaddr_storage at;

    if (!conf_take_text(r, s, e, to))
        return false;
    if (!metrics_address(*(struct gw_str *)to, &at))
        conf_report(r, s, "conf.metrics", conf_shown(r, s), GW_STR("127.0.0.1:9464"));
    return true;
}

static bool take_store(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    if (!conf_take_text(r, s, e, to))
        return false;
    if (!storage_url(*(struct gw_str *)to))
        conf_report(r, s, "conf.store", GW_STR(""), str_of(e->expected));
    return true;
}

#define OF_PROGRAMS(member) (offsetof(struct gateway_conf, programs) + offsetof(struct conf_list, member))

static const struct conf_entry root_keys[] = {
    {"state", conf_take_folder, offsetof(struct gateway_conf, state), "\"FOLDER\"", 0},
    {"key", conf_take_folder, offsetof(struct gateway_conf, key), "\"FILE\"", 0},
    {"control", conf_take_folder, offsetof(struct gateway_conf, control), "\"FILE\"", 0},
    {"operators", conf_take_operators, 0, "( { ... }, { ... } )", 0},
    {"unmask", conf_take_roles, offsetof(struct gateway_conf, unmask), "( \"dpo\", \"gestionnaire\" )", 0},
    {"store", take_store, offsetof(struct gateway_conf, store), "\"postgresql://USER@HOST/DATABASE\"", 0},
    {"store_password", conf_take_secret, offsetof(struct gateway_conf, store_password),
     "file:PATH, env:NAME, credential:NAME", 0},
    {"metrics", take_loopback, offsetof(struct gateway_conf, metrics), "\"127.0.0.1:PORT\"", 0},
    {"readers", conf_take_number, offsetof(struct gateway_conf, readers), "1, 2 ...", 0},
    {"poll", conf_take_seconds, offsetof(struct gateway_conf, poll), "SECONDS | \"5 s\" | \"10 min\"", 0},
    {"api", conf_take_api, offsetof(struct gateway_conf, api), "{ ... }", 0},
    {"backup", conf_take_backup, offsetof(struct gateway_conf, backup), "{ ... }", 0},
    {"revoked", conf_take_revoked, offsetof(struct gateway_conf, revoked), "( \"sha256:HEX\", ... )", 0},
    {"programs", conf_take_texts, OF_PROGRAMS(items), "( \"FORMAT\", ... )", OF_PROGRAMS(count) - OF_PROGRAMS(items)},
    {"limits", conf_take_limits, offsetof(struct gateway_conf, limits), "{ ... }", 0},
    {"partners", take_partners, 0, "( { ... }, { ... } )", 0},
    {"connectors", conf_take_connectors, 0, "( { ... }, { ... } )", 0},
    {"notices", conf_take_recipients, 0, "( { ... }, { ... } )", 0},
    {"flows", take_flows, 0, "( { ... }, { ... } )", 0},
};

/* ---- files ---- */

static void file_fault(struct conf_reading *r, const char *code, uint32_t line, const char *what)
{
    r->line = line;
    conf_report(r, NULL, code, str_of(what), GW_STR(""));
    r->line = 0;
}

static void text_keep(struct conf_reading *r, struct gateway_conf *c, struct gw_str name, struct gw_str text)
{
    if (c->ntexts < CONF_FLOWS)
        c->texts[c->ntexts++] = (struct conf_text){name, arena_copy(r->arena, text)};
}

static void read_file(struct conf_reading *r, struct gateway_conf *c, struct gw_str name)
{
    struct buf text;
    config_t config;

    buf_init(&text, CONF_MAX);
    config_init(&config);
    if (buf_read_file(&text, r->file.ptr) != GW_OK)
        file_fault(r, "conf.file", 0, r->file.ptr);
    else if (config_read_string(&config, text.data) != CONFIG_TRUE)
        file_fault(r, "conf.syntax", (uint32_t)config_error_line(&config), config_error_text(&config));
    else
        conf_group(r, config_root_setting(&config), root_keys, sizeof(root_keys) / sizeof(*root_keys), c);
    text_keep(r, c, name, buf_view(&text));
    config_destroy(&config);
    buf_done(&text);
}

static int is_conf(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return d->d_name[0] != '.' && n > 5 && strcmp(d->d_name + n - 5, ".conf") == 0;
}

/* conf.d/, in the order of names. */
static void read_folder(struct conf_reading *r, struct gateway_conf *c)
{
    const char *slash = strrchr(c->path.ptr, '/');
    char *folder = arena_format(r->arena, "%.*s/conf.d", (int)(slash - c->path.ptr), c->path.ptr);
    struct dirent **found = NULL;
    int n = folder ? scandir(folder, &found, is_conf, alphasort) : 0;

    for (int i = 0; i < n; i++) {
        char *name = arena_format(r->arena, "conf.d/%s", found[i]->d_name);

        r->file = str_of(arena_format(r->arena, "%s/%s", folder, found[i]->d_name));
        if (r->file.ptr && name)
            read_file(r, c, str_of(name));
        free(found[i]);
    }
    free(found);
}

/* ---- what must agree ---- */

void conf_fault_at(struct conf_reading *r, struct gw_str file, uint32_t line, const char *code,
                   struct gw_str found, struct gw_str expected)
{
    r->file = file;
    r->line = line;
    conf_report(r, NULL, code, found, expected);
    r->line = 0;
}

bool conf_name_good(struct gw_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.ptr[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || (i && (ch == '-' || ch == '_'))))
            return false;
    }
    return name.len > 0 && name.len <= 64;
}

static const struct partner *partner_of(struct conf_reading *r, const struct gateway_conf *c,
                                        const struct flow *f)
{
    const char *names[64];
    size_t n = 0;

    for (size_t i = 0; i < c->npartners; i++) {
        if (str_eq(c->partners[i].name, f->partner_name))
            return &c->partners[i];
        if (n < 64 && c->partners[i].name.ptr)
            names[n++] = c->partners[i].name.ptr;
    }
    conf_fault_at(r, f->file, f->line, "conf.partner", f->partner_name,
                  str_of(str_nearest(f->partner_name, names, n)));
    return NULL;
}

static void need(struct conf_reading *r, const struct flow *f, const char *key, bool given)
{
    if (!given)
        conf_fault_at(r, f->file, f->line, "conf.missing", str_of(key), f->name);
}

static void flow_settle(struct conf_reading *r, struct gateway_conf *c, struct flow *f)
{
    need(r, f, "name", f->name.len > 0);
    need(r, f, "format", f->format.len > 0);
    if (!f->connector_name.len)
        need(r, f, "folder", f->folder.len > 0 || f->api);
    if (f->out && f->api && (f->folder.len || f->connector_name.len))
        conf_fault_at(r, f->file, f->line, "conf.outbox", f->name, GW_STR(""));
    if (f->api && !c->api.address.len)
        conf_fault_at(r, f->file, f->line, "conf.api_absent", f->name, GW_STR(""));
    need(r, f, "purpose", f->purpose.len > 0);
    need(r, f, "legal_basis", f->legal_basis.len > 0);
    conf_retention_settle(r, f);
    if (f->out)
        need(r, f, "fields", f->nfields > 0);
    if (f->name.len && !conf_name_good(f->name))
        conf_fault_at(r, f->file, f->line, "conf.name", f->name, GW_STR(""));
    f->partner = partner_of(r, c, f);
    for (const struct flow *g = c->flows; g < f; g++)
        if (f->name.len && str_eq(f->name, g->name))
            conf_fault_at(r, f->file, f->line, "conf.twice", f->name, GW_STR(""));
    if (f->connector_name.len)
        conf_errand_settle(r, c, f);
    else if (f->after == AFTER_UNSAID)
        f->after = AFTER_MOVE;
    if (!f->out && f->folder.len && f->after == AFTER_MOVE && !f->done.len)
        f->done = str_of(arena_format(r->arena, "%.*s/done", STR_ARG(f->folder)));
    for (size_t i = 0; i < f->nfrom; i++)
        if (!conf_flow(c, f->from[i]))
            conf_fault_at(r, f->file, f->line, "conf.flow", f->from[i], GW_STR(""));
}

static void settle(struct conf_reading *r, struct gateway_conf *c)
{
    for (size_t i = 0; i < c->npartners; i++)
        for (size_t k = 0; k < i; k++)
            if (c->partners[i].name.len && str_eq(c->partners[i].name, c->partners[k].name))
                conf_fault_at(r, c->partners[i].file, c->partners[i].line, "conf.twice", c->partners[i].name,
                              GW_STR(""));
    if (!c->state.len)
        c->state = str_of(arena_format(r->arena, "%.*s/var", STR_ARG(r->base)));
    if (!c->key.len)
        c->key = str_of(arena_format(r->arena, "%.*s/key", STR_ARG(c->state)));
    if (!c->control.len)
        c->control = str_of(arena_format(r->arena, "%.*s/control", STR_ARG(c->state)));
    if (!c->store.len)
        c->store = str_of(arena_format(r->arena, "%.*s/store.db", STR_ARG(c->state)));
    for (size_t i = 0; i < c->nconnectors; i++)
        conf_connector_settle(r, c, &c->connectors[i]);
    for (size_t i = 0; i < c->nflows; i++)
        flow_settle(r, c, &c->flows[i]);
    conf_told_settle(r, c);
}

bool conf_may_spawn(const struct gateway_conf *c, struct gw_str format)
{
    bool may = false;

    for (size_t i = 0; i < c->programs.count; i++)
        may |= str_eq(c->programs.items[i], format);
    return may;
}

const struct flow *conf_flow(const struct gateway_conf *c, struct gw_str name)
{
    for (size_t i = 0; i < c->nflows; i++)
        if (str_eq(c->flows[i].name, name))
            return &c->flows[i];
    return NULL;
}

bool flow_gives(const struct flow *out, struct gw_str flow, struct gw_str partner)
{
    for (size_t i = 0; i < out->nfrom; i++)
        if (str_eq(out->from[i], flow))
            return true;
    return out->nfrom == 0 && !str_eq(partner, out->partner->name);
}

enum gw_result conf_load(struct arena *a, const char *path, const char *base, struct sink *sink,
                         struct gateway_conf *ret)
{
    char *slash, *whole = realpath(path, NULL);
    struct conf_reading r = {.arena = a, .sink = sink, .file = str_of(path)};
    char *copy = whole ? arena_text(a, str_of(whole)) : NULL;

    free(whole);
    *ret = (struct gateway_conf){.readers = 2, .poll = 5, .limits = conf_limits, .api = conf_api};
    ret->partners = arena_array(a, CONF_FLOWS, sizeof(*ret->partners));
    ret->connectors = arena_array(a, CONF_CONNECTORS, sizeof(*ret->connectors));
    ret->flows = arena_array(a, CONF_FLOWS, sizeof(*ret->flows));
    ret->texts = arena_array(a, CONF_FLOWS, sizeof(*ret->texts));
    if (!copy) {
        file_fault(&r, "conf.file", 0, path);
        return GW_FAIL;
    }
    if (!ret->partners || !ret->connectors || !ret->flows || !ret->texts)
        return GW_FATAL;
    slash = strrchr(copy, '/');
    ret->path = r.file = str_of(copy);
    r.base = base ? str_of(base) : (struct gw_str){copy, (size_t)(slash - copy)};
    ret->base = str_of(arena_text(a, r.base));
    read_file(&r, ret, GW_STR("gateway.conf"));
    read_folder(&r, ret);
    settle(&r, ret);
    return r.faults ? GW_FAIL : GW_OK;
}
