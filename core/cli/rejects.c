/* SPDX-License-Identifier: EUPL-1.2 */
/* rejects: records set aside; --export gives a table to send back to the partner. */
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/str.h"
#include "cli/operate.h"
#include "cli/table.h"
#include "store/rejects.h"

struct showing {
    struct operating o;
    FILE *to;
    struct table_out table; /* open: the export is a workbook */
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

/* A cell of a table that people open with a spreadsheet: quoted, and never a formula. */
static void cell(FILE *to, const char *text, bool last)
{
    bool formula = *text && strchr("=+-@\t\r", *text);

    fputc('"', to);
    if (formula)
        fputc('\'', to);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputs(last ? "\"\r\n" : "\";", to);
}

#define HEADS   8
#define NUMBERS 0x7u /* the first three */

/* Into the workbook that was asked for, or as text. */
static void export_cells(struct showing *s, const struct gw_str cells[HEADS])
{
    if (s->table.open)
        table_row(&s->table, cells, NUMBERS);
    for (size_t i = 0; !s->table.open && i < HEADS; i++)
        cell(s->to, cells[i].ptr, i + 1 == HEADS);
}

static void export_heads(const struct showing *s, struct gw_str ret[HEADS])
{
    static const char *const heads[HEADS][2] = {{"échange", "exchange"}, {"enregistrement", "record"},
                                                {"ligne", "line"},       {"champ", "field"},
                                                {"valeur", "value"},     {"règle", "rule"},
                                                {"message", "message"},  {"conseil", "advice"}};

    for (size_t i = 0; i < HEADS; i++)
        ret[i] = str_of(heads[i][s->o.in->lang]);
}

static void export_row(struct showing *s, const struct reject_row *r, yyjson_val *d)
{
    char exchange[24], record[24], line[24];

    (void)snprintf(exchange, sizeof(exchange), "%lld", (long long)r->exchange);
    (void)snprintf(record, sizeof(record), "%llu", (unsigned long long)r->record);
    (void)snprintf(line, sizeof(line), "%lld", (long long)yyjson_get_sint(yyjson_obj_get(d, "line")));
    export_cells(s, (const struct gw_str[HEADS]){str_of(exchange), str_of(record), str_of(line),
                                                 str_of(text_of(d, "path")), str_of(text_of(d, "value")),
                                                 str_of(text_of(d, "code")), str_of(text_of(d, "message")),
                                                 str_of(text_of(d, "advice"))});
}

/* A row an error; warnings of the record do not concern who sent it. */
static void export_reject(struct showing *s, const struct reject_row *r, yyjson_doc *doc)
{
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), s->o.in->lang == LANG_FR ? "fr" : "en"), *d;
    size_t i, n;

    yyjson_arr_foreach(list, i, n, d)
    {
        if (strcmp(text_of(d, "severity"), "error") == 0)
            export_row(s, r, d);
    }
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
        export_reject(s, r, doc);
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
    struct gw_str heads[HEADS];
    const struct gw_plugin *plugin;

    export_heads(s, heads);
    s->to = stdout;
    if (registry_load(&s->o.engine.registry, &s->o.engine.arena, s->o.engine.home.plugins,
                      &s->o.printer.sink) != GW_OK)
        return false;
    plugin = table_plugin(&s->o.engine.registry, path);
    if (plugin) {
        if (registry_messages(&s->o.engine.registry, &s->o.engine.catalogue) != GW_OK)
            return false;
        return table_open(&s->table, plugin, path, heads, HEADS, &s->o.printer.sink) == GW_OK;
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
    s->to = stdout;
    if (s->export)
        good = export_open(s, path);
    arena_init(&a, 65536, 0);
    s->o.code = good ? exit_of(reject_each(s->o.store, f, &a, each, s), false) : EXIT_WORLD;
    arena_done(&a);
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
