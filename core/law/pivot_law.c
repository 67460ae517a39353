/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A format that is the pivot itself has no lines: each type, filled from the values of its fields, must come
 * back as it was. A syntax without nesting holds one type a file, and no lists.
 */
#include "law/proof.h"
#include "pipeline/outlet.h"

struct making {
    struct proof *proof;
    struct bundle bundle;
    unsigned chance; /* of a field, in a hundred */
    bool flat;
};

static void fill(struct making *m, struct object *o, unsigned depth);

static struct resource *any_of(const struct making *m, struct gw_str type)
{
    for (struct resource *r = m->bundle.first; r; r = r->next)
        if (str_eq(r->object.shape->name, type))
            return r;
    return NULL;
}

static struct gw_str any_value(struct proof *p, const struct field *f)
{
    const struct texts *values = field_values(p, f);

    return values->count ? values->items[dice(p, values->count)] : (struct gw_str){NULL, 0};
}

static void list_fill(struct making *m, struct object *o, const struct field *f, unsigned depth)
{
    struct arena *a = &m->proof->scratch;

    if (m->flat || depth > 3)
        return;
    for (uint64_t n = 1 + dice(m->proof, 3); n; n--) {
        struct gw_str text = f->type == FIELD_ITEMS ? GW_STR("") : any_value(m->proof, f);
        struct object *item;

        if (!text.ptr)
            return;
        if (f->type != FIELD_ITEMS) {
            (void)list_add_text(a, object_set(o, f->slot), text);
            continue;
        }
        item = list_add_object(a, object_set(o, f->slot), f->items);
        if (item)
            fill(m, item, depth + 1);
    }
}

static void field_set(struct making *m, struct object *o, const struct field *f, unsigned depth)
{
    struct gw_str text;
    struct resource *to;

    if (f->list || f->type == FIELD_ITEMS) {
        list_fill(m, o, f, depth);
        return;
    }
    if (f->type == FIELD_TREE)
        return; /* of a mapping's own */
    if (f->type == FIELD_REF) {
        to = m->flat ? NULL : any_of(m, f->target);
        if (to)
            object_set(o, f->slot)->ref = to;
        return;
    }
    text = any_value(m->proof, f);
    if (text.ptr)
        *object_set(o, f->slot) = (struct value){.text = text.ptr, .len = (uint32_t)text.len};
}

static void fill(struct making *m, struct object *o, unsigned depth)
{
    for (uint16_t k = 0; k < o->slots; k++)
        if (!o->shape->fields[k]->ext.ptr && dice(m->proof, 100) < m->chance)
            field_set(m, o, o->shape->fields[k], depth);
}

/* One record: one resource of each type, or of `only`. */
static void make(struct making *m, const struct shape *only)
{
    const struct model *model = &m->proof->engine->model;

    m->bundle = (struct bundle){.record = 1, .names = &m->proof->codec.names};
    for (size_t i = 0; i < model->count; i++) {
        struct resource *r;

        if (model->types[i]->stream || (only && only != model->types[i]))
            continue;
        r = resource_new(&m->proof->scratch, model->types[i]);
        if (r)
            bundle_add(&m->bundle, r);
    }
    for (struct resource *r = m->bundle.first; r; r = r->next)
        fill(m, &r->object, 0);
}

static enum gw_result write(struct making *m, const struct shape *only, struct buf *out)
{
    struct outlet_options oo = {.memory = out, .resource = only ? only->name : (struct gw_str){NULL, 0}};
    struct outlet outlet = {0};
    size_t n = 0;
    enum gw_result result = outlet_open(&outlet, &m->proof->codec, &oo, &m->proof->said.sink), closed;

    if (result == GW_OK)
        result = bundle_name(&m->bundle, &m->proof->scratch);
    if (result == GW_OK)
        result = outlet_put(&outlet, &m->bundle, &n);
    closed = outlet_close(&outlet, result == GW_OK);
    return result == GW_OK ? closed : result;
}

static void compare(struct making *m, const struct bundle *b)
{
    struct verdict v;

    if (!bundles_equal(m->proof, &m->bundle, b, &v))
        (void)fail(m->proof, LAW_PUTGET, NULL, v.path, v.expected, v.found);
}

static enum gw_result turn(struct making *m, const struct shape *only)
{
    struct proof *p = m->proof;
    struct bundle b = {0};
    struct trip t = {0};
    struct buf bytes;
    enum gw_result result;

    arena_reset(&p->scratch);
    said_clear(&p->said);
    buf_init(&bytes, (size_t)16 << 20);
    make(m, only);
    p->report->cases++;
    result = write(m, only, &bytes);
    if (result == GW_OK)
        result = trip_open(p, &t, buf_view(&bytes), (struct gw_str){NULL, 0}, (struct gw_str){NULL, 0});
    if (result == GW_OK)
        result = source_next(&t.source, &b);
    if (result == GW_OK)
        compare(m, &b);
    else if (result != GW_FATAL && result != GW_RETRY)
        (void)fail(p, LAW_PUTGET, NULL, only ? only->name : GW_STR("record"), GW_STR("written, so readable"),
                   said_error(&p->said) ? str_of(said_error(&p->said)->code) : GW_STR("nothing came back"));
    trip_close(&t);
    buf_done(&bytes);
    return result == GW_FATAL || result == GW_RETRY ? result : GW_OK;
}

enum gw_result pivot_prove(struct proof *p)
{
    const struct model *model = &p->engine->model;
    struct making m = {.proof = p, .flat = !(p->codec.plugin->flags & GW_NESTED)};
    enum gw_result result = examples_load(p);

    for (unsigned n = 0; result == GW_OK && n < 10 + p->options->count / 4; n++) {
        m.chance = n == 0 ? 100 : 20 + 60 * (n % 2);
        for (size_t i = 0; m.flat && result == GW_OK && i < model->count; i++)
            if (!model->types[i]->stream)
                result = turn(&m, model->types[i]);
        if (!m.flat && result == GW_OK)
            result = turn(&m, NULL);
    }
    return result;
}
