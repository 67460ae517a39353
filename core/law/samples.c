/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GetPut and Lost on the files of the format's samples/: each is read, written, read and written again,
 * record by record, the two readings side by side. What stands beside a sample (NAME.pivot.*) and
 * what is no file of the format (*.md) is passed over.
 */
#include <dirent.h>
#include <stdlib.h>

#include "law/pool.h"
#include "pipeline/outlet.h"

/* ---- which ---- */

static bool is_sample(const char *name)
{
    size_t n = strlen(name);

    return name[0] != '.' && !(n > 3 && strcmp(name + n - 3, ".md") == 0) && !strstr(name, ".pivot.") &&
           !strstr(name, ".expected.") && !strstr(name, "invalid");
}

enum gw_result samples_find(struct proof *p)
{
    const struct format *f = p->codec.format;
    const char *folder = arena_format(&p->keep, "%.*s/samples", STR_ARG(f->folder));
    struct dirent **entries = NULL;
    struct sample **end = &p->samples;
    int n = folder ? scandir(folder, &entries, NULL, alphasort) : -1;
    enum gw_result result = folder ? GW_OK : GW_FATAL;

    for (int i = 0; i < n; i++) {
        struct sample *s = is_sample(entries[i]->d_name) ? arena_zero(&p->keep, sizeof(*s)) : NULL;

        if (s) {
            s->name = arena_text(&p->keep, str_of(entries[i]->d_name));
            s->path = arena_format(&p->keep, "%s/%s", folder, entries[i]->d_name);
            *end = s;
            end = &s->next;
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

/* ---- there and back ---- */

/* All of it through the outlet, as `convert` would. `dates`: $date as the reading knew it. */
static enum gw_result pass(struct proof *p, struct gw_str name, struct gw_str in, struct buf *out,
                           struct gw_str *date)
{
    struct outlet_options oo = {.memory = out};
    struct outlet outlet = {0};
    struct trip t;
    bool open = false;
    enum gw_result result = trip_open(p, &t, in, name, *date);

    while (result == GW_OK) {
        struct bundle b;
        size_t n;

        result = source_next(&t.source, &b);
        if (!open && (result == GW_OK || result == GW_END)) {
            enum gw_result begun;

            *date = arena_copy(&p->keep, *reading_date(&t.source.reading));
            oo.date = *date;
            open = true;
            begun = outlet_open(&outlet, &p->codec, &oo, &p->said.sink);
            result = begun == GW_OK ? result : begun;
        }
        if (result == GW_OK)
            result = outlet_put(&outlet, &b, &n);
        else if (result == GW_REJECT)
            result = GW_OK; /* counted by the other passes */
    }
    if (open) {
        enum gw_result closed = outlet_close(&outlet, result == GW_END);

        result = result == GW_END ? closed : result;
    }
    trip_close(&t);
    return result == GW_END ? GW_OK : result;
}

/* ---- the same resources ---- */

static uint64_t rank_of(const struct bundle *b, const struct resource *r)
{
    uint64_t n = 1;

    for (const struct resource *k = b->first; k && k != r; k = k->next)
        n++;
    return n;
}

struct pair {
    const struct proof *proof;
    const struct bundle *a, *b;
    struct verdict *verdict;
};

static bool differ(const struct pair *p, const struct field *f, struct gw_str a, struct gw_str b, uint32_t line)
{
    *p->verdict = (struct verdict){LAW_GETPUT, NULL, f->full, a, b};
    for (size_t k = 0; p->proof->table && k < p->proof->table->nties; k++)
        if (p->proof->table->ties[k]->index == line)
            p->verdict->line = p->proof->table->ties[k]->line;
    return false;
}

/* Of its moment, computed, or the whole record kept as a proof, which is not written. */
static bool fleeting(const struct pair *p, uint32_t line)
{
    for (size_t k = 0; p->proof->table && k < p->proof->table->nties; k++) {
        const struct tie *tie = p->proof->table->ties[k];

        if (tie->index == line)
            return (tie->form == FORM_TREE && !tie->cells[0]) || tie->form == FORM_NOW ||
                   tie->form == FORM_COUNT || tie->form == FORM_SUM || tie->loss == GW_ONE_WAY;
    }
    return false;
}

static bool objects_equal(const struct pair *p, const struct object *a, const struct object *b);

static bool lists_equal(const struct pair *p, const struct field *f, const struct value *a,
                        const struct value *b)
{
    struct arena *scratch = (struct arena *)&p->proof->scratch;

    if (a->list->count != b->list->count)
        return differ(p, f, str_of(arena_format(scratch, "%u items", a->list->count)),
                      str_of(arena_format(scratch, "%u items", b->list->count)), a->line);
    for (uint32_t i = 0; i < a->list->count; i++) {
        if (f->type == FIELD_ITEMS) {
            if (!objects_equal(p, a->list->objects[i], b->list->objects[i]))
                return false;
        } else if (!str_eq(a->list->texts[i], b->list->texts[i])) {
            return differ(p, f, a->list->texts[i], b->list->texts[i], a->line);
        }
    }
    return true;
}

static bool values_equal(const struct pair *p, const struct field *f, const struct value *a,
                         const struct value *b)
{
    struct arena *scratch = (struct arena *)&p->proof->scratch;
    struct gw_str x, y;

    if (f->list || f->type == FIELD_ITEMS)
        return lists_equal(p, f, a, b);
    if (f->type == FIELD_REF) {
        if (rank_of(p->a, a->ref) == rank_of(p->b, b->ref))
            return true;
        return differ(p, f, a->ref->id, b->ref->id, a->line);
    }
    if (f->type == FIELD_TREE) {
        x = tree_print(scratch, p->a->names, a->tree);
        y = tree_print(scratch, p->b->names, b->tree);
    } else {
        x = (struct gw_str){a->text, a->len};
        y = (struct gw_str){b->text, b->len};
    }
    return str_eq(x, y) || fleeting(p, a->line) || differ(p, f, x, y, a->line);
}

static bool objects_equal(const struct pair *p, const struct object *a, const struct object *b)
{
    unsigned slots = a->slots > b->slots ? a->slots : b->slots;

    for (unsigned k = 0; k < slots; k++) {
        const struct value *x = object_value(a, k), *y = object_value(b, k);
        const struct field *f = a->shape->fields[k];

        if (x && y ? !values_equal(p, f, x, y)
                   : (x || y) && !fleeting(p, x ? x->line : y->line) &&
                         !differ(p, f, x ? GW_STR("present") : GW_STR("absent"),
                                 x ? GW_STR("absent") : GW_STR("present"), x ? x->line : y->line))
            return false;
    }
    return true;
}

bool bundles_equal(const struct proof *p, const struct bundle *a, const struct bundle *b, struct verdict *ret)
{
    const struct pair pair = {p, a, b, ret};
    const struct resource *x = a->first, *y = b->first;

    for (; x && y; x = x->next, y = y->next) {
        if (x->object.shape != y->object.shape) {
            *ret = (struct verdict){LAW_GETPUT, NULL, GW_STR("resource"), x->object.shape->name,
                                    y->object.shape->name};
            return false;
        }
        if (!objects_equal(&pair, &x->object, &y->object))
            return false;
    }
    *ret = (struct verdict){LAW_GETPUT, NULL, GW_STR("resource"), x ? x->object.shape->name : GW_STR("none"),
                            y ? y->object.shape->name : GW_STR("none")};
    return !x && !y;
}

/* ---- side by side ---- */

static void change(struct proof *p, const struct cell *a, const struct cell *b)
{
    const struct cell *any = a ? a : b;
    const struct place *place = place_of_cell(p->table, any->kind, any->cell);
    struct gw_str path = place ? place->path : GW_STR("?");
    const char *where = place && place->nwriters ? kept(p, place->writers[0]->line->where) : "";
    struct law_change **c = &p->report->changes;

    for (; *c; c = &(*c)->next)
        if (str_is(path, (*c)->path)) {
            (*c)->count++;
            return;
        }
    *c = arena_zero(p->arena, sizeof(**c));
    if (*c)
        **c = (struct law_change){
            NULL, where, kept(p, path), a ? kept(p, a->text) : NULL, b ? kept(p, b->text) : NULL, 1};
    if (place && place->nwriters && a && b && !str_eq(str_trim(a->text), str_trim(b->text)))
        row_measured(p, place->writers[0], GW_NORMALISES, a->text, b->text);
}

static void cells_compare(struct proof *p, struct reading *x, struct reading *y, bool context)
{
    struct cells a, b;
    const struct cell *ca, *cb;
    size_t i = 0, k = 0;

    if (!cells_take(&p->scratch, p->table, context ? NULL : x->frames, context ? x->context : NULL, &a) ||
        !cells_take(&p->scratch, p->table, context ? NULL : y->frames, context ? y->context : NULL, &b))
        return;
    while (cells_differ(&a, &b, &i, &k, &ca, &cb))
        change(p, ca, cb);
}

static void seen_object(struct proof *p, const struct object *o)
{
    for (uint16_t k = 0; k < o->slots; k++) {
        const struct field *f = o->shape->fields[k];
        const struct value *v = object_value(o, k);

        if (!v || f->type == FIELD_REF || f->type == FIELD_TREE)
            continue;
        if (f->type == FIELD_ITEMS)
            for (uint32_t i = 0; i < v->list->count; i++)
                seen_object(p, v->list->objects[i]);
        else if (f->list)
            for (uint32_t i = 0; i < v->list->count; i++)
                field_seen(p, f, v->list->texts[i]);
        else
            field_seen(p, f, (struct gw_str){v->text, v->len});
    }
}

static void pair_compare(struct proof *p, struct trip *x, struct trip *y, const struct bundle *a,
                         const struct bundle *b, const struct sample *s)
{
    struct verdict v;

    arena_reset(&p->scratch);
    cover_read(p, &x->source.reading, a->record == 0);
    cover_read(p, &y->source.reading, a->record == 0);
    for (const struct resource *r = a->first; r; r = r->next)
        seen_object(p, &r->object);
    if (!bundles_equal(p, a, b, &v)) {
        struct law_failure *f = fail(p, LAW_GETPUT, v.line, v.path, v.expected, v.found);

        if (f && !f->sample)
            f->sample = kept(p, str_of(s->name));
    }
    cells_compare(p, &x->source.reading, &y->source.reading, a->record == 0);
}

/* Records that were rejected the first time are not there the second. */
static enum gw_result next_good(struct trip *t, struct bundle *b)
{
    enum gw_result result;

    do
        result = source_next(&t->source, b);
    while (result == GW_REJECT);
    return result;
}

static enum gw_result side_by_side(struct proof *p, const struct sample *s, struct gw_str n,
                                   struct gw_str again, struct gw_str date)
{
    struct trip x, y = {0};
    struct bundle a = {0}, b = {0};
    enum gw_result first = trip_open(p, &x, n, str_of(s->name), date), second = GW_OK;

    if (first == GW_OK)
        first = second = trip_open(p, &y, again, str_of(s->name), date);
    while (first == GW_OK && second == GW_OK) {
        first = next_good(&x, &a);
        second = next_good(&y, &b);
        if (first == GW_OK && second == GW_OK)
            pair_compare(p, &x, &y, &a, &b, s);
    }
    if (first == GW_END && second == GW_END) {
        cover_read(p, &x.source.reading, true);
        cells_compare(p, &x.source.reading, &y.source.reading, true);
    } else if (first == GW_OK || first == GW_END || second == GW_END) {
        (void)fail(p, LAW_GETPUT, NULL, GW_STR("records"), GW_STR("as many"), str_of(s->name));
    }
    trip_close(&x);
    trip_close(&y);
    return first == GW_FATAL || first == GW_RETRY ? first : GW_OK;
}

static void sample_fails(struct proof *p, const struct sample *s, const char *doing)
{
    const struct told *t = said_error(&p->said);
    struct law_failure *f =
        fail(p, LAW_SAMPLE, NULL, str_of(arena_format(&p->keep, "%s: %s", s->name, doing)), GW_STR("no error"),
             t ? str_of(arena_format(&p->keep, "%s %.*s", t->code, STR_ARG(t->path))) : GW_STR("failed"));

    if (f)
        f->sample = kept(p, str_of(s->name));
}

static enum gw_result sample_prove(struct proof *p, const struct sample *s, struct gw_str n)
{
    struct buf once, twice;
    struct gw_str date = {NULL, 0};
    enum gw_result result;

    buf_init(&once, (size_t)64 << 20);
    buf_init(&twice, (size_t)64 << 20);
    said_clear(&p->said);
    result = pass(p, str_of(s->name), n, &once, &date);
    if (result == GW_REJECT || result == GW_FAIL || said_error(&p->said)) {
        sample_fails(p, s, "read and written");
        result = result == GW_REJECT || result == GW_FAIL ? GW_END : result;
    }
    if (result == GW_OK)
        result = pass(p, str_of(s->name), buf_view(&once), &twice, &date);
    if (result == GW_REJECT || result == GW_FAIL) {
        sample_fails(p, s, "read and written again");
        result = GW_END;
    }
    if (result == GW_OK && !str_eq(buf_view(&once), buf_view(&twice)))
        (void)fail(p, LAW_GETPUT, NULL, GW_STR("bytes"), GW_STR("the same bytes the second time"),
                   str_of(s->name));
    if (result == GW_OK)
        result = side_by_side(p, s, n, buf_view(&once), date);
    buf_done(&once);
    buf_done(&twice);
    return result == GW_END ? GW_OK : result;
}

/* Unpacked, as one text. */
static enum gw_result sample_read(struct proof *p, const struct sample *s, struct buf *ret)
{
    struct input_options io = {.sink = &p->said.sink, .plugin = p->codec.plugin};
    struct input in;
    size_t got = 0;
    enum gw_result result = input_open_path(&in, s->path, &io);

    if (result == GW_OK)
        result = input_next_member(&in);
    while (result == GW_OK) {
        char *room = buf_room(ret, 65536);

        if (!room) {
            result = GW_FATAL;
            break;
        }
        result = input_read(&in, room, 65536, &got);
        if (result == GW_OK)
            ret->len += got;
    }
    input_close(&in);
    return result == GW_END ? GW_OK : result;
}

/* A profile that says how its samples are called takes those; the default one the rest. */
static bool of_profile(const struct proof *p, const struct sample *s)
{
    const struct format *f = p->codec.format;
    const struct profile *mine = p->codec.profile, *named = NULL;

    for (size_t i = 0; i < f->nprofiles; i++) {
        size_t at;

        if (str_find(str_of(s->name), f->profiles[i].name, &at) &&
            (!named || f->profiles[i].name.len > named->name.len))
            named = &f->profiles[i];
    }
    return named ? mine && str_eq(named->name, mine->name) : !mine || mine->is_default;
}

enum gw_result samples_prove(struct proof *p)
{
    enum gw_result result = GW_OK;

    for (const struct sample *s = p->samples; result == GW_OK && s; s = s->next) {
        struct buf bytes;

        if (!of_profile(p, s))
            continue;
        buf_init(&bytes, (size_t)64 << 20);
        p->report->samples++;
        result = sample_read(p, s, &bytes);
        if (result == GW_OK && p->codec.plugin->writer)
            result = sample_prove(p, s, buf_view(&bytes));
        if (result == GW_OK)
            result = broken_prove(p, s, buf_view(&bytes));
        buf_done(&bytes);
    }
    return result;
}
