/* SPDX-License-Identifier: EUPL-1.2 */
/* formats: what there is; one in full; its effective table. */
#include <stdio.h>

#include "base/str.h"
#include "cli/catalogue.h"
#include "cli/pair.h"

struct tally {
    size_t pivot, extension, native;
};

/* Native paths by where they go; a path read twice counts once, where it counts most. */
static struct tally count_paths(const struct table *t)
{
    struct tally n = {0};

    for (uint16_t i = 0; i < t->nplaces; i++) {
        const struct place *p = t->places[i];
        bool pivot = false, ext = false;

        if (!p->leaf && !p->tree)
            continue;
        for (size_t k = 0; k < t->nties; k++)
            for (size_t n2 = 0; n2 < t->ties[k]->nplaces; n2++) {
                if (t->ties[k]->places[n2] != p || t->ties[k]->form == FORM_REST)
                    continue;
                for (size_t f = 0; f < t->ties[k]->ntargets; f++) {
                    pivot |= !t->ties[k]->targets[f].field->ext.ptr;
                    ext |= t->ties[k]->targets[f].field->ext.ptr != NULL;
                }
            }
        n.pivot += pivot;
        n.extension += !pivot && ext;
        n.native += !pivot && !ext;
    }
    return n;
}

static void put(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, ",\"%s\":", key);
    if (text.ptr)
        buf_json(b, text);
    else
        buf_text(b, "null");
}

static void print_json(const struct invocation *in, const struct format *f, struct buf *b)
{
    buf_clear(b);
    buf_text(b, "{\"name\":");
    buf_json(b, f->name);
    put(b, "plugin", f->plugin);
    buf_text(b, f->pivot ? ",\"pivot\":true" : ",\"pivot\":false");
    put(b, "label", f->label[in->lang]);
    put(b, "evidence", f->evidence);
    put(b, "source", f->source[in->lang]);
    buf_text(b, "}\n");
    fwrite(b->data, 1, b->len, stdout);
}

static enum exit_code list(struct invocation *in, struct engine *e, struct sink *sink)
{
    struct gw_str *names;
    size_t n;
    struct buf b;
    enum gw_result result = formats_list(&e->arena, e->formats, &names, &n);

    buf_init(&b, (size_t)1 << 20);
    for (size_t i = 0; result == GW_OK && i < n; i++) {
        struct format *f;
        enum gw_result loaded = format_load(&e->arena, e->formats, names[i], sink, &f);

        if (loaded != GW_OK)
            continue;
        if (in->json)
            print_json(in, f, &b);
        else
            printf("%-26.*s %-6.*s %.*s\n", STR_ARG(f->name), STR_ARG(f->plugin),
                   STR_ARG(f->summary[in->lang]));
    }
    buf_done(&b);
    return result == GW_OK ? EXIT_DONE : EXIT_USAGE;
}

static void print_evidence(const struct invocation *in, const struct format *f)
{
    printf("%s %s", say(in, "vu dans :", "seen in:"), evidence_word(in->lang, f->evidence));
    if (f->source[in->lang].len)
        printf(" (%.*s)", STR_ARG(f->source[in->lang]));
    putchar('\n');
}

static void print_chain(const struct invocation *in, const struct format *f)
{
    if (f->nchain < 2)
        return;
    printf("%s", say(in, "hérite de :", "extends:"));
    for (size_t i = 0; i + 1 < f->nchain; i++)
        printf(" %.*s", STR_ARG(f->chain[i]));
    putchar('\n');
}

static const char *loss_name(const struct invocation *in, uint8_t loss)
{
    static const char *const names[2][4] = {{"exact", "normalise", "perte", "un sens"},
                                            {"exact", "normalises", "lossy", "one way"}};

    return names[in->lang][loss & 3];
}

static void print_fields(const struct invocation *in, const struct table *t)
{
    for (size_t k = 0; k < t->nties; k++) {
        const struct tie *tie = t->ties[k];
        const struct gw_str *cells;

        if (!tie->nplaces || tie->form == FORM_REST)
            continue;
        cells = tie->line->cells;
        printf("  %-48.*s ", STR_ARG(cells[CELL_PATH]));
        if (tie->ntargets)
            printf("%.*s.%-*.*s", STR_ARG(cells[CELL_RESOURCE]), (int)(40 - 1 - cells[CELL_RESOURCE].len % 39),
                   STR_ARG(cells[CELL_FIELD]));
        else
            printf("%-40.*s", STR_ARG(cells[CELL_AS]));
        printf(" %s\n", loss_name(in, tie->loss));
    }
}

static void print_counts(const struct invocation *in, const struct table *t)
{
    struct tally n = count_paths(t);

    if (in->json)
        printf("{\"name\":\"%.*s\",\"lines\":%zu,\"pivot\":%zu,\"extension\":%zu,\"native\":%zu}\n",
               STR_ARG(t->format->name), t->format->lines.count, n.pivot, n.extension, n.native);
    else
        printf("%s %zu\n%s %zu\n%s %zu\n%s %zu\n", say(in, "lignes :", "lines:"), t->format->lines.count,
               say(in, "chemins vers le pivot :", "paths to the pivot:"), n.pivot,
               say(in, "chemins vers l'extension :", "paths to the extension:"), n.extension,
               say(in, "chemins propres au partenaire :", "paths of the partner's own:"), n.native);
}

static enum exit_code one(struct invocation *in, struct engine *e, struct sink *sink)
{
    struct codec c;
    struct buf b;
    enum gw_result result =
        codec_open(&c, e, str_of(in->operands[0]), str_of(option_value(in, "profile")), sink);

    buf_init(&b, (size_t)16 << 20);
    if (result == GW_OK && option_value(in, "effective")) {
        format_print(c.format, &b);
        fwrite(b.data, 1, b.len, stdout);
    } else if (result == GW_OK) {
        if (!in->json) {
            printf("%.*s (%.*s)\n%.*s\n", STR_ARG(c.format->name), STR_ARG(c.format->plugin),
                   STR_ARG(c.format->summary[in->lang]));
            if (c.format->evidence.len)
                print_evidence(in, c.format);
            print_chain(in, c.format);
        }
        if (c.table)
            print_counts(in, c.table);
        if (c.table && !in->json && option_value(in, "fields"))
            print_fields(in, c.table);
    }
    buf_done(&b);
    codec_close(&c);
    return result == GW_OK ? EXIT_DONE : EXIT_USAGE;
}

/* For people of the field: in French, unless a language was asked for. */
static enum exit_code whole(struct invocation *in, struct engine *e, struct sink *sink)
{
    if (!in->lang_asked)
        in->lang = LANG_FR;
    return catalogue_print(in, e, option_value(in, "html") ? PAGE_HTML : PAGE_MARKDOWN, sink);
}

static enum exit_code answer(struct invocation *in, struct engine *e, struct sink *sink)
{
    const char *to = option_value(in, "to");

    if (to && in->noperands)
        return pair_print(in, e, str_of(in->operands[0]), str_of(to), sink);
    if (to) {
        complain(in, "--to demande le format d'où l'on vient", "--to needs the format one comes from", NULL);
        return EXIT_USAGE;
    }
    if (option_value(in, "html") || option_value(in, "markdown"))
        return whole(in, e, sink);
    return in->noperands ? one(in, e, sink) : list(in, e, sink);
}

static enum exit_code run(struct invocation *in)
{
    struct engine e = {0};
    struct printer printer;
    enum exit_code code = EXIT_USAGE;

    printer_init(&printer, in, stderr, in->json);
    if (start_engine(in, &e, &printer.sink) == GW_OK)
        code = answer(in, &e, &printer.sink);
    engine_close(&e);
    printer_done(&printer);
    return code;
}

static const struct option_word options[] = {
    {"effective", 0, NULL, "la table effective, chaque ligne avec son origine",
     "the effective table, with each line's origin"},
    {"fields", 0, NULL, "les champs, un par ligne", "the fields, one a line"},
    {"profile", 0, "NAME", "profil", "profile"},
    {"to", 0, "FORMAT", "ce qu'un autre format peut reprendre de celui-ci, champ par champ",
     "what another format can carry of this one, field by field"},
    {"markdown", 0, NULL, "le catalogue de tous les formats en Markdown, en français sans --lang",
     "the catalogue of all formats as Markdown, in French without --lang"},
    {"html", 0, NULL, "le même en une page HTML", "the same as one HTML page"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb formats_verb = {
    .name = "formats",
    .operands = "[NAME]",
    .fr = "les formats connus, ou un format : champs, pertes, comptes ; leur catalogue",
    .en = "the formats known, or one of them: fields, losses, counts; their catalogue",
    .example = "passerelle formats cnaf-rsa --effective",
    .options = options,
    .max_operands = 1,
    .run = run,
};
