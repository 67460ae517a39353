/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening and closing a writing, its envelope, and the counts of its file. */
#include "base/str.h"
#include "mapping/write.h"

enum gw_result writing_open(struct writing *w, const struct table *t, struct gw_str date, struct gw_str now,
                            struct sink *sink, struct gw_str file)
{
    *w = (struct writing){
        .table = t, .sink = sink, .file = file, .records = UINT64_MAX, .line = 1, .file_number = 1};
    view_init(&w->view, t);
    w->view.date = date;
    arena_init(&w->arena, 65536, (size_t)256 << 20);
    arena_init(&w->context_arena, 4096, (size_t)64 << 20);
    arena_init(&w->file_arena, 4096, (size_t)64 << 20);
    arena_init(&w->stream_arena, 4096, 0);
    w->frames = arena_array(&w->stream_arena, t->nkinds, sizeof(struct frame *));
    w->tails = arena_array(&w->stream_arena, t->nkinds, sizeof(struct frame *));
    w->sums = arena_array(&w->stream_arena, t->format->lines.count + 1, sizeof(*w->sums));
    w->sums_now = arena_array(&w->stream_arena, t->format->lines.count + 1, sizeof(*w->sums_now));
    if (!w->frames || !w->tails || !w->sums || !w->sums_now)
        return GW_FATAL;
    conversion_init(&w->conversion, (struct converters *)&t->convert, &w->arena, &w->view.lookup, date, now);
    return grouping_open(w);
}

void writing_close(struct writing *w)
{
    arena_done(&w->arena);
    arena_done(&w->context_arena);
    arena_done(&w->file_arena);
    arena_done(&w->stream_arena);
}

/* The counts of the file just run through become those of the file to be written. */
void writing_begin(struct writing *w, uint64_t records)
{
    w->records = records;
    w->file_number += records == UINT64_MAX; /* the second pass is of the same file */
    w->line = 1;
    grouping_begin(w);
    for (size_t k = 0; k <= w->table->format->lines.count; k++) {
        w->sums[k] = w->sums_now[k];
        w->sums_now[k] = 0;
    }
}

static bool object_copy(struct arena *a, struct object *to, const struct object *from)
{
    for (unsigned slot = 0; slot < from->slots && slot < to->slots; slot++) {
        const struct value *v = object_value(from, slot);
        const struct field *f = from->shape->fields[slot];
        struct gw_str text;

        if (!v || f->list || f->type == FIELD_ITEMS || f->type == FIELD_REF || f->type == FIELD_TREE)
            continue;
        text = arena_copy(a, (struct gw_str){v->text, v->len});
        if (!text.ptr)
            return false;
        *object_set(to, slot) = (struct value){.text = text.ptr, .len = (uint32_t)text.len};
    }
    return true;
}

enum gw_result writing_envelope(struct writing *w, const struct bundle *b)
{
    const struct scope *s = w->table->envelope;

    for (const struct resource *r = b->first; s && r; r = r->next) {
        if (r->object.shape != s->shape)
            continue;
        if (!w->envelope)
            w->envelope = resource_new(&w->context_arena, s->shape);
        if (!w->envelope || !object_copy(&w->context_arena, &w->envelope->object, &r->object))
            return GW_FATAL;
    }
    return GW_OK;
}
