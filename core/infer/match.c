/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Columns to fields. For each type as the root, its own fields and those of the types tied to it are
 * candidates; the surest are taken first, each column and each field once. The root whose columns add up
 * to most is taken.
 */
#include <stdlib.h>

#include "base/str.h"
#include "infer/infer.h"

enum { CANDIDATES_MAX = 20000, FIELDS_MAX = 400 };

static const double ENOUGH = 0.56; /* from here on a field is proposed */
static const double LEAST_HEADER = 0.3;
static const double SCOPE_COSTS = 0.3; /* a resource more must be worth it */
static const double POOR = 0.76;       /* less than that is no resource: one vague word */
static const double FAR_COSTS = 0.6;   /* one that hangs on another: without that one it is lost */
static const double SPOKEN_OF = 0.5;   /* what headers that name the root's type add to it, at most */
static const double TELLING = 0.2;     /* what so few other texts pass says something by itself */

/* ---- what was tried once ---- */

struct known_trial {
    bool tried, asked, named; /* named: the header says the field, whoever the resource is; once `asked` */
    bool keyed; /* one digit more or less and its rule would refuse it; once `elsewhere` was asked */
    struct trial trial;
    double elsewhere; /* -1: not asked */
};

/* A type with what its fields are called, made once. */
struct type_names {
    const struct shape *shape;
    bool other;
    const struct field **fields; /* its own, and those of its items that words.csv names */
    size_t nfields;
    struct naming *namings;
    struct known_trial *trials; /* by field * columns + column */
};

struct matching {
    struct tester *t;
    struct proposal *p;
    struct type_names *types;
    size_t ntypes;
    struct phrase *headers; /* by column */
};

/* A field of an item is one only where words.csv says how it is called there. */
static bool names_itself(const struct naming *n, const struct shape *shape, const struct field *f)
{
    for (size_t i = 0; i < n->nentries; i++)
        if (str_eq(n->entries[i]->resource, shape->name) && str_eq(n->entries[i]->field, f->full))
            return true;
    return false;
}

static void field_add(struct matching *m, struct type_names *n, const struct field *f, bool item)
{
    struct naming naming;

    if (f->ext.ptr || n->nfields == FIELDS_MAX)
        return;
    naming_of(m->t->words, n->shape, f, &naming);
    if (item && !names_itself(&naming, n->shape, f))
        return;
    n->fields[n->nfields] = f;
    n->namings[n->nfields++] = naming;
}

/* Somebody else than who the file is about: a header must say so to mean a field of theirs. */
static bool is_other(const struct words *w, const struct shape *s)
{
    const struct entry *e = words_entry(w, "!other", "");
    struct phrase name = phrase_of(w, s->name);

    for (size_t i = 0; e && i < e->count; i++)
        if (e->phrases[i].n == 1 && name.n == 1 && str_eq(e->phrases[i].words[0], name.words[0]))
            return true;
    return false;
}

static enum gw_result type_make(struct matching *m, const struct shape *s, struct type_names *n)
{
    *n = (struct type_names){.shape = s,
                             .other = is_other(m->t->words, s),
                             .fields = arena_array(m->t->arena, FIELDS_MAX, sizeof(struct field *)),
                             .namings = arena_array(m->t->arena, FIELDS_MAX, sizeof(*n->namings))};
    if (!n->fields || !n->namings)
        return GW_FATAL;
    for (uint16_t i = 0; i < s->count; i++) {
        field_add(m, n, s->fields[i], false);
        for (uint16_t k = 0; s->fields[i]->items && k < s->fields[i]->items->count; k++)
            field_add(m, n, s->fields[i]->items->fields[k], true);
    }
    n->trials = arena_array(m->t->arena, n->nfields * m->p->columns.nleaves + 1, sizeof(*n->trials));
    return n->trials ? GW_OK : GW_FATAL;
}

static enum gw_result names_make(struct matching *m)
{
    const struct model *model = &m->t->engine->model;
    const struct columns *c = &m->p->columns;
    enum gw_result r = GW_OK;

    m->types = arena_array(m->t->arena, model->count + 1, sizeof(*m->types));
    m->headers = arena_array(m->t->arena, c->nleaves + 1, sizeof(*m->headers));
    if (!m->types || !m->headers)
        return GW_FATAL;
    for (size_t i = 0; i < c->nleaves; i++)
        m->headers[i] = header_of(m->t->words, c, c->leaves[i]);
    for (size_t i = 0; r == GW_OK && i < model->count; i++)
        if (!model->types[i]->stream)
            r = type_make(m, model->types[i], &m->types[m->ntypes++]);
    return r;
}

static struct type_names *names_of(struct matching *m, const struct shape *s)
{
    for (size_t i = 0; i < m->ntypes; i++)
        if (m->types[i].shape == s)
            return &m->types[i];
    return NULL;
}

static struct gw_str as_of(const struct naming *n)
{
    for (size_t i = 0; i < n->nentries; i++)
        if (n->entries[i]->as.len)
            return n->entries[i]->as;
    return (struct gw_str){NULL, 0};
}

static struct known_trial *trial_of(struct matching *m, struct type_names *n, size_t field, size_t column)
{
    struct known_trial *k = &n->trials[field * m->p->columns.nleaves + column];

    if (!k->tried) {
        k->tried = true;
        k->elsewhere = -1;
        k->trial = try_field(m->t, m->p->columns.leaves[column], n->fields[field], as_of(&n->namings[field]));
    }
    return k;
}

/* What the values say by themselves: only a rule that few other columns pass tells a field. */
static double telling(struct matching *m, const struct field *f, size_t column, struct known_trial *k)
{
    if (!k->trial.checked || k->trial.codes.ptr || k->trial.share < 0.5 || !f->nchecks)
        return 0;
    if (k->elsewhere < 0)
        k->keyed = is_keyed(m->t, m->p->columns.leaves[column], f, k->trial.as);
    if (k->elsewhere < 0)
        k->elsewhere = passes_elsewhere(m->t, m->p->columns.leaves[column], f, k->trial.as);
    return k->elsewhere < TELLING ? 1 - k->elsewhere : 0;
}

/* ---- one column, one field ---- */

struct match {
    size_t column, scope;
    const struct field *field;
    double sure, header;
    struct trial trial;
};

static bool may_hold(const struct field *f, const struct column *c)
{
    return f->type != FIELD_REF && f->type != FIELD_TREE && f->type != FIELD_ITEMS && !c->many;
}

/* How sure, 0: not at all. */
static double weigh(const struct field *f, const struct column *c, const struct known_trial *k, double header,
                    double tells, bool role)
{
    double share = k->trial.share, sure;

    if (header < LEAST_HEADER)
        return tells && share >= 0.9 && c->nsamples > 1 && k->keyed ? 0.6 + (role ? 0.2 : 0.05) * tells : 0;
    if (!c->nsamples)
        return 0.85 * header;
    if (share < 0.3 && !k->trial.codes.ptr) /* a text of a wrong shape may still be meant so */
        return f->type == FIELD_TEXT && header >= 0.9 ? 0.6 * header : 0;
    sure = header * (0.65 + 0.35 * share);
    return sure + 0.4 * tells * share * (1 - sure);
}

/* Of several references to one type, the header must say which. */
static bool role_needed(const struct proposal *p, size_t scope)
{
    size_t alike = 0;

    for (size_t i = 0; i < p->nscopes; i++)
        alike += i && p->scopes[i].shape == p->scopes[scope].shape && !p->scopes[i].back &&
                 p->scopes[i].via == p->scopes[scope].via;
    return alike > 1;
}

static void role_of(const struct matching *m, const struct proposed_scope *s, struct role *ret)
{
    const struct words *w = m->t->words;
    const char *type = arena_text(m->t->arena, s->shape->name);

    *ret = (struct role){.type = type ? words_entry(w, type, "") : NULL, .own = phrase_of(w, s->shape->name)};
    if (!s->ref || s->back)
        return;
    ret->name = phrase_of(w, s->ref->name);
    ret->label = phrase_of(w, s->ref->label[LANG_FR]);
    for (size_t i = 0; i < w->count; i++)
        if (str_eq(w->entries[i].field, s->ref->name) &&
            str_eq(w->entries[i].resource, m->p->scopes[s->via].shape->name))
            ret->entry = &w->entries[i];
}

/* Asked once whoever the resource is: most headers have nothing of most fields. */
static bool is_named(struct matching *m, struct type_names *n, size_t field, size_t column)
{
    struct known_trial *k = &n->trials[field * m->p->columns.nleaves + column];
    struct role nobody = {0};
    bool said;

    if (!k->asked) {
        k->asked = true;
        k->named = header_says(m->t->words, &m->headers[column], &n->namings[field], &nobody, &said) > 0;
    }
    return k->named;
}

static void candidate_add(struct matching *m, struct match *list, size_t *n, size_t scope, size_t field,
                          size_t column, const struct role *role)
{
    struct type_names *names = names_of(m, m->p->scopes[scope].shape);
    const struct field *f = names->fields[field];
    const struct column *c = m->p->columns.leaves[column];
    bool said = false, named = is_named(m, names, field, column);
    double header = 0, sure;
    struct known_trial *k;

    if (*n == CANDIDATES_MAX || !may_hold(f, c) || (!named && !f->nchecks))
        return;
    if (named)
        header = header_says(m->t->words, &m->headers[column], &names->namings[field], role, &said);
    if (role_needed(m->p, scope) && !said)
        return;
    if (names->other && !header_names_type(m->t->words, &m->headers[column], names->shape->name))
        return;
    k = trial_of(m, names, field, column);
    sure = weigh(f, c, k, header, telling(m, f, column, k), said);
    if (header < LEAST_HEADER && !said && (m->p->scopes[scope].back || m->p->scopes[scope].via))
        return; /* a key says what it is, not whose */
    if (sure >= ENOUGH)
        list[(*n)++] = (struct match){column, scope, f, sure, header, k->trial};
}

/* The surest first; alike, the column that stands first, then the scope. */
static int surer(const void *a, const void *b)
{
    const struct match *x = a, *y = b;

    if (x->sure != y->sure)
        return x->sure > y->sure ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->scope != y->scope ? (x->scope < y->scope ? -1 : 1) : str_compare(x->field->full, y->field->full);
}

/* ---- one root ---- */

/* A label for who is one of several of a type: the reference that leads to it, and from where. */
static struct gw_str scope_key(struct matching *m, const struct proposed_scope *s)
{
    bool alike = str_eq(s->ref->name, s->shape->name);
    struct gw_str type = s->shape->name, ref = s->ref->name, from = m->p->scopes[s->via].shape->name;

    if (!s->via)
        return alike ? type : str_of(arena_format(m->t->arena, "%.*s:%.*s", STR_ARG(type), STR_ARG(ref)));
    return alike ? str_of(arena_format(m->t->arena, "%.*s:%.*s", STR_ARG(type), STR_ARG(from)))
                 : str_of(
                       arena_format(m->t->arena, "%.*s:%.*s_%.*s", STR_ARG(type), STR_ARG(from), STR_ARG(ref)));
}

static void scope_add(struct matching *m, const struct shape *shape, const struct field *ref, bool back,
                      const struct field *list, size_t via)
{
    struct proposal *p = m->p;
    struct proposed_scope s = {
        .key = shape->name, .shape = shape, .ref = ref, .back = back, .list = list, .via = via};

    if (p->nscopes == INFER_SCOPES || shape->stream)
        return;
    if (p->nscopes && !back)
        s.key = scope_key(m, &s);
    if (s.key.ptr)
        p->scopes[p->nscopes++] = s;
}

static const struct field *ref_to(const struct shape *from, const struct shape *to,
                                  const struct field **ret_list)
{
    *ret_list = NULL;
    for (uint16_t i = 0; i < from->count; i++) {
        const struct field *f = from->fields[i];

        if (f->ext.ptr)
            continue;
        if (f->type == FIELD_REF && str_eq(f->target, to->name))
            return f;
        for (uint16_t k = 0; f->items && k < f->items->count; k++)
            if (f->items->fields[k]->type == FIELD_REF && str_eq(f->items->fields[k]->target, to->name)) {
                *ret_list = f;
                return f->items->fields[k];
            }
    }
    return NULL;
}

/* What the scope `via` refers to. */
static void scopes_referred(struct matching *m, size_t via)
{
    const struct shape *from = m->p->scopes[via].shape;

    for (uint16_t i = 0; i < from->count; i++) {
        const struct field *f = from->fields[i];

        for (size_t k = 0; f->type == FIELD_REF && !f->ext.ptr && k < m->ntypes; k++)
            if (str_eq(m->types[k].shape->name, f->target) && m->types[k].shape != m->p->scopes[0].shape)
                scope_add(m, m->types[k].shape, f, false, NULL, via);
    }
}

/* The root, the types it refers to, those that refer to it, and what these refer to. */
static void scopes_make(struct matching *m, const struct shape *root)
{
    size_t direct;

    m->p->nscopes = 0;
    scope_add(m, root, NULL, false, NULL, 0);
    scopes_referred(m, 0);
    for (size_t k = 0; k < m->ntypes; k++) {
        const struct field *list, *ref = ref_to(m->types[k].shape, root, &list);

        if (ref && m->types[k].shape != root)
            scope_add(m, m->types[k].shape, ref, true, list, 0);
    }
    direct = m->p->nscopes;
    for (size_t i = 1; i < direct; i++)
        if (m->p->scopes[i].back)
            scopes_referred(m, i);
}

static size_t candidates_make(struct matching *m, struct match *list)
{
    size_t n = 0;

    for (size_t s = 0; s < m->p->nscopes; s++) {
        const struct type_names *names = names_of(m, m->p->scopes[s].shape);
        struct role role;

        role_of(m, &m->p->scopes[s], &role);
        for (size_t f = 0; f < names->nfields; f++)
            for (size_t c = 0; c < m->p->columns.nleaves; c++)
                candidate_add(m, list, &n, s, f, c, &role);
    }
    return n;
}

struct taken {
    const struct match **of; /* by column; NULL: none */
    bool used[INFER_SCOPES];
    double worth;
};

static bool is_free(const struct matching *m, const struct taken *t, const struct match *c)
{
    if (t->of[c->column])
        return false;
    for (size_t i = 0; i < m->p->columns.nleaves; i++)
        if (t->of[i] && t->of[i]->scope == c->scope && t->of[i]->field == c->field)
            return false;
    return true;
}

/* Scopes that bring less than they cost are given up, and their columns are free again. */
static bool poor_scope(const struct matching *m, const struct taken *t, size_t scope)
{
    double worth = 0;

    for (size_t i = 0; i < m->p->columns.nleaves; i++)
        worth += t->of[i] && t->of[i]->scope == scope ? t->of[i]->sure : 0;
    return scope && worth > 0 && worth < POOR;
}

/* The surest first, of scopes tied to the root, or of those tied to a scope that is used. */
static void take_surest(const struct matching *m, const struct match *list, size_t n, struct taken *t, bool far)
{
    for (size_t i = 0; i < n; i++) {
        size_t via = m->p->scopes[list[i].scope].via;

        if ((via != 0) == far && (!via || t->used[via]) && is_free(m, t, &list[i]))
            t->of[list[i].column] = &list[i];
    }
    for (size_t s = 0; s < m->p->nscopes; s++)
        if (poor_scope(m, t, s))
            for (size_t i = 0; i < m->p->columns.nleaves; i++)
                if (t->of[i] && t->of[i]->scope == s)
                    t->of[i] = NULL;
    for (size_t i = 0; i < m->p->columns.nleaves; i++)
        if (t->of[i])
            t->used[t->of[i]->scope] = true;
}

static bool stands_by(const struct matching *m, const struct taken *t, size_t column, size_t scope)
{
    const struct match *before = column ? t->of[column - 1] : NULL;
    const struct match *behind = column + 1 < m->p->columns.nleaves ? t->of[column + 1] : NULL;

    return (before && before->scope == scope) || (behind && behind->scope == scope);
}

/* Whose name it is, where the header says no more than "name": theirs whose columns stand beside it. */
static void take_beside(const struct matching *m, const struct match *list, size_t n, struct taken *t)
{
    for (size_t i = 0; i < n; i++) {
        const struct match *c = &list[i], *now = t->of[c->column];

        if (!now || now->scope == c->scope || now->sure > c->sure || stands_by(m, t, c->column, now->scope) ||
            !stands_by(m, t, c->column, c->scope))
            continue;
        t->of[c->column] = NULL;
        t->of[c->column] = is_free(m, t, c) ? c : now;
    }
}

static void choose(const struct matching *m, const struct match *list, size_t n, struct taken *t)
{
    t->worth = 0;
    memset(t->used, 0, sizeof(t->used));
    memset(t->of, 0, m->p->columns.nleaves * sizeof(*t->of));
    take_surest(m, list, n, t, false);
    take_surest(m, list, n, t, true);
    take_beside(m, list, n, t);
    for (size_t i = 0; i < m->p->columns.nleaves; i++)
        t->worth += t->of[i] ? t->of[i]->sure : 0;
    for (size_t s = 1; s < m->p->nscopes; s++)
        t->worth -= t->used[s] ? (m->p->scopes[s].via ? FAR_COSTS : SCOPE_COSTS) : 0;
    t->worth -= t->used[0] ? 0 : SCOPE_COSTS;
}

/* ---- the proposal ---- */

static void column_fill(struct matching *m, size_t i, const struct match *c)
{
    struct proposed_column *to = &m->p->items[i];

    *to = (struct proposed_column){.column = m->p->columns.leaves[i], .table = m->p};
    to->path = column_path(&m->p->columns, to->column);
    if (!c) {
        to->trial = try_plain(m->t, to->column);
        to->sure = to->trial.share;
        return;
    }
    m->p->scopes[c->scope].used = true;
    to->scope = &m->p->scopes[c->scope];
    to->field = c->field;
    to->trial = c->trial;
    to->sure = c->sure < 0.99 ? c->sure : 0.99;
    to->header = c->header;
}

static const struct shape *fallback(const struct matching *m)
{
    const struct shape *ret = m->ntypes ? m->types[0].shape : NULL;

    for (size_t i = 0; i < m->t->words->count; i++)
        for (size_t k = 0; str_is(m->t->words->entries[i].resource, "!root") && k < m->ntypes; k++)
            if (str_eq(m->types[k].shape->name, m->t->words->entries[i].field))
                ret = m->types[k].shape;
    return ret;
}

/* How many headers speak of that type, whatever their field: contrat, action. */
static double spoken_of(struct matching *m, const struct shape *s)
{
    size_t n = 0;

    for (size_t i = 0; i < m->p->columns.nleaves; i++)
        n += header_names_type(m->t->words, &m->headers[i], s->name);
    return n ? SPOKEN_OF * (double)(2 * n < m->p->columns.nleaves ? 2 * n : m->p->columns.nleaves) /
                   (double)m->p->columns.nleaves
             : 0;
}

/*
 * What in the table above an item of that type refers to: the root, or in a record any other too. What is in a thing
 * is no thing of its kind.
 */
static bool tie_find(struct proposal *p, const struct shape *s)
{
    const struct field *list;
    size_t n = p->above->above ? 1 : p->above->nscopes;

    for (size_t i = 0; i < n && s != p->above->scopes[0].shape; i++) {
        p->tied = &p->above->scopes[i];
        p->tie = p->tied->used ? ref_to(s, p->tied->shape, &list) : NULL;
        if (p->tie && !list)
            return true;
    }
    return false;
}

/* A list has no type by default, and is not what only others than its items are found in. */
static const struct shape *root_choose(struct matching *m, struct match *list, struct taken *t)
{
    const struct shape *best = m->p->above ? NULL : fallback(m);
    double most = 0;

    for (size_t i = 0; i < m->ntypes; i++) {
        size_t n;

        if (m->p->above && !tie_find(m->p, m->types[i].shape))
            continue;
        scopes_make(m, m->types[i].shape);
        n = candidates_make(m, list);
        qsort(list, n, sizeof(*list), surer);
        choose(m, list, n, t);
        if (t->worth > 0)
            t->worth += spoken_of(m, m->types[i].shape);
        if (t->worth > most + 1e-9 && (!m->p->above || (t->used[0] && t->worth >= POOR))) {
            most = t->worth;
            best = m->types[i].shape;
        }
    }
    return best;
}

enum gw_result proposal_match(struct tester *t, struct proposal *p)
{
    struct matching m = {.t = t, .p = p};
    struct match *list = arena_array(t->arena, CANDIDATES_MAX, sizeof(*list));
    struct taken taken = {.of = arena_array(t->arena, p->columns.nleaves + 1, sizeof(*taken.of))};
    const struct shape *root;
    size_t n;

    p->items = arena_array(t->arena, p->columns.nleaves + 1, sizeof(*p->items));
    if (!list || !taken.of || !p->items || names_make(&m) != GW_OK)
        return GW_FATAL;
    root = root_choose(&m, list, &taken);
    if (!root)
        return p->above ? GW_END : GW_FAIL;
    if (p->above && !tie_find(p, root))
        return GW_END;
    scopes_make(&m, root);
    n = candidates_make(&m, list);
    qsort(list, n, sizeof(*list), surer);
    choose(&m, list, n, &taken);
    p->scopes[0].used = true;
    for (p->count = 0; p->count < p->columns.nleaves; p->count++)
        column_fill(&m, p->count, taken.of[p->count]);
    return GW_OK;
}
