/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A condition as questions: each answer leads to the next question or to the end, so nothing is asked
 * that does not matter. What most of them ask, a short text in a slot of the record, is one comparison of
 * numbers; the others go the long way, which is always right too.
 */
#include "base/str.h"
#include "mapping/frame.h"
#include "schema/canon.h"

/* Whose field or being is asked for. */
enum asked { ASKED_ANY, ASKED_OWN, ASKED_RECORD, ASKED_BEING };

/* A text of at most eight bytes, or all that begin with it. */
struct word {
    uint64_t head, mask;
    uint8_t len;
    bool begins;
};

struct question {
    const struct condition *test;
    const struct scope *scope; /* ASKED_RECORD, ASKED_BEING */
    const struct word *words;  /* NULL: compared the long way, but for OP_TRUE */
    uint32_t nwords;
    uint16_t slot;
    uint16_t next[2]; /* by the answer */
    uint8_t asked;    /* enum asked */
    bool is;          /* the answer when one of the words fits */
};

enum { ENDS_NO = UINT16_MAX - 1, ENDS_YES = UINT16_MAX };

/* ---- making them ---- */

static bool in_record(const struct scope *s)
{
    return s && s->frame->id == FRAME_RECORD;
}

static enum asked asked_of(const struct ref *ref)
{
    const struct target *to = &ref->target;

    if (ref->kind == REF_SCOPE)
        return in_record(ref->scope) ? ASKED_BEING : ASKED_ANY;
    if (ref->kind != REF_FIELD || ref->climb || to->nhops || to->each || to->field->list ||
        to->field->type >= FIELD_REF)
        return ASKED_ANY;
    if (!ref->scope)
        return ASKED_OWN;
    return in_record(ref->scope) ? ASKED_RECORD : ASKED_ANY;
}

/* Texts of these types are equal only if they are the same. */
static bool same_is_equal(enum field_type type)
{
    return type != FIELD_INTEGER && type != FIELD_DECIMAL && type != FIELD_DATETIME;
}

static bool word_of(const struct condition *c, struct gw_str text, struct word *ret)
{
    bool begins = c->op == OP_GLOB && text.len && text.ptr[text.len - 1] == '*';

    text.len -= begins;
    if (text.len > 8 ||
        (c->op == OP_GLOB && (memchr(text.ptr, '*', text.len) || memchr(text.ptr, '?', text.len))))
        return false;
    *ret = (struct word){.head = str_head(text),
                         .mask = text.len == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * text.len) - 1,
                         .len = (uint8_t)text.len,
                         .begins = begins};
    return true;
}

static bool words_make(struct arena *a, const struct condition *c, struct question *q)
{
    bool equal =
        (c->op == OP_EQ || c->op == OP_NE) && same_is_equal((enum field_type)c->ref.target.field->type);
    struct word *words;

    if (!equal && c->op != OP_GLOB)
        return true;
    words = arena_array(a, c->nvalues + 1, sizeof(*words));
    if (!words)
        return false;
    for (size_t i = 0; i < c->nvalues; i++)
        if (!word_of(c, c->values[i], &words[i]))
            return true;
    q->words = words;
    q->nwords = (uint32_t)c->nvalues;
    q->is = c->op != OP_NE;
    return true;
}

static bool question_make(struct arena *a, const struct condition *c, struct question *q)
{
    *q = (struct question){.test = c, .scope = c->ref.scope, .slot = c->ref.target.slot};
    q->asked = (uint8_t)asked_of(&c->ref);
    if (q->asked == ASKED_BEING && c->op != OP_TRUE)
        q->asked = ASKED_ANY;
    return q->asked == ASKED_ANY || q->asked == ASKED_BEING || words_make(a, c, q);
}

static size_t count(const struct condition *c)
{
    size_t n = c->kind == COND_TEST;

    for (const struct condition *k = c->kids; k; k = k->next)
        n += count(k);
    return n;
}

/* What is laid out: `made` questions so far. */
struct layout {
    struct arena *arena;
    struct question *questions;
    uint16_t made;
    bool failed;
};

static uint16_t lay(struct layout *l, const struct condition *c, uint16_t yes, uint16_t no);

/* The kids from `k` on, the last first: each must know where the next one is. */
static uint16_t lay_kids(struct layout *l, const struct condition *k, bool all, uint16_t yes, uint16_t no)
{
    uint16_t rest;

    if (!k)
        return all ? yes : no;
    rest = lay_kids(l, k->next, all, yes, no);
    return all ? lay(l, k, rest, no) : lay(l, k, yes, rest);
}

/* Where the condition begins, when it goes on at `yes` or at `no`. */
static uint16_t lay(struct layout *l, const struct condition *c, uint16_t yes, uint16_t no)
{
    struct question *q;

    switch (c->kind) {
    case COND_AND:
    case COND_OR:
        return lay_kids(l, c->kids, c->kind == COND_AND, yes, no);
    case COND_NOT:
        return lay(l, c->kids, no, yes);
    case COND_LET:
        return no; /* compiled away */
    case COND_TEST:
        break;
    }
    q = &l->questions[l->made];
    l->failed |= !question_make(l->arena, c, q);
    q->next[false] = no;
    q->next[true] = yes;
    return l->made++;
}

bool questions_make(struct arena *a, struct condition *c)
{
    size_t n = count(c);
    struct layout l = {.arena = a, .questions = arena_array(a, n + 1, sizeof(*l.questions))};

    if (!l.questions || n >= ENDS_NO)
        return false;
    c->questions = l.questions;
    c->first = lay(&l, c, ENDS_YES, ENDS_NO);
    return !l.failed;
}

/* ---- those that can share one answer ---- */

static bool is_set_late(const struct table *t, const struct field *f)
{
    for (size_t i = 0; i < t->nlate; i++)
        for (size_t k = 0; k < t->late[i]->ntargets; k++)
            if (t->late[i]->targets[k].field == f)
                return true;
    return false;
}

static bool is_settled(const struct table *t, const struct question *q, const struct scope *own)
{
    const struct ref *ref = &q->test->ref;

    if (ref->kind == REF_PARAM)
        return true;
    if (q->asked == ASKED_BEING)
        return q->scope->chosen;
    if (q->asked == ASKED_OWN ? !in_record(own) : q->asked != ASKED_RECORD)
        return false;
    return !is_set_late(t, ref->target.field);
}

bool condition_settled(const struct table *t, const struct condition *c, const struct scope *own)
{
    for (size_t i = 0, n = count(c); i < n; i++)
        if (!is_settled(t, &c->questions[i], own))
            return false;
    return true;
}

static bool same_test(const struct question *a, const struct scope *own_a, const struct question *b,
                      const struct scope *own_b)
{
    const struct condition *x = a->test, *y = b->test;

    if (a->asked != b->asked || x->op != y->op || x->ref.kind != y->ref.kind || x->nvalues != y->nvalues ||
        !str_eq(x->ref.param, y->ref.param))
        return false;
    if (x->ref.kind != REF_PARAM &&
        ((a->asked == ASKED_OWN ? own_a : a->scope) != (b->asked == ASKED_OWN ? own_b : b->scope) ||
         x->ref.target.field != y->ref.target.field))
        return false;
    for (size_t i = 0; i < x->nvalues; i++)
        if (!str_eq(x->values[i], y->values[i]))
            return false;
    return true;
}

static bool same_way(uint16_t a, uint16_t b, bool negated)
{
    return negated && a >= ENDS_NO ? b == (a == ENDS_NO ? ENDS_YES : ENDS_NO) : a == b;
}

bool condition_alike(const struct condition *a, const struct scope *own_a, const struct condition *b,
                     const struct scope *own_b, bool negated)
{
    size_t n = count(a);

    if (n != count(b) || !same_way(a->first, b->first, negated))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct question *p = &a->questions[i], *q = &b->questions[i];

        if (!same_test(p, own_a, q, own_b) || !same_way(p->next[0], q->next[0], negated) ||
            !same_way(p->next[1], q->next[1], negated))
            return false;
    }
    return true;
}

/* ---- asking ---- */

static bool in_list(const struct condition *c, const struct list *list)
{
    for (size_t i = 0; i < c->nvalues; i++)
        for (uint32_t k = 0; k < list->count; k++)
            if (str_eq(list->texts[k], c->values[i]))
                return true;
    return false;
}

static bool any_equal(enum field_type type, const struct condition *c, struct gw_str text)
{
    for (size_t i = 0; i < c->nvalues; i++)
        if (str_eq(c->values[i], text) || canon_compare(type, text, c->values[i]) == 0)
            return true;
    return false;
}

static bool compare(const struct view *v, const struct condition *c, struct gw_str text)
{
    enum field_type type = c->ref.kind == REF_FIELD ? (enum field_type)c->ref.target.field->type : FIELD_TEXT;

    switch (c->op) {
    case OP_TRUE:
        return !str_is(text, "false");
    case OP_EQ:
    case OP_NE:
        if (c->ref.kind == REF_FIELD && c->ref.target.field->list)
            return in_list(c, ref_value(v, &c->ref)->list) == (c->op == OP_EQ);
        return any_equal(type, c, text) == (c->op == OP_EQ);
    case OP_GLOB:
        for (size_t i = 0; i < c->nvalues; i++)
            if (str_glob(c->values[i], text))
                return true;
        return false;
    case OP_LT:
        return canon_compare(type, text, c->values[0]) < 0;
    case OP_LE:
        return canon_compare(type, text, c->values[0]) <= 0;
    case OP_GT:
        return canon_compare(type, text, c->values[0]) > 0;
    case OP_GE:
        return canon_compare(type, text, c->values[0]) >= 0;
    }
    return false;
}

static bool ask_any(const struct view *v, const struct condition *c)
{
    struct gw_str text = ref_get(v, &c->ref);

    return text.ptr && compare(v, c, text);
}

static const struct instance *instance_asked(const struct view *v, const struct question *q)
{
    if (q->asked == ASKED_OWN || (v->at && v->at->scope == q->scope))
        return v->at;
    return v->record ? &v->record->instances[q->scope->local] : NULL;
}

static bool fits(const struct question *q, struct gw_str text)
{
    uint64_t head = str_head(text);

    for (uint32_t i = 0; i < q->nwords; i++) {
        const struct word *w = &q->words[i];

        if ((head & w->mask) == w->head && (text.len == w->len || (w->begins && text.len > w->len)))
            return q->is;
    }
    return !q->is;
}

static bool ask(const struct view *v, const struct question *q)
{
    const struct instance *i;
    const struct value *value;
    struct gw_str text;

    if (q->asked == ASKED_ANY)
        return ask_any(v, q->test);
    i = instance_asked(v, q);
    if (!i || !i->object)
        return false;
    if (q->asked == ASKED_BEING)
        return i->live || i->scope->chosen;
    value = object_value(i->object, q->slot);
    if (!value || !value->text)
        return false;
    text = (struct gw_str){value->text, value->len};
    if (q->words)
        return fits(q, text);
    return q->test->op == OP_TRUE ? !str_eq(text, GW_STR("false")) : compare(v, q->test, text);
}

bool condition_holds(const struct view *v, const struct condition *c)
{
    uint16_t at = c->first;

    while (at < ENDS_NO)
        at = c->questions[at].next[ask(v, &c->questions[at])];
    return at == ENDS_YES;
}
