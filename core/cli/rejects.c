/* SPDX-License-Identifier: EUPL-1.2 */
/* rejects: records set aside; --export gives a table to send back to the partner. */
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/csv.h"
#include "base/str.h"
#include "cli/operate.h"
#include "gateway/reject_rows.h"
#include "pipeline/table.h"
#include "store/rejects.h"

struct showing {
    struct operating o;
    FILE *to;
    struct table_out table; /* open: the export is a workbook */
    struct buf line;
    bool export;
    uint64_t count;
};

/* ---- diagnostics as they were kept: {"fr":[...],"en":[...]} ---- */

static yyjson_val *first_of(yyjson_doc *doc, enum lang lang)
{
    return yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), lang == LANG_FR ? "fr" : "en"));
}

static const char *text_of(yyjson_val *diagnostic, const char *key)
{
    const char *text = yyjson_get_str(yyjson_obj_get(diagnostic, key));

    return text ? text : "";
}

/* Into the workbook that was asked for, or as text. */
static void export_cells(struct showing *s, const struct gw_str cells[REJECT_CELLS])
{
    if (s->table.open) {
        table_row(&s->table, cells, REJECT_NUMBERS);
        return;
    }
    buf_clear(&s->line);
    csv_cells(&s->line, cells, REJECT_CELLS);
    fwrite(s->line.data, 1, s->line.len, s->to);
}

static void export_row(void *to, const struct gw_str cells[2][REJECT_CELLS])
{
    struct showing *s = to;

    export_cells(s, cells[s->o.in->lang]);
}

static void show_json(const struct reject_row *r, const struct showing *s)
{
    static const char *const states[] = {"open", "replayed", "closed", "queued"};
    struct buf b;

    buf_init(&b, (size_t)64 << 20);
    buf_format(&b, "{\"id\":%lld,\"exchange\":%lld,\"flow\":", (long long)r->id, (long long)r->exchange);
    buf_json(&b, r->flow);
    buf_format(&b, ",\"record\":%llu,\"line\":%llu,\"code\":", (unsigned long long)r->record,
               (unsigned long long)r->line);
    buf_json(&b, r->code);
    buf_text(&b, ",\"path\":");
    buf_json(&b, r->path);
    buf_format(&b, ",\"state\":\"%s\",\"at\":%lld}\n", states[r->state], (long long)r->at);
    fwrite(b.data, 1, b.len, s->to);
    buf_done(&b);
}

static bool each(void *to, const struct reject_row *r)
{
    struct showing *s = to;
    yyjson_doc *doc = yyjson_read(r->diagnostics.ptr, r->diagnostics.len, 0);
    yyjson_val *d = first_of(doc, s->o.in->lang);

    s->count++;
    if (s->export)
        reject_rows(r, &s->o.engine.catalogue, export_row, s);
    else if (s->o.in->json)
        show_json(r, s);
    else
        fprintf(s->to, "%lld  %.*s  %lld:%llu  %s %llu  %.*s  %s\n", (long long)r->id, STR_ARG(r->flow),
                (long long)r->exchange, (unsigned long long)r->record, say(s->o.in, "ligne", "line"),
                (unsigned long long)r->line, STR_ARG(r->code), text_of(d, "message"));
    yyjson_doc_free(doc);
    return true;
}

static bool filter_fill(struct showing *s, struct reject_filter *f)
{
    struct invocation *in = s->o.in;
    const char *exchange = option_value(in, "exchange"), *since = option_value(in, "since");

    *f = (struct reject_filter){.flow = str_of(option_value(in, "flow")),
                                .code = str_of(option_value(in, "code")),
                                .state = option_value(in, "all") ? -1 : REJECT_OPEN};
    if (exchange && !number_parse(exchange, &f->exchange)) {
        complain(in, "le numéro d'un échange est attendu", "the number of an exchange is expected", exchange);
        return false;
    }
    if (since && !instant_parse(since, &f->since)) {
        complain(in, "moment attendu : 7d, 36h ou AAAA-MM-JJ", "instant expected: 7d, 36h or YYYY-MM-DD",
                 since);
        return false;
    }
    return true;
}

/* A workbook needs its plugin; a text needs none. False: said. */
static bool export_open(struct showing *s, const char *path)
{
    struct gw_str heads[REJECT_CELLS];
    const struct gw_plugin *plugin;

    reject_heads(s->o.in->lang, heads);
    s->to = stdout;
    if (registry_load(&s->o.engine.registry, &s->o.engine.arena, s->o.engine.home.plugins,
                      &s->o.printer.sink) != GW_OK)
        return false;
    plugin = table_plugin(&s->o.engine.registry, path);
    if (plugin) {
        if (registry_messages(&s->o.engine.registry, &s->o.engine.catalogue) != GW_OK)
            return false;
        return table_open(&s->table, plugin, path, -1, heads, REJECT_CELLS, &s->o.printer.sink) == GW_OK;
    }
    if (strcmp(path, "-") != 0)
        s->to = fopen(path, "we");
    if (!s->to) {
        complain(s->o.in, "ce fichier ne peut être écrit", "this file cannot be written", path);
        return false;
    }
    fputs("\xEF\xBB\xBF", s->to);
    export_cells(s, heads);
    return true;
}

static void show_all(struct showing *s, const struct reject_filter *f)
{
    const char *path = option_value(s->o.in, "export");
    bool good = true;
    struct arena a;

    s->export = path != NULL;
    buf_init(&s->line, (size_t)64 << 20);
    s->to = stdout;
    if (s->export)
        good = export_open(s, path);
    arena_init(&a, 65536, 0);
    s->o.code = good ? exit_of(reject_each(s->o.store, f, &a, each, s), false) : EXIT_WORLD;
    arena_done(&a);
    buf_done(&s->line);
    if (table_close(&s->table) != GW_OK || (s->to && s->to != stdout && fclose(s->to) != 0))
        s->o.code = EXIT_WORLD;
}

static enum exit_code rejects_run(struct invocation *in)
{
    struct showing s = {.o = {.in = in}};
    struct reject_filter filter;

    if (operate_open(&s.o, in)) {
        if (!filter_fill(&s, &filter))
            s.o.code = EXIT_USAGE;
        else if (operate_store(&s.o, true))
            show_all(&s, &filter);
    }
    operate_close(&s.o);
    return s.o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"flow", 0, "FLOW", "de ce flux", "of this flow"},
    {"exchange", 0, "N", "de cet échange", "of this exchange"},
    {"code", 0, "CODE", "de ce code, ou « mapping.* »", "of this code, or \"mapping.*\""},
    {"since", 0, "WHEN", "depuis : 7d, 36h ou AAAA-MM-JJ", "since: 7d, 36h or YYYY-MM-DD"},
    {"all", 0, NULL, "aussi ceux qui sont repris ou clos", "those replayed or closed too"},
    {"export", 0, "FILE", "en CSV ou .xlsx, à renvoyer au partenaire",
     "as CSV or .xlsx, to send back to the partner"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb rejects_verb = {
    .name = "rejects",
    .operands = "",
    .fr = "les enregistrements mis de côté, et pourquoi",
    .en = "records set aside, and why",
    .example = "passerelle rejects --flow rsa --export rejets.csv --lang fr",
    .options = options,
    .run = rejects_run,
};
