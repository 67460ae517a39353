/* SPDX-License-Identifier: EUPL-1.2 */
#include "syntax/written.h"

#include "base/str.h"

static void angled(struct buf *out, struct gw_str s)
{
    buf_format(out, "<%.*s>", STR_ARG(s));
}

static void list(struct buf *out, const struct gw_str *items, size_t n, const char *between)
{
    for (size_t i = 0; i < n; i++)
        buf_format(out, "%s%.*s", i ? between : "", STR_ARG(items[i]));
}

static void write_path(struct buf *out, const struct path *p);

static void write_pred(struct buf *out, const struct pred *p)
{
    buf_char(out, '{');
    if (p->index) {
        buf_format(out, "#%u", p->index);
    } else {
        write_path(out, p->path);
        buf_text(out, p->differs ? "!=" : "=");
        list(out, p->values, p->nvalues, "|");
    }
    buf_char(out, '}');
}

static void write_path(struct buf *out, const struct path *p)
{
    static const char *const bases[] = {
        [BASE_HERE] = "", [BASE_RECORD] = "/", [BASE_CONTEXT] = "//", [BASE_NAME] = "$"};

    buf_text(out, bases[p->base]);
    buf_str(out, p->base == BASE_NAME ? p->param : GW_STR(""));
    if (p->base != BASE_NAME && !p->nsteps)
        buf_text(out, p->all ? "all" : "here");
    for (size_t i = 0; i < p->nsteps; i++) {
        const struct step *s = &p->steps[i];

        buf_text(out, i ? "/" : "");
        angled(out, s->name);
        buf_text(out, s->optional ? "?" : "");
        buf_text(out, s->many ? "[]" : "");
        for (size_t k = 0; k < s->npreds; k++)
            write_pred(out, &s->preds[k]);
    }
    for (size_t i = 0; i < p->naliases; i++) {
        buf_char(out, '|');
        angled(out, p->aliases[i]);
    }
}

void write_paths(struct buf *out, const struct paths *p)
{
    for (size_t i = 0; i < p->count; i++) {
        buf_text(out, i ? " + " : "");
        write_path(out, &p->items[i]);
    }
}

void write_fields(struct buf *out, const struct field_refs *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct field_ref *ref = &f->items[i];

        buf_text(out, i ? " + " : "");
        buf_text(out, ref->ext ? "x:" : "");
        for (size_t k = 0; k < ref->nparts; k++) {
            const struct part *p = &ref->parts[k];

            buf_text(out, k ? "." : "");
            angled(out, p->name);
            buf_text(out, p->each ? "[]" : "");
            if (p->key.ptr)
                buf_format(out, "{%.*s=%.*s}", STR_ARG(p->key), STR_ARG(p->val));
        }
    }
}

static void write_hole(struct buf *out, const struct piece *p)
{
    static const char *const signs[] = {[HOLE_SHORTEST] = "",
                                        [HOLE_LONGEST] = "*",
                                        [HOLE_DIGITS] = "#",
                                        [HOLE_EXACT] = "=",
                                        [HOLE_ZEROS] = "=0"};

    buf_format(out, "H%u%s", p->rank, signs[p->hole]);
    if (p->width)
        buf_format(out, "%u", p->width);
    if (p->text.ptr)
        angled(out, p->text);
    if (p->chain.count) {
        buf_char(out, ':');
        write_chain(out, &p->chain);
    }
}

void write_pattern(struct buf *out, const struct pattern *p)
{
    size_t holes = 0;

    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->pieces[i];

        buf_text(out, i ? " " : "");
        switch (piece->kind) {
        case PIECE_TEXT:
            buf_format(out, "\"%.*s\"", STR_ARG(piece->text));
            break;
        case PIECE_HOLE:
            holes++;
            write_hole(out, piece);
            break;
        case PIECE_OPEN:
            buf_char(out, '[');
            break;
        case PIECE_CLOSE:
            buf_char(out, ']');
            break;
        }
    }
    if (holes != p->holes)
        buf_text(out, " holes miscounted");
}

void write_chain(struct buf *out, const struct chain *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct conv_call *call = &c->items[i];

        buf_text(out, i ? " > " : "");
        buf_str(out, call->name);
        if (!call->raw.ptr)
            continue;
        buf_char(out, '(');
        for (size_t k = 0; k < call->nargs; k++) {
            buf_text(out, k ? "," : "");
            angled(out, call->args[k]);
        }
        for (size_t k = 0; k < call->npatterns; k++) {
            buf_text(out, k ? " | " : "");
            write_pattern(out, &call->patterns[k]);
        }
        buf_char(out, ')');
    }
}

static void write_test(struct buf *out, const struct cond *c)
{
    static const char *const ops[] = {[OP_TRUE] = "", [OP_EQ] = "=",  [OP_NE] = "!=", [OP_GLOB] = "~",
                                      [OP_LT] = "<",  [OP_LE] = "<=", [OP_GT] = ">",  [OP_GE] = ">="};

    angled(out, c->ref);
    buf_text(out, ops[c->op]);
    for (size_t i = 0; i < c->nvalues; i++) {
        buf_text(out, i ? "," : "");
        angled(out, c->values[i]);
    }
}

void write_cond(struct buf *out, const struct cond *c)
{
    static const char *const kinds[] = {[COND_AND] = "and", [COND_OR] = "or", [COND_NOT] = "not"};

    switch (c->kind) {
    case COND_LET:
        buf_format(out, "@%.*s", STR_ARG(c->ref));
        return;
    case COND_TEST:
        write_test(out, c);
        return;
    case COND_AND:
    case COND_OR:
    case COND_NOT:
        break;
    }
    buf_format(out, "%s(", kinds[c->kind]);
    for (const struct cond *kid = c->kids; kid; kid = kid->next) {
        write_cond(out, kid);
        buf_text(out, kid->next ? " " : "");
    }
    buf_char(out, ')');
}

enum gw_result parse_written(enum grammar g, struct arena *a, struct gw_str text, struct buf *out,
                             struct fault *fault)
{
    struct paths paths;
    struct field_refs fields;
    struct chain chain;
    struct pattern pattern;
    struct cond *cond;
    enum gw_result r = GW_FATAL;

    switch (g) {
    case PATHS:
        r = paths_parse(a, text, &paths, fault);
        if (r == GW_OK)
            write_paths(out, &paths);
        break;
    case FIELDS:
        r = fields_parse(a, text, &fields, fault);
        if (r == GW_OK)
            write_fields(out, &fields);
        break;
    case CHAIN:
        r = chain_parse(a, text, &chain, fault);
        if (r == GW_OK)
            write_chain(out, &chain);
        break;
    case PATTERN:
        r = pattern_parse(a, text, &pattern, fault);
        if (r == GW_OK)
            write_pattern(out, &pattern);
        break;
    case COND:
        r = cond_parse(a, text, &cond, fault);
        if (r == GW_OK)
            write_cond(out, cond);
        break;
    }
    return r;
}
