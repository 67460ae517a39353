/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/mentions.h"

#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/str.h"

#define PATH_MOST 256
#define WORD_MOST 256
#define KEY_HEX   ((size_t)2 * STORE_KEY) /* a reference: no words */

/* What they are known by, as names_fold writes it; a number (`digits`) is found however it is spaced. */
struct word {
    struct gw_str text;
    bool alone, digits, found;
    struct word *next;
};

struct looking {
    const struct dossier *d;
    struct mentions *to;
    struct mention *of; /* the first of the resource at hand */
    struct word *words;
    size_t least; /* bytes of a text that can speak of them */
    struct arena scratch;
    struct buf folded, left; /* left: what is not theirs of a payload */
    const struct resource_row *at;
    struct gw_str type;
    enum gw_result result;
};

/* ---- words ---- */

static bool is_digits(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

static enum gw_result word_add(struct looking *l, const struct known_by *k)
{
    char folded[WORD_MOST];
    struct gw_str text = {folded, names_fold(k->text.ptr, k->text.len, folded, sizeof(folded))};
    struct word *w = l->words;

    while (w && !str_eq(w->text, text))
        w = w->next;
    if (!text.len || w)
        return GW_OK;
    w = arena_zero(l->d->arena, sizeof(*w));
    if (!w)
        return GW_FATAL;
    *w = (struct word){.text = arena_copy(l->d->arena, text),
                       .alone = k->alone,
                       .digits = k->alone && is_digits(text),
                       .next = l->words};
    l->words = w;
    return w->text.ptr ? GW_OK : GW_FATAL;
}

/* The shortest text that can speak of them: one word that says it alone, or two names. */
static size_t least_of(const struct word *words)
{
    size_t alone = SIZE_MAX, first = SIZE_MAX / 2, second = SIZE_MAX / 2;

    for (const struct word *w = words; w; w = w->next) {
        if (w->alone && w->text.len < alone)
            alone = w->text.len;
        if (w->text.len < first) {
            second = first;
            first = w->text.len;
        } else if (w->text.len < second) {
            second = w->text.len;
        }
    }
    return alone < first + second ? alone : first + second;
}

static bool is_edge(struct gw_str in, size_t at)
{
    return at >= in.len || in.ptr[at] == '-' || in.ptr[at] == '@';
}

/* As whole words: a name is not sought within another one. */
static bool word_in(struct gw_str in, struct gw_str word)
{
    const char *from = in.ptr, *p;

    while ((p = memmem(from, in.len - (size_t)(from - in.ptr), word.ptr, word.len))) {
        size_t at = (size_t)(p - in.ptr);

        if ((at == 0 || is_edge(in, at - 1)) && is_edge(in, at + word.len))
            return true;
        from = p + 1;
    }
    return false;
}

/* Is it a part of a longer one that was found too? Of a compound name it is not a second name. */
static bool is_within(const struct looking *l, const struct word *w)
{
    for (const struct word *o = l->words; o; o = o->next)
        if (o != w && o->found && o->text.len > w->text.len && word_in(o->text, w->text))
            return true;
    return false;
}

/* "2-88-03" is "28803". */
static void join_digits(struct buf *text)
{
    size_t to = 0;

    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] != '-')
            text->data[to++] = text->data[i];
    text->len = to;
}

/* Two of their names, or what says by itself who it is. */
static bool named_in(struct looking *l, struct gw_str folded)
{
    unsigned names = 0;

    for (struct word *w = l->words; w; w = w->next)
        w->found = !w->digits && word_in(folded, w->text);
    for (const struct word *w = l->words; w; w = w->next)
        if (w->found)
            names += w->alone ? 2 : !is_within(l, w);
    return names >= 2;
}

static bool numbered_in(const struct looking *l, struct gw_str joined)
{
    for (const struct word *w = l->words; w; w = w->next)
        if (w->digits && memmem(joined.ptr, joined.len, w->text.ptr, w->text.len))
            return true;
    return false;
}

static bool speaks(struct looking *l, struct gw_str text)
{
    size_t room = 8 * text.len + 64; /* letters that are written as several */
    bool found;

    if (text.len < l->least || text.len == KEY_HEX)
        return false;
    buf_clear(&l->folded);
    if (!buf_room(&l->folded, room)) {
        l->result = GW_FATAL;
        return false;
    }
    l->folded.len = names_fold(text.ptr, text.len, l->folded.data, room);
    found = named_in(l, buf_view(&l->folded));
    if (found)
        return true;
    join_digits(&l->folded);
    return numbered_in(l, buf_view(&l->folded));
}

/* ---- one text that speaks of them ---- */

static struct mention *known_already(const struct looking *l, struct gw_str path)
{
    struct mention *m = l->of && l->of->resource == l->at->id ? l->of : NULL;

    while (m && !str_eq(m->path, path))
        m = m->next;
    return m;
}

static void add(struct looking *l, struct gw_str path)
{
    struct arena *a = l->d->arena;
    struct mention *m = known_already(l, path);

    if (!m) {
        m = arena_zero(a, sizeof(*m));
        if (!m) {
            l->result = GW_FATAL;
            return;
        }
        m->resource = l->at->id;
        m->type = arena_copy(a, l->type);
        m->path = arena_copy(a, path);
        *l->to->end = m;
        l->to->end = &m->next;
        l->to->count++;
        if (!l->of || l->of->resource != m->resource)
            l->of = m;
    }
    m->version = l->at->version;
    m->versions++;
}

/* ---- a payload ---- */

/* The path ends with what is at hand; a longer one than there is room for is told by its beginning. */
static void look(struct looking *l, yyjson_val *v, char path[PATH_MOST], size_t len)
{
    yyjson_val *key, *member;
    size_t i, n;

    if (yyjson_is_str(v) && speaks(l, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)})) {
        add(l, (struct gw_str){path, len});
    } else if (yyjson_is_obj(v)) {
        yyjson_obj_foreach(v, i, n, key, member)
        {
            int more = snprintf(path + len, PATH_MOST - len, "%s%s", len ? "." : "", yyjson_get_str(key));

            look(l, member, path, len + (size_t)more < PATH_MOST ? len + (size_t)more : PATH_MOST - 1);
        }
    } else if (yyjson_is_arr(v)) {
        yyjson_arr_foreach(v, i, n, member)
        {
            int more = snprintf(path + len, PATH_MOST - len, "[%zu]", i + 1);

            look(l, member, path, len + (size_t)more < PATH_MOST ? len + (size_t)more : PATH_MOST - 1);
        }
    }
}

static void look_at(struct looking *l, struct gw_str payload)
{
    yyjson_doc *doc = yyjson_read(payload.ptr, payload.len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_val *root = yyjson_doc_get_root(doc), *type = yyjson_obj_get(root, "type");
    char path[PATH_MOST] = "";

    l->type = (struct gw_str){yyjson_get_str(type), yyjson_get_len(type)};
    look(l, root, path, 0);
    yyjson_doc_free(doc);
}

/* What is theirs in it goes, or is told elsewhere. */
static void look_at_rest(struct looking *l, struct gw_str payload)
{
    yyjson_doc *doc = yyjson_read(payload.ptr, payload.len, YYJSON_READ_NUMBER_AS_RAW);

    buf_clear(&l->left);
    if (doc)
        dossier_cut(l->d, yyjson_doc_get_root(doc), false, &l->left);
    yyjson_doc_free(doc);
    look_at(l, buf_view(&l->left));
}

/* ---- all of them ---- */

static const struct dossier_part *part_of(const struct dossier *d, int64_t id)
{
    const struct dossier_part *p = d->parts;

    while (p && p->id != id)
        p = p->next;
    return p;
}

static bool each(void *to, const struct resource_row *r)
{
    struct looking *l = to;
    const struct dossier_part *p = part_of(l->d, r->id);
    bool items = p && p->of == PART_ITEMS;

    if (!p || p->of == PART_SHARED || (items && r->version == p->row.version)) {
        l->to->looked++;
        l->at = r;
        if (items)
            look_at_rest(l, r->payload);
        else
            look_at(l, r->payload);
    }
    arena_reset(&l->scratch);
    return l->result == GW_OK;
}

enum gw_result mentions_find(const struct dossier *d, struct mentions *ret)
{
    struct looking l = {.d = d, .to = ret};
    enum gw_result result = GW_OK;

    *ret = (struct mentions){.end = &ret->first};
    for (const struct known_by *k = d->texts; k && result == GW_OK; k = k->next)
        result = word_add(&l, k);
    l.least = least_of(l.words);
    arena_init(&l.scratch, 65536, 0);
    buf_init(&l.left, (size_t)512 << 20);
    buf_init(&l.folded, (size_t)512 << 20);
    if (result == GW_OK)
        result = resource_walk(d->store, &l.scratch, each, &l);
    buf_done(&l.folded);
    buf_done(&l.left);
    arena_done(&l.scratch);
    if (result == GW_REJECT)
        result = GW_OK;
    return result == GW_OK ? l.result : result;
}

void mentions_put(const struct mentions *found, struct buf *out)
{
    for (const struct mention *m = found->first; m; m = m->next) {
        buf_format(out, "{\"mentioned_in_resource\":%lld,\"type\":", (long long)m->resource);
        buf_json(out, m->type);
        buf_text(out, ",\"path\":");
        buf_json(out, m->path);
        buf_format(out, ",\"version\":%u,\"versions\":%u}\n", m->version, m->versions);
    }
    buf_format(out, "{\"looked_at_for_mentions\":%llu}\n", (unsigned long long)found->looked);
}
