/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/wanted.h"

#define WANTED_MOST 4096 /* at a time */

static bool add(void *to, const struct reject_row *r)
{
    struct wanted *w = to;

    w->items[w->count++] = (struct wanted_one){.reject = r->id, .record = r->record};
    return w->count < WANTED_MOST;
}

enum gw_result wanted_open(struct wanted *w, struct store *s, int64_t exchange, struct arena *a)
{
    struct reject_filter filter = {.exchange = exchange, .state = REJECT_QUEUED};

    *w = (struct wanted){.items = arena_array(a, WANTED_MOST, sizeof(*w->items))};
    buf_init(&w->lines, (size_t)1 << 30);
    return w->items ? reject_each(s, &filter, a, add, w) : GW_FATAL;
}

void wanted_close(struct wanted *w)
{
    buf_done(&w->lines);
    *w = (struct wanted){0};
}

struct wanted_one *wanted_find(const struct wanted *w, uint64_t record)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->items[i].record == record)
            return &w->items[i];
    return NULL;
}

enum gw_result wanted_keep(struct wanted *w, struct gw_str line)
{
    buf_str(&w->lines, line);
    buf_char(&w->lines, '\n');
    return w->lines.failed ? GW_FATAL : GW_OK;
}

enum gw_result wanted_answer(const struct wanted *w, struct store *s, int64_t exchange)
{
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < w->count; i++)
        if (w->items[i].as != WANTED_REJECTED)
            result = reject_state_set(s, w->items[i].reject, REJECT_REPLAYED, exchange);
    return result;
}

enum gw_result wanted_drop(struct store *s, int64_t exchange)
{
    struct wanted w;
    struct arena a;
    enum gw_result result;

    arena_init(&a, 65536, 0);
    result = wanted_open(&w, s, exchange, &a);
    for (size_t i = 0; result == GW_OK && i < w.count; i++)
        result = reject_state_set(s, w.items[i].reject, REJECT_OPEN, 0);
    wanted_close(&w);
    arena_done(&a);
    return result;
}
