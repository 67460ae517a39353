/* SPDX-License-Identifier: EUPL-1.2 */
/* The catalogue: contents, the matrix of losses, a section a format. */
#include "cli/catalogue.h"

#include <stdio.h>

#include "base/str.h"

const char *word_of(const struct catalogue_page *c, const char *fr, const char *en)
{
    return c->page.lang == LANG_FR ? fr : en;
}

static void paragraph(struct catalogue_page *c, const char *fr, const char *en)
{
    page_paragraph(&c->page);
    page_words(&c->page, word_of(c, fr, en));
    page_paragraph_end(&c->page);
}

static void heading(struct catalogue_page *c, const char *anchor, const char *fr, const char *en)
{
    page_heading(&c->page, 2, str_of(anchor), str_of(word_of(c, fr, en)));
}

const char *evidence_word(enum lang lang, struct gw_str evidence)
{
    static const char *const words[][3] = {{"schema", "schéma", "schema"},
                                           {"sample", "exemples", "samples"},
                                           {"derived", "déduit", "derived"},
                                           {"code", "code", "code"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_is(evidence, words[i][0]))
            return words[i][1 + lang];
    return lang == LANG_FR ? "non dit" : "not said";
}

/* ---- contents ---- */

static const char *anchor_contents(const struct catalogue_page *c)
{
    return word_of(c, "sommaire", "contents");
}

static const char *anchor_matrix(const struct catalogue_page *c)
{
    return word_of(c, "matrice-des-pertes", "loss-matrix");
}

static const char *direction(const struct catalogue_page *c, const struct shelved *f)
{
    bool reads = f->reads && f->read.count, writes = f->writes && f->written.count;

    return reads && writes ? word_of(c, "lu et écrit", "read and written")
           : reads         ? word_of(c, "lu", "read")
                           : word_of(c, "écrit", "written");
}

static void contents_row(struct catalogue_page *c, size_t i)
{
    const struct shelved *s = &c->shelf->items[i];
    const struct format *f = s->format;

    page_row(&c->page);
    page_cell(&c->page, NULL);
    page_number(&c->page, i + 1);
    page_cell(&c->page, NULL);
    page_link(&c->page, f->name, f->name);
    page_cell(&c->page, NULL);
    page_text(&c->page, f->label[c->page.lang]);
    page_cell(&c->page, NULL);
    page_text(&c->page, f->plugin);
    page_cell(&c->page, NULL);
    page_words(&c->page, direction(c, s));
    page_cell(&c->page, NULL);
    page_words(&c->page, evidence_word(c->page.lang, f->evidence));
}

static void contents(struct catalogue_page *c)
{
    static const char *const fr[] = {"n°", "format", "ce que c'est", "syntaxe", "sens", "vu dans"};
    static const char *const en[] = {"no.", "format", "what it is", "syntax", "direction", "seen in"};

    heading(c, anchor_contents(c), "Sommaire", "Contents");
    page_list(&c->page);
    page_item(&c->page);
    page_link(&c->page, str_of(anchor_matrix(c)), str_of(word_of(c, "Matrice des pertes", "Loss matrix")));
    page_item_end(&c->page);
    page_list_end(&c->page);
    page_table(&c->page, "contents", c->page.lang == LANG_FR ? fr : en, 6);
    for (size_t i = 0; i < c->shelf->count; i++)
        contents_row(c, i);
    page_table_end(&c->page);
    paragraph(
        c,
        "« Vu dans » dit d'où viennent les faits : schéma, ce que publie l'éditeur ; exemples, des fichiers "
        "réels ; déduit, conclu de documents ou de formats voisins ; code, un programme qui lit ou écrit ce "
        "format.",
        "\"Seen in\" tells where the facts are from: schema, what its publisher specifies; samples, real "
        "files; derived, concluded from documents or from formats like it; code, a program that reads or "
        "writes it.");
}

/* ---- matrix ---- */

static const char *shade(size_t carried, size_t all)
{
    size_t tenths = all ? carried * 10 / all : 0;

    return !carried ? "none" : tenths >= 9 ? "full" : tenths >= 6 ? "much" : tenths >= 3 ? "some" : "little";
}

static void matrix_cell(struct catalogue_page *c, const struct shelved *from, const struct shelved *to)
{
    struct carriage n = {0};
    size_t all, carried;

    c->failed |= shelf_carriage(from, to, &c->scratch, &n) != GW_OK;
    carried = n.whole + n.partly;
    all = carried + n.lost;
    page_cell(&c->page, shade(carried, all));
    if (!all || !to->writes || !from->reads) {
        page_words(&c->page, "–");
        return;
    }
    page_words(&c->page, n.roots ? "" : "(");
    page_number(&c->page, carried * 100 / all);
    page_words(&c->page, n.roots ? "" : ")");
}

static void matrix_heads(struct catalogue_page *c)
{
    struct arena *a = &c->scratch;
    const char **heads = arena_array(a, c->shelf->count + 2, sizeof(*heads));
    size_t n = 0;

    if (!heads) {
        c->failed = true;
        return;
    }
    heads[n++] = word_of(c, "de ↓ vers →", "from ↓ to →");
    heads[n++] = word_of(c, "champs", "fields");
    for (size_t i = 0; i < c->shelf->count; i++) {
        heads[n] = arena_format(a, "%zu", i + 1);
        c->failed |= !heads[n];
        n += heads[n] != NULL;
    }
    page_table(&c->page, "matrix", heads, n);
    arena_reset(a);
}

static size_t pivot_fields(const struct shelved *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->read.count; i++)
        n += !f->read.items[i].field->ext.ptr;
    return n;
}

static void matrix_row(struct catalogue_page *c, size_t i)
{
    const struct shelved *from = &c->shelf->items[i];

    page_row(&c->page);
    page_cell(&c->page, NULL);
    page_number(&c->page, i + 1);
    page_words(&c->page, " ");
    page_link(&c->page, from->format->name, from->format->name);
    page_cell(&c->page, NULL);
    page_number(&c->page, pivot_fields(from));
    for (size_t k = 0; k < c->shelf->count; k++)
        matrix_cell(c, from, &c->shelf->items[k]);
}

static void matrix(struct catalogue_page *c)
{
    heading(c, anchor_matrix(c), "Matrice des pertes", "Loss matrix");
    paragraph(
        c,
        "En ligne le format lu, en colonne le format écrit : pour cent des champs du pivot que le premier lit "
        "et que la table du second sait écrire, en tout ou en partie. Entre parenthèses : le premier n'a pas "
        "la "
        "ressource par laquelle commence un enregistrement du second, donc rien ne sort sans autre source. Les "
        "champs propres à un format et les références ne sont pas comptés ; les conditions, longueurs et "
        "répétitions ne sont pas pesées. D'un format à plusieurs profils, c'est celui par défaut.",
        "A row is the format read, a column the format written: per cent of the pivot fields that the first "
        "reads and that the table of the second can write, in whole or in part. In parentheses: the first has "
        "no resource of the type that a record of the second begins with, so nothing comes out without "
        "another source. Fields of a format's own and references are not counted; conditions, lengths and "
        "repetitions are not weighed. Of a format with several profiles it is the default one.");
    matrix_heads(c);
    for (size_t i = 0; i < c->shelf->count; i++)
        matrix_row(c, i);
    page_table_end(&c->page);
    page_paragraph(&c->page);
    page_words(&c->page, word_of(c, "Le détail d'une paire : ", "The details of a pair: "));
    page_code(&c->page, GW_STR("passerelle formats A --to B"));
    page_paragraph_end(&c->page);
}

/* ---- a format ---- */

static void fact(struct catalogue_page *c, const char *fr, const char *en)
{
    page_item(&c->page);
    page_strong(&c->page, word_of(c, fr, en));
    page_words(&c->page, word_of(c, " : ", ": "));
}

static void fact_text(struct catalogue_page *c, const char *fr, const char *en, struct gw_str text)
{
    if (!text.len)
        return;
    fact(c, fr, en);
    page_text(&c->page, text);
    page_item_end(&c->page);
}

static void syntax(struct catalogue_page *c, const struct format *f)
{
    fact(c, "Syntaxe", "Syntax");
    page_code(&c->page, f->plugin);
    for (size_t i = 0; i < f->options.count; i++) {
        page_words(&c->page, ", ");
        page_text(&c->page, f->options.items[i].name);
        page_words(&c->page, " = ");
        page_code(&c->page, f->options.items[i].text);
        if (!f->options.items[i].text.len)
            page_words(&c->page, word_of(c, "(rien)", "(nothing)"));
    }
    page_item_end(&c->page);
}

static void profiles(struct catalogue_page *c, const struct format *f)
{
    if (!f->nprofiles)
        return;
    fact(c, "Profils", "Profiles");
    for (size_t i = 0; i < f->nprofiles; i++) {
        page_words(&c->page, i ? ", " : "");
        page_code(&c->page, f->profiles[i].name);
        if (f->profiles[i].is_default)
            page_words(&c->page, word_of(c, " (par défaut)", " (default)"));
        if (f->profiles[i].ncolumns) {
            page_words(&c->page, " ");
            page_number(&c->page, f->profiles[i].ncolumns);
            page_words(&c->page, word_of(c, " colonnes", " columns"));
        }
    }
    page_item_end(&c->page);
}

static void ancestors(struct catalogue_page *c, const struct format *f)
{
    if (f->nchain < 2)
        return;
    fact(c, "Hérite de", "Extends");
    for (size_t i = 0; i + 1 < f->nchain; i++) {
        page_words(&c->page, i ? ", " : "");
        page_link(&c->page, f->chain[i], f->chain[i]);
    }
    page_item_end(&c->page);
}

static void evidence(struct catalogue_page *c, const struct format *f)
{
    fact(c, "Vu dans", "Seen in");
    page_words(&c->page, evidence_word(c->page.lang, f->evidence));
    if (f->source[c->page.lang].len) {
        page_words(&c->page, " – ");
        page_text(&c->page, f->source[c->page.lang]);
    }
    page_item_end(&c->page);
}

static void section(struct catalogue_page *c, size_t i)
{
    const struct shelved *s = &c->shelf->items[i];
    const struct format *f = s->format;

    page_heading(&c->page, 2, f->name, f->name);
    page_paragraph(&c->page);
    page_strong(&c->page, word_of(c, "n°", "No."));
    page_words(&c->page, " ");
    page_number(&c->page, i + 1);
    page_words(&c->page, " – ");
    page_text(&c->page, f->label[c->page.lang].len ? f->label[c->page.lang] : f->name);
    page_paragraph_end(&c->page);
    page_list(&c->page);
    fact_text(c, "Contenu", "Contents", f->summary[c->page.lang]);
    evidence(c, f);
    syntax(c, f);
    fact_text(c, "Encodage", "Encoding", f->encoding);
    fact_text(c, "Enregistrement", "Record", f->record);
    fact_text(c, "Nom de fichier", "File name", f->name_template);
    ancestors(c, f);
    profiles(c, f);
    fact(c, "Sens", "Direction");
    page_words(&c->page, direction(c, s));
    page_item_end(&c->page);
    page_list_end(&c->page);
    if (s->codecs[0]->table) {
        catalogue_fields(c, s);
        catalogue_losses(c, s);
    } else {
        paragraph(c, "Le modèle pivot lui-même : schemas/pivot.", "The pivot model itself: schemas/pivot.");
    }
}

static void sections(struct catalogue_page *c)
{
    paragraph(
        c,
        "Dans les tables qui suivent, « forme » dit ce qu'il reste d'une valeur écrite puis relue, « repris "
        "par » "
        "les numéros des formats qui savent écrire ce champ (p : en partie, ou sous une autre forme). Sous "
        "chaque table, les formats dont un enregistrement peut en venir : ce qu'ils perdent, ou, si c'est plus "
        "court, ce qu'ils gardent.",
        "In the tables below, \"form\" tells what is left of a value that is written and read back, \"carried "
        "by\" the numbers of the formats that can write this field (p: in part, or in another form). Below "
        "each table stand the formats of which a record can come from it: what they lose, or, where that is "
        "shorter, what they keep.");
    for (size_t i = 0; i < c->shelf->count; i++)
        section(c, i);
}

enum exit_code catalogue_print(struct invocation *in, struct engine *e, enum page_kind kind, struct sink *sink)
{
    struct shelf shelf;
    struct catalogue_page c = {.shelf = &shelf};
    enum gw_result r = shelf_open(&shelf, e, sink);
    bool good = r == GW_OK;

    if (good) {
        arena_init(&c.scratch, 65536, 0);
        page_open(&c.page, kind, in->lang,
                  say(in, "Passerelle : catalogue des formats", "Passerelle: catalogue of formats"));
        contents(&c);
        matrix(&c);
        sections(&c);
        good = page_done(&c.page) && !c.failed;
        arena_done(&c.scratch);
    }
    shelf_close(&shelf);
    return !good ? exit_of(r == GW_OK ? GW_FATAL : r, false) : shelf.faulty ? EXIT_USAGE : EXIT_DONE;
}
