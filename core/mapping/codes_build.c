/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From rows to a code list: texts get their numbers, lines are sorted, what is ambiguous is
 * said. All that grows goes when the list is made; the list keeps exact copies.
 *
 * Large lists are of short codes and come sorted. As long as each text is of eight bytes at most, and the
 * last one or greater, it is compared as a number and not looked for, and no line is moved.
 */
#include "mapping/codes.h"

#define BYTES_MAX    ((size_t)256 << 20)
#define LABELLED_MAX 8192 /* lines of a list whose labels are kept */

static const uint32_t *begins_of(const struct codes_build *b)
{
    return (const uint32_t *)(const void *)b->begins.data;
}

static struct gw_str text_of(const struct codes_build *b, uint32_t number)
{
    const uint32_t *begins = begins_of(b);
    size_t end = number + 1 < b->ntexts ? begins[number + 1] : b->pool.len;

    return (struct gw_str){b->pool.data + begins[number], end - begins[number]};
}

static struct codes_row *row_of(const struct codes_build *b, uint32_t i)
{
    return (struct codes_row *)(void *)b->rows.data + i;
}

/* `more`: two arguments besides {found} and {list}, or NULL. */
static void say(struct codes_build *b, const char *code, const struct codes_row *at, struct gw_str found,
                const struct gw_arg *more)
{
    struct gw_arg args[4] = {{"found", found}, {"list", b->list->name}};
    struct diag d = {
        .severity = GW_ERROR,
        .code = code,
        .file = b->files[at->file],
        .line = at->at,
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

/* Room for one more item behind those there are; NULL: memory. */
static inline void *item_new(struct buf *b, size_t size)
{
    char *p = b->room - b->len > size ? b->data + b->len : buf_room(b, size);

    b->len += p ? size : 0;
    return p;
}

/* ---- texts ---- */

static void slot_fill(uint32_t *slots, uint32_t mask, struct gw_str text, uint32_t number)
{
    uint32_t slot = (uint32_t)str_hash(text.ptr, text.len) & mask;

    while (slots[slot])
        slot = (slot + 1) & mask;
    slots[slot] = number + 1;
}

/* Slots for all texts: in the arena, at most `percent` of them taken. */
static uint32_t *slots_make(struct codes_build *b, struct arena *a, uint32_t percent, uint32_t *ret_mask)
{
    uint32_t mask = 1, *slots;

    while ((uint64_t)mask * percent < (uint64_t)b->ntexts * 100)
        mask = mask * 2 + 1;
    slots = arena_array(a, (size_t)mask + 1, sizeof(*slots));
    for (uint32_t i = 0; slots && i < b->ntexts; i++)
        slot_fill(slots, mask, text_of(b, i), i);
    *ret_mask = mask;
    return slots;
}

/* A new text of that length; NULL: memory. Eight bytes may be written there, whatever its length. */
static inline char *text_new(struct codes_build *b, size_t len)
{
    uint32_t *begin = item_new(&b->begins, sizeof(*begin));
    char *p = b->pool.room - b->pool.len > len + 8 ? b->pool.data + b->pool.len : buf_room(&b->pool, len + 8);

    if (!begin || !p)
        return NULL;
    *begin = (uint32_t)b->pool.len;
    b->pool.len += len;
    b->ntexts++;
    return p;
}

/* The number of a text that may be anywhere. */
static bool number_any(struct codes_build *b, struct gw_str s, uint32_t *ret)
{
    uint32_t slot;
    char *p;

    if (!b->slots || b->ntexts > b->mask / 2) {
        b->slots = slots_make(b, &b->scratch, 25, &b->mask);
        if (!b->slots)
            return false;
    }
    slot = (uint32_t)str_hash(s.ptr, s.len) & b->mask;
    for (; b->slots[slot]; slot = (slot + 1) & b->mask) {
        *ret = b->slots[slot] - 1;
        if (str_eq(text_of(b, *ret), s))
            return true;
    }
    p = text_new(b, s.len);
    if (!p)
        return false;
    if (s.len)
        memcpy(p, s.ptr, s.len);
    *ret = b->ntexts - 1;
    b->slots[slot] = b->ntexts;
    return true;
}

static inline bool number(struct codes_build *b, struct gw_str s, uint32_t *ret)
{
    uint64_t key = b->slots ? 0 : str_key(s), order = __builtin_bswap64(key), bytes = htole64(key);
    char *p;

    if (!key || order < b->last)
        return number_any(b, s, ret);
    if (order > b->last) {
        p = text_new(b, s.len);
        if (!p)
            return false;
        memcpy(p, &bytes, sizeof(bytes));
        b->last = order;
    }
    *ret = b->ntexts - 1;
    return true;
}

/* ---- rows ---- */

enum gw_result build_begin(struct codes_build *b, struct converters *env, struct codes *list)
{
    *b = (struct codes_build){.env = env, .list = list, .sorted = true, .same = true};
    arena_init(&b->scratch, 0, 0);
    arena_init(&b->text, 0, 0);
    buf_init(&b->pool, BYTES_MAX);
    buf_init(&b->begins, BYTES_MAX);
    buf_init(&b->rows, BYTES_MAX);
    buf_init(&b->labels, LABELLED_MAX * sizeof(struct gw_str));
    return text_new(b, 0) ? GW_OK : GW_FATAL; /* NO_TEXT */
}

/* The number of a file; those of a chain come one after the other. */
static bool file_number(struct codes_build *b, struct gw_str file, uint32_t *ret)
{
    if (!b->nfiles || b->file != file.ptr) {
        if (b->nfiles == LEN(b->files))
            return false;
        b->file = file.ptr;
        b->files[b->nfiles++] = arena_copy(&b->scratch, file);
    }
    *ret = b->nfiles - 1;
    return b->files[*ret].ptr;
}

/* The condition's number, 0 for none. */
static enum gw_result add_when(struct codes_build *b, struct gw_str text, const struct codes_row *at,
                               uint32_t *ret)
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
        say(b, fault.code, at, fault.found, NULL);
        return GW_OK;
    }
    *ret = b->nwhens++;
    return GW_OK;
}

static uint32_t bound(struct codes_build *b, struct gw_str cell, struct gw_str day, uint32_t open,
                      const struct codes_row *at)
{
    uint32_t n = open;

    if (day.len && (day.len != 10 || !code_day(day, &n))) {
        struct gw_arg more[] = {{"cell", cell}, {"expected", GW_STR("YYYY-MM-DD")}};

        say(b, "codes.date", at, day, more);
    }
    return n;
}

/* When it holds, and in which directions. */
static enum gw_result row_holds(struct codes_build *b, const struct code_row *row, struct codes_row *ret)
{
    uint32_t when;
    enum gw_result r;

    if (!file_number(b, row->file, &ret->file))
        return GW_FATAL;
    r = add_when(b, row->when, ret, &when);
    ret->line.when = when;
    ret->line.from = bound(b, GW_STR("from"), row->from, FIRST_DAY, ret);
    ret->line.to = bound(b, GW_STR("to"), row->to, LAST_DAY, ret);
    ret->line.use = CODES_READ | CODES_WRITE;
    if (row->use)
        ret->line.use = (row->use & USE_READ ? CODES_READ : 0u) | (row->use & USE_WRITE ? CODES_WRITE : 0u);
    b->list->dated |= row->from.len || row->to.len;
    return r;
}

enum gw_result build_row(void *to, const struct code_row *row)
{
    struct codes_build *b = to;
    enum gw_result r = GW_OK;
    struct code_line *line = &b->row.line;
    uint32_t before = line->native;
    struct codes_row *new;
    struct gw_str *label;

    if (!row->native.len)
        return GW_OK; /* said by who read it */
    b->row.at = row->line;
    if (!row->alike)
        r = row_holds(b, row, &b->row);
    new = item_new(&b->rows, sizeof(*new));
    if (!new || !number(b, row->native, &line->native))
        return GW_FATAL;
    line->pivot = line->native;
    if (row->pivot.len && !number(b, row->pivot, &line->pivot))
        return GW_FATAL;
    b->sorted &= before <= line->native;
    b->same &= line->native == line->pivot;
    *new = b->row;
    if (b->nlines++ >= LABELLED_MAX)
        return r;
    label = item_new(&b->labels, sizeof(*label));
    if (!label)
        return GW_FATAL;
    *label = row->label;
    return r;
}

/* ---- the list ---- */

/* Rows in the order of their natives or pivots, else as they stand: a counting sort. */
static bool sort(struct codes_build *b, bool pivot, uint32_t *ret)
{
    uint32_t *first = arena_array(&b->scratch, (size_t)b->ntexts + 1, sizeof(*first));
    const struct codes_row *rows = row_of(b, 0);

    if (!first)
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        first[(pivot ? rows[i].line.pivot : rows[i].line.native) + 1]++;
    for (uint32_t i = 0; i < b->ntexts; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; i < b->nlines; i++)
        ret[first[pivot ? rows[i].line.pivot : rows[i].line.native]++] = i;
    return true;
}

/* The row of a line. */
static uint32_t row_number(const struct codes_build *b, uint32_t line)
{
    return b->order ? b->order[line] : line;
}

static bool sort_lines(struct codes_build *b, struct codes *list)
{
    list->nlines = b->nlines;
    list->lines = arena_alloc(b->env->arena, ((size_t)b->nlines + 1) * sizeof(*list->lines));
    if (!b->sorted) {
        b->order = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*b->order));
        if (!b->order || !sort(b, false, b->order))
            return false;
    }
    if (!list->lines)
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        list->lines[i] = row_of(b, b->order ? b->order[i] : i)->line;
    return true;
}

static bool copy_labels(struct codes_build *b, struct codes *list)
{
    const struct gw_str *labels = (const struct gw_str *)(const void *)b->labels.data;

    if (b->nlines > LABELLED_MAX)
        return true;
    list->labels = arena_alloc(b->env->arena, ((size_t)b->nlines + 1) * sizeof(*list->labels));
    for (uint32_t i = 0; list->labels && i < b->nlines; i++)
        if (!number(b, labels[row_number(b, i)], &list->labels[i]))
            return false;
    return list->labels;
}

/* In the order of the file within one pivot, as "the first with the pivot" is meant. */
static bool sort_pivots(struct codes_build *b, struct codes *list)
{
    uint32_t *row_to_line, *by;

    if (b->same)
        return true;
    row_to_line = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*by));
    by = arena_array(&b->scratch, (size_t)b->nlines + 1, sizeof(*by));
    list->by_pivot = arena_alloc(b->env->arena, ((size_t)b->nlines + 1) * sizeof(*list->by_pivot));
    if (!row_to_line || !by || !list->by_pivot || !sort(b, true, by))
        return false;
    for (uint32_t i = 0; i < b->nlines; i++)
        row_to_line[row_number(b, i)] = i;
    for (uint32_t i = 0; i < b->nlines; i++)
        list->by_pivot[i] = row_to_line[by[i]];
    return true;
}

static bool copy_texts(struct codes_build *b, struct codes *list)
{
    struct arena *a = b->env->arena;

    list->pool = arena_copy(a, buf_view(&b->pool)).ptr;
    list->texts = arena_alloc(a, ((size_t)b->ntexts + 1) * sizeof(*list->texts));
    list->slots = slots_make(b, a, 80, &list->mask);
    if (!list->pool || !list->texts || !list->slots)
        return false;
    for (uint32_t i = 0; i < b->ntexts; i++)
        list->texts[i] = (struct code_text){begins_of(b)[i], NO_LINE, NO_LINE};
    list->texts[b->ntexts] = (struct code_text){(uint32_t)b->pool.len, NO_LINE, NO_LINE};
    list->ntexts = b->ntexts;
    return true;
}

static bool copy_whens(struct codes_build *b, struct codes *list)
{
    list->whens = arena_alloc(b->env->arena, ((size_t)b->nwhens + 1) * sizeof(*list->whens));
    if (list->whens && b->nwhens)
        memcpy(list->whens, b->whens, b->nwhens * sizeof(*list->whens));
    list->nwhens = b->nwhens;
    return list->whens;
}

/* The first line of each text. */
static void index_lines(struct codes *list)
{
    for (uint32_t i = list->nlines; i-- > 0;) {
        list->texts[list->lines[i].native].native = i;
        if (!list->by_pivot)
            list->texts[list->lines[i].native].pivot = i;
    }
    for (uint32_t i = list->by_pivot ? list->nlines : 0; i-- > 0;)
        list->texts[list->lines[list->by_pivot[i]].pivot].pivot = i;
}

static struct gw_str where(struct codes_build *b, uint32_t line)
{
    const struct codes_row *r = row_of(b, row_number(b, line));

    return str_of(arena_format(&b->scratch, "%.*s:%u", STR_ARG(b->files[r->file]), r->at));
}

static void say_ambiguous(struct codes_build *b, struct gw_str text, uint32_t one, uint32_t other)
{
    struct gw_arg both[] = {{"first", where(b, one)}, {"second", where(b, other)}};

    say(b, "mapping.ambiguous", row_of(b, row_number(b, other)), text, both);
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
    if (b->nlines > LABELLED_MAX)
        arena_done(&b->text); /* a large file need not be there beside the list made of it */
    if (!sort_lines(b, list) || !copy_labels(b, list) || !sort_pivots(b, list) || !copy_texts(b, list) ||
        !copy_whens(b, list))
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
    buf_done(&b->begins);
    buf_done(&b->rows);
    buf_done(&b->labels);
    arena_done(&b->text);
    arena_done(&b->scratch);
}
