/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The page of numbers, in the text format of Prometheus: a family after the other. What the store counts may go
 * down again, since a replay counts its exchange anew: those are gauges.
 */
#include "base/str.h"
#include "gateway/metrics.h"

#define FLOWS_MOST 1024

struct page {
    struct gateway *g;
    struct buf *out;
    struct flow_totals *flows;
    size_t nflows;
};

static bool keep(void *to, const struct flow_totals *t)
{
    struct page *p = to;

    p->flows[p->nflows++] = *t;
    return p->nflows < FLOWS_MOST;
}

static void family(struct page *p, const char *name, const char *type, const char *help)
{
    buf_format(p->out, "# HELP passerelle_%s %s\n# TYPE passerelle_%s %s\n", name, help, name, type);
}

static void sample(struct page *p, const char *name, struct gw_str flow, const char *more, const char *value,
                   uint64_t n)
{
    buf_format(p->out, "passerelle_%s{flow=", name);
    buf_json(p->out, flow);
    if (more)
        buf_format(p->out, ",%s=\"%s\"", more, value);
    buf_format(p->out, "} %llu\n", (unsigned long long)n);
}

static void exchanges(struct page *p)
{
    family(p, "exchanges", "gauge", "Exchanges by flow, direction and state.");
    for (size_t i = 0; i < p->nflows; i++)
        for (int s = 0; s < EXCHANGE_STATES; s++) {
            buf_text(p->out, "passerelle_exchanges{flow=");
            buf_json(p->out, p->flows[i].flow);
            buf_format(p->out, ",direction=\"%s\",state=\"%s\"} %llu\n", p->flows[i].out ? "out" : "in",
                       exchange_words[s], (unsigned long long)p->flows[i].exchanges[s]);
        }
}

static void counts(struct page *p)
{
    family(p, "exchanges_noted", "gauge", "Exchanges that are done with a reason, which `show` tells.");
    for (size_t i = 0; i < p->nflows; i++)
        sample(p, "exchanges_noted", p->flows[i].flow, NULL, NULL, p->flows[i].noted);
    family(p, "records", "gauge", "Records of the exchanges kept, by outcome: read = the others together.");
    for (size_t i = 0; i < p->nflows; i++) {
        const struct exchange_counts *c = &p->flows[i].counts;

        sample(p, "records", p->flows[i].flow, "outcome", "read", c->read);
        sample(p, "records", p->flows[i].flow, "outcome", "accepted", c->accepted);
        sample(p, "records", p->flows[i].flow, "outcome", "filtered", c->filtered);
        sample(p, "records", p->flows[i].flow, "outcome", "rejected", c->rejected);
    }
    family(p, "resources", "gauge", "Resources that the exchanges of a flow brought, by outcome.");
    for (size_t i = 0; i < p->nflows; i++) {
        const struct exchange_counts *c = &p->flows[i].counts;

        sample(p, "resources", p->flows[i].flow, "outcome", "created", c->created);
        sample(p, "resources", p->flows[i].flow, "outcome", "updated", c->updated);
        sample(p, "resources", p->flows[i].flow, "outcome", "unchanged", c->unchanged);
    }
}

static void due(struct page *p)
{
    family(p, "rejects_open", "gauge", "Records set aside that nobody has answered yet.");
    for (size_t i = 0; i < p->nflows; i++)
        sample(p, "rejects_open", p->flows[i].flow, NULL, NULL, p->flows[i].rejects_open);
    family(p, "deliveries_due", "gauge", "Records owed to a destination: written, or in doubt.");
    for (size_t i = 0; i < p->nflows; i++)
        sample(p, "deliveries_due", p->flows[i].flow, NULL, NULL, p->flows[i].deliveries_due);
    family(p, "last_success_timestamp_seconds", "gauge", "When an exchange of the flow was last done.");
    for (size_t i = 0; i < p->nflows; i++)
        if (p->flows[i].last_done)
            sample(p, "last_success_timestamp_seconds", p->flows[i].flow, NULL, NULL,
                   (uint64_t)(p->flows[i].last_done / 1000));
}

static void transfers(struct page *p)
{
    const struct gateway *g = p->g;

    family(p, "transfers_total", "counter", "Transfers of the flow through its connector, by how they ended.");
    for (size_t i = 0; i < g->conf.nflows; i++)
        for (int r = 0; g->conf.flows[i].connector && r < REMOTE_RESULTS; r++)
            sample(p, "transfers_total", g->conf.flows[i].name, "result", remote_words[r],
                   g->flows[i].remote.ended[r]);
    family(p, "transfer_milliseconds_total", "counter", "How long the transfers of the flow took.");
    for (size_t i = 0; i < g->conf.nflows; i++)
        if (g->conf.flows[i].connector)
            sample(p, "transfer_milliseconds_total", g->conf.flows[i].name, NULL, NULL, g->flows[i].remote.ms);
    family(p, "transfer_bytes_total", "counter", "Bytes of the files that were fetched or sent.");
    for (size_t i = 0; i < g->conf.nflows; i++)
        if (g->conf.flows[i].connector)
            sample(p, "transfer_bytes_total", g->conf.flows[i].name, NULL, NULL, g->flows[i].remote.bytes);
    family(p, "transfer_last_success_timestamp_seconds", "gauge",
           "When a transfer of the flow last ended well.");
    for (size_t i = 0; i < g->conf.nflows; i++)
        if (g->conf.flows[i].connector && g->flows[i].remote.last_ok)
            sample(p, "transfer_last_success_timestamp_seconds", g->conf.flows[i].name, NULL, NULL,
                   (uint64_t)g->flows[i].remote.last_ok);
}

static void connectors(struct page *p)
{
    const struct gateway *g = p->g;

    family(p, "connector_open", "gauge", "1: the connector failed so often that only a trial goes out.");
    for (size_t i = 0; i < g->conf.nconnectors; i++) {
        buf_text(p->out, "passerelle_connector_open{connector=");
        buf_json(p->out, g->conf.connectors[i].name);
        buf_format(p->out, "} %d\n", g->remote.lines[i].open);
    }
    family(p, "connector_failures", "gauge", "Times in a row that the connector failed; 0: it is well.");
    for (size_t i = 0; i < g->conf.nconnectors; i++) {
        buf_text(p->out, "passerelle_connector_failures{connector=");
        buf_json(p->out, g->conf.connectors[i].name);
        buf_format(p->out, "} %u\n", g->remote.lines[i].failures);
    }
}

static void backups(struct page *p)
{
    const struct gateway *g = p->g;
    int64_t last;
    bool late = backups_late(&g->conf.backup, &last);

    if (g->conf.backup.schedule.kind == SCHEDULE_NONE)
        return;
    family(p, "backup_late", "gauge", "1: the backup that the schedule asks for was not made.");
    buf_format(p->out, "passerelle_backup_late %d\n", late);
    family(p, "backup_failures", "gauge", "Times in a row that a backup failed; 0: it is well.");
    buf_format(p->out, "passerelle_backup_failures %u\n", g->backups.failures);
    family(p, "backup_last_timestamp_seconds", "gauge",
           "When the newest backup of the folder was made; 0: there is none.");
    buf_format(p->out, "passerelle_backup_last_timestamp_seconds %lld\n", (long long)(last / 1000));
}

static void running(struct page *p)
{
    const struct gateway *g = p->g;

    family(p, "flow_troubles", "gauge", "Times in a row that the world said no to the flow; 0: it is well.");
    for (size_t i = 0; i < g->conf.nflows; i++)
        sample(p, "flow_troubles", g->conf.flows[i].name, NULL, NULL, g->flows[i].troubles);
    family(p, "notices", "gauge",
           "Whether something is amiss with the flow, without one the gateway: 1 raised, 0 not.");
    for (size_t i = 0; i < g->conf.nflows; i++)
        for (unsigned k = 0; k < NOTICE_KINDS; k++)
            if (notice_possible(&g->conf.flows[i], (enum notice_kind)k))
                sample(p, "notices", g->conf.flows[i].name, "kind", notice_words[k],
                       g->notices[i].items[k].raised);
    for (unsigned k = NOTICE_BACKUP; k < NOTICE_KINDS; k++)
        buf_format(p->out, "passerelle_notices{kind=\"%s\"} %d\n", notice_words[k],
                   g->notices[g->conf.nflows].items[k].raised);
    family(p, "job_age_seconds", "gauge", "How long the job of the flow has been at work.");
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g->jobs[i].kind != JOB_NONE)
            sample(p, "job_age_seconds", g->jobs[i].flow->name, NULL, NULL,
                   (uint64_t)((clock_ms() - g->jobs[i].since) / 1000));
    family(p, "worker_deaths_total", "counter", "Workers that died at work since the daemon started.");
    buf_format(p->out, "passerelle_worker_deaths_total %llu\n", (unsigned long long)g->posts.deaths);
}

static void kept(struct page *p, const struct store_totals *t)
{
    family(p, "stored_units", "gauge", "Units in the store.");
    buf_format(p->out, "passerelle_stored_units %llu\n", (unsigned long long)t->units);
    family(p, "stored_resources", "gauge", "Resources in the store.");
    buf_format(p->out, "passerelle_stored_resources %llu\n", (unsigned long long)t->resources);
    family(p, "stored_versions", "gauge", "Versions of resources in the store.");
    buf_format(p->out, "passerelle_stored_versions %llu\n", (unsigned long long)t->versions);
}

enum gw_result metrics_text(struct gateway *g, struct buf *out)
{
    struct page p = {.g = g, .out = out};
    struct store_totals totals;
    struct arena a;
    enum gw_result result;

    arena_init(&a, 65536, 0);
    p.flows = arena_array(&a, FLOWS_MOST, sizeof(*p.flows));
    result = p.flows ? flow_totals_each(g->store, &a, keep, &p) : GW_FATAL;
    if (result == GW_OK)
        result = store_totals(g->store, &totals);
    if (result == GW_OK) {
        exchanges(&p);
        counts(&p);
        due(&p);
        running(&p);
        transfers(&p);
        connectors(&p);
        backups(&p);
        kept(&p, &totals);
    }
    arena_done(&a);
    return result == GW_OK && out->failed ? GW_FATAL : result;
}
