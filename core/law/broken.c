/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lost: what became of each leaf of a sample. Broken: each leaf in turn holds what nobody means; that
 * place must be reported, and no other but those whose line looks at what it feeds.
 */
#include "law/proof.h"

struct leaf {
    struct gw_node *node;
    const struct place *place; /* NULL: nothing in the table */
    bool ignored, tree;
};

struct leaves {
    struct leaf *items;
    size_t count, room;
};

struct hunt {
    struct proof *proof;
    struct trip *trip;
    struct leaves leaves;
    bool context, counted;
    struct told *before;
    size_t nbefore;
    __int128 *sums; /* with the record counted once */
};

static void leaf_add(struct hunt *h, const struct leaf *leaf)
{
    struct leaves *l = &h->leaves;

    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 128;
        struct leaf *grown = arena_array(&h->proof->scratch, room, sizeof(*grown));

        if (!grown)
            return;
        if (l->count)
            memcpy(grown, l->items, l->count * sizeof(*grown));
        l->items = grown;
        l->room = room;
    }
    l->items[l->count++] = *leaf;
}

/* The place of a child: of those with predicates the one that took it is not known here, any will do. */
static void leaves_of(struct hunt *h, const struct place *p, struct gw_node *n, bool ignored, bool tree)
{
    bool has_text = n->kind < GW_LIST ? n->kind != GW_NULL : n->text && n->len;
    bool blank =
        !str_trim((struct gw_str){n->text, n->len}).len; /* between what is inside, where no line looks */

    ignored |= p && p->ignored;
    tree |= p && p->tree;
    if (has_text && n->len && !(blank && !(p && p->leaf)))
        leaf_add(h, &(struct leaf){n, p, ignored, tree});
    for (struct gw_node *k = n->first; k; k = k->next) {
        const struct place *below = p ? edge_find(h->proof->table, p, k->name) : NULL;

        if (k->kind == GW_LIST)
            for (struct gw_node *item = k->first; item; item = item->next)
                leaves_of(h, below, item, ignored, tree);
        else if (k->kind != GW_RECORDS)
            leaves_of(h, below, k, ignored, tree);
    }
}

static void unflag(struct gw_node *n)
{
    n->flags = 0;
    for (struct gw_node *k = n->first; k; k = k->next)
        unflag(k);
}

/* ---- one reading ---- */

static enum gw_result read_once(struct hunt *h, struct bundle *b)
{
    struct reading *r = &h->trip->source.reading;
    struct gw_record *rec = &h->trip->source.rec;
    enum gw_result result;

    said_clear(&h->proof->said);
    r->unclaimed = NULL;
    if (rec->root)
        unflag(rec->root);
    if (h->context) {
        unflag((struct gw_node *)rec->context);
        rec->changes++;
        result = reading_envelope(r, rec, true, b);
    } else {
        uint64_t records = r->records;

        result = reading_record(r, rec, h->trip->source.session.record, b);
        r->records = h->counted ? records : r->records; /* read once or many times, it is one record */
        if (h->counted && h->sums)
            memcpy(r->sums, h->sums, (r->table->nties + 1) * sizeof(*r->sums));
    }
    reading_unclaimed(r);
    return result == GW_REJECT ? GW_OK : result;
}

static bool is_told(const struct hunt *h, const struct gw_node *n, const struct place *place)
{
    const struct said *s = &h->proof->said;
    struct gw_place at = {UINT64_MAX, 0, 0};

    h->trip->source.locator.place(&h->trip->source.locator, n, &at);
    for (size_t i = 0; i < s->count; i++) {
        if (at.line && s->items[i].line == at.line && s->items[i].column == at.column)
            return true;
        if (place && str_eq(s->items[i].path, place->path))
            return true;
    }
    return false;
}

/* ---- lost ---- */

static bool fixed_only(const struct table *t, const struct place *p)
{
    bool any = false;

    for (size_t k = 0; k < t->nties; k++)
        for (size_t n = 0; n < t->ties[k]->nplaces; n++) {
            const struct tie *tie = t->ties[k];

            if (tie->places[n] != p)
                continue;
            any = true;
            if (tie->form != FORM_CONST && tie->form != FORM_TEST && tie->form != FORM_LINE &&
                tie->form != FORM_COUNT && tie->form != FORM_SUM && !(tie->use & USE_CHECK))
                return false;
        }
    return any;
}

/* What a line for us to write says, found as it stands: a filler that is recognised. */
static bool is_constant(const struct table *t, const struct leaf *l)
{
    for (size_t k = 0; k < t->nties; k++)
        if (t->ties[k]->form == FORM_CONST && t->ties[k]->nplaces && t->ties[k]->places[0] == l->place &&
            str_eq(t->ties[k]->word, str_trim((struct gw_str){l->node->text, l->node->len})))
            return true;
    return false;
}

static bool in_aside(const struct gw_node *root, const struct gw_node *n, bool aside, bool *found)
{
    aside |= (root->flags & 2) != 0; /* NODE_ASIDE */
    if (root == n) {
        *found = true;
        return aside;
    }
    for (const struct gw_node *k = root->first; k && !*found; k = k->next) {
        bool is = in_aside(k, n, aside, found);

        if (*found)
            return is;
    }
    return false;
}

/* The way to the predicate's text is claimed by the predicate itself. */
static bool is_test(const struct table *t, const struct place *p)
{
    for (uint16_t i = 0; i < t->nplaces; i++)
        for (size_t k = 0; k < t->places[i]->ntests; k++)
            if (t->places[i]->tests[k].place == p)
                return true;
    for (uint16_t i = 0; i < t->nscopes; i++)
        for (size_t k = 0; k < t->scopes[i]->gates.count; k++)
            if (t->scopes[i]->gates.items[k].place == p)
                return true;
    return false;
}

static void count(struct hunt *h, const struct leaf *l)
{
    struct law_counts *c = &h->proof->report->leaves;
    const struct gw_node *root = h->context ? h->trip->source.rec.context : h->trip->source.rec.root;
    bool found = false;

    if (l->ignored)
        c->ignored++;
    else if (in_aside(root, l->node, false, &found))
        c->aside++;
    else if (l->place && (fixed_only(h->proof->table, l->place) || is_constant(h->proof->table, l)))
        c->checked++;
    else if ((l->node->flags & 1) || l->tree ||
             (l->place && l->place->leaf && !str_trim((struct gw_str){l->node->text, l->node->len}).len))
        c->read++; /* NODE_TAKEN */
    else if (l->place && is_test(h->proof->table, l->place))
        c->checked++;
    else if (is_told(h, l->node, l->place))
        c->reported++;
    else {
        c->lost++;
        (void)fail(h->proof, LAW_LOST, NULL, l->place ? l->place->path : GW_STR("?"),
                   GW_STR("read, set aside or reported"), (struct gw_str){l->node->text, l->node->len});
    }
}

/* ---- broken ---- */

static bool holds_text(const struct object *o, struct gw_str text)
{
    for (uint16_t n = 0; o && n < o->slots; n++) {
        const struct field *field = o->shape->fields[n];
        size_t at;

        if (!object_has(o, n) || field->type == FIELD_REF || field->type == FIELD_TREE)
            continue;
        if (!field->list && field->type != FIELD_ITEMS && str_find(object_text(o, n), text, &at))
            return true;
        for (uint32_t i = 0; (field->list || field->type == FIELD_ITEMS) && i < o->values[n].list->count; i++)
            if (field->type == FIELD_ITEMS ? holds_text(o->values[n].list->objects[i], text)
                                           : str_find(o->values[n].list->texts[i], text, &at))
                return true;
    }
    return false;
}

/* Any text is good there: it became a value. */
static bool is_good(const struct hunt *h, struct gw_str text)
{
    struct reading *r = &h->trip->source.reading;

    for (uint16_t k = 0; k < r->table->nkinds; k++)
        for (const struct frame *f = k == FRAME_CONTEXT ? r->view.context : r->frames[k]; f;
             f = k == FRAME_CONTEXT ? NULL : f->all)
            for (size_t s = 0; s < f->kind->nscopes; s++)
                if (holds_text(f->instances[s].object, text))
                    return true;
    return false;
}

/* Some line at the place takes what its texts may be: looks at is enough for others to speak. */
static bool follows(const struct hunt *h, const struct place *broken, struct gw_str rule)
{
    const struct table *t = h->proof->table;

    for (size_t k = 0; k < t->nties; k++) {
        if (!str_eq(t->ties[k]->line->where, rule))
            continue;
        for (size_t n = 0; n < t->nties; n++)
            for (size_t i = 0; i < t->ties[n]->nplaces; i++)
                for (size_t f = 0; t->ties[n]->places[i] == broken && f < t->ties[n]->ntargets; f++)
                    if (tie_names(h->proof, t->ties[k], t->ties[n]->scope, &t->ties[n]->targets[f]))
                        return true;
    }
    return false;
}

static bool said_before(const struct hunt *h, const struct told *t)
{
    for (size_t i = 0; i < h->nbefore; i++)
        if (strcmp(h->before[i].code, t->code) == 0 && str_eq(h->before[i].path, t->path))
            return true;
    return false;
}

/* What the file says unbroken. */
static void keep_said(struct hunt *h)
{
    const struct said *s = &h->proof->said;

    h->before = arena_array(&h->proof->scratch, s->count + 1, sizeof(*h->before));
    h->nbefore = h->before ? s->count : 0;
    for (size_t i = 0; i < h->nbefore; i++) {
        h->before[i] = s->items[i];
        h->before[i].path = arena_copy(&h->proof->scratch, s->items[i].path);
    }
}

static void others_check(struct hunt *h, const struct leaf *l, struct gw_place at)
{
    const struct said *s = &h->proof->said;

    for (size_t i = 0; i < s->count; i++) {
        const struct told *t = &s->items[i];

        if (said_before(h, t) || (t->line == at.line && t->column == at.column) ||
            str_eq(t->path, l->place->path) || !t->rule.len)
            continue;
        if (is_test(h->proof->table, l->place) || follows(h, l->place, t->rule))
            continue;
        (void)fail(h->proof, LAW_BROKEN, l->place->nwriters ? l->place->writers[0]->line : NULL, l->place->path,
                   GW_STR("only this place reported"),
                   str_of(arena_format(&h->proof->scratch, "%s %.*s", t->code, STR_ARG(t->path))));
    }
}

static enum gw_result break_leaf(struct hunt *h, const struct leaf *l)
{
    static const char garbage[] = "\xc2\xa4?!";
    struct law_report *report = h->proof->report;
    const char *text = l->node->text;
    uint32_t len = l->node->len;
    struct gw_place at = {UINT64_MAX, 0, 0};
    struct bundle b;
    enum gw_result result;

    l->node->text = garbage;
    l->node->len = sizeof(garbage) - 1;
    result = read_once(h, &b);
    h->trip->source.locator.place(&h->trip->source.locator, l->node, &at);
    report->broken++;
    if (result != GW_OK) {
        return result;
    } else if (is_told(h, l->node, l->place)) {
        report->broken_reported++;
        others_check(h, l, at);
    } else if (is_good(h, str_of(garbage)) || l->tree || is_test(h->proof->table, l->place)) {
        report->broken_good++;
    } else {
        (void)fail(h->proof, LAW_BROKEN, l->place->nwriters ? l->place->writers[0]->line : NULL, l->place->path,
                   GW_STR("reported"), GW_STR("nothing said"));
    }
    l->node->text = text;
    l->node->len = len;
    return result;
}

/* What was said of the file as it is: a leaf at fault already is not broken again. */
static bool at_fault(const struct hunt *h, const struct leaf *l)
{
    return is_told(h, l->node, l->place);
}

/* What a line of the records reads of the context is read with each of them: nothing of the envelope. */
static bool of_records(const struct table *t, const struct place *p)
{
    for (size_t k = 0; p && k < t->nties; k++)
        for (size_t n = 0; n < t->ties[k]->nplaces; n++)
            if (t->ties[k]->places[n] == p && t->ties[k]->scope && !t->ties[k]->scope->stream)
                return true;
    return false;
}

static void drop_of_records(struct hunt *h)
{
    size_t kept = 0;

    for (size_t i = 0; i < h->leaves.count; i++)
        if (!of_records(h->proof->table, h->leaves.items[i].place))
            h->leaves.items[kept++] = h->leaves.items[i];
    h->leaves.count = kept;
}

static enum gw_result record_prove(struct hunt *h)
{
    struct gw_record *rec = &h->trip->source.rec;
    struct gw_node *root = h->context ? (struct gw_node *)rec->context : rec->root;
    struct bundle b;
    enum gw_result result;
    bool *skip;

    arena_reset(&h->proof->scratch);
    h->leaves = (struct leaves){0};
    if (!root)
        return GW_OK;
    leaves_of(h, h->proof->table->places[h->context ? FRAME_CONTEXT : FRAME_RECORD], root, false, false);
    if (h->context)
        drop_of_records(h);
    h->counted = false;
    result = read_once(h, &b);
    h->counted = true;
    keep_said(h);
    h->sums = arena_array(&h->proof->scratch, h->proof->table->nties + 1, sizeof(*h->sums));
    if (h->sums)
        memcpy(h->sums, h->trip->source.reading.sums, (h->proof->table->nties + 1) * sizeof(*h->sums));
    skip = arena_array(&h->proof->scratch, h->leaves.count + 1, sizeof(*skip));
    for (size_t i = 0; skip && result == GW_OK && i < h->leaves.count; i++) {
        count(h, &h->leaves.items[i]);
        skip[i] = at_fault(h, &h->leaves.items[i]) || !h->leaves.items[i].place || h->leaves.items[i].ignored;
    }
    for (size_t i = 0; skip && result == GW_OK && i < h->leaves.count; i++)
        if (!skip[i])
            result = break_leaf(h, &h->leaves.items[i]);
    return result;
}

enum gw_result broken_prove(struct proof *p, const struct sample *s, struct gw_str bytes)
{
    struct trip t;
    struct hunt h = {.proof = p, .trip = &t};
    struct bundle b;
    enum gw_result result = trip_open(p, &t, bytes, str_of(s->name), (struct gw_str){NULL, 0});
    bool started = false;

    while (result == GW_OK) {
        result = session_next(&t.source.session, &t.source.rec);
        if (!started && (result == GW_OK || result == GW_END)) {
            enum gw_result begun = reading_start(&t.source.reading, &t.source.rec, &b);

            started = true;
            if (begun != GW_OK && begun != GW_REJECT)
                result = begun;
        }
        if (result == GW_OK)
            result = record_prove(&h);
        else if (result == GW_REJECT)
            result = GW_OK;
    }
    if (result == GW_END && t.source.rec.context && p->table->envelope) {
        t.source.rec.root = NULL;
        h.context = true;
        result = record_prove(&h);
    }
    trip_close(&t);
    return result == GW_END || result == GW_FAIL ? GW_OK : result;
}
