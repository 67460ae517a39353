/* SPDX-License-Identifier: EUPL-1.2 */
#include "detect/signs.h"

#include "base/str.h"

enum { HEAD_LINES = 5, NAMESPACE_HEAD = 8192, GLOB_BYTES = 512 };

struct sign {
    struct gw_str subject, value;
    char op; /* '=', '~', 0: it exists */
};

/* The first = or ~ that is not inside brackets. */
static struct sign cut(struct gw_str text)
{
    unsigned depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        depth += c == '[';
        depth -= c == ']' && depth;
        if (!depth && (c == '=' || c == '~'))
            return (struct sign){str_trim((struct gw_str){text.ptr, i}), str_trim(str_from(text, i + 1)), c};
    }
    return (struct sign){str_trim(text), {NULL, 0}, 0};
}

static bool agrees(const struct sign *sign, struct gw_str text)
{
    if (sign->op == '~')
        return str_glob(sign->value, text);
    return !sign->op || str_eq(sign->value, text);
}

static struct gw_str line_next(struct gw_str *rest)
{
    struct gw_str line = str_cut(*rest, '\n', rest);

    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* ---- texts ---- */

static bool name_holds(const struct scene *s, const struct sign *sign)
{
    return agrees(sign, s->name);
}

static bool first_line_holds(const struct scene *s, const struct sign *sign)
{
    struct gw_str rest = s->head;

    return agrees(sign, line_next(&rest));
}

/* Somewhere in one of the lines: the glob is tried at each beginning of a word. */
static bool head_holds(const struct scene *s, const struct sign *sign)
{
    struct gw_str rest = s->head;
    size_t at;

    for (unsigned i = 0; rest.ptr && i < HEAD_LINES; i++) {
        struct gw_str line = line_next(&rest);

        if (sign->op == '=' ? str_find(line, sign->value, &at) : str_glob(sign->value, line))
            return true;
    }
    return false;
}

static bool namespace_holds(const struct scene *s, const struct sign *sign)
{
    struct gw_str rest = {s->head.ptr, s->head.len < NAMESPACE_HEAD ? s->head.len : NAMESPACE_HEAD};

    while (rest.ptr) {
        struct gw_str text;

        (void)str_cut(rest, '"', &rest);
        if (!rest.ptr)
            break;
        text = str_cut(rest, '"', &rest);
        if (rest.ptr && agrees(sign, text))
            return true;
    }
    return false;
}

/* ---- nodes ---- */

static const struct gw_node *item_of(const struct gw_node *n)
{
    return n && n->kind == GW_LIST ? n->first : n;
}

static const struct gw_node *below(const struct gw_node *n, uint16_t name)
{
    for (const struct gw_node *k = n ? n->first : NULL; k && name; k = k->next)
        if (k->name == name)
            return item_of(k);
    return NULL;
}

static bool header_holds(const struct scene *s, const struct sign *sign)
{
    struct gw_str rest = s->head;
    size_t at;

    if (s->record && s->record->root)
        return below(s->record->root, names_add(s->names, sign->value.ptr, sign->value.len)) != NULL;
    for (unsigned i = 0; rest.ptr && i < HEAD_LINES; i++)
        if (str_find(line_next(&rest), sign->value, &at))
            return true;
    return false;
}

static bool root_holds(const struct scene *s, const struct sign *sign)
{
    const struct gw_record *r = s->record;
    const struct gw_node *root = r && r->context ? r->context : r ? r->root : NULL;
    size_t at;

    if (!r)
        return str_find(s->head, sign->value, &at);
    return root && agrees(sign, names_text(s->names, root->name));
}

/* The next step of a path, without what stands in brackets; names may be quoted. */
static struct gw_str step_next(struct gw_str *rest)
{
    struct gw_str step = str_cut(*rest, '/', rest), tail;

    step = str_cut(step, '[', &tail);
    if (step.len > 1 && step.ptr[0] == '\'' && step.ptr[step.len - 1] == '\'')
        step = (struct gw_str){step.ptr + 1, step.len - 2};
    return step;
}

static const struct gw_node *follow(const struct scene *s, const struct gw_node *n, struct gw_str path)
{
    while (n && path.ptr) {
        struct gw_str step = step_next(&path);

        if (step.len)
            n = below(n, names_add(s->names, step.ptr, step.len));
    }
    return n;
}

/* The path behind that of the records; false: it leads elsewhere. */
static bool within_records(const struct format *f, struct gw_str *path)
{
    const struct path *record = f->record_path.count ? &f->record_path.items[0] : NULL;
    struct gw_str rest = *path;

    for (size_t i = 0; record && i < record->nsteps; i++)
        if (!rest.ptr || !str_eq(step_next(&rest), record->steps[i].name))
            return false;
    *path = rest;
    return true;
}

static bool node_holds(const struct sign *sign, const struct gw_node *n)
{
    struct gw_str text;

    if (!n)
        return false;
    text = (struct gw_str){n->text, n->len};
    return agrees(sign, str_trim(text));
}

/* Nothing was read: all of its steps stand in the text at least. */
static bool steps_stand(const struct scene *s, const struct sign *sign)
{
    struct gw_str path = sign->subject;
    size_t at;

    while (path.ptr) {
        struct gw_str step = step_next(&path);

        if (step.len && !str_find(s->head, step, &at))
            return false;
    }
    return sign->op != '=' || str_find(s->head, sign->value, &at);
}

static bool path_holds(const struct scene *s, const struct sign *sign)
{
    struct gw_str path = sign->subject;
    const struct gw_record *r = s->record;

    if (!r)
        return steps_stand(s, sign);
    if (r->root && within_records(s->format, &path) && node_holds(sign, follow(s, r->root, path)))
        return true;
    return node_holds(sign, follow(s, r->root, sign->subject)) ||
           node_holds(sign, follow(s, r->context, sign->subject));
}

/* ---- all of them ---- */

static const struct {
    const char *word;
    bool (*holds)(const struct scene *s, const struct sign *sign);
} subjects[] = {
    {"name", name_holds}, {"first_line", first_line_holds}, {"head", head_holds}, {"header", header_holds},
    {"root", root_holds}, {"namespace", namespace_holds},
};

bool sign_of_name(struct gw_str text)
{
    struct sign sign = cut(text);

    return sign.op == '~' && str_is(sign.subject, "name");
}

bool sign_holds(const struct scene *s, struct gw_str text)
{
    struct sign sign = cut(text);

    for (size_t i = 0; sign.op && i < sizeof(subjects) / sizeof(*subjects); i++)
        if (str_is(sign.subject, subjects[i].word))
            return subjects[i].holds(s, &sign);
    return path_holds(s, &sign);
}

/* ---- the template of names ---- */

enum { TELLING = 4 }; /* letters that the template gives a name, its ending aside */

static size_t put(char *to, size_t at, size_t room, struct gw_str text)
{
    if (at + text.len >= room)
        return at;
    if (text.len)
        memcpy(to + at, text.ptr, text.len);
    return at + text.len;
}

static size_t without_ending(struct gw_str text)
{
    size_t n = text.len;

    while (n && text.ptr[n - 1] != '.')
        n--;
    return n ? n - 1 : text.len;
}

bool name_fits(const struct format *f, struct gw_str name)
{
    const struct pattern *t = &f->name_pattern;
    char glob[GLOB_BYTES];
    size_t at = 0, telling = 0;

    for (size_t i = 0; i < t->count; i++) {
        const struct piece *p = &t->pieces[i];
        struct gw_str text = p->kind == PIECE_TEXT ? p->text : GW_STR("*");

        if (p->kind == PIECE_TEXT)
            telling += i + 1 == t->count ? without_ending(text) : text.len;
        at = put(glob, at, sizeof(glob), text);
    }
    return telling >= TELLING && str_glob((struct gw_str){glob, at}, name);
}
