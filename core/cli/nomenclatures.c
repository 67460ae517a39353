/* SPDX-License-Identifier: EUPL-1.2 */
/* nomenclatures: the shared code lists; list here, check and update in files of their own. */
#include "cli/nomenclatures.h"

#include <stdio.h>

#include "base/str.h"

/* ---- list ---- */

static void period_text(const struct invocation *in, const struct nomenclature *l)
{
    struct gw_str from = nomenclature_from(l), to = nomenclature_to(l);

    if (from.ptr || to.ptr)
        printf("  %s %.*s → %.*s\n", say(in, "jours :", "days:"), STR_ARG(from), STR_ARG(to));
}

static void users_text(const struct invocation *in, const struct nomenclature *l)
{
    if (l->nusers)
        printf("  %s", say(in, "formats :", "formats:"));
    for (size_t i = 0; i < l->nusers; i++)
        printf(" %.*s%s", STR_ARG(l->users[i].format),
               l->users[i].own ? say(in, " (sa propre liste)", " (its own list)") : "");
    if (l->nusers)
        putchar('\n');
}

static void list_text(const struct invocation *in, const struct nomenclature *l)
{
    printf("%.*s", STR_ARG(l->name));
    if (l->coded)
        printf(": %zu %s", l->nrows, say(in, "lignes", "rows"));
    else
        printf(": %s", l->installed ? say(in, "table à part", "a table of its own")
                                    : say(in, "absente d'ici", "not installed here"));
    if (nomenclature_is_stale(l, in->engine->today))
        printf(" (%s)", say(in, "édition ancienne", "old edition"));
    printf("\n  %s %.*s, %.*s, %.*s\n", say(in, "source :", "source:"), STR_ARG(l->publisher),
           STR_ARG(l->source), STR_ARG(l->date));
    period_text(in, l);
    users_text(in, l);
}

static void text_or_null(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, ",\"%s\":", key);
    if (text.len)
        buf_json(b, text);
    else
        buf_text(b, "null");
}

static void list_json(const struct invocation *in, const struct nomenclature *l)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    buf_text(&b, "{\"name\":");
    buf_json(&b, l->name);
    buf_format(&b, ",\"installed\":%s,\"rows\":%zu", l->installed ? "true" : "false", l->nrows);
    text_or_null(&b, "publisher", l->publisher);
    text_or_null(&b, "source", l->source);
    text_or_null(&b, "date", l->date);
    text_or_null(&b, "from", nomenclature_from(l));
    text_or_null(&b, "to", nomenclature_to(l));
    buf_format(&b, ",\"stale\":%s,\"formats\":[",
               nomenclature_is_stale(l, in->engine->today) ? "true" : "false");
    for (size_t i = 0, n = 0; i < l->nusers; i++) {
        if (l->users[i].own)
            continue;
        buf_text(&b, n++ ? "," : "");
        buf_json(&b, l->users[i].format);
    }
    buf_text(&b, "]}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static enum exit_code list(struct invocation *in, struct nomenclatures *n)
{
    const char *name = in->noperands > 1 ? in->operands[1] : NULL;
    enum gw_result r = nomenclatures_users(n);

    if (name && !nomenclatures_find(n, str_of(name))) {
        complain(in, "nomenclature inconnue (voyez passerelle nomenclatures)",
                 "unknown nomenclature (see passerelle nomenclatures)", name);
        return EXIT_USAGE;
    }
    for (size_t i = 0; r == GW_OK && i < n->count; i++) {
        if (name && !str_is(n->items[i].name, name))
            continue;
        if (in->json)
            list_json(in, &n->items[i]);
        else
            list_text(in, &n->items[i]);
    }
    return r != GW_OK ? exit_of(r, false) : n->faulty ? EXIT_USAGE : EXIT_DONE;
}

/* ---- the verb ---- */

static enum exit_code part(struct invocation *in, struct nomenclatures *n)
{
    const char *what = in->noperands ? in->operands[0] : "list";

    if (strcmp(what, "list") == 0)
        return list(in, n);
    if (strcmp(what, "check") == 0)
        return nomenclatures_check(in, n);
    if (strcmp(what, "update") == 0)
        return nomenclatures_update(in, n);
    complain(in, "list, check ou update, pas", "list, check or update, not", what);
    return EXIT_USAGE;
}

static enum exit_code run(struct invocation *in)
{
    struct engine e = {0};
    struct nomenclatures n = {0};
    struct printer printer;
    enum exit_code code = EXIT_USAGE;

    printer_init(&printer, in, stderr, in->json);
    if (start_engine(in, &e, &printer.sink) == GW_OK) {
        enum gw_result r = nomenclatures_open(&n, &e, &printer.sink);

        code = r == GW_OK ? part(in, &n) : r == GW_FAIL ? EXIT_USAGE : exit_of(r, false);
    }
    nomenclatures_close(&n);
    engine_close(&e);
    printer_done(&printer);
    return code;
}

static const struct option_word options[] = {
    {"date", 0, "AAAA-MM-JJ", "update : premier jour de cette édition, sinon aujourd'hui",
     "update: first day of this edition, else today"},
    {"layout", 0, "NAME", "update : la forme du fichier, sinon celle qui le lit",
     "update: the shape of the file, else the one that reads it"},
    {"source", 0, "TEXT", "update : ce que dira sources.csv, sinon le nom du fichier",
     "update: what sources.csv will say, else the file's name"},
    {"apply", 0, NULL, "update : écrit ce qui est montré", "update: writes what is shown"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb nomenclatures_verb = {
    .name = "nomenclatures",
    .operands = "[list [NAME] | check [NAME] | update NAME FILE]",
    .fr = "les listes de codes communes : les montrer, les vérifier, les mettre à jour d'un fichier officiel",
    .en = "the shared code lists: show, check, update them from an official file",
    .example = "passerelle nomenclatures update NAME FILE.csv --date 2027-01-01",
    .options = options,
    .max_operands = 3,
    .run = run,
};
