/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Native paths: "lines[][kind=A]/amount", "Name|name", "A + B". A bare name may hold
 * blanks and apostrophes, for that is what headers of columns are like.
 */
#include "mapping/cursor.h"

static const char fault_path[] = "mapping.path";

/* Inside a predicate a name also ends at its operator. */
static bool ends_bare(struct cursor *c, bool in_pred)
{
    int next = cursor_peek(c, 0);
    size_t at = c->at;
    bool plus;

    if (next < 0 || next == '/' || next == '[' || next == ']' || next == '|' || next == '?')
        return true;
    if (in_pred)
        return next == '=' || (next == '!' && cursor_peek(c, 1) == '=');
    plus = is_blank(next) && cursor_plus(c);
    c->at = at;
    return plus;
}

static bool bare_name(struct cursor *c, bool in_pred, struct gw_str *ret)
{
    size_t from = c->at;

    if (cursor_peek(c, 0) == '+')
        return cursor_wrong(c, fault_path, from);
    cursor_skip(c, '@');
    while (!ends_bare(c, in_pred))
        c->at++;
    *ret = str_trim(cursor_since(c, from));
    if (ret->len == 0 || str_is(*ret, "@"))
        return cursor_wrong(c, fault_path, from);
    return true;
}

static bool name_parse(struct cursor *c, bool in_pred, struct gw_str *ret)
{
    size_t from;

    cursor_blanks(c);
    if (cursor_peek(c, 0) != '\'')
        return bare_name(c, in_pred, ret);
    from = c->at;
    if (!cursor_quoted(c, ret))
        return false;
    cursor_blanks(c);
    if (ret->len == 0)
        return cursor_wrong(c, fault_path, from);
    c->at -= cursor_peek(c, 0) == '+' && is_blank(c->text.ptr[c->at - 1]); /* a " + " needs its blank */
    return ends_bare(c, in_pred) || cursor_wrong(c, fault_path, c->at);
}

static bool path_parse(struct cursor *c, bool in_pred, struct path *ret);

static bool value_parse(struct cursor *c, struct gw_str *ret)
{
    size_t from;
    int next;

    cursor_blanks(c);
    from = c->at;
    if (cursor_peek(c, 0) == '\'') {
        if (!cursor_quoted(c, ret))
            return false;
        cursor_blanks(c);
    } else {
        while ((next = cursor_peek(c, 0)) >= 0 && next != ']' && next != '|' && next != '[')
            c->at++;
        *ret = str_trim(cursor_since(c, from));
        if (ret->len == 0)
            return cursor_wrong(c, fault_path, from);
    }
    next = cursor_peek(c, 0);
    return next == ']' || next == '|' || cursor_wrong(c, fault_path, c->at);
}

static bool comparison_parse(struct cursor *c, struct pred *ret)
{
    ret->path = arena_zero(c->arena, sizeof(*ret->path));
    if (!ret->path)
        return cursor_no_memory(c);
    if (!path_parse(c, true, ret->path))
        return false;
    ret->differs = cursor_skip(c, '!');
    if (!cursor_skip(c, '='))
        return cursor_wrong(c, fault_path, c->at);
    do {
        ret->values = array_more(c->arena, ret->values, ret->nvalues, sizeof(*ret->values));
        if (!ret->values)
            return cursor_no_memory(c);
        if (!value_parse(c, &ret->values[ret->nvalues++]))
            return false;
    } while (cursor_skip(c, '|'));
    return true;
}

static bool is_index(const struct cursor *c)
{
    size_t n = 0;

    while (cursor_peek(c, n) >= '0' && cursor_peek(c, n) <= '9')
        n++;
    return n && cursor_peek(c, n) == ']';
}

/* At "[", which "[]" is not. */
static bool pred_parse(struct cursor *c, struct pred *ret)
{
    size_t from = c->at++;
    bool good;

    if (!cursor_down(c, fault_path))
        return false;
    good = is_index(c) ? cursor_number(c, UINT32_MAX, fault_path, &ret->index) : comparison_parse(c, ret);
    c->depth--;
    if (!good)
        return false;
    return cursor_skip(c, ']') || cursor_wrong(c, "mapping.bracket", from);
}

static bool marks_parse(struct cursor *c, struct step *ret)
{
    ret->optional = cursor_skip(c, '?');
    if (cursor_peek(c, 0) == '[' && cursor_peek(c, 1) == ']') {
        ret->many = true;
        c->at += 2;
    }
    while (cursor_peek(c, 0) == '[') {
        ret->preds = array_more(c->arena, ret->preds, ret->npreds, sizeof(*ret->preds));
        if (!ret->preds)
            return cursor_no_memory(c);
        if (!pred_parse(c, &ret->preds[ret->npreds++]))
            return false;
    }
    return true;
}

/* Items of a list have no name of their own: "[]". */
static bool step_parse(struct cursor *c, bool in_pred, struct step *ret)
{
    if (cursor_peek(c, 0) == '[' && cursor_peek(c, 1) == ']')
        ret->name = GW_STR("");
    else if (!name_parse(c, in_pred, &ret->name))
        return false;
    return marks_parse(c, ret);
}

/* "." and "*" stand alone; ".." and the like are of other languages. */
static bool is_special(const struct cursor *c, size_t from, const struct step *s)
{
    bool quoted = c->text.ptr[from] == '\'';

    return !quoted && (str_is(s->name, ".") || str_is(s->name, "..") || str_is(s->name, "*"));
}

static bool special_parse(struct cursor *c, bool in_pred, size_t from, struct path *ret)
{
    const struct step *s = &ret->steps[0];
    bool alone = ret->nsteps == 1 && !s->optional && !s->many && !s->npreds && !str_is(s->name, "..");
    int next = cursor_peek(c, 0);

    ret->all = str_is(s->name, "*");
    if (!alone || (ret->all && in_pred))
        return cursor_wrong(c, fault_path, from);
    if (next == '/' || next == '|')
        return cursor_wrong(c, fault_path, c->at);
    ret->nsteps = 0;
    return true;
}

static bool steps_parse(struct cursor *c, bool in_pred, struct path *ret)
{
    do {
        size_t from;

        cursor_blanks(c);
        from = c->at;
        ret->steps = array_more(c->arena, ret->steps, ret->nsteps, sizeof(*ret->steps));
        if (!ret->steps)
            return cursor_no_memory(c);
        if (!step_parse(c, in_pred, &ret->steps[ret->nsteps++]))
            return false;
        if (is_special(c, from, &ret->steps[ret->nsteps - 1]))
            return special_parse(c, in_pred, from, ret);
    } while (cursor_skip(c, '/'));
    return true;
}

static bool aliases_parse(struct cursor *c, struct path *ret)
{
    while (cursor_skip(c, '|')) {
        ret->aliases = array_more(c->arena, ret->aliases, ret->naliases, sizeof(*ret->aliases));
        if (!ret->aliases)
            return cursor_no_memory(c);
        if (!name_parse(c, false, &ret->aliases[ret->naliases++]))
            return false;
    }
    return true;
}

static bool base_parse(struct cursor *c, bool in_pred, struct path *ret)
{
    static const struct gw_str name = GW_STR_INIT("$name.");
    size_t from = c->at;

    if (cursor_skip(c, '/'))
        ret->base = cursor_skip(c, '/') ? BASE_CONTEXT : BASE_RECORD;
    if (!str_begins(str_from(c->text, c->at), name))
        return true;
    if (in_pred || ret->base != BASE_HERE)
        return cursor_wrong(c, fault_path, from);
    c->at += name.len;
    ret->base = BASE_NAME;
    ret->param = cursor_ident(c);
    return ret->param.len || cursor_wrong(c, fault_path, c->at);
}

static bool path_parse(struct cursor *c, bool in_pred, struct path *ret)
{
    size_t from;

    cursor_blanks(c);
    from = c->at;
    if (!base_parse(c, in_pred, ret))
        return false;
    if (ret->base != BASE_NAME && !steps_parse(c, in_pred, ret))
        return false;
    if (!in_pred && ret->nsteps && !aliases_parse(c, ret))
        return false;
    ret->text = str_trim(cursor_since(c, from));
    return true;
}

static bool all_paths(struct cursor *c, struct paths *ret)
{
    if (str_trim(c->text).len == 0)
        return true;
    do {
        ret->items = array_more(c->arena, ret->items, ret->count, sizeof(*ret->items));
        if (!ret->items)
            return cursor_no_memory(c);
        if (!path_parse(c, false, &ret->items[ret->count++]))
            return false;
    } while (cursor_plus(c));
    cursor_blanks(c);
    return c->at == c->text.len || cursor_wrong(c, fault_path, c->at);
}

enum gw_result paths_parse(struct arena *a, struct gw_str text, struct paths *ret, struct fault *fault)
{
    struct cursor c = cursor_of(a, text);

    *ret = (struct paths){0};
    return cursor_result(&c, all_paths(&c, ret), fault);
}
