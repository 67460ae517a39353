/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Groups: a context node written once around many records. A new one begins when a value of
 * `group_by` changes. Its counts and sums are those of the pass before, in the order of groups.
 */
#include "base/str.h"
#include "mapping/write.h"

struct group_total {
    uint64_t records;
    __int128 *sums; /* by line */
};

struct grouping {
    struct gw_str *values; /* of the group at hand, as last written */
    struct gw_str *next;   /* of the record being written */
    bool open, changed;
    size_t at; /* rank of the group at hand, from 1 */
    struct group_total *totals;
    size_t count, room;
};

enum gw_result grouping_open(struct writing *w)
{
    size_t n = w->table->ngroup_by + 1;

    if (!w->table->group)
        return GW_OK;
    w->grouping = arena_zero(&w->stream_arena, sizeof(*w->grouping));
    if (!w->grouping)
        return GW_FATAL;
    w->grouping->values = arena_array(&w->stream_arena, n, sizeof(struct gw_str));
    w->grouping->next = arena_array(&w->stream_arena, n, sizeof(struct gw_str));
    return w->grouping->values && w->grouping->next ? GW_OK : GW_FATAL;
}

void grouping_begin(struct writing *w)
{
    if (!w->grouping)
        return;
    w->grouping->open = false;
    w->grouping->at = 0;
}

static struct gw_str value_of(struct writing *w, size_t k)
{
    const struct scope *s = w->table->group_scopes[k];
    const struct instance *i = instance_near(&w->view, NULL, s);

    return i && i->object ? target_text(i->object, &w->table->group_by[k]) : (struct gw_str){NULL, 0};
}

bool grouping_changes(struct writing *w)
{
    struct grouping *g = w->grouping;

    g->changed = !g->open;
    for (size_t k = 0; k < w->table->ngroup_by; k++) {
        g->next[k] = value_of(w, k);
        g->changed |= !str_eq(g->next[k], g->values[k]);
    }
    return g->changed;
}

static struct group_total *total_of(struct writing *w, size_t rank)
{
    struct grouping *g = w->grouping;

    if (rank > g->count) {
        if (g->count == g->room) {
            size_t room = g->room ? g->room * 2 : 64;
            struct group_total *grown = arena_array(&w->stream_arena, room, sizeof(*grown));

            if (!grown)
                return NULL;
            if (g->count)
                memcpy(grown, g->totals, g->count * sizeof(*grown));
            g->totals = grown;
            g->room = room;
        }
        g->totals[g->count].sums =
            arena_array(&w->stream_arena, w->table->format->lines.count + 1, sizeof(__int128));
        if (!g->totals[g->count].sums)
            return NULL;
        g->count++;
    }
    return &g->totals[rank - 1];
}

/* The record of grouping_changes() was written: its group is the one at hand. In the first pass it counts. */
enum gw_result grouping_done(struct writing *w)
{
    struct grouping *g = w->grouping;
    struct group_total *total;

    if (!g)
        return GW_OK;
    if (g->changed) {
        g->at++;
        g->open = true;
        for (size_t k = 0; k < w->table->ngroup_by; k++)
            g->values[k] = arena_copy(&w->stream_arena, g->next[k]);
    }
    if (w->records != UINT64_MAX)
        return GW_OK;
    total = total_of(w, g->at);
    if (!total)
        return GW_FATAL;
    total->records++;
    for (size_t k = 0; k < w->table->nties; k++)
        if (w->table->ties[k]->form == FORM_SUM)
            total->sums[w->table->ties[k]->index] += sum_of_record(w, w->table->ties[k]);
    return GW_OK;
}

/* Of the group of the record at hand; false: not known (first pass). */
bool grouping_total(const struct writing *w, const struct tie *tie, uint64_t *ret_records, __int128 *ret_sum)
{
    const struct grouping *g = w->grouping;
    size_t rank = g->at + (g->changed ? 1 : 0);

    if (w->records == UINT64_MAX || !rank || rank > g->count)
        return false;
    *ret_records = g->totals[rank - 1].records;
    *ret_sum = g->totals[rank - 1].sums[tie->index];
    return true;
}

uint64_t sequence_at(const struct writing *w, const struct tie *tie)
{
    const struct grouping *g = w->grouping;

    if (g && in_group(w->table, tie->places[0]))
        return g->at + (g->changed ? 1 : 0);
    return w->file_number;
}
