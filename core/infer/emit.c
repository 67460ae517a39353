/* SPDX-License-Identifier: EUPL-1.2 */
/* The proposal as the two texts of a format. */
#include "base/str.h"
#include "infer/infer.h"

enum { NAME_BYTES = 60, SURE_ENOUGH = 90, SIGNS = 3 };

/* ---- cells ---- */

static void put_cell(struct buf *out, struct gw_str cell)
{
    bool bare = true;

    for (size_t i = 0; i < cell.len; i++)
        bare = bare && !strchr("\";\r\n", cell.ptr[i]);
    if (!bare)
        buf_char(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            buf_char(out, '"');
        buf_char(out, cell.ptr[i]);
    }
    if (!bare)
        buf_char(out, '"');
}

static void put_line(struct buf *out, const struct gw_str *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_char(out, ';');
        put_cell(out, cells[i]);
    }
    buf_char(out, '\n');
}

static void line(struct buf *out, struct gw_str resource, struct gw_str field, struct gw_str path,
                 struct gw_str as, struct gw_str note)
{
    struct gw_str none = GW_STR("");
    struct gw_str cells[] = {resource, field, path, as, none, none, note};

    put_line(out, cells, 7);
}

/* A name is quoted when it holds a sign of the language. */
static void put_step(struct buf *out, struct gw_str name)
{
    bool plain = name.len > 0;

    for (size_t i = 0; i < name.len; i++)
        plain = plain && !strchr("/[]|?'+*$=~!.\"\r\n\t", name.ptr[i]);
    if (plain) {
        buf_str(out, name);
        return;
    }
    buf_char(out, '\'');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '\'')
            buf_char(out, '\'');
        buf_char(out, name.ptr[i]);
    }
    buf_char(out, '\'');
}

/* In a record, or in an item of a list: NULL is the record or item itself. */
static const struct column *parent_in(const struct columns *c, const struct column *column)
{
    return column->parent == c->root ? NULL : column->parent;
}

/* A parent that is not in every record may be missing. */
static void put_path(struct buf *out, const struct columns *c, const struct column *column)
{
    const struct column *parent = parent_in(c, column);
    uint64_t all = parent ? parent->records : c->records;

    if (parent) {
        put_path(out, c, parent);
        buf_char(out, '/');
    }
    put_step(out, column->name);
    if (column->many)
        buf_text(out, "[]");
    else if (column->first && column->records < all)
        buf_char(out, '?');
}

/* ---- scopes ---- */

static struct gw_str text_of(struct buf *b)
{
    return buf_view(b);
}

static void put_tie(struct buf *out, const struct proposal *p, const struct proposed_scope *s)
{
    const struct proposed_scope *root = &p->scopes[s->via];
    struct buf as;

    buf_init(&as, 512);
    buf_format(&as, "ref(%.*s)", STR_ARG(s->back ? root->key : s->key));
    if (s->back && s->list) {
        struct buf list;

        buf_init(&list, 512);
        buf_format(&list, "%.*s[]", STR_ARG(s->list->name));
        line(out, s->key, text_of(&list), GW_STR("."), GW_STR(""), GW_STR(""));
        buf_done(&list);
    }
    line(out, s->back ? s->key : root->key, s->ref->full, GW_STR(""), text_of(&as), GW_STR(""));
    buf_done(&as);
}

/* The root of a list stands at each item, in the root above; others where their root stands. */
static void put_scope(struct buf *out, const struct proposal *p, const struct proposed_scope *s)
{
    const struct proposed_scope *in = s != p->scopes ? p->scopes : p->above->scopes;
    struct buf path, as;

    buf_init(&path, 4096);
    buf_init(&as, 512);
    if (s != p->scopes)
        buf_char(&path, '.');
    else
        put_path(&path, &p->above->columns, p->columns.root);
    buf_format(&as, "in %.*s", STR_ARG(in->key));
    line(out, s->key, GW_STR(""), text_of(&path), text_of(&as), GW_STR(""));
    buf_done(&path);
    buf_done(&as);
}

static void put_list_tie(struct buf *out, const struct proposal *p)
{
    struct buf as;

    buf_init(&as, 512);
    buf_format(&as, "ref(%.*s)", STR_ARG(p->tied->key));
    line(out, p->scopes[0].key, p->tie->full, GW_STR(""), text_of(&as), GW_STR(""));
    buf_done(&as);
}

static void put_scopes(struct buf *out, const struct proposal *p)
{
    for (size_t i = 0; i < p->nscopes; i++)
        if (p->scopes[i].used && p->above)
            put_scope(out, p, &p->scopes[i]);
        else if (p->scopes[i].used)
            line(out, p->scopes[i].key, GW_STR(""), GW_STR("."), GW_STR(""), GW_STR(""));
    if (p->above)
        put_list_tie(out, p);
    for (size_t i = 1; i < p->nscopes; i++)
        if (p->scopes[i].used)
            put_tie(out, p, &p->scopes[i]);
    for (const struct proposal *list = p->first; list; list = list->next)
        put_scopes(out, list);
}

/* ---- columns ---- */

/* A text that looks like a number is written as a text again. */
static void put_as(struct buf *out, const struct columns *c, const struct proposed_column *col)
{
    bool texts = c->typed && (col->column->kinds & 1u << GW_TEXT);
    struct gw_str as = col->trial.as;
    bool number =
        str_begins(as, GW_STR("int")) || str_begins(as, GW_STR("decimal")) || str_begins(as, GW_STR("bool"));

    if (texts && number)
        buf_text(out, "text > ");
    buf_str(out, as);
    if (!as.len && c->typed && (col->column->kinds & 1u << GW_NUMBER) && col->field &&
        col->field->type == FIELD_TEXT)
        buf_text(out, "decimal");
}

static void put_column(struct buf *out, const struct proposed_column *c)
{
    const struct proposal *p = c->table;
    struct buf path, as, note, field;

    buf_init(&path, 4096);
    buf_init(&as, 1024);
    buf_init(&note, 256);
    buf_init(&field, 512);
    put_path(&path, &p->columns, c->column);
    put_as(&as, &p->columns, c);
    if (c->field) {
        buf_format(&note, "%u %%", (unsigned)(100 * c->sure + 0.5));
        buf_str(&field, c->field->full);
    } else {
        buf_format(&field, "x.%.*s", STR_ARG(c->extension));
    }
    line(out, c->field ? c->scope->key : p->scopes[0].key, text_of(&field), text_of(&path), text_of(&as),
         text_of(&note));
    buf_done(&path);
    buf_done(&as);
    buf_done(&note);
    buf_done(&field);
}

void proposal_fields(const struct proposal *p, struct buf *out)
{
    buf_text(out, "resource;field;path;as;use;when;note\n");
    put_scopes(out, p);
    for (size_t i = 0; i < p->count; i++)
        if (!p->items[i].column->many)
            put_column(out, &p->items[i]);
}

bool proposal_codes(struct tester *t, const struct proposal *p, size_t nth, struct gw_str *ret_name,
                    struct buf *out)
{
    const struct proposed_column *c = &p->items[nth];
    struct gw_str said[COLUMN_SAMPLES];

    if (!c->field || !c->trial.codes.ptr)
        return false;
    *ret_name = c->trial.codes;
    buf_text(out, "native;pivot;label;from;to;use;when\n");
    for (size_t i = 0; i < c->column->nsamples; i++) {
        bool again = false;
        struct gw_str cells[7] = {c->column->samples[i], {"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}};

        arena_reset(&t->scratch);
        said[i] = cells[1] = code_said(t, c->field, c->column->samples[i]);
        for (size_t k = 0; k < i; k++)
            again |= said[k].ptr && str_eq(said[k], said[i]);
        cells[5] = again ? GW_STR("read") : GW_STR("");
        if (said[i].ptr)
            put_line(out, cells, 7);
    }
    return true;
}

/* ---- format.conf ---- */

static void put_quoted(struct buf *out, struct gw_str text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '"' || c == '\\')
            buf_char(out, '\\');
        if (c == '\t')
            buf_text(out, "\\t");
        else
            buf_char(out, c);
    }
    buf_char(out, '"');
}

static void put_setting(struct buf *out, const struct setting *s)
{
    uint64_t number;
    bool bare = str_is(s->text, "true") || str_is(s->text, "false") || str_number(s->text, &number);

    buf_format(out, " %.*s = ", STR_ARG(s->name));
    if (bare)
        buf_str(out, s->text);
    else
        put_quoted(out, s->text);
    buf_char(out, ';');
}

static void put_options(struct buf *out, const struct columns *c)
{
    const struct settings *own = c->dialect.profile ? &c->dialect.profile->settings : NULL;

    buf_text(out, "options  = {");
    for (size_t i = 0; i < c->dialect.format->options.count; i++)
        put_setting(out, &c->dialect.format->options.items[i]);
    for (size_t i = 0; own && i < own->count; i++)
        put_setting(out, &own->items[i]);
    if (c->dialect.profile && c->dialect.profile->wrap.len && c->enclosing.len)
        put_setting(out, &(struct setting){.name = c->dialect.profile->wrap, .text = c->enclosing});
    buf_text(out, " };\n");
}

static void put_list(struct buf *out, const char *key, const struct gw_str *items, size_t n)
{
    if (!n)
        return;
    buf_format(out, "%s = ( ", key);
    for (size_t i = 0; i < n; i++) {
        buf_text(out, i ? ", " : "");
        put_quoted(out, items[i]);
    }
    buf_text(out, " );\n");
}

/* The surest columns, as signs by which it is known again. */
static void put_signs(struct buf *out, const struct proposal *p)
{
    unsigned n = 0;

    for (size_t i = 0; i < p->count && n < SIGNS; i++) {
        const struct proposed_column *c = &p->items[i];

        if (c->column->parent || c->column->many || (c->field && c->sure * 100 < SURE_ENOUGH))
            continue;
        buf_text(out, n++ ? ", \"header~" : "detect   = ( \"header~");
        for (size_t k = 0; k < c->column->name.len; k++) {
            if (strchr("\"\\", c->column->name.ptr[k]))
                buf_char(out, '\\');
            buf_char(out, c->column->name.ptr[k]);
        }
        buf_char(out, '"');
    }
    buf_text(out, n ? " );\n" : "");
}

void proposal_conf(const struct proposal *p, struct gw_str name, struct buf *out)
{
    const struct format *f = p->columns.dialect.format;

    buf_text(out, "# Proposed by passerelle infer: read each line before it is used.\n");
    buf_text(out, "label    = ");
    put_quoted(out, name);
    buf_format(out, ";\nplugin   = \"%.*s\";\n", STR_ARG(f->plugin));
    put_options(out, &p->columns);
    if (p->columns.encoding)
        buf_format(out, "encoding = \"%s\";\n", p->columns.encoding);
    if (p->columns.record.ptr) {
        buf_text(out, "record   = ");
        put_quoted(out, p->columns.record);
        buf_text(out, ";\n");
    }
    buf_format(out, "absent   = \"%s\";\n", p->columns.nulls ? "null" : f->absent.ptr);
    put_list(out, "nothing ", p->nothing, p->nnothing);
    put_signs(out, p);
}
