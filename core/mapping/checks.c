/* SPDX-License-Identifier: EUPL-1.2 */
/* The x-check of the pivot: bound once to the rules that plugins offer, run on each resource. */
#include "base/str.h"
#include "mapping/mapping.h"
#include "mapping/memo.h"

#define CHECK_FIELDS 16
#define NO_SLOT      UINT16_MAX

struct bound {
    struct bound *next;
    const struct gw_check *check;
    const struct field *fields[CHECK_FIELDS]; /* NULL: not in this type */
    uint16_t slots[CHECK_FIELDS];             /* NO_SLOT: likewise */
    size_t nfields;
    uint64_t all;   /* `low`: a bit a slot of its fields */
    uint8_t at[64]; /* `low`: which of its fields that slot is */
    uint16_t top;
    bool low; /* its fields stand among the first 64 slots, each once */
};

struct shape_checks {
    const struct shape *shape;
    struct bound **own;  /* by slot: of that field alone */
    uint64_t *checked;   /* a bit a slot: has some */
    struct bound *cross; /* across fields */
    struct shape_checks *next;
    size_t words; /* of `checked`: fields that came later, an extension's, have no checks */
    bool any;
    struct below *below; /* lists of groups that have checks */
};

struct below {
    struct below *next;
    uint16_t slot;
};

#define SHAPE_SLOTS 256u
#define SHAPE_TRIES 4u

struct checks {
    struct shape_checks *first;
    const struct shape_checks *slots[SHAPE_SLOTS]; /* by the shape's address: most are found at once */
};

struct check_run {
    struct check_report *to;
    const struct resource *resource;
    const struct object *object;
    const struct bound *bound;
    bool spoke;
};

static void missing_check(const struct check_env *env, struct gw_str name)
{
    struct gw_arg args[] = {{"check", name}};
    struct diag d = {
        .severity = GW_WARNING, .code = "schema.check_absent", .byte = UINT64_MAX, .args = args, .nargs = 1};

    env->sink->put(env->sink, &d);
}

/* A check looks at texts. */
static bool is_scalar(const struct field *f)
{
    return f && !f->list && f->type < FIELD_REF;
}

static bool bind_field(const struct check_env *env, struct shape_checks *s, const struct field *f)
{
    for (size_t k = 0; k < f->nchecks; k++) {
        const struct gw_check *check = env->check(env->rules, f->checks[k]);
        struct bound *b;

        if (!check) {
            missing_check(env, f->checks[k]);
            continue;
        }
        if (!is_scalar(f))
            continue;
        b = arena_zero(env->arena, sizeof(*b));
        if (!b)
            return false;
        *b = (struct bound){
            .next = s->own[f->slot], .check = check, .fields = {f}, .slots = {f->slot}, .nfields = 1};
        s->own[f->slot] = b;
        s->checked[f->slot / 64] |= (uint64_t)1 << (f->slot % 64);
        s->any = true;
    }
    return true;
}

/* So that run_cross() needs one word to know what is there. */
static void bind_bits(struct bound *b)
{
    b->low = true;
    for (size_t k = 0; k < b->nfields; k++) {
        uint16_t slot = b->slots[k];
        uint64_t bit = (uint64_t)1 << (slot & 63);

        if (slot == NO_SLOT)
            continue;
        b->low &= slot < 64 && !(b->all & bit);
        b->all |= bit;
        b->at[slot & 63] = (uint8_t)k;
        b->top = slot > b->top ? slot : b->top;
    }
}

static bool bind_cross(const struct check_env *env, struct shape_checks *s)
{
    for (size_t k = 0; k < s->shape->nchecks; k++) {
        const struct gw_check *check = env->check(env->rules, s->shape->checks[k]);
        struct bound *b;

        if (!check || !check->fields) {
            missing_check(env, s->shape->checks[k]);
            continue;
        }
        b = arena_zero(env->arena, sizeof(*b));
        if (!b)
            return false;
        b->check = check;
        for (; check->fields[b->nfields] && b->nfields < CHECK_FIELDS; b->nfields++) {
            const struct field *f =
                shape_field(s->shape, str_of(check->fields[b->nfields]), (struct gw_str){NULL, 0});

            b->fields[b->nfields] = is_scalar(f) ? f : NULL;
            b->slots[b->nfields] = is_scalar(f) ? f->slot : NO_SLOT;
        }
        bind_bits(b);
        b->next = s->cross;
        s->cross = b;
    }
    return true;
}

static bool bind_below(const struct check_env *env, struct shape_checks *s, const struct shape_checks *items,
                       uint16_t slot)
{
    struct below *b;

    if (!items->any && !items->cross && !items->below)
        return true;
    b = arena_alloc(env->arena, sizeof(*b));
    if (!b)
        return false;
    *b = (struct below){s->below, slot};
    s->below = b;
    return true;
}

static uint32_t slot_of(const struct shape *shape)
{
    return (uint32_t)((uintptr_t)shape >> 4) * 2654435761u >> 24;
}

static struct shape_checks *bind_shape(const struct check_env *env, struct checks *c, const struct shape *shape)
{
    struct shape_checks *s = arena_zero(env->arena, sizeof(*s));

    if (!s)
        return NULL;
    s->own = arena_array(env->arena, shape->count + 1u, sizeof(struct bound *));
    s->checked = arena_array(env->arena, shape->count / 64u + 1, sizeof(*s->checked));
    if (!s->own || !s->checked)
        return NULL;
    s->shape = shape;
    s->words = (shape->count + 63u) / 64;
    s->next = c->first;
    c->first = s;
    for (uint32_t i = 0; i < SHAPE_TRIES; i++) {
        const struct shape_checks **slot = &c->slots[(slot_of(shape) + i) % SHAPE_SLOTS];

        if (!*slot) {
            *slot = s;
            break;
        }
    }
    for (uint16_t i = 0; i < shape->count; i++)
        if (!bind_field(env, s, shape->fields[i]))
            return NULL;
    for (uint16_t i = shape->count; i-- > 0;) {
        const struct field *f = shape->fields[i];
        const struct shape_checks *items =
            f->type == FIELD_ITEMS && f->items ? bind_shape(env, c, f->items) : NULL;

        if (f->type == FIELD_ITEMS && f->items && (!items || !bind_below(env, s, items, i)))
            return NULL;
    }
    return bind_cross(env, s) ? s : NULL;
}

enum gw_result checks_bind(const struct check_env *env, const struct checks **ret)
{
    struct checks *c = arena_zero(env->arena, sizeof(*c));

    if (!c)
        return GW_FATAL;
    for (size_t i = 0; i < env->model->count; i++)
        if (!bind_shape(env, c, env->model->types[i]))
            return GW_FATAL;
    *ret = c;
    return GW_OK;
}

/* ---- running ---- */

static void said(struct gw_call *call, enum gw_severity severity, size_t field, const char *code,
                 const struct gw_arg *args, size_t nargs)
{
    struct check_run *run = ((struct conversion *)call)->user;
    const struct field *f = field < run->bound->nfields ? run->bound->fields[field] : NULL;

    run->spoke = true;
    run->to->put(run->to, severity, code, run->resource, f, f ? object_value(run->object, f->slot) : NULL, args,
                 nargs);
}

/* One or two texts, each short or absent: whether they have keys. */
static inline bool keys_of(const struct gw_str *values, size_t n, uint64_t keys[2])
{
    if (n > 2)
        return false;
    keys[0] = str_key(values[0]);
    keys[1] = n > 1 ? str_key(values[1]) : 0;
    return (keys[0] || !values[0].ptr) && (n < 2 || keys[1] || !values[1].ptr);
}

/* A check is pure: what it once had nothing to say of, it need not see again. */
static void run_check(struct conversion *c, struct check_run *run, const struct bound *b,
                      const struct gw_str *values, size_t n)
{
    uint64_t keys[2];
    struct passed *p = c->passed && keys_of(values, n, keys) ? passed_slot(c->passed, b, keys) : NULL;

    if (p && has_passed(p, b, keys))
        return;
    run->bound = b;
    run->spoke = false;
    b->check->run(&c->call, values);
    if (p && !run->spoke)
        *p = (struct passed){b, {keys[0], keys[1]}};
}

static void run_own(struct conversion *c, struct check_run *run, const struct bound *b)
{
    struct gw_str value = object_text(run->object, b->slots[0]);

    if (value.ptr)
        run_check(c, run, b, &value, 1);
}

/* Of the fields that are there, the last first. */
static void run_own_all(const struct shape_checks *s, struct conversion *c, struct check_run *run,
                        const struct object *o)
{
    for (size_t w = s->words; w-- > 0;)
        for (uint64_t bits = o->have[w] & s->checked[w], top; bits; bits ^= (uint64_t)1 << top) {
            top = 63 - (uint64_t)__builtin_clzll(bits);
            for (const struct bound *b = s->own[w * 64 + top]; b; b = b->next)
                run_own(c, run, b);
        }
}

/* Fields that stand anywhere. */
static void run_far(struct conversion *c, struct check_run *run, const struct bound *b)
{
    struct gw_str values[CHECK_FIELDS];
    bool any = false;

    for (size_t k = 0; k < b->nfields; k++) {
        values[k] = object_text(run->object, b->slots[k]);
        any |= values[k].ptr != NULL;
    }
    if (any)
        run_check(c, run, b, values, b->nfields);
}

static void run_near(struct conversion *c, struct check_run *run, const struct bound *b, uint64_t bits)
{
    struct gw_str values[CHECK_FIELDS];
    const struct value *all = run->object->values;

    memset(values, 0, b->nfields * sizeof(*values));
    for (; bits; bits &= bits - 1) {
        const struct value *v = &all[__builtin_ctzll(bits)];

        values[b->at[__builtin_ctzll(bits)]] = (struct gw_str){v->text, v->len};
    }
    run_check(c, run, b, values, b->nfields);
}

static inline void run_cross(struct conversion *c, struct check_run *run, const struct bound *b)
{
    const struct object *o = run->object;
    uint64_t bits;

    if (!b->low || b->top >= o->slots) {
        run_far(c, run, b);
        return;
    }
    bits = b->all ? o->have[0] & b->all : 0;
    if (bits)
        run_near(c, run, b, bits);
}

static const struct shape_checks *checks_of(const struct checks *c, const struct shape *shape)
{
    const struct shape_checks *s;

    for (uint32_t i = 0; i < SHAPE_TRIES; i++) {
        s = c->slots[(slot_of(shape) + i) % SHAPE_SLOTS];
        if (s && s->shape == shape)
            return s;
    }
    for (s = c->first; s; s = s->next)
        if (s->shape == shape)
            return s;
    return NULL;
}

static void run_object(const struct checks *all, struct conversion *c, struct check_run *run,
                       const struct object *o)
{
    const struct shape_checks *s = checks_of(all, o->shape);

    if (!s)
        return;
    run->object = o;
    run_own_all(s, c, run, o);
    for (const struct bound *b = s->cross; b; b = b->next)
        run_cross(c, run, b);
    for (const struct below *b = s->below; b; b = b->next) {
        const struct value *v = object_value(o, b->slot);

        for (uint32_t k = 0; v && k < v->list->count; k++)
            run_object(all, c, run, v->list->objects[k]);
    }
}

void checks_run(const struct checks *checks, struct conversion *c, const struct resource *r,
                struct check_report *to)
{
    struct check_run run = {.to = to, .resource = r};
    void (*before)(struct gw_call *, enum gw_severity, size_t, const char *, const struct gw_arg *, size_t) =
        c->call.report;

    c->user = &run;
    c->call.report = said;
    run_object(checks, c, &run, &r->object);
    c->call.report = before;
}
