/* SPDX-License-Identifier: EUPL-1.2 */
/* The lines of one format in the catalogue: where each stands, what it means, who else can carry it. */
#include "base/str.h"
#include "cli/catalogue.h"

static const char *type_word(const struct catalogue_page *c, const struct field *f)
{
    switch ((enum field_type)f->type) {
    case FIELD_TEXT:
        return word_of(c, "texte", "text");
    case FIELD_INTEGER:
        return word_of(c, "entier", "whole number");
    case FIELD_DECIMAL:
        return word_of(c, "décimal", "decimal");
    case FIELD_DATE:
        return "date";
    case FIELD_DATETIME:
        return word_of(c, "date et heure", "date and time");
    case FIELD_MONTH:
        return word_of(c, "mois", "month");
    case FIELD_TIME:
        return word_of(c, "heure", "time");
    case FIELD_BOOLEAN:
        return word_of(c, "booléen", "boolean");
    case FIELD_CODE:
        return "code";
    case FIELD_REF:
        return word_of(c, "référence", "reference");
    case FIELD_TREE:
        return word_of(c, "tel quel", "as it stands");
    case FIELD_ITEMS:
        return word_of(c, "liste", "list");
    }
    return "";
}

/* The line in the first profile that has it; *ret_in: how many have. */
static const struct tie *tie_of(const struct shelved *f, size_t line, size_t *ret_in)
{
    const struct tie *found = NULL;

    *ret_in = 0;
    for (size_t p = 0; p < f->ncodecs; p++) {
        const struct table *t = f->codecs[p]->table;

        for (size_t k = 0; k < t->nties; k++)
            if (t->ties[k]->index == line) {
                found = found ? found : t->ties[k];
                (*ret_in)++;
            }
    }
    return found;
}

static bool in_profile(const struct codec *c, size_t line)
{
    for (size_t k = 0; k < c->table->nties; k++)
        if (c->table->ties[k]->index == line)
            return true;
    return false;
}

/* ---- cells ---- */

static void place_cell(struct catalogue_page *c, const struct tie *tie)
{
    page_cell(&c->page, NULL);
    if (!tie->nplaces)
        page_code(&c->page, tie->line->cells[CELL_PATH]);
    for (size_t i = 0; i < tie->nplaces; i++) {
        page_words(&c->page, i ? " + " : "");
        page_code(&c->page, tie->places[i]->path);
    }
}

static void field_cell(struct catalogue_page *c, const struct tie *tie)
{
    const struct line *l = tie->line;

    page_cell(&c->page, NULL);
    for (size_t k = 0; k < tie->ntargets; k++) {
        const struct field *f = tie->targets[k].field;

        page_words(&c->page, k ? " + " : "");
        page_code(&c->page, l->cells[CELL_RESOURCE]);
        page_words(&c->page, ".");
        page_code(&c->page, l->fields.items[k].text);
        if (f->label[c->page.lang].len) {
            page_words(&c->page, " ");
            page_text(&c->page, f->label[c->page.lang]);
        }
    }
}

static void type_cell(struct catalogue_page *c, const struct tie *tie)
{
    page_cell(&c->page, NULL);
    for (size_t k = 0; k < tie->ntargets; k++) {
        page_words(&c->page, k ? " + " : "");
        page_words(&c->page, type_word(c, tie->targets[k].field));
        if (tie->targets[k].field->ext.ptr)
            page_words(&c->page, word_of(c, " (propre au format)", " (the format's own)"));
    }
}

/* The pivot's lists, and how the line converts. */
static void codes_cell(struct catalogue_page *c, const struct tie *tie)
{
    page_cell(&c->page, NULL);
    page_code(&c->page, tie->line->cells[CELL_AS]);
    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->targets[k].field->codes) {
            page_words(&c->page, " → ");
            page_code(&c->page, tie->targets[k].field->codes->name);
        }
}

static void use_cells(struct catalogue_page *c, const struct tie *tie)
{
    bool reads = !(tie->use & USE_WRITE), writes = !(tie->use & USE_READ);

    page_cell(&c->page, NULL);
    if (tie->use & USE_REQUIRED)
        page_words(&c->page, tie->line->cells[CELL_WHEN].len ? word_of(c, "oui, si", "yes, if")
                                                             : word_of(c, "oui", "yes"));
    page_cell(&c->page, NULL);
    page_code(&c->page, tie->line->cells[CELL_WHEN]);
    page_cell(&c->page, NULL);
    page_words(&c->page, reads && writes ? word_of(c, "deux sens", "both")
                         : reads         ? word_of(c, "lu", "read")
                                         : word_of(c, "écrit", "written"));
    if (tie->use & USE_CHECK)
        page_words(&c->page, word_of(c, ", contrôlé", ", checked"));
}

static void loss_cell(struct catalogue_page *c, const struct tie *tie)
{
    static const char *const words[2][4] = {{"exact", "normalisé", "avec perte", "un sens"},
                                            {"exact", "normalised", "lossy", "one way"}};

    page_cell(&c->page, NULL);
    if (tie->ntargets)
        page_words(&c->page, words[c->page.lang][tie->loss & 3]);
}

static void profile_cell(struct catalogue_page *c, const struct shelved *f, size_t line, size_t in)
{
    bool first = true;

    if (f->ncodecs < 2)
        return;
    page_cell(&c->page, NULL);
    if (in == f->ncodecs) {
        page_words(&c->page, word_of(c, "tous", "all"));
        return;
    }
    for (size_t p = 0; p < f->ncodecs; p++)
        if (in_profile(f->codecs[p], line)) {
            page_words(&c->page, first ? "" : ", ");
            page_text(&c->page, f->codecs[p]->profile->name);
            first = false;
        }
}

/* ---- who can carry it ---- */

static void carriers(struct catalogue_page *c, const struct shelved *f, size_t item)
{
    bool first = true;

    for (size_t i = 0; !c->failed && i < c->shelf->count; i++) {
        const struct shelved *to = &c->shelf->items[i];
        enum carried carried = CARRIED_NOT;
        struct reach_values lost;

        if (to == f || to->format->pivot || !to->writes)
            continue;
        c->failed = reach_ask(&f->read, item, &to->written, &c->scratch, &carried, &lost) != GW_OK;
        arena_reset(&c->scratch);
        if (carried == CARRIED_NOT)
            continue;
        page_words(&c->page, first ? "" : " ");
        page_number(&c->page, i + 1);
        page_words(&c->page, carried == CARRIED_PARTLY ? word_of(c, "p", "p") : "");
        first = false;
    }
    if (first)
        page_words(&c->page, "–");
}

/* Only at the first line that reads it. */
static void carriers_cell(struct catalogue_page *c, const struct shelved *f, const struct tie *tie, bool *seen)
{
    bool first = true;

    page_cell(&c->page, NULL);
    for (size_t k = 0; k < tie->ntargets; k++) {
        struct gw_str resource = tie->line->cells[CELL_RESOURCE], field = tie->line->fields.items[k].text;

        for (size_t i = 0; i < f->read.count; i++) {
            struct gw_str name = f->read.items[i].name;

            if (seen[i] || name.len != resource.len + 1 + field.len || !str_begins(name, resource) ||
                !str_eq(str_from(name, resource.len + 1), field))
                continue;
            seen[i] = true;
            page_words(&c->page, first ? "" : " + ");
            carriers(c, f, i);
            first = false;
        }
    }
}

/* ---- the table ---- */

static void heads(struct catalogue_page *c, const struct shelved *f)
{
    static const char *const fr[] = {"chemin natif", "champ du pivot", "type", "conversion → codes",
                                     "requis",       "condition",      "sens", "forme",
                                     "repris par",   "profils"};
    static const char *const en[] = {"native path", "pivot field", "type", "conversion → codes", "required",
                                     "condition",   "direction",   "form", "carried by",         "profiles"};

    page_table(&c->page, "fields", c->page.lang == LANG_FR ? fr : en, f->ncodecs < 2 ? 9 : 10);
}

void catalogue_fields(struct catalogue_page *c, const struct shelved *f)
{
    const struct lines *lines = &f->format->lines;
    struct arena seen_arena = {0};
    bool *seen = arena_array(&seen_arena, f->read.count + 1, sizeof(*seen));

    heads(c, f);
    for (size_t i = 0; seen && i < lines->count; i++) {
        size_t in;
        const struct tie *tie = lines->items[i].kind == LINE_FIELD ? tie_of(f, i, &in) : NULL;

        if (!tie || tie->form == FORM_REST)
            continue;
        page_row(&c->page);
        place_cell(c, tie);
        field_cell(c, tie);
        type_cell(c, tie);
        codes_cell(c, tie);
        use_cells(c, tie);
        loss_cell(c, tie);
        carriers_cell(c, f, tie, seen);
        profile_cell(c, f, i, in);
    }
    page_table_end(&c->page);
    c->failed |= !seen;
    arena_done(&seen_arena);
}
