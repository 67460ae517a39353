/* SPDX-License-Identifier: EUPL-1.2 */
/* The hot loops of reading: packed lines over instances. */
#include "base/str.h"
#include "mapping/memo.h"
#include "mapping/packed.h"
#include "mapping/read.h"
#include "schema/canon.h"

/* A text that the format says means nothing. */
static bool is_nothing(const struct reading *r, const struct gw_node *n)
{
    const struct format *f = r->table->format;

    for (size_t i = 0; i < f->nnothing; i++)
        if (str_eq((struct gw_str){n->text, n->len}, f->nothing[i]))
            return true;
    return false;
}

/* Is it canonical, as most are? The rest is told by canon(). */
static inline bool canonical(const struct field *f, struct gw_str v)
{
    if (f->type == FIELD_DECIMAL)
        return canon_plain(v, f->scale);
    if (f->type != FIELD_TEXT && f->type != FIELD_CODE)
        return false;
    return str_ascii(v) && (f->type == FIELD_TEXT || !f->codes || codes_has(f->codes, v));
}

#define APART __attribute__((noinline))
#define INTO  inline __attribute__((always_inline))

enum outcome { DONE, NOTHING, REFUSED, LONG };

/* What follows a converter that took a text for nothing: one that takes that has its say. */
static enum outcome nothing_from(const struct conversion *c, const struct packed *p, const struct conv *conv)
{
    while (++conv < p->end)
        if (conv->ops->takes_absent)
            return LONG;
    return c->code ? LONG : NOTHING;
}

/* A text through the chain to its canonical form; NOTHING: it means absent. LONG: there is more to it (blanks
 * to trim, a warning, memory), nothing was done. */
static inline enum outcome convert(struct conversion *c, const struct packed *p, struct gw_str *v)
{
    const char *code;
    enum gw_result result;

    if (!tight(*v))
        return LONG;
    c->code = NULL;
    for (const struct conv *conv = p->convs; conv < p->end; conv++) {
        result = conv->ops->read(c, conv->data, v);
        if (result != GW_OK)
            return result == GW_REJECT ? REFUSED : LONG;
        if (!v->len)
            return nothing_from(c, p, conv);
    }
    if (c->code)
        return LONG;
    if (!p->field)
        return DONE;
    if (!tight(*v))
        return LONG;
    if (canonical(p->field, *v))
        return DONE;
    result = canon(c->arena, p->field, *v, v, &code);
    return result == GW_OK ? DONE : result == GW_REJECT ? REFUSED : LONG;
}

/* What became of a text, to be said again when it comes again: nothing of the record is in it. */
static void memo_keep(struct memos *line, struct memo *m, const uint64_t keys[2], const struct packed *p,
                      enum outcome outcome, struct gw_str before, struct gw_str v)
{
    bool other = outcome == DONE && !str_eq(v, before);
    bool lasting = p->lasting && v.ptr != before.ptr;

    if (outcome == LONG || (outcome == REFUSED && !p->tries) || (other && !lasting && v.len > MEMO_TEXT) ||
        (other && lasting && v.len > UINT8_MAX))
        return;
    line->lost += m->size > 0;
    *m = (struct memo){.keys = {keys[0], keys[1]},
                       .size = (uint8_t)before.len,
                       .outcome = (uint8_t)outcome,
                       .len = (uint8_t)v.len,
                       .other = other,
                       .text = other && lasting ? v.ptr : NULL};
    if (other && !lasting)
        memcpy(m->room, v.ptr, v.len);
}

/* False: memory. */
static inline bool memo_say(struct reading *r, struct memos *line, const struct memo *m, struct gw_str *v)
{
    char *copy;

    line->hits++;
    if (!m->other)
        return true;
    if (m->text) {
        *v = (struct gw_str){m->text, m->len};
        return true;
    }
    copy = arena_alloc(&r->arena, MEMO_TEXT);
    if (!copy)
        return false;
    memcpy(copy, m->room, MEMO_TEXT);
    *v = (struct gw_str){copy, m->len};
    return true;
}

/* The same, for a text that may have been met before. */
static inline enum outcome convert_again(struct reading *r, const struct packed *p, struct gw_str *v)
{
    const struct gw_str before = *v;
    struct memos *line = &r->memos[p->memo];
    uint64_t keys[2];
    struct memo *m = p->memo ? memo_slot(line, before, keys) : NULL;
    enum outcome outcome;

    if (!m)
        return convert(&r->conversion, p, v);
    if (memo_is(m, before, keys))
        return memo_say(r, line, m, v) ? (enum outcome)m->outcome : LONG;
    outcome = convert(&r->conversion, p, v);
    memo_keep(line, m, keys, p, outcome, before, *v);
    return outcome;
}

/* Asked once a record, of all lines that share it. */
static bool answered(const struct reading *r, const struct packed *p)
{
    uint8_t *answer = &r->answers[p->answer];

    if (!*answer)
        *answer = condition_holds(&r->view, p->when) != p->negated_answer ? 2 : 1;
    return (*answer == 2) != p->negated_answer;
}

static inline bool holds(const struct reading *r, const struct packed *p)
{
    return !p->when || (p->answer ? answered(r, p) : condition_holds(&r->view, p->when));
}

static inline void taken(const struct packed *p, struct instance *i, struct gw_node *n)
{
    n->flags |= p->tries ? NODE_TAKEN | NODE_CLOSED : NODE_TAKEN;
    i->live = true;
}

/* The condition may look at the field itself: what it had is put back when it does not hold, and said unless
 * another line takes the text. */
static APART void read_value_if(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n,
                          const struct value *v)
{
    bool had = object_has(i->object, p->slot);
    struct value before = had ? i->object->values[p->slot] : *v;

    *object_put(i->object, p->slot) = *v;
    if (holds(r, p)) {
        taken(p, i, n);
        return;
    }
    if (had)
        i->object->values[p->slot] = before;
    else
        object_clear(i->object, p->slot);
    if (!(n->flags & NODE_TAKEN))
        line_pend(r, p->tie, n, "mapping.unexpected");
}

static bool read_otherwise(const struct packed *p, struct gw_node *n, enum outcome outcome)
{
    if (outcome == NOTHING)
        n->flags |= NODE_TAKEN;
    return outcome == NOTHING || (outcome == REFUSED && p->tries);
}

/* A short text that was met before, where nothing else is asked. */
static INTO bool read_again(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct gw_str v = {n->text, n->len};
    struct memos *line = &r->memos[p->memo];
    uint64_t keys[2];
    const struct memo *m = p->again ? memo_slot(line, v, keys) : NULL;

    if (!m || !memo_is(m, v, keys) || m->outcome != DONE || !memo_say(r, line, m, &v))
        return false;
    *object_put(i->object, p->slot) =
        (struct value){.text = v.ptr, .at = n, .len = (uint32_t)v.len, .line = p->line};
    taken(p, i, n);
    return true;
}

/* Out of the way of the loops, which need no room for it. */
static APART bool read_value(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct gw_str v = {n->text, n->len};
    enum outcome outcome = convert_again(r, p, &v);
    struct value value = {.text = v.ptr, .at = n, .len = (uint32_t)v.len, .line = p->line};

    if (outcome != DONE)
        return read_otherwise(p, n, outcome);
    if (p->when) {
        read_value_if(r, p, i, n, &value);
        return true;
    }
    *object_put(i->object, p->slot) = value;
    taken(p, i, n);
    return true;
}

static INTO bool is_plain(const struct packed *p, struct gw_str v)
{
    if (p->plain == PLAIN_TEXT)
        return tight(v) && v.len <= p->most && str_ascii(v);
    return p->plain == PLAIN_NUMBER ? canon_plain(v, p->scale) : canon_day(v);
}

static INTO bool read_plain(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct value value = {.text = n->text, .at = n, .len = n->len, .line = p->line};

    if (!is_plain(p, (struct gw_str){n->text, n->len}))
        return false;
    if (p->when) {
        read_value_if(r, p, i, n, &value);
        return true;
    }
    *object_put(i->object, p->slot) = value;
    taken(p, i, n);
    return true;
}

static APART bool read_const(struct reading *r, const struct packed *p, struct gw_node *n)
{
    struct gw_str v = {n->text, n->len};

    if (!tight(v))
        return false;
    if (n->flags & NODE_TAKEN) /* whatever this line would say, the text is no surprise */
        return true;
    if (!holds(r, p))
        return true;
    if (!str_eq(v, p->word))
        return false;
    n->flags |= NODE_TAKEN;
    return true;
}

static APART bool read_member(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct gw_str v = {n->text, n->len};

    if (!holds(r, p))
        return true;
    if (!str_eq(v, p->negated ? GW_STR("true") : GW_STR("false")))
        return false;
    n->flags |= NODE_TAKEN;
    i->live = true;
    return true;
}

static bool read_select(struct reading *r, const struct packed *p, struct instance *i)
{
    if (holds(r, p))
        *object_put(i->object, p->slot) =
            (struct value){.text = p->word.ptr, .len = (uint32_t)p->word.len, .line = p->line};
    return true;
}

/* Whether it means nothing that there is no text. */
static bool absent_read(const struct reading *r, const struct packed *p, struct gw_node *const *cells)
{
    switch ((enum packed_absent)p->absent) {
    case ABSENT_ASK:
        break;
    case ABSENT_SKIP:
        return true;
    case ABSENT_GUARD:
        return !cells[p->guard] || !holds(r, p);
    case ABSENT_MISS:
        return !holds(r, p);
    }
    return false;
}

static INTO bool text_read(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    if (p->nothing && is_nothing(r, n))
        return false;
    switch ((enum packed_does)p->does) {
    case DOES_PLAIN:
        return read_plain(r, p, i, n) || read_value(r, p, i, n);
    case DOES_VALUE:
        return read_again(r, p, i, n) || read_value(r, p, i, n);
    case DOES_CONST:
        return read_const(r, p, n);
    case DOES_MEMBER:
        return read_member(r, p, i, n);
    case DOES_SPLIT:
    case DOES_LIST:
        return parts_read(r, p, i, n);
    case DOES_ASK:
    case DOES_SELECT:
        break;
    }
    return false;
}

/* Whether a line has nothing to do here, or did it. */
static INTO bool packed_read(struct reading *r, const struct packed *p, struct instance *i)
{
    struct gw_node *const *cells = i->frame->cells, *n;

    if (!p->here)
        return p->does == DOES_SELECT && read_select(r, p, i);
    n = cells[p->cell];
    if (!n || n->kind == GW_NULL || (!n->len && p->empty))
        return p->absent == ABSENT_SKIP || absent_read(r, p, cells);
    return (n->flags & NODE_CLOSED) || text_read(r, p, i, n);
}

enum gw_result scope_read(struct reading *r, const struct scope *scope, struct instance *i)
{
    const struct packed *p = scope->packed, *end = p + scope->nfirst;
    enum gw_result result = GW_OK;

    r->view.at = i;
    for (; result == GW_OK && p < end; p++)
        if (!packed_read(r, p, i))
            result = line_read(r, p->tie, i);
    return result;
}

enum gw_result late_read(struct reading *r)
{
    const struct packed *p = r->table->late_packed, *end = p + r->table->nlate;
    struct frame *const *frames = r->frames, *context = r->view.context;
    const bool envelope = r->envelope_only;
    enum gw_result result;

    memset(r->answers, 0, r->table->nanswers + 1u);
    for (; p < end; p++) {
        const struct frame *f = p->kind == FRAME_CONTEXT ? context : frames[p->kind];

        if (p->stream != envelope)
            continue;
        for (; f; f = f->all) {
            struct instance *i = &f->instances[p->local];

            r->view.at = i;
            if (!i->object || packed_read(r, p, i))
                continue;
            result = line_read(r, p->tie, i);
            if (result != GW_OK)
                return result;
        }
    }
    return GW_OK;
}
