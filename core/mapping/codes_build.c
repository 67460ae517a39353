/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From rows to a code list: texts get their numbers, lines are sorted, what is ambiguous is
 * said. All that grows lives in an arena of its own, which goes; the list keeps exact copies.
 */
#include "mapping/codes.h"

#define BYTES_MAX    ((size_t)256 << 20)
#define LABELLED_MAX 8192 /* lines of a list whose labels are kept */

/* Where a row stands: the file's name is one of the texts. */
struct place {
    uint32_t file, line;
};

static struct gw_str text_of(const struct codes_build *b, uint32_t number)
{
    uint32_t at = b->texts[number].at;
    size_t end = number + 1 < b->ntexts ? b->texts[number + 1].at : b->pool.len;

    return (struct gw_str){b->pool.data + at, end - at};
}

/* `more`: two arguments besides {found} and {list}, or NULL. */
static void say(struct codes_build *b, const char *code, struct place place, struct gw_str found,
                const struct gw_arg *more)
{
    struct gw_arg args[4] = {{"found", found}, {"list", b->list->name}};
    struct diag d = {
        .severity = GW_ERROR,
        .code = code,
        .file = text_of(b, place.file),
        .line = place.line,
        .byte = UINT64_MAX,
        .args = args,
        .nargs = more ? 4 : 2,
    };

    if (more)
        memcpy(args + 2, more, 2 * sizeof(*more));
    b->bad = true;
    if (b->env->sink)
        b->env->sink->put(b->env->sink, &d);
}

/* ---- texts ---- */

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

enum gw_result build_begin(struct codes_build *b, struct converters *env, struct codes *list)
{
    uint32_t none;

    *b = (struct codes_build){.env = env, .list = list, .text_room = 512};
    arena_init(&b->scratch, 0, 0);
    buf_init(&b->pool, BYTES_MAX);
    buf_init(&b->rows, BYTES_MAX);
    buf_init(&b->labels, LABELLED_MAX * sizeof(struct gw_str));
    buf_init(&b->places, BYTES_MAX);
    b->mask = b->text_room * 2 - 1;
    b->texts = arena_array(&b->scratch, b->text_room, sizeof(*b->texts));
    b->slots = arena_array(&b->scratch, (size_t)b->mask + 1, sizeof(*b->slots));
    if (!b->texts || !b->slots)
        return GW_FATAL;
    return number(b, GW_STR(""), &none) ? GW_OK : GW_FATAL; /* NO_TEXT */
}

static const struct code_line *rows_of(const struct codes_build *b)
{
    return (const struct code_line *)(const void *)b->rows.data;
}

static const struct place *places_of(const struct codes_build *b)
{
    return (const struct place *)(const void *)b->places.data;
}

/* "FORMAT/codes/role.csv:12" */
static bool place_of(struct codes_build *b, struct gw_str where, struct place *ret)
{
    size_t colon = where.len;
    uint64_t line = 0;

    while (colon && where.ptr[colon - 1] != ':')
        colon--;
    if (colon && !str_number(str_from(where, colon), &line))
        colon = 0;
    ret->line = (uint32_t)line;
    return number(b, (struct gw_str){where.ptr, colon ? colon - 1 : where.len}, &ret->file);
}

/* The condition's number, 0 for none. */
static enum gw_result add_when(struct codes_build *b, struct gw_str text, struct place place, uint32_t *ret)
{
    struct converters *env = b->env;
    struct fault fault = {.code = "mapping.condition", .found = text};

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
        say(b, fault.code, place, fault.found, NULL);
        return GW_OK;
    }
    *ret = b->nwhens++;
    return GW_OK;
}

static uint32_t bound(struct codes_build *b, struct gw_str cell, struct gw_str day, uint32_t open,
                      struct place place)
{
    struct gw_arg more[] = {{"cell", cell}, {"expected", GW_STR("YYYY-MM-DD")}};
    uint32_t n = open;

    if (day.len && (day.len != 10 || !code_day(day, &n)))
        say(b, "codes.date", place, day, more);
    return n;
}

enum gw_result build_row(void *to, const struct code_row *row)
{
    struct codes_build *b = to;
    struct code_line line = {.use = CODES_READ | CODES_WRITE};
    struct place place;
    uint32_t when;
    enum gw_result r;

    if (!row->native.len)
        return GW_OK; /* said by who read it */
    if (!place_of(b, row->where, &place) || !number(b, row->native, &line.native) ||
        !number(b, row->pivot.len ? row->pivot : row->native, &line.pivot))
        return GW_FATAL;
    r = add_when(b, row->when, place, &when);
    line.when = when;
    line.from = bound(b, GW_STR("from"), row->from, FIRST_DAY, place);
    line.to = bound(b, GW_STR("to"), row->to, LAST_DAY, place);
    if (row->use)
        line.use = (row->use & USE_READ ? CODES_READ : 0u) | (row->use & USE_WRITE ? CODES_WRITE : 0u);
    b->list->dated |= row->from.len || row->to.len;
    if (b->nlines < LABELLED_MAX)
        buf_add(&b->labels, &row->label, sizeof(row->label));
    buf_add(&b->places, &place, sizeof(place));
    buf_add(&b->rows, &line, sizeof(line));
    b->nlines++;
    return b->rows.failed || b->places.failed || b->labels.failed ? GW_FATAL : r;
}

/* ---- the list ---- */

/* Rows in the order of their natives or pivots, else as they stand: a counting sort. */
static bool sorted(struct codes_build *b, bool pivot, uint32_t *ret)
{
    uint32_t *first = arena_array(&b->scratch, (size_t)b->ntexts + 1, sizeof(*first));
    const struct code_line *rows = rows_of(b);

    if (!first)
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        first[(pivot ? rows[i].pivot : rows[i].native) + 1]++;
    for (uint32_t i = 0; i < b->ntexts; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; i < b->nlines; i++)
        ret[first[pivot ? rows[i].pivot : rows[i].native]++] = i;
    return true;
}

static bool sort_lines(struct codes_build *b, struct codes *list)
{
    struct arena *a = b->env->arena;
    uint32_t n = b->nlines;
    bool labelled = n <= LABELLED_MAX;
    const struct gw_str *labels = (const struct gw_str *)(const void *)b->labels.data;

    list->nlines = n;
    list->lines = arena_alloc(a, ((size_t)n + 1) * sizeof(*list->lines));
    list->labels = labelled ? arena_alloc(a, ((size_t)n + 1) * sizeof(*list->labels)) : NULL;
    b->order = arena_array(&b->scratch, (size_t)n + 1, sizeof(*b->order));
    if (!list->lines || (labelled && !list->labels) || !b->order || !sorted(b, false, b->order))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        list->lines[i] = rows_of(b)[b->order[i]];
        if (labelled && !number(b, labels[b->order[i]], &list->labels[i]))
            return false;
    }
    return true;
}

/* In the order of the file within one pivot, as "the first with the pivot" is meant. */
static bool sort_pivots(struct codes_build *b, struct codes *list)
{
    uint32_t *row_to_line, *by;
    bool same = true;

    for (uint32_t i = 0; i < list->nlines && same; i++)
        same = list->lines[i].native == list->lines[i].pivot;
    if (same)
        return true;
    row_to_line = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*by));
    by = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*by));
    list->by_pivot = arena_alloc(b->env->arena, ((size_t)b->nlines + 1) * sizeof(*list->by_pivot));
    if (!row_to_line || !by || !list->by_pivot || !sorted(b, true, by))
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        row_to_line[b->order[i]] = i;
    for (uint32_t i = 0; i < b->nlines; i++)
        list->by_pivot[i] = row_to_line[by[i]];
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
    struct place p = places_of(b)[b->order[line]];

    return str_of(arena_format(&b->scratch, "%.*s:%u", STR_ARG(text_of(b, p.file)), p.line));
}

static void say_ambiguous(struct codes_build *b, struct gw_str text, uint32_t one, uint32_t other)
{
    struct gw_arg both[] = {{"first", where(b, one)}, {"second", where(b, other)}};

    say(b, "mapping.ambiguous", places_of(b)[b->order[other]], text, both);
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
    buf_done(&b->rows);
    buf_done(&b->labels);
    buf_done(&b->places);
    arena_done(&b->scratch);
}
