/* SPDX-License-Identifier: EUPL-1.2 */
#include "infer/infer.h"

#include "base/str.h"

enum { INFER_HEAD = 16 << 20, NAME_BYTES = 60, NOTHING_PART = 20 };

/* ---- names of extensions ---- */

static bool is_taken(const struct proposal *p, size_t n, struct gw_str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(p->items[i].extension, name))
            return true;
    return false;
}

struct gw_str plain_name(struct arena *a, struct gw_str path)
{
    char folded[4 * NAME_BYTES + 8] = "c_";
    size_t n =
        names_fold(path.ptr, path.len < NAME_BYTES ? path.len : NAME_BYTES, folded + 2, sizeof(folded) - 2) + 2;
    size_t to = 2;

    for (size_t i = 2; i < n; i++) {
        char c = folded[i];

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            folded[to++] = c;
        else if (to > 2 && folded[to - 1] != '_')
            folded[to++] = '_';
    }
    if (to > 2 && folded[2] >= 'a' && folded[2] <= 'z')
        return arena_copy(a, (struct gw_str){folded + 2, to - 2});
    return arena_copy(a, (struct gw_str){folded, to});
}

static enum gw_result extensions_name(struct arena *a, struct proposal *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct gw_str plain = plain_name(a, p->items[i].path), name = plain;

        for (unsigned n = 2; is_taken(p, i, name) && name.ptr; n++)
            name = str_of(arena_format(a, "%.*s_%u", STR_ARG(plain), n));
        if (!name.ptr)
            return GW_FATAL;
        p->items[i].extension = name;
    }
    return GW_OK;
}

/* ---- names of code lists ---- */

/* Two columns with codes of one list may call them differently: each has its own. */
static enum gw_result codes_name(struct arena *a, struct proposal *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct trial *t = &p->items[i].trial;
        size_t before = 0, at;

        for (size_t k = 0; t->codes.ptr && k < i; k++)
            before += p->items[k].field && p->items[k].field->codes &&
                      str_eq(p->items[k].field->codes->name, t->codes);
        if (!before || !str_find(t->as, GW_STR("code("), &at))
            continue;
        t->codes = str_of(arena_format(a, "%.*s-%zu", STR_ARG(t->codes), before + 1));
        t->as = str_of(arena_format(a, "%.*scode(%.*s)", (int)at, t->as.ptr, STR_ARG(t->codes)));
        if (!t->codes.ptr || !t->as.ptr)
            return GW_FATAL;
    }
    return GW_OK;
}

/* ---- texts that mean nothing ---- */

static bool is_sample(const struct column *c, struct gw_str text)
{
    for (size_t i = 0; i < c->nsamples; i++)
        if (str_eq(c->samples[i], text))
            return true;
    return false;
}

/* Those of words.csv that stand in several columns, or in a twentieth of them. */
static enum gw_result nothing_find(const struct words *w, struct arena *a, struct proposal *p)
{
    const struct entry *e = words_entry(w, "!nothing", "");

    p->nothing = arena_array(a, e ? e->count + 1 : 1, sizeof(*p->nothing));
    for (size_t i = 0; p->nothing && e && i < e->count; i++) {
        size_t in = 0;

        for (size_t k = 0; k < p->columns.nleaves; k++)
            in += is_sample(p->columns.leaves[k], e->texts[i]);
        if (in > 1 && in * NOTHING_PART >= p->columns.nleaves)
            p->nothing[p->nnothing++] = e->texts[i];
    }
    return p->nothing ? GW_OK : GW_FATAL;
}

/* ---- the file ---- */

static enum gw_result head_of(struct engine *e, struct arena *a, const char *path, struct gw_str password,
                              struct sink *sink, struct head *ret)
{
    struct input_options io = {.sink = sink, .password = password};
    struct input in = {0};
    enum gw_result r;

    if (head_packed(&e->registry, a, path, ret))
        return GW_OK;
    r = input_open_path(&in, path, &io);
    if (r == GW_OK)
        r = input_next_member(&in);
    if (r == GW_OK)
        r = head_take(&in, INFER_HEAD, a, ret);
    ret->path = path;
    input_close(&in);
    return r;
}

enum gw_result infer_file(struct tester *t, const char *path, struct gw_str password, struct sink *sink,
                          struct proposal *ret)
{
    struct head head;
    enum gw_result r = head_of(t->engine, t->arena, path, password, sink, &head);

    *ret = (struct proposal){0};
    if (r == GW_OK)
        r = columns_read(t->engine, t->arena, &head, &ret->columns);
    if (r == GW_OK && !ret->columns.nleaves)
        r = GW_END;
    t->columns = &ret->columns;
    if (r == GW_OK)
        r = nothing_find(t->words, t->arena, ret);
    if (r == GW_OK)
        r = proposal_match(t, ret);
    if (r == GW_OK)
        r = lists_match(t, ret);
    if (r == GW_OK)
        r = extensions_name(t->arena, ret);
    if (r == GW_OK)
        r = codes_name(t->arena, ret);
    return r;
}
