/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Converters, "text(28) > fold(upper)", and the templates of join, split and sequence. A quote in a
 * template makes its signs plain text; in other arguments it stands around a whole argument.
 */
#include "mapping/cursor.h"

#define WIDTH_MAX 9999

static const char fault_as[] = "mapping.grammar";
static const char fault_template[] = "mapping.template";

static bool chain_items(struct cursor *c, struct chain *ret);

/* ---- templates ---- */

struct nesting {
    bool alone;    /* the template ends with the text, else at the ")" of its converter */
    unsigned open; /* optional parts */
    size_t opened[CURSOR_DEPTH];
    unsigned round; /* parentheses of plain text */
};

static struct piece *piece_add(struct cursor *c, struct pattern *p, int kind)
{
    p->pieces = array_more(c->arena, p->pieces, p->count, sizeof(*p->pieces));
    if (!p->pieces) {
        c->out_of_memory = true;
        return NULL;
    }
    p->pieces[p->count].kind = kind;
    return &p->pieces[p->count++];
}

static bool text_add(struct cursor *c, struct pattern *p, struct gw_str text)
{
    struct piece *piece = text.len ? piece_add(c, p, PIECE_TEXT) : NULL;

    if (piece)
        piece->text = text;
    return piece || !text.len;
}

static bool width_parse(struct cursor *c, struct piece *ret)
{
    ret->hole = HOLE_EXACT;
    if (cursor_peek(c, 0) == '0') {
        ret->hole = HOLE_ZEROS;
        c->at++;
    }
    return cursor_number(c, WIDTH_MAX, fault_template, &ret->width);
}

static bool shape_parse(struct cursor *c, struct piece *ret)
{
    int next = cursor_peek(c, 0);

    if (next == '#' || next == '*') {
        ret->hole = next == '#' ? HOLE_DIGITS : HOLE_LONGEST;
        c->at++;
    } else if (next >= '0' && next <= '9') {
        if (!width_parse(c, ret))
            return false;
    } else {
        return true;
    }
    cursor_skip(c, ':');
    return true;
}

/* "{lot:14}", "{now:date(DDMMYYYY)}", "{lot}": a word without parentheses is a name. */
static void hole_name(struct cursor *c, struct piece *ret)
{
    size_t from = c->at;
    struct gw_str name = cursor_ident(c);
    int next = cursor_peek(c, 0);

    if (name.len && (next == ':' || next == '}')) {
        ret->text = name;
        cursor_skip(c, ':');
    } else {
        c->at = from;
    }
}

static bool hole_parse(struct cursor *c, struct pattern *p, const struct nesting *f)
{
    size_t from = c->at++;
    struct piece *piece = piece_add(c, p, PIECE_HOLE);

    if (!piece || !cursor_down(c, fault_template))
        return false;
    piece->rank = (uint32_t)p->holes++;
    if (f->alone)
        hole_name(c, piece);
    if (!shape_parse(c, piece))
        return false;
    cursor_blanks(c);
    if (cursor_peek(c, 0) >= 0 && cursor_peek(c, 0) != '}' && !chain_items(c, &piece->chain))
        return false;
    c->depth--;
    return cursor_skip(c, '}') || cursor_wrong(c, "mapping.bracket", from);
}

static bool option_parse(struct cursor *c, struct pattern *p, struct nesting *f)
{
    bool opens = cursor_peek(c, 0) == '[';

    if ((opens && f->open == CURSOR_DEPTH) || (!opens && f->open == 0))
        return cursor_wrong(c, fault_template, c->at);
    if (opens)
        f->opened[f->open] = c->at;
    f->open += opens ? 1 : -1;
    c->at++;
    return piece_add(c, p, opens ? PIECE_OPEN : PIECE_CLOSE) != NULL;
}

/* Each doubled quote ends a piece that keeps one of the two. */
static bool quoted_text(struct cursor *c, struct pattern *p)
{
    size_t quote = c->at++, from = c->at;

    for (;; c->at++) {
        if (cursor_peek(c, 0) < 0)
            return cursor_wrong(c, "mapping.quote", quote);
        if (cursor_peek(c, 0) != '\'')
            continue;
        if (cursor_peek(c, 1) != '\'')
            break;
        c->at++;
        if (!text_add(c, p, cursor_since(c, from)))
            return false;
        from = c->at + 1;
    }
    c->at++;
    return text_add(c, p, (struct gw_str){c->text.ptr + from, c->at - 1 - from});
}

static bool ends_text(struct cursor *c, struct nesting *f)
{
    int next = cursor_peek(c, 0);

    if (next < 0 || next == '{' || next == '}' || next == '[' || next == ']' || next == '|' || next == '\'')
        return true;
    if (f->alone || (next != '(' && next != ')'))
        return false;
    if (next == ')' && f->round == 0)
        return true;
    f->round += next == '(' ? 1 : -1;
    return false;
}

static bool plain_text(struct cursor *c, struct pattern *p, struct nesting *f)
{
    size_t from = c->at;

    while (!ends_text(c, f))
        c->at++;
    return text_add(c, p, cursor_since(c, from));
}

static bool piece_parse(struct cursor *c, struct pattern *p, struct nesting *f)
{
    switch (cursor_peek(c, 0)) {
    case '{':
        return hole_parse(c, p, f);
    case '[':
    case ']':
        return option_parse(c, p, f);
    case '\'':
        return quoted_text(c, p);
    case '}':
        return cursor_wrong(c, fault_template, c->at);
    default:
        return plain_text(c, p, f);
    }
}

static bool at_end(const struct cursor *c, const struct nesting *f)
{
    int next = cursor_peek(c, 0);

    return next < 0 || next == '|' || (!f->alone && next == ')' && f->round == 0);
}

static bool template_parse(struct cursor *c, bool alone, struct pattern *ret)
{
    struct nesting f = {.alone = alone};
    size_t from = c->at;

    while (!at_end(c, &f))
        if (!piece_parse(c, ret, &f))
            return false;
    if (f.open)
        return cursor_wrong(c, "mapping.bracket", f.opened[f.open - 1]);
    return ret->count || cursor_wrong(c, fault_template, from);
}

/* ---- arguments ---- */

static bool is_any(int c, const char *of)
{
    return c > 0 && strchr(of, c) != NULL;
}

/* What must stand before a quote for it to quote: the start of an argument, of a value in test(). */
static bool quote_opens(int before, bool condition)
{
    return before < 0 || is_any(before, condition ? "(,=~<>" : "(,");
}

/* To the end of an argument of the parenthesis at `opened`. */
static bool argument_pass(struct cursor *c, size_t opened, bool condition)
{
    unsigned round = 0, square = 0, curly = 0;
    struct gw_str quoted;
    int before = ','; /* the last character that is no blank */

    for (int next; (next = cursor_peek(c, 0)) >= 0;) {
        bool within = square || curly;

        if (next == '\'' && quote_opens(before, condition)) {
            if (!cursor_quoted(c, &quoted))
                return false;
            before = '\'';
            continue;
        }
        if (!round && (next == ')' || (next == ',' && !within)))
            return true;
        round += next == '(' ? 1 : next == ')' && round ? -1 : 0;
        square += next == '[' ? 1 : next == ']' && square ? -1 : 0;
        curly += next == '{' ? 1 : next == '}' && curly ? -1 : 0;
        before = is_blank(next) ? before : next;
        c->at++;
    }
    return cursor_wrong(c, "mapping.bracket", opened);
}

/* 'a, b' is a, b; a quote within stays. */
static bool argument_text(struct cursor *c, struct gw_str written, struct gw_str *ret)
{
    struct cursor inner = {.arena = c->arena, .text = str_trim(written)};

    *ret = inner.text;
    if (cursor_peek(&inner, 0) != '\'')
        return true;
    if (!cursor_quoted(&inner, ret))
        return inner.out_of_memory ? cursor_no_memory(c) : true;
    if (inner.at == inner.text.len)
        return true;
    return cursor_wrong(c, fault_as, (size_t)(inner.text.ptr + inner.at - c->text.ptr));
}

static bool arguments_parse(struct cursor *c, struct conv_call *ret)
{
    bool condition = str_is(ret->name, "test");
    size_t opened = c->at - 1;

    if (cursor_peek(c, 0) == ')')
        return true;
    do {
        size_t from = c->at;

        ret->args = array_more(c->arena, ret->args, ret->nargs, sizeof(*ret->args));
        if (!ret->args)
            return cursor_no_memory(c);
        if (!argument_pass(c, opened, condition))
            return false;
        if (condition)
            ret->args[ret->nargs++] = str_trim(cursor_since(c, from));
        else if (!argument_text(c, cursor_since(c, from), &ret->args[ret->nargs++]))
            return false;
    } while (cursor_skip(c, ','));
    return true;
}

static bool templates_parse(struct cursor *c, struct conv_call *ret)
{
    do {
        ret->patterns = array_more(c->arena, ret->patterns, ret->npatterns, sizeof(*ret->patterns));
        if (!ret->patterns)
            return cursor_no_memory(c);
        if (!template_parse(c, false, &ret->patterns[ret->npatterns++]))
            return false;
    } while (cursor_skip(c, '|'));
    return true;
}

/* ---- the chain ---- */

static bool takes_templates(struct gw_str name)
{
    return str_is(name, "join") || str_is(name, "split") || str_is(name, "sequence");
}

static bool call_parse(struct cursor *c, struct conv_call *ret)
{
    size_t round;

    ret->column = c->at + 1;
    ret->name = cursor_ident(c);
    if (!ret->name.len)
        return cursor_wrong(c, fault_as, c->at);
    round = c->at;
    if (!cursor_skip(c, '('))
        return true;
    if (!(takes_templates(ret->name) ? templates_parse(c, ret) : arguments_parse(c, ret)))
        return false;
    ret->raw = cursor_since(c, round + 1);
    return cursor_skip(c, ')') || cursor_wrong(c, "mapping.bracket", round);
}

static bool chain_items(struct cursor *c, struct chain *ret)
{
    do {
        cursor_blanks(c);
        ret->items = array_more(c->arena, ret->items, ret->count, sizeof(*ret->items));
        if (!ret->items)
            return cursor_no_memory(c);
        if (!call_parse(c, &ret->items[ret->count++]))
            return false;
        cursor_blanks(c);
    } while (cursor_skip(c, '>'));
    return true;
}

enum gw_result chain_parse(struct arena *a, struct gw_str text, struct chain *ret, struct fault *fault)
{
    struct cursor c = cursor_of(a, text);
    bool good;

    *ret = (struct chain){0};
    cursor_blanks(&c);
    good = cursor_peek(&c, 0) < 0 || chain_items(&c, ret);
    if (good && c.at < c.text.len)
        good = cursor_wrong(&c, fault_as, c.at);
    return cursor_result(&c, good, fault);
}

enum gw_result pattern_parse(struct arena *a, struct gw_str text, struct pattern *ret, struct fault *fault)
{
    struct cursor c = cursor_of(a, text);
    bool good;

    *ret = (struct pattern){0};
    good = template_parse(&c, true, ret);
    if (good && c.at < c.text.len) /* alternatives are of converters */
        good = cursor_wrong(&c, fault_template, c.at);
    return cursor_result(&c, good, fault);
}
