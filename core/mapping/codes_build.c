/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From rows to a code list: texts get their numbers, lines are sorted, what is ambiguous is
 * said. All that grows lives in an arena of its own, which goes; the list keeps exact copies.
 */
#include "mapping/codes.h"

void build_say(struct codes_build *b, const char *code, uint32_t place, struct gw_str value,
               const struct gw_arg *args, size_t nargs)
{
    struct diag d = {
        .severity = GW_ERROR,
        .code = code,
        .file = b->file,
        .line = b->wheres ? 0 : place,
        .byte = UINT64_MAX,
        .rule = b->wheres ? b->wheres[place] : absent(),
        .value = value,
        .args = args,
        .nargs = nargs,
    };

    b->bad = true;
    if (b->env->sink)
        b->env->sink->put(b->env->sink, &d);
}

/* ---- texts ---- */

static struct gw_str text_of(const struct codes_build *b, uint32_t number)
{
    uint32_t at = b->texts[number].at;
    size_t end = number + 1 < b->ntexts ? b->texts[number + 1].at : b->pool.len;

    return (struct gw_str){b->pool.data + at, end - at};
}

static bool grow(struct codes_build *b)
{
    uint32_t room = b->text_room * 2, mask = room * 2 - 1;
    struct code_text *texts = arena_array(&b->scratch, room, sizeof(*texts));
    uint32_t *slots = arena_array(&b->scratch, (size_t)mask + 1, sizeof(*slots));

    if (!texts || !slots)
        return false;
    memcpy(texts, b->texts, b->ntexts * sizeof(*texts));
    for (uint32_t i = 0; i < b->ntexts; i++) {
        struct gw_str s = text_of(b, i);
        uint32_t slot = (uint32_t)str_hash(s.ptr, s.len) & mask;

        while (slots[slot])
            slot = (slot + 1) & mask;
        slots[slot] = i + 1;
    }
    b->texts = texts;
    b->text_room = room;
    b->slots = slots;
    b->mask = mask;
    return true;
}

static bool number(struct codes_build *b, struct gw_str s, uint32_t *ret)
{
    uint32_t slot = (uint32_t)str_hash(s.ptr, s.len) & b->mask;

    for (; b->slots[slot]; slot = (slot + 1) & b->mask) {
        *ret = b->slots[slot] - 1;
        if (str_eq(text_of(b, *ret), s))
            return true;
    }
    if (b->ntexts == b->text_room)
        return grow(b) && number(b, s, ret);
    *ret = b->ntexts;
    b->texts[b->ntexts++] = (struct code_text){(uint32_t)b->pool.len, NO_LINE, NO_LINE};
    b->slots[slot] = b->ntexts;
    buf_add(&b->pool, s.ptr, s.len);
    return !b->pool.failed;
}

/* ---- rows ---- */

enum gw_result build_begin(struct codes_build *b, struct converters *env, struct codes *list, size_t rows,
                           bool keep_labels)
{
    uint32_t none;

    *b = (struct codes_build){.env = env, .list = list, .keep_labels = keep_labels, .text_room = 512};
    arena_init(&b->scratch, 0, 0);
    buf_init(&b->pool, 64u << 20);
    if (rows > (1u << 24))
        return GW_FAIL;
    b->line_room = (uint32_t)rows;
    b->mask = b->text_room * 2 - 1;
    b->texts = arena_array(&b->scratch, b->text_room, sizeof(*b->texts));
    b->slots = arena_array(&b->scratch, (size_t)b->mask + 1, sizeof(*b->slots));
    b->lines = arena_array(&b->scratch, rows + 1, sizeof(*b->lines));
    b->order = arena_array(&b->scratch, rows + 1, sizeof(*b->order));
    b->labels = keep_labels ? arena_array(&b->scratch, rows + 1, sizeof(*b->labels)) : NULL;
    if (!b->texts || !b->slots || !b->lines || !b->order || (keep_labels && !b->labels))
        return GW_FATAL;
    return number(b, GW_STR(""), &none) ? GW_OK : GW_FATAL; /* NO_TEXT */
}

/* The condition's number, 0 for none. */
static enum gw_result add_when(struct codes_build *b, struct gw_str text, uint32_t place, uint32_t *ret)
{
    struct converters *env = b->env;
    struct fault fault = {.code = "mapping.when", .found = text};

    *ret = 0;
    if (!text.len)
        return GW_OK;
    for (uint32_t i = 1; i < b->nwhens && !*ret; i++)
        if (str_eq(b->whens[i].text, text))
            *ret = i;
    if (*ret)
        return GW_OK;
    if (b->nwhens == b->when_room) {
        uint32_t room = b->when_room ? b->when_room * 2 : 16;
        struct code_when *whens = arena_array(&b->scratch, room, sizeof(*whens));

        if (!whens)
            return GW_FATAL;
        if (b->nwhens)
            memcpy(whens, b->whens, b->nwhens * sizeof(*whens));
        b->whens = whens;
        b->when_room = room;
        b->nwhens += !b->nwhens;
    }
    b->whens[b->nwhens] = (struct code_when){arena_copy(env->arena, text), NULL};
    if (env->resolve_cond)
        b->whens[b->nwhens].condition = env->resolve_cond(env->resolver, b->whens[b->nwhens].text, &fault);
    if (!b->whens[b->nwhens].condition || b->nwhens >= 1u << 14) {
        build_say(b, fault.code, place, fault.found, NULL, 0);
        return GW_OK;
    }
    *ret = b->nwhens++;
    return GW_OK;
}

static uint32_t bound(struct codes_build *b, struct gw_str day, uint32_t open, uint32_t place)
{
    uint32_t n = open;

    if (day.len && (day.len != 10 || !code_day(day, &n)))
        build_say(b, "mapping.list_day", place, day, NULL, 0);
    return n;
}

enum gw_result build_row(struct codes_build *b, const struct code_row *row, uint32_t place)
{
    struct code_line line = {.use = CODES_READ | CODES_WRITE};
    uint32_t label = NO_TEXT, when;
    enum gw_result r = add_when(b, row->when, place, &when);

    if (r != GW_OK || b->nlines == b->line_room)
        return r == GW_OK ? GW_FAIL : r;
    if (!row->native.len) {
        build_say(b, "mapping.list_row", place, row->native, NULL, 0);
        return GW_OK;
    }
    if (!number(b, row->native, &line.native) ||
        !number(b, row->pivot.len ? row->pivot : row->native, &line.pivot) ||
        (b->keep_labels && !number(b, row->label, &label)))
        return GW_FATAL;
    line.from = bound(b, row->from, FIRST_DAY, place);
    line.to = bound(b, row->to, LAST_DAY, place);
    line.when = when;
    if (row->use)
        line.use = (row->use & USE_READ ? CODES_READ : 0u) | (row->use & USE_WRITE ? CODES_WRITE : 0u);
    b->list->dated |= row->from.len || row->to.len;
    if (b->keep_labels)
        b->labels[b->nlines] = label;
    b->order[b->nlines] = place;
    b->lines[b->nlines++] = line;
    return GW_OK;
}

/* ---- the list ---- */

/* Places of the lines sorted by the number that `key` gives, else as they stand: a counting sort. */
static bool sorted(struct codes_build *b, const struct code_line *lines, bool pivot, uint32_t *ret)
{
    uint32_t *first = arena_array(&b->scratch, (size_t)b->ntexts + 1, sizeof(*first));

    if (!first)
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        first[(pivot ? lines[i].pivot : lines[i].native) + 1]++;
    for (uint32_t i = 0; i < b->ntexts; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; i < b->nlines; i++)
        ret[first[pivot ? lines[i].pivot : lines[i].native]++] = i;
    return true;
}

/* Lines, their labels and places in the file, by native. */
static bool sort_lines(struct codes_build *b, struct codes *list)
{
    uint32_t n = b->nlines, *by = arena_array(&b->scratch, (size_t)n + 1, sizeof(*by));
    uint32_t *order = arena_array(&b->scratch, (size_t)n + 1, sizeof(*order));

    list->nlines = n;
    list->lines = arena_alloc(b->env->arena, (n + 1) * sizeof(*list->lines));
    if (b->keep_labels)
        list->labels = arena_alloc(b->env->arena, (n + 1) * sizeof(*list->labels));
    if (!by || !order || !list->lines || (b->keep_labels && !list->labels) || !sorted(b, b->lines, false, by))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        list->lines[i] = b->lines[by[i]];
        order[i] = b->order[by[i]];
        if (b->keep_labels)
            list->labels[i] = b->labels[by[i]];
    }
    b->order = order;
    return true;
}

/* In the order of the file within one pivot, as "the first with the pivot" is meant. */
static bool sort_pivots(struct codes_build *b, struct codes *list)
{
    bool same = true;
    struct code_line *lines = b->lines;
    uint32_t *file_to_line, *by;

    for (uint32_t i = 0; i < list->nlines && same; i++)
        same = list->lines[i].native == list->lines[i].pivot;
    if (same)
        return true;
    file_to_line = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*by));
    by = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*by));
    list->by_pivot = arena_alloc(b->env->arena, ((size_t)b->nlines + 1) * sizeof(*list->by_pivot));
    if (!file_to_line || !by || !list->by_pivot || !sorted(b, lines, false, by))
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        file_to_line[by[i]] = i;
    if (!sorted(b, lines, true, by))
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        list->by_pivot[i] = file_to_line[by[i]];
    return true;
}

static bool copy_texts(struct codes_build *b, struct codes *list)
{
    struct arena *a = b->env->arena;
    uint32_t mask = 1;

    while (mask < b->ntexts + b->ntexts / 4)
        mask = mask * 2 + 1;
    list->pool = arena_copy(a, buf_view(&b->pool)).ptr;
    list->texts = arena_alloc(a, ((size_t)b->ntexts + 1) * sizeof(*list->texts));
    list->slots = arena_array(a, (size_t)mask + 1, sizeof(*list->slots));
    list->whens = arena_alloc(a, ((size_t)b->nwhens + 1) * sizeof(*list->whens));
    if (!list->pool || !list->texts || !list->slots || !list->whens)
        return false;
    memcpy(list->texts, b->texts, b->ntexts * sizeof(*list->texts));
    list->texts[b->ntexts] = (struct code_text){(uint32_t)b->pool.len, NO_LINE, NO_LINE};
    list->ntexts = b->ntexts;
    list->mask = mask;
    if (b->nwhens)
        memcpy(list->whens, b->whens, b->nwhens * sizeof(*list->whens));
    list->nwhens = b->nwhens;
    for (uint32_t i = 0; i < b->ntexts; i++) {
        struct gw_str s = text_of(b, i);
        uint32_t slot = (uint32_t)str_hash(s.ptr, s.len) & mask;

        while (list->slots[slot])
            slot = (slot + 1) & mask;
        list->slots[slot] = i + 1;
    }
    return true;
}

static void index_lines(struct codes *list)
{
    for (uint32_t i = list->nlines; i-- > 0;) {
        uint32_t line = list->by_pivot ? list->by_pivot[i] : i;

        list->texts[list->lines[i].native].native = i;
        list->texts[list->lines[line].pivot].pivot = i;
    }
}

static struct gw_str where(struct codes_build *b, uint32_t line)
{
    return b->wheres ? b->wheres[b->order[line]] : str_of(arena_format(&b->scratch, "%u", b->order[line]));
}

static void say_ambiguous(struct codes_build *b, struct gw_str text, uint32_t one, uint32_t other)
{
    struct gw_arg args[] = {{"list", b->list->name}, {"first", where(b, one)}, {"second", where(b, other)}};

    build_say(b, "mapping.list_ambiguous", b->order[other], text, args, LEN(args));
}

/* Among the lines of one text (from place i), one that holds together with a line before it and answers
 * otherwise. Two that answer alike do no harm. */
static void check_group(struct codes_build *b, bool reading, uint32_t i, uint32_t end)
{
    const struct codes *list = b->list;
    unsigned use = reading ? CODES_READ : CODES_WRITE;

    for (uint32_t k = i; k < end; k++) {
        uint32_t second = reading || !list->by_pivot ? k : list->by_pivot[k];
        const struct code_line *y = &list->lines[second];

        for (uint32_t j = i; j < k; j++) {
            uint32_t first = reading || !list->by_pivot ? j : list->by_pivot[j];
            const struct code_line *x = &list->lines[first];

            if (!(x->use & y->use & use) || !codes_together(x, y) ||
                (reading ? x->pivot == y->pivot : x->native == y->native))
                continue;
            if (x->when != y->when && (x->when || y->when))
                continue; /* the conditions keep them apart */
            say_ambiguous(b, codes_text(list, reading ? x->native : x->pivot), first, second);
            return;
        }
    }
}

static void check_ambiguous(struct codes_build *b, bool reading)
{
    const struct codes *list = b->list;
    uint32_t i = 0, end;

    for (; i < list->nlines; i = end) {
        uint32_t at = reading || !list->by_pivot ? i : list->by_pivot[i];
        uint32_t key = reading ? list->lines[at].native : list->lines[at].pivot;

        for (end = i + 1; end < list->nlines; end++) {
            at = reading || !list->by_pivot ? end : list->by_pivot[end];
            if ((reading ? list->lines[at].native : list->lines[at].pivot) != key)
                break;
        }
        check_group(b, reading, i, end);
    }
}

enum gw_result build_end(struct codes_build *b)
{
    struct codes *list = b->list;

    if (b->bad)
        return GW_FAIL;
    if (!sort_lines(b, list) || !sort_pivots(b, list) || !copy_texts(b, list))
        return GW_FATAL;
    index_lines(list);
    if (list->by_pivot) { /* else each text stands for itself */
        check_ambiguous(b, true);
        check_ambiguous(b, false);
    }
    list->loss = codes_measure(list);
    return b->bad ? GW_FAIL : GW_OK;
}

void build_done(struct codes_build *b)
{
    buf_done(&b->pool);
    arena_done(&b->scratch);
}
