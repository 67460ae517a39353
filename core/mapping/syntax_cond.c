/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Conditions: "|" below "&" below "!", parentheses, "@name", comparisons. What a reference means
 * is the table's business; here it is a text. A value that holds a sign of the language is quoted.
 */
#include "mapping/cursor.h"

static const char fault_when[] = "mapping.condition";

static bool or_parse(struct cursor *c, struct cond **ret);

static struct cond *cond_new(struct cursor *c, enum cond_kind kind)
{
    struct cond *cond = arena_zero(c->arena, sizeof(*cond));

    if (cond)
        *cond = (struct cond){.kind = kind, .column = c->at + 1};
    else
        c->out_of_memory = true;
    return cond;
}

/* ---- comparisons ---- */

/* "type:label.field", "$date", "parts[key=value].field". */
static bool ref_parse(struct cursor *c, struct gw_str *ret)
{
    size_t from = c->at, bracket;

    cursor_skip(c, '$');
    if (!cursor_ident(c).len)
        return cursor_wrong(c, fault_when, from);
    for (int next; (next = cursor_peek(c, 0)) >= 0; c->at++) {
        if (next != '[' && next != '.' && next != ':' && !is_ident(next))
            break;
        bracket = c->at;
        while (next == '[' && cursor_peek(c, 0) != ']')
            if (cursor_peek(c, 0) < 0)
                return cursor_wrong(c, "mapping.bracket", bracket);
            else
                c->at++;
    }
    *ret = cursor_since(c, from);
    if (ret->ptr[ret->len - 1] == '.' || ret->ptr[ret->len - 1] == ':')
        return cursor_wrong(c, fault_when, c->at);
    return true;
}

static enum cond_op op_parse(struct cursor *c)
{
    static const struct {
        char text[3];
        enum cond_op op;
    } ops[] = {{"!=", OP_NE},  {"<=", OP_LE}, {">=", OP_GE}, {"=", OP_EQ},
               {"~", OP_GLOB}, {"<", OP_LT},  {">", OP_GT}};

    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
        if (str_begins(str_from(c->text, c->at), str_of(ops[i].text))) {
            c->at += strlen(ops[i].text);
            return ops[i].op;
        }
    return OP_TRUE;
}

static bool value_parse(struct cursor *c, struct gw_str *ret)
{
    size_t from;

    cursor_blanks(c);
    from = c->at;
    if (cursor_peek(c, 0) == '\'') {
        if (!cursor_quoted(c, ret))
            return false;
        cursor_blanks(c);
        return true;
    }
    while (cursor_peek(c, 0) >= 0 && !strchr("&|(),", cursor_peek(c, 0)))
        c->at++;
    *ret = str_trim(cursor_since(c, from));
    return ret->len || cursor_wrong(c, fault_when, from);
}

static bool values_parse(struct cursor *c, struct cond *cond)
{
    do {
        cond->values = array_more(c->arena, cond->values, cond->nvalues, sizeof(*cond->values));
        if (!cond->values)
            return cursor_no_memory(c);
        if (!value_parse(c, &cond->values[cond->nvalues++]))
            return false;
    } while (cursor_skip(c, ','));
    return true;
}

static bool test_parse(struct cursor *c, struct cond **ret)
{
    struct cond *cond = *ret = cond_new(c, COND_TEST);

    if (!cond || !ref_parse(c, &cond->ref))
        return false;
    cursor_blanks(c);
    cond->op = op_parse(c);
    return cond->op == OP_TRUE || values_parse(c, cond);
}

/* ---- terms ---- */

static bool let_parse(struct cursor *c, struct cond **ret)
{
    struct cond *cond = *ret = cond_new(c, COND_LET);

    if (!cond)
        return false;
    c->at++;
    cond->ref = cursor_ident(c);
    return cond->ref.len || cursor_wrong(c, fault_when, c->at);
}

static bool group_parse(struct cursor *c, struct cond **ret)
{
    size_t from = c->at++;

    return or_parse(c, ret) && (cursor_skip(c, ')') || cursor_wrong(c, "mapping.bracket", from));
}

static bool term_parse(struct cursor *c, struct cond **ret);

static bool not_parse(struct cursor *c, struct cond **ret)
{
    struct cond *cond = *ret = cond_new(c, COND_NOT);

    if (!cond)
        return false;
    c->at++;
    return term_parse(c, &cond->kids);
}

static bool term_parse(struct cursor *c, struct cond **ret)
{
    bool good;

    cursor_blanks(c);
    if (!cursor_down(c, fault_when))
        return false;
    switch (cursor_peek(c, 0)) {
    case '!':
        good = not_parse(c, ret);
        break;
    case '(':
        good = group_parse(c, ret);
        break;
    case '@':
        good = let_parse(c, ret);
        break;
    default:
        good = test_parse(c, ret);
        break;
    }
    c->depth--;
    if (good)
        cursor_blanks(c);
    return good;
}

/* Several terms of one sign make one condition with as many kids. */
static bool run_parse(struct cursor *c, bool (*part)(struct cursor *, struct cond **), char sign,
                      enum cond_kind kind, struct cond **ret)
{
    struct cond *all, **tail = ret;
    size_t from;

    cursor_blanks(c);
    from = c->at;
    do {
        if (!part(c, tail))
            return false;
        tail = &(*tail)->next;
    } while (cursor_skip(c, sign));
    if (!(*ret)->next)
        return true;
    all = cond_new(c, kind);
    if (!all)
        return false;
    all->column = from + 1;
    all->kids = *ret;
    *ret = all;
    return true;
}

static bool and_parse(struct cursor *c, struct cond **ret)
{
    return run_parse(c, term_parse, '&', COND_AND, ret);
}

static bool or_parse(struct cursor *c, struct cond **ret)
{
    return run_parse(c, and_parse, '|', COND_OR, ret);
}

enum gw_result cond_parse(struct arena *a, struct gw_str text, struct cond **ret, struct fault *fault)
{
    struct cursor c = cursor_of(a, text);
    bool good;

    *ret = NULL;
    good = or_parse(&c, ret);
    if (good && c.at < c.text.len)
        good = cursor_wrong(&c, fault_when, c.at);
    return cursor_result(&c, good, fault);
}
