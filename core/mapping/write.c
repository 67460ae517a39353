/* SPDX-License-Identifier: EUPL-1.2 */
/* Resources to a record's tree: bind scopes, run lines into cells, fill what nobody wrote, build. */
#include "mapping/write.h"

#include "base/str.h"

void write_report(struct writing *w, enum gw_severity severity, const char *code, const struct tie *tie,
                  const struct place *place, struct gw_str value, const struct gw_arg *args, size_t nargs)
{
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = w->file,
                     .byte = UINT64_MAX,
                     .record = w->record,
                     .value = value,
                     .args = args,
                     .nargs = nargs};

    if (place)
        d.path = place->path;
    if (tie) {
        d.rule = tie->line->where;
        if (tie->ntargets) {
            d.sensitivity = (enum sensitivity)tie->targets[0].field->sensitivity;
            d.path = str_of(arena_format(&w->arena, "%.*s %.*s", STR_ARG(tie->line->cells[CELL_RESOURCE]),
                                         STR_ARG(tie->line->cells[CELL_FIELD])));
        }
    }
    if (severity == GW_ERROR)
        w->rejected = true;
    w->sink->put(w->sink, &d);
}

static struct frame *place_frame(const struct writing *w, const struct tie *tie, size_t n,
                                 const struct instance *i)
{
    struct frame *f = i->frame;

    if (tie->up[n] == UP_CONTEXT)
        return w->view.context;
    if (f->kind->id == FRAME_CONTEXT)
        f = w->frames[FRAME_RECORD];
    for (uint8_t up = tie->up[n]; up; up--)
        f = f->parent;
    return f;
}

static bool optional_missing(const struct writing *w, const struct tie *tie, const struct instance *i)
{
    for (size_t k = 0; k < tie->noptional; k++) {
        const struct frame *f = frame_of(w, i, tie->optional[k]->frame);

        if (!f || !f->cells[tie->optional[k]->cell])
            return true;
    }
    return false;
}

enum gw_kind write_kind(const struct tie *tie, struct gw_str text)
{
    if (tie->kind == GW_TRUE || tie->kind == GW_FALSE)
        return str_is(text, "true") ? GW_TRUE : str_is(text, "false") ? GW_FALSE : GW_TEXT;
    return (enum gw_kind)tie->kind;
}

/* A text into its cell; a container that is there already takes it as its own text. */
static bool cell_put(struct writing *w, struct frame *f, uint16_t cell, const struct place *p,
                     enum gw_kind kind, struct gw_str text)
{
    struct gw_node *n = f->cells[cell];

    if (p->parent && f->kind->place != p && !cell_touch(w, f, p->parent))
        return false;
    if (n && n->kind == GW_MAP && !n->text) {
        n->text = text.ptr;
        n->len = (uint32_t)text.len;
        return true;
    }
    f->cells[cell] = text_node(&w->arena, p->name, kind, text);
    return f->cells[cell] != NULL;
}

static struct gw_str sum_text(struct writing *w, const struct tie *tie)
{
    __int128 n = w->sums[tie->index];
    uint64_t records = w->records;
    struct gw_str text;

    if (in_group(w->table, tie->places[0]) ? !grouping_total(w, tie, &records, &n) : records == UINT64_MAX)
        return (struct gw_str){NULL, 0};
    n /= 10000; /* amounts: two decimals */
    text =
        str_of(arena_format(&w->arena, "%s%llu.%02u", n < 0 ? "-" : "",
                            (unsigned long long)((n < 0 ? -n : n) / 100), (unsigned)((n < 0 ? -n : n) % 100)));
    while (text.ptr && tie->width > text.len)
        text = str_of(arena_format(&w->arena, "0%.*s", STR_ARG(text)));
    return text;
}

/* Constants make no node below an optional one that is missing. */
static enum gw_result write_fixed(struct writing *w, const struct tie *tie, struct instance *i)
{
    struct frame *f = place_frame(w, tie, 0, i);
    uint64_t records = w->records;
    __int128 sum;
    struct gw_str text;

    if (cell_taken(f, tie->cells[0]) || optional_missing(w, tie, i) ||
        (tie->when && !condition_holds(&w->view, tie->when)))
        return GW_OK;
    if (tie->form == FORM_COUNT && in_group(w->table, tie->places[0]) &&
        !grouping_total(w, tie, &records, &sum))
        return GW_OK;
    text = tie->form == FORM_SUM ? sum_text(w, tie) : tie_fixed(&w->arena, &w->view, tie, i, w->line, records);
    if (!text.ptr)
        return GW_OK;
    if (!cell_put(w, f, tie->cells[0], tie->places[0], write_kind(tie, text), text))
        return GW_FATAL;
    f->cells[tie->cells[0]]->flags |= NODE_FIXED;
    return GW_OK;
}

static enum gw_result write_tree(struct writing *w, const struct tie *tie, struct instance *i)
{
    const struct value *v = tie->ntargets ? target_value(i->object, &tie->targets[0]) : NULL;
    struct frame *f = place_frame(w, tie, 0, i);
    struct gw_node *copy =
        v && v->tree && !cell_taken(f, tie->cells[0]) && tie->cells[0] ? tree_copy(w, v->tree) : NULL;

    if (!copy)
        return GW_OK;
    copy->name = tie->places[0]->name;
    if (!cell_touch(w, f, tie->places[0]->parent))
        return GW_FATAL;
    f->cells[tie->cells[0]] = copy;
    return GW_OK;
}

/* A node of a place whose nodes are the items of a list. */
enum gw_result item_put(struct writing *w, struct frame *f, const struct place *p, struct gw_node *item,
                        struct gw_node ***end)
{
    struct gw_node *list = f->cells[p->cell];

    if (!list) {
        list = text_node(&w->arena, p->name, GW_LIST, (struct gw_str){NULL, 0});
        if (!list || !cell_touch(w, f, p->parent))
            return GW_FATAL;
        f->cells[p->cell] = list;
    }
    if (!*end)
        *end = &list->first;
    while (**end)
        *end = &(**end)->next;
    **end = item;
    return GW_OK;
}

/* The text, or the part of it that is at fault. */
static struct gw_str refused_text(const struct writing *w, const struct tie *tie)
{
    const struct conversion *c = &w->conversion;

    for (size_t k = 0; k < c->nargs; k++)
        if (strcmp(c->args[k].name, "value") == 0)
            return c->args[k].value;
    return tie->ntargets ? target_text(w->view.at->object, &tie->targets[0]) : (struct gw_str){NULL, 0};
}

static enum gw_result refused(struct writing *w, const struct tie *tie)
{
    const struct conversion *c = &w->conversion;

    if (!(tie->use & USE_TRY))
        write_report(w, GW_ERROR, c->code ? c->code : "mapping.convert", tie, tie->places[0],
                     refused_text(w, tie), c->args, c->nargs);
    return GW_OK;
}

static enum gw_result write_value(struct writing *w, const struct tie *tie, struct instance *i)
{
    struct gw_str natives[RULE_PARTS];
    enum gw_result result;

    if (cell_taken(place_frame(w, tie, 0, i), tie->cells[0]) ||
        (tie->when && !condition_holds(&w->view, tie->when)))
        return GW_OK;
    memset(natives, 0, sizeof(natives));
    result = tie_yield(&w->conversion, &w->view, tie, i, natives);
    if (result == GW_REJECT)
        return refused(w, tie);
    if (result == GW_OK && w->conversion.warned && w->conversion.code)
        write_report(w, w->conversion.severity, w->conversion.code, tie, tie->places[0],
                     tie->ntargets ? target_text(i->object, &tie->targets[0]) : natives[0], w->conversion.args,
                     w->conversion.nargs);
    for (size_t k = 0; result == GW_OK && k < tie->nplaces; k++) {
        struct frame *f = place_frame(w, tie, k, i);

        if (!natives[k].ptr || cell_taken(f, tie->cells[k]))
            continue;
        if (!cell_put(w, f, tie->cells[k], tie->places[k], write_kind(tie, natives[k]), natives[k]) ||
            !fill_gates(w, &tie->gates, f))
            result = GW_FATAL;
    }
    return result;
}

static enum gw_result write_items(struct writing *w, const struct tie *tie, struct instance *i)
{
    struct frame *f = place_frame(w, tie, 0, i);
    const struct place *p = tie->places[0];
    enum gw_result result = GW_OK;
    struct gw_node **end = NULL;
    struct gw_str item;
    bool more = true;

    if (cell_taken(f, tie->cells[0]) || (tie->when && !condition_holds(&w->view, tie->when)))
        return GW_OK;
    for (size_t k = 0; more && result == GW_OK; k++) {
        struct gw_node *n = NULL;

        result = tie_item(&w->conversion, tie, i, k, &item, &more);
        if (result == GW_REJECT) {
            result = refused(w, tie);
        } else if (result == GW_OK && item.ptr) {
            n = text_node(&w->arena, p->name, write_kind(tie, item), item);
            result = n ? item_put(w, f, p, n, &end) : GW_FATAL;
        }
    }
    return result;
}

enum gw_result write_line(struct writing *w, const struct tie *tie, struct instance *i)
{
    w->view.at = i;
    if (tie->sequence)
        w->view.sequence = sequence_at(w, tie);
    if (is_fixed(tie))
        return write_fixed(w, tie, i);
    if (tie->form == FORM_TREE)
        return write_tree(w, tie, i);
    if (tie->repeats)
        return write_items(w, tie, i);
    return write_value(w, tie, i);
}

/* ---- what nobody wrote ---- */

static struct instance *instance_at(const struct writing *w, const struct tie *tie, struct frame *f)
{
    const struct scope *s = tie_scope(w->table, tie);
    struct frame *in = s->frame == f->kind ? f : frame_of(w, &(struct instance){.frame = f}, s->frame);

    return in ? &in->instances[s->local] : NULL;
}

/* Constants again, now that all that makes nodes has been written. */
static enum gw_result fill_fixed(struct writing *w, const struct place *p, struct frame *f)
{
    enum gw_result result = GW_OK;

    for (size_t k = 0; result == GW_OK && k < p->nwriters && !cell_taken(f, p->cell); k++) {
        struct instance *i = is_fixed(p->writers[k]) ? instance_at(w, p->writers[k], f) : NULL;

        if (!i || !i->object)
            continue;
        w->view.at = i;
        result = write_fixed(w, p->writers[k], i);
    }
    return result;
}

/* Some line of the place has its resource: it may make the nodes above. */
static bool has_instance(const struct writing *w, const struct place *p, struct frame *f)
{
    for (size_t k = 0; k < p->nwriters; k++) {
        const struct instance *i = instance_at(w, p->writers[k], f);

        if (i && i->object)
            return true;
    }
    return false;
}

/* No node where the place would stand, and none that may be made for it. */
static bool container_missing(const struct writing *w, const struct place *p, struct frame *f)
{
    for (const struct place *up = p->parent; up && up != f->kind->place; up = up->parent)
        if (!f->cells[up->cell] && (up->optional || !has_instance(w, p, f)))
            return true;
    return false;
}

/* The scope has no resource, but its node stands: who reads the record will miss what is required of it. */
static bool will_be_missed(const struct tie *tie, const struct frame *f)
{
    const struct scope *s = tie->scope;

    if (!s || s->list || s->stream || s->chosen || s->when || s->frame != f->kind)
        return false;
    return s->place == f->kind->place || f->cells[s->place->cell];
}

static void required_check(struct writing *w, const struct place *p, struct frame *f)
{
    if (w->in_context && (p->rank > w->table->hole) != w->at_end)
        return;
    for (size_t k = 0; k < p->nwriters; k++) {
        const struct tie *tie = p->writers[k];
        struct instance *i;
        struct gw_arg args[] = {{"path", p->path}};

        if (!(tie->use & USE_REQUIRED) || (tie->use & (USE_NULL | USE_OPTIONAL)) || is_fixed(tie))
            continue;
        i = instance_at(w, tie, f);
        if (!i || (!i->object && !will_be_missed(tie, f)))
            continue;
        w->view.at = i;
        if (tie->when && !condition_holds(&w->view, tie->when))
            continue;
        if (optional_missing(w, tie, i))
            continue;
        write_report(w, GW_ERROR, "mapping.missing", tie, p, (struct gw_str){NULL, 0}, args, 1);
        return;
    }
}

enum gw_result fill_place(struct writing *w, const struct place *p, struct frame *f, bool fixed)
{
    enum gw_result result = fixed ? fill_fixed(w, p, f) : GW_OK;
    enum gw_kind kind = p->absent == USE_NULL ? GW_NULL : GW_TEXT;

    if (result != GW_OK || cell_taken(f, p->cell))
        return result;
    required_check(w, p, f);
    if (p->absent == USE_OMIT || container_missing(w, p, f) || f->cells[p->cell])
        return GW_OK;
    if (!cell_touch(w, f, p->parent))
        return GW_FATAL;
    f->cells[p->cell] =
        text_node(&w->arena, p->name, kind, kind == GW_NULL ? (struct gw_str){NULL, 0} : GW_STR(""));
    return f->cells[p->cell] ? GW_OK : GW_FATAL;
}

/* ---- the record ---- */

/* The record is the first of a group: what encloses it is made with it. */
static enum gw_result group_open(struct writing *w, struct gw_record *rec)
{
    enum gw_result result;

    w->in_context = true;
    w->at_end = false;
    result = lines_run(w, true);
    if (result == GW_OK)
        result = places_fill(w, true);
    w->in_context = false;
    if (result != GW_OK)
        return result;
    rec->context = context_build(w, w->view.context);
    rec->level = w->table->group->depth;
    return !rec->context ? GW_FATAL : w->rejected ? GW_REJECT : GW_OK;
}

static void record_begin(struct writing *w, const struct bundle *b)
{
    arena_reset(&w->arena);
    w->bundle = (struct bundle *)b;
    w->record = b->record;
    w->rejected = false;
    w->extras = NULL;
    w->view.at = NULL;
}

static void say_nothing(struct sink *s, const struct diag *d)
{
    (void)s;
    (void)d;
}

/* What the root's `when` looks at is gathered, without a word: writing says it. When that fails, so will
 * writing. */
static bool holds_when(struct writing *w, const struct bundle *b, struct resource *r)
{
    struct sink *loud = w->sink, mute = {say_nothing};
    bool gathered;

    record_begin(w, b);
    w->sink = &mute;
    gathered = context_open(w) == GW_OK && gather(w, r) == GW_OK;
    w->sink = loud;
    if (!gathered)
        return true;
    w->view.at = &w->frames[FRAME_RECORD]->instances[w->table->root->local];
    return condition_holds(&w->view, w->table->root->when);
}

static bool is_record(struct writing *w, const struct bundle *b, struct resource *r)
{
    const struct scope *root = w->table->root;

    return r->object.shape == root->shape && scope_selects(root, &r->object) &&
           (!root->when || holds_when(w, b, r));
}

size_t writing_roots(struct writing *w, const struct bundle *b)
{
    size_t n = 0;

    for (struct resource *r = b->first; r; r = r->next)
        n += is_record(w, b, r);
    return n;
}

static struct resource *root_nth(struct writing *w, const struct bundle *b, size_t nth)
{
    for (struct resource *r = b->first; r; r = r->next)
        if (is_record(w, b, r) && nth-- == 0)
            return r;
    return NULL;
}

enum gw_result writing_record(struct writing *w, const struct bundle *b, size_t nth, struct gw_record *ret)
{
    struct resource *root = root_nth(w, b, nth);
    enum gw_result result;

    record_begin(w, b);
    if (!root || context_open(w) != GW_OK)
        return GW_FATAL;
    result = gather(w, root);
    if (result == GW_OK)
        result = lines_run(w, false);
    if (result == GW_OK)
        result = rest_restore(w);
    if (result == GW_OK)
        result = places_fill(w, false);
    if (result != GW_OK)
        return result;
    if (w->rejected)
        return GW_REJECT;
    *ret = (struct gw_record){.root = tree_build(w, w->frames[FRAME_RECORD], w->table->root->place),
                              .level = (uint32_t)w->table->nsteps};
    if (w->grouping && grouping_changes(w))
        result = group_open(w, ret);
    if (result != GW_OK)
        return result;
    if (ret->root && w->table->nsteps)
        ret->root->name = w->table->steps[w->table->nsteps - 1].name;
    return ret->root ? GW_OK : GW_FATAL;
}

__int128 sum_of_record(const struct writing *w, const struct tie *tie)
{
    if (!tie->ref_scope || tie->ref_scope->frame->id == FRAME_CONTEXT)
        return 0;
    return frames_sum(w->frames[tie->ref_scope->frame->id], tie);
}

enum gw_result writing_done(struct writing *w)
{
    w->line++;
    for (size_t k = 0; w->table->sums && k < w->table->nties; k++)
        if (w->table->ties[k]->form == FORM_SUM)
            w->sums_now[w->table->ties[k]->index] += sum_of_record(w, w->table->ties[k]);
    return grouping_done(w);
}

/* ---- the context ---- */

/* A context frame of the record at hand: the envelope bound, cells empty. */
enum gw_result context_open(struct writing *w)
{
    const struct scope *s = w->table->envelope;
    struct frame *f = frame_new(&w->arena, w->table->kinds[FRAME_CONTEXT], NULL);

    if (!f)
        return GW_FATAL;
    w->view.context = f;
    if (s && w->envelope)
        f->instances[s->local] = (struct instance){
            .scope = s, .frame = f, .object = &w->envelope->object, .resource = w->envelope, .live = true};
    return GW_OK;
}

static bool has_context(const struct writing *w)
{
    if (w->table->nsteps == 1 && !w->table->steps[0].name)
        return false; /* a list and nothing around it */
    return w->table->places[FRAME_CONTEXT]->first || w->table->nsteps > 1 ||
           (w->table->nsteps == 1 && w->table->steps[0].name);
}

static enum gw_result context_make(struct writing *w, const struct gw_node **ret)
{
    enum gw_result result;

    arena_reset(&w->arena);
    memset(w->frames, 0, w->table->nkinds * sizeof(struct frame *));
    w->frames[FRAME_RECORD] = w->view.record = frame_new(&w->arena, w->table->kinds[FRAME_RECORD], NULL);
    if (!w->view.record)
        return GW_FATAL;
    w->extras = NULL;
    w->rejected = false;
    w->record = 0;
    w->view.at = NULL;
    if (!w->envelope && w->table->envelope)
        w->envelope = resource_new(&w->context_arena, w->table->envelope->shape);
    result = context_open(w);
    if (result == GW_OK)
        result = lines_run(w, true);
    if (result == GW_OK)
        result = places_fill(w, true);
    if (result != GW_OK)
        return result;
    *ret = context_build(w, w->view.context);
    return !*ret ? GW_FATAL : w->rejected ? GW_REJECT : GW_OK;
}

/* The writer keeps what it opened with: that tree is made in an arena of its own. */
static void swap_arenas(struct writing *w)
{
    struct arena a = w->arena;

    w->arena = w->file_arena;
    w->file_arena = a;
}

enum gw_result writing_context(struct writing *w, bool end, const struct gw_node **ret)
{
    enum gw_result result;

    *ret = NULL;
    if (!has_context(w))
        return GW_OK;
    w->in_context = true;
    w->at_end = end;
    if (!end)
        swap_arenas(w);
    result = context_make(w, ret);
    if (!end)
        swap_arenas(w);
    w->in_context = false;
    return result;
}
