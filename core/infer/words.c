/* SPDX-License-Identifier: EUPL-1.2 */
#include "infer/words.h"

#include "base/csv.h"
#include "base/str.h"

enum { CELLS_OF_WORDS = 4, TEXT_BYTES = 512 };

/* What a word of the header costs that the phrase does not have. */
static const double COST_LIGHT = 0.05, COST_ROLE = 0.1, COST_ABOVE = 0.2, COST_DIGITS = 0.4, COST_STRANGE = 0.8,
                    COST_OTHER = 1.6, VAGUE = 0.75;

/* ---- phrases ---- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Blanks where a name written in one word has its seams: idBeneficiaire, ligne4. */
static size_t part_seams(struct gw_str text, char *out, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len && n + 2 < room; i++) {
        char c = text.ptr[i], before = i ? text.ptr[i - 1] : ' ';
        bool last_capital = is_upper(c) && is_upper(before) && i + 1 < text.len && is_lower(text.ptr[i + 1]);

        if ((is_upper(c) && is_lower(before)) || last_capital ||
            (is_digit(c) && (is_lower(before) || is_upper(before))))
            out[n++] = ' ';
        out[n++] = c;
    }
    return n;
}

static bool is_stop(const struct words *w, struct gw_str word)
{
    const struct entry *e = words_entry(w, "!stop", "");

    for (size_t i = 0; e && i < e->count; i++)
        if (str_eq(e->texts[i], word))
            return true;
    return false;
}

/* A plural is the word: s and x at the end of four letters and more. */
static struct gw_str stem(struct gw_str word)
{
    if (word.len > 3 && (word.ptr[word.len - 1] == 's' || word.ptr[word.len - 1] == 'x'))
        word.len--;
    return word;
}

/* What headers shorten is written out, on both sides: "nai" is "naissance". */
static struct gw_str whole_word(const struct words *w, struct gw_str word)
{
    const struct entry *e = words_entry(w, "!short", "");

    for (size_t i = 0; e && i < e->count; i++) {
        struct gw_str whole, is = str_cut(e->texts[i], '=', &whole);

        if (whole.ptr && str_eq(is, word))
            return whole;
    }
    return word;
}

struct phrase phrase_of(const struct words *w, struct gw_str text)
{
    struct phrase p = {0};
    char apart[TEXT_BYTES], folded[2 * TEXT_BYTES];
    size_t n = part_seams(text, apart, sizeof(apart));
    struct gw_str rest = {folded, names_fold(apart, n, folded, sizeof(folded))};

    rest = arena_copy(w->arena, rest);
    while (rest.ptr && rest.len && p.n < WORDS_MAX) {
        struct gw_str word = str_cut(rest, '-', &rest);

        if (word.len && !is_stop(w, word))
            p.words[p.n++] = stem(whole_word(w, word));
    }
    return p;
}

/* Headers are short: struct, benef, prev. */
static bool same_word(struct gw_str word, struct gw_str in_header)
{
    return str_eq(word, in_header) || (in_header.len >= 4 && in_header.len <= 6 &&
                                       word.len > in_header.len + 1 && str_begins(word, in_header));
}

/* ---- the file ---- */

const struct entry *words_entry(const struct words *w, const char *resource, const char *field)
{
    for (size_t i = 0; i < w->count; i++)
        if (str_is(w->entries[i].resource, resource) && str_is(w->entries[i].field, field))
            return &w->entries[i];
    return NULL;
}

static enum gw_result entry_fill(struct words *w, struct entry *e, const struct gw_str *cells)
{
    struct gw_str rest = cells[2];
    size_t bars = 1;

    for (size_t i = 0; i < rest.len; i++)
        bars += rest.ptr[i] == '|';
    *e = (struct entry){.resource = str_trim(cells[0]), .field = str_trim(cells[1]), .as = str_trim(cells[3])};
    e->texts = arena_array(w->arena, bars, sizeof(*e->texts));
    e->phrases = arena_array(w->arena, bars, sizeof(*e->phrases));
    if (!e->texts || !e->phrases)
        return GW_FATAL;
    while (rest.ptr) {
        e->texts[e->count] = str_trim(str_cut(rest, '|', &rest));
        e->phrases[e->count] = phrase_of(w, e->texts[e->count]);
        e->count++;
    }
    return GW_OK;
}

enum gw_result words_load(struct engine *e, struct arena *a, struct words *ret)
{
    const char *path = arena_format(a, "%.*s/pivot/words.csv", STR_ARG(e->home.schemas));
    struct gw_str cells[CELLS_OF_WORDS], text;
    struct buf file;
    struct csv rows;
    size_t n, lines = 1;
    enum gw_result r;

    *ret = (struct words){.arena = a};
    buf_init(&file, (size_t)4 << 20);
    if (!path || buf_read_file(&file, path) != GW_OK) {
        buf_done(&file);
        return path ? GW_OK : GW_FATAL;
    }
    text = arena_copy(a, buf_view(&file));
    buf_done(&file);
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    ret->entries = arena_array(a, lines, sizeof(*ret->entries));
    if (!ret->entries || !text.ptr)
        return GW_FATAL;
    csv_open(&rows, a, text);
    r = csv_row(&rows, cells, CELLS_OF_WORDS, &n); /* the header */
    while (r != GW_END && r != GW_FATAL) {
        r = csv_row(&rows, cells, CELLS_OF_WORDS, &n);
        if (r == GW_OK && n == CELLS_OF_WORDS && entry_fill(ret, &ret->entries[ret->count], cells) == GW_OK)
            ret->count++;
    }
    return r == GW_END ? GW_OK : r;
}

/* ---- headers ---- */

/* How many of the other columns begin with that word. */
static bool all_begin(const struct words *w, const struct columns *c, struct gw_str word)
{
    size_t alike = 0;

    for (size_t i = 0; i < c->nleaves; i++) {
        struct phrase p = phrase_of(w, c->leaves[i]->name);

        alike += p.n > 1 && str_eq(p.words[0], word);
    }
    return c->nleaves >= 5 && alike * 10 >= c->nleaves * 8;
}

static void words_above(const struct words *w, const struct column *c, struct phrase *to)
{
    struct phrase p;

    if (!c)
        return;
    words_above(w, c->parent, to);
    p = phrase_of(w, c->name);
    for (size_t i = 0; i < p.n && to->n < WORDS_MAX; i++) {
        to->above[to->n] = true;
        to->words[to->n++] = p.words[i];
    }
}

struct phrase header_of(const struct words *w, const struct columns *c, const struct column *column)
{
    struct phrase ret = {0}, own = phrase_of(w, column->name);

    words_above(w, column->parent, &ret);
    for (size_t i = 0; i < own.n && ret.n < WORDS_MAX; i++) {
        ret.above[ret.n] = i == 0 && own.n > 1 && !column->parent && all_begin(w, c, own.words[0]);
        ret.words[ret.n++] = own.words[i];
    }
    return ret;
}

/* ---- what a field is called ---- */

static struct gw_str last_part(struct gw_str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.' || name.ptr[i - 1] == ']')
            return str_from(name, i);
    return name;
}

/* A label says what it is, then more in brackets or behind a comma. */
static struct gw_str label_head(struct gw_str label)
{
    for (size_t i = 0; i < label.len; i++)
        if (label.ptr[i] == '(' || label.ptr[i] == ',')
            return (struct gw_str){label.ptr, i};
    return label;
}

/* Below a group a label is said of the group: a name is the referent's name. */
static struct phrase phrase_below(const struct words *w, struct gw_str above, struct gw_str label)
{
    struct phrase p = phrase_of(w, above), own = phrase_of(w, label);

    for (size_t i = 0; i < own.n && p.n < WORDS_MAX; i++)
        p.words[p.n++] = own.words[i];
    return p;
}

void naming_of(const struct words *w, const struct shape *shape, const struct field *f, struct naming *ret)
{
    struct gw_str last = last_part(f->full), above = {f->full.ptr, f->full.len - last.len};

    *ret = (struct naming){0};
    for (size_t i = 0; i < w->count && ret->nentries < 8; i++) {
        const struct entry *e = &w->entries[i];
        bool type = str_eq(e->resource, shape->name), any = str_is(e->resource, "*");

        if ((type || any) && str_eq(e->field, f->full))
            ret->entries[ret->nentries++] = e;
    }
    ret->own[ret->nown++] = phrase_below(w, above, label_head(f->label[LANG_FR]));
    ret->own[ret->nown++] = phrase_below(w, above, label_head(f->label[LANG_EN]));
    ret->own[ret->nown++] = phrase_of(w, f->full);
}

/* ---- how well ---- */

struct reading_of {
    const struct phrase *header;
    bool used[WORDS_MAX];
};

/* All words of the phrase among those left. */
static bool takes(struct reading_of *r, const struct phrase *p)
{
    bool used[WORDS_MAX];

    if (!p->n)
        return false;
    memcpy(used, r->used, sizeof(used));
    for (size_t i = 0; i < p->n; i++) {
        size_t k = 0;

        while (k < r->header->n && (used[k] || !same_word(p->words[i], r->header->words[k])))
            k++;
        if (k == r->header->n)
            return false;
        used[k] = true;
    }
    memcpy(r->used, used, sizeof(used));
    return true;
}

static bool takes_any(struct reading_of *r, const struct entry *e)
{
    bool any = false;

    for (size_t i = 0; e && i < e->count; i++)
        any |= takes(r, &e->phrases[i]);
    return any;
}

static size_t left(const struct reading_of *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->header->n; i++)
        n += !r->used[i];
    return n;
}

static double cost_left(const struct words *w, struct reading_of *r)
{
    size_t before = left(r);
    double cost = 0;

    (void)takes_any(r, words_entry(w, "!other", ""));
    cost += COST_OTHER * (double)(before - left(r));
    before = left(r);
    (void)takes_any(r, words_entry(w, "!light", ""));
    cost += COST_LIGHT * (double)(before - left(r));
    for (size_t i = 0; i < r->header->n; i++)
        if (!r->used[i])
            cost += r->header->above[i]                    ? COST_ABOVE
                    : is_digit(r->header->words[i].ptr[0]) ? COST_DIGITS
                                                           : COST_STRANGE;
    return cost;
}

/* One word that any type may have: it says less. */
static bool is_vague(const struct words *w, const struct phrase *p)
{
    const struct entry *e = words_entry(w, "!vague", "");

    for (size_t i = 0; e && p->n == 1 && i < e->count; i++)
        if (e->phrases[i].n == 1 && str_eq(e->phrases[i].words[0], p->words[0]))
            return true;
    return false;
}

static double says(const struct words *w, const struct phrase *header, const struct phrase *p,
                   const struct role *role, bool *ret_role)
{
    struct reading_of r = {.header = header};
    size_t before;
    double cost;

    if (!takes(&r, p))
        return 0;
    before = left(&r);
    *ret_role = takes(&r, &role->name);
    *ret_role |= takes(&r, &role->label);
    *ret_role |= takes_any(&r, role->entry);
    (void)takes_any(&r, role->type);
    (void)takes(&r, &role->own);
    cost = COST_ROLE * (double)(before - left(&r)) + cost_left(w, &r);
    return (is_vague(w, p) ? VAGUE : 1) * (double)p->n / ((double)p->n + cost);
}

bool header_names_type(const struct words *w, const struct phrase *header, struct gw_str type)
{
    struct reading_of r = {.header = header};
    struct phrase own = phrase_of(w, type);

    if (takes(&r, &own))
        return true;
    for (size_t i = 0; i < w->count; i++)
        if (!w->entries[i].field.len && str_eq(w->entries[i].resource, type))
            return takes_any(&r, &w->entries[i]);
    return false;
}

double header_says(const struct words *w, const struct phrase *header, const struct naming *n,
                   const struct role *role, bool *ret_role)
{
    double best = 0;

    *ret_role = false;
    for (size_t i = 0; i < n->nown + n->nentries; i++) {
        const struct entry *e = i < n->nown ? NULL : n->entries[i - n->nown];

        for (size_t k = 0; k < (e ? e->count : 1); k++) {
            bool said = false;
            double s = says(w, header, e ? &e->phrases[k] : &n->own[i], role, &said);

            if (s > best) {
                best = s;
                *ret_role = said;
            }
        }
    }
    return best;
}
