/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The json plugin: its descriptor, and the way to the records. What encloses them is read member
 * by member and kept as the context.
 */
#include "json.h"

enum expected {
    FIRST,     /* a child, or the end */
    SEPARATOR, /* a comma, or the end */
};

/* An object or array on the way to the records, open now. */
struct level {
    struct gw_node *node;  /* of an object; its members are context */
    struct gw_node **link; /* where the next of them goes */
    struct gw_node **own;  /* where an item of a group hangs; it goes when it ends */
    size_t step;           /* an object: the one to look for; an array: the one its items are */
    size_t mark, room;     /* of the memory before an item of a group */
    enum expected expected;
    bool array, met;
};

/* ---- context ---- */

static struct level *top(struct reader *r)
{
    return &r->levels[r->nlevels - 1];
}

/* Nodes know their offset in `text`; what is no record has lines instead, as long as they are known. */
static void set_lines(struct reader *r, struct gw_node *n, size_t count)
{
    const char *text = r->view.ptr, *end = text, *p;
    uint64_t line = r->line, line_at = r->line_at;

    for (; count > 0; n++, count--) {
        const char *to = text + n->column;

        while (line && end < to && (p = memchr(end, '\n', (size_t)(to - end)))) {
            end = p + 1;
            line++;
            line_at = r->at + (uint64_t)(end - text);
        }
        end = to > end ? to : end;
        n->line = (uint32_t)line;
        n->column = line ? (uint32_t)(r->at + (uint64_t)(to - text) - line_at + 1) : 0;
    }
}

/* A value that is no record, taken; *ret NULL: too large, said and left out. */
static enum gw_result read_value(struct reader *r, enum gw_life life, uint16_t name, struct gw_node **ret)
{
    struct slicer c = {0};
    struct parsed p = {0};
    size_t len;
    enum gw_result result = json_locate(r, &c, &len);

    *ret = NULL;
    if (result == GW_REJECT) {
        json_report_large(r, r->at);
        return json_skip_value(r, &c, len);
    }
    if (result != GW_OK)
        return result == GW_END ? json_broken_off(r) : result;
    result = builder_read(&r->b, (struct gw_str){r->view.ptr, len}, true, life, name, &p);
    if (result == GW_OK) {
        set_lines(r, p.root, p.nodes);
        *ret = p.root;
    } else if (result == GW_REJECT && p.cut && c.word && len == r->view.len) {
        return json_broken_off(r);
    } else if (result == GW_REJECT) {
        json_report(r, &p);
        result = strcmp(p.code, "json.too_large") == 0 ? GW_OK : GW_FAIL;
    }
    json_take_counted(r, len);
    return result;
}

static struct gw_node *open_node(struct reader *r, uint16_t name)
{
    struct gw_node *n = gw_keep(r->s, sizeof(*n));

    if (!n)
        return NULL;
    *n = (struct gw_node){.name = name, .kind = GW_MAP, .line = (uint32_t)r->line};
    n->column = r->line ? (uint32_t)(r->at - r->line_at + 1) : 0;
    return n;
}

/* The object at hand encloses records, found at `step` of it. */
static enum gw_result enter_object(struct reader *r, size_t step, uint16_t name, bool item)
{
    struct level *l = &r->levels[r->nlevels];
    struct gw_node **own = &r->context;
    size_t i = r->nlevels;

    while (i > 0 && r->levels[i - 1].array)
        i--;
    *l = (struct level){.step = step, .room = r->b.room, .mark = gw_mark(r->s)};
    l->node = open_node(r, name);
    if (!l->node)
        return GW_FATAL;
    if (i > 0)
        own = r->levels[i - 1].link;
    l->own = item ? own : NULL;
    *own = l->node;
    if (i > 0 && !item)
        r->levels[i - 1].link = &l->node->next;
    l->link = &l->node->first;
    r->nlevels++;
    r->changes++;
    json_take_counted(r, 1);
    return GW_OK;
}

static enum gw_result enter_array(struct reader *r, size_t step)
{
    r->levels[r->nlevels++] = (struct level){.step = step, .array = true};
    json_take_counted(r, 1);
    return GW_OK;
}

/* The innermost level ends, its bracket is at hand. What was kept for an item of a group goes. */
static void leave(struct reader *r)
{
    struct level *l = top(r);

    json_take_counted(r, 1);
    r->nlevels--;
    if (!l->own)
        return;
    *l->own = NULL;
    r->b.room = l->room;
    gw_release(r->s, l->mark);
    r->changes++;
}

/* The names of the steps, as in format.conf. */
static struct gw_str path_text(struct reader *r)
{
    const struct gw_stream *t = r->s->stream;
    size_t size = 1, len = 0;
    struct gw_str name;
    char *text;

    for (size_t i = 0; i < t->nsteps; i++)
        size += gw_name_text(r->s, t->steps[i].name).len + 3;
    text = gw_alloc(r->s, size);
    for (size_t i = 0; text && i < t->nsteps; i++) {
        name = t->steps[i].name ? gw_name_text(r->s, t->steps[i].name) : (struct gw_str){NULL, 0};
        if (i > 0)
            text[len++] = '/';
        if (name.len)
            memcpy(text + len, name.ptr, name.len);
        len += name.len;
        if (t->steps[i].many) {
            text[len++] = '[';
            text[len++] = ']';
        }
    }
    return (struct gw_str){text, len};
}

static enum gw_result no_records(struct reader *r)
{
    struct gw_arg arg = {"place", path_text(r)};

    return gw_fail(r->s, json_place(r->at), "json.no_records", &arg, 1);
}

/* The value of a step is at hand, whole: not an item of it. */
static enum gw_result arrive(struct reader *r, size_t step, bool item, struct gw_record *rec)
{
    const struct gw_step *st = &r->s->stream->steps[step];
    bool last = step + 1 == r->s->stream->nsteps;
    struct gw_node *none;
    char c = r->view.ptr[0];

    if (c == '[' && st->many && !item) {
        r->met |= last;
        return enter_array(r, step);
    }
    if (last && (item || c == '{')) {
        r->met = true;
        return json_record(r, rec, st->name);
    }
    if (c == '{')
        return enter_object(r, step + 1, st->name, item);
    if (c != 'n')
        return no_records(r);
    r->met = true;
    return read_value(r, GW_RECORD_LIFE, st->name, &none);
}

/* Go to the next child of the innermost level; *ret_left: there was none, and it is left. */
static enum gw_result next_child(struct reader *r, bool *ret_left)
{
    struct level *l = top(r);
    char close = l->array ? ']' : '}', c;
    enum gw_result result = json_must_char(r, &c);

    *ret_left = result == GW_OK && c == close;
    if (result != GW_OK)
        return result;
    if (*ret_left) {
        leave(r);
        return GW_OK;
    }
    if (l->expected == SEPARATOR) {
        if (c != ',')
            return json_unexpected(r, "json.syntax");
        json_take_counted(r, 1);
        result = json_must_char(r, &c);
        if (result == GW_OK && c == close)
            return json_unexpected(r, "json.syntax");
    }
    l->expected = SEPARATOR;
    return result;
}

/* A key and its colon; the value is at hand after. */
static enum gw_result read_key(struct reader *r, struct gw_node *ret)
{
    struct gw_node *key;
    enum gw_result result;
    char c;

    if (r->view.ptr[0] != '"')
        return json_unexpected(r, "json.syntax");
    result = read_value(r, GW_RECORD_LIFE, 0, &key);
    if (result != GW_OK)
        return result;
    if (!key || key->len > JSON_TEXT) {
        if (key)
            json_report_large(r, r->at);
        return GW_FAIL;
    }
    *ret = *key;
    ret->name = gw_name(r->s, key->text, key->len);
    if (!ret->name)
        return GW_FATAL;
    if ((result = json_must_char(r, &c)) != GW_OK)
        return result;
    if (c != ':')
        return json_unexpected(r, "json.syntax");
    json_take_counted(r, 1);
    return json_must_char(r, &c);
}

static enum gw_result check_key(struct reader *r, struct level *l, const struct gw_node *key, uint64_t at)
{
    bool wanted = key->name == r->s->stream->steps[l->step].name, twice = wanted && l->met;
    const struct gw_node *n;
    struct gw_arg arg = {"key", gw_name_text(r->s, key->name)};

    for (n = l->node->first; n && !twice; n = n->next)
        twice = n->name == key->name;
    l->met |= wanted;
    return twice ? gw_fail(r->s, json_place(at), "json.duplicate_key", &arg, 1) : GW_OK;
}

static enum gw_result next_member(struct reader *r, struct gw_record *rec)
{
    struct level *l = top(r);
    uint64_t at = r->at;
    struct gw_node key = {0}, *n;
    enum gw_result result = read_key(r, &key);

    if (result == GW_OK)
        result = check_key(r, l, &key, at);
    if (result != GW_OK)
        return result;
    if (key.name == r->s->stream->steps[l->step].name)
        return arrive(r, l->step, false, rec);
    result = read_value(r, GW_SESSION_LIFE, key.name, &n);
    if (result != GW_OK || !n)
        return result;
    *l->link = n;
    l->link = &n->next;
    r->changes++;
    return GW_OK;
}

/* ---- documents ---- */

static enum gw_result begin_document(struct reader *r, struct gw_record *rec)
{
    const struct gw_stream *t = r->s->stream;
    char c;
    enum gw_result result = json_must_char(r, &c);

    r->begun = true;
    if (result != GW_OK)
        return result;
    if (t->nsteps == 0) {
        r->met = true;
        return json_record(r, rec, 0);
    }
    if (t->steps[0].name == 0)
        return arrive(r, 0, false, rec);
    return c == '{' ? enter_object(r, 0, 0, false) : no_records(r);
}

static enum gw_result end_document(struct reader *r, struct gw_record *rec)
{
    char c;
    enum gw_result result = json_next_char(r, &c);

    if (result == GW_OK)
        return json_unexpected(r, "json.trailing");
    if (result != GW_END)
        return result;
    if (!r->met)
        return no_records(r);
    rec->context = r->context;
    rec->changes = r->changes;
    rec->begin = rec->end = r->at;
    return GW_END;
}

/* One step through the document: a record if rec->root is set after. */
static enum gw_result advance(struct reader *r, struct gw_record *rec)
{
    enum gw_result result;
    bool left;

    if (!r->begun)
        return begin_document(r, rec);
    if (r->nlevels == 0)
        return end_document(r, rec);
    result = next_child(r, &left);
    if (result != GW_OK || left)
        return result;
    return top(r)->array ? arrive(r, top(r)->step, true, rec) : next_member(r, rec);
}

/* ---- the plugin ---- */

static enum gw_result reader_open(struct gw_session *s)
{
    struct reader *r = s->state;

    r->s = s;
    r->line = 1;
    r->recent = 2048;
    r->levels = gw_keep(s, (2 * s->stream->nsteps + 1) * sizeof(*r->levels));
    return r->levels ? builder_init(&r->b, s) : GW_FATAL;
}

static enum gw_result reader_next(struct gw_session *s, struct gw_record *rec)
{
    const struct json_config *config = s->config;
    struct reader *r = s->state;
    enum gw_result result;

    *rec = (struct gw_record){0};
    r->view = (struct gw_str){NULL, 0};
    r->all = false;
    if (s->stream->nsteps == 0 && config->lines)
        return json_line(r, rec);
    do
        result = advance(r, rec);
    while (result == GW_OK && !rec->root);
    return result;
}

const struct gw_reader json_reader = {
    .state_size = sizeof(struct reader),
    .open = reader_open,
    .next = reader_next,
};

/* ---- probe and descriptor ---- */

static size_t after_blanks(struct gw_str head, size_t at)
{
    while (at < head.len && json_blank(head.ptr[at]))
        at++;
    return at;
}

/* An object begins with a key and a colon, a list with a value: anything else is something else. */
static int probe(const struct gw_probe *p)
{
    size_t at = after_blanks(p->head, 0), next = after_blanks(p->head, at + 1);
    struct slicer c = {0};
    bool done = false;

    if (at >= p->head.len || (p->head.ptr[at] != '{' && p->head.ptr[at] != '['))
        return 0;
    if (next >= p->head.len)
        return 40;
    if (p->head.ptr[at] == '[')
        return p->head.ptr[next] == '{'                                     ? 90
               : json_begins(p->head.ptr[next]) || p->head.ptr[next] == ']' ? 50
                                                                            : 0;
    if (p->head.ptr[next] != '"')
        return p->head.ptr[next] == '}' ? 60 : 0;
    next = after_blanks(p->head, next + slicer_run(&c, p->head.ptr + next, p->head.len - next, &done));
    if (next >= p->head.len)
        return 60;
    return p->head.ptr[next] == ':' ? 90 : 0;
}

static const struct gw_option options[] = {
    {"lines", GW_OPT_BOOL, offsetof(struct json_config, lines), "false", NULL,
     "un enregistrement par ligne (NDJSON), sans rien autour", "one record a line (NDJSON), nothing around"},
    {"compact", GW_OPT_BOOL, offsetof(struct json_config, compact), "true", NULL,
     "écrire sans blancs ni retours à la ligne", "write without blanks and line ends"},
    {"indent", GW_OPT_UINT, offsetof(struct json_config, indent), "2", NULL,
     "si non compact : espaces par niveau, de 0 à 8", "when not compact: blanks a level, 0 to 8"},
    {"final_newline", GW_OPT_BOOL, offsetof(struct json_config, final_newline), "false", NULL,
     "finir le document par un retour à la ligne", "end the document with a line end"},
    {"escape_non_ascii", GW_OPT_BOOL, offsetof(struct json_config, escape_non_ascii), "false", NULL,
     "écrire \\uXXXX pour ce qui n'est pas ASCII", "write \\uXXXX for what is not ASCII"},
    {0},
};

static const struct gw_message messages[] = {
    {"json.syntax", "JSON invalide à {found}", "invalid JSON at {found}",
     "Corriger le texte à cet endroit : virgule, guillemet, accolade, ou caractère de contrôle non échappé.",
     "Correct the text at this place: a comma, a quote, a brace, or a control character that is not escaped."},
    {"json.truncated", "le document s'arrête avant sa fin", "the document ends before it is complete",
     "Le fichier a sans doute été coupé pendant le transfert : le redemander.",
     "The file was probably cut in transfer: ask for it again."},
    {"json.trailing", "il y a encore {found} après la fin", "there is still {found} after the end",
     "Un seul document par fichier ; pour un enregistrement par ligne, mettre l'option lines.",
     "One document a file; for one record a line, set the option lines."},
    {"json.duplicate_key", "la clé {key} est deux fois dans le même objet",
     "the key {key} stands twice in the same object",
     "Garder une seule des deux valeurs : rien ne dit laquelle est la bonne.",
     "Keep one of the two values: nothing tells which one is right."},
    {"json.depth", "plus de {depth} niveaux imbriqués", "more than {depth} levels of nesting",
     "Vérifier que le fichier est bien celui attendu, ou relever la limite de profondeur.",
     "Check that this is the file expected, or raise the limit of depth."},
    {"json.too_large", "une valeur dépasse la limite de {limit} octets",
     "a value is beyond the limit of {limit} bytes",
     "Vérifier l'enregistrement, ou relever la taille maximale d'un enregistrement.",
     "Check the record, or raise the largest size of a record."},
    {"json.not_object", "un objet est attendu, pas {found}", "an object is expected, not {found}",
     "Chaque enregistrement doit être un objet entre accolades.",
     "Each record must be an object between braces."},
    {"json.nul", "un texte contient le caractère \\u0000", "a text contains the character \\u0000",
     "L'enlever : ce caractère ne peut pas être conservé ni transmis.",
     "Take it out: this character can be neither kept nor sent."},
    {"json.no_records", "aucune liste d'enregistrements à l'endroit prévu ({place})",
     "no list of records at the place expected ({place})",
     "Vérifier que le fichier est bien de ce format, et la ligne record de format.conf.",
     "Check that the file is of this format, and the line record of format.conf."},
    {"json.number", "{number} ne peut pas être écrit comme un nombre", "{number} cannot be written as a number",
     "Corriger la valeur, ou l'écrire comme un texte dans la table du format.",
     "Correct the value, or write it as a text in the format's table."},
    {"json.single", "ce document ne peut porter qu'un enregistrement", "this document can hold only one record",
     "Écrire un enregistrement par fichier, ou utiliser une liste ou l'option lines.",
     "Write one record a file, or use a list or the option lines."},
    {0},
};

GW_PLUGIN(.flags = GW_TYPED | GW_NESTED, .name = "json", .version = "1.0",
          .summary_fr = "JSON : liste à un chemin, document entier, ou un objet par ligne",
          .summary_en = "JSON: a list at a path, a whole document, or one object a line", .options = options,
          .config_size = sizeof(struct json_config), .messages = messages, .probe = probe,
          .reader = &json_reader, .writer = &json_writer);
