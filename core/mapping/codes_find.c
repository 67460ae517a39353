/* SPDX-License-Identifier: EUPL-1.2 */
/* Asking a code list: by native, by pivot, on a day; and what it loses. */
#include "mapping/codes.h"

struct gw_str codes_text(const struct codes *list, uint32_t number)
{
    const struct code_text *t = &list->texts[number];

    return (struct gw_str){list->pool + t[0].at, t[1].at - t[0].at};
}

uint32_t codes_number(const struct codes *list, struct gw_str text)
{
    uint32_t slot = (uint32_t)str_hash(text.ptr, text.len) & list->mask;
    uint64_t key = str_key(text);

    for (; list->slots[slot]; slot = (slot + 1) & list->mask) {
        struct gw_str other = codes_text(list, list->slots[slot] - 1);

        if (key ? str_key(other) == key : str_eq(other, text))
            return list->slots[slot] - 1;
    }
    return NO_LINE;
}

static inline bool two(const char *p, unsigned *ret)
{
    unsigned tens = (unsigned)(p[0] - '0'), ones = (unsigned)(p[1] - '0');

    *ret = tens * 10 + ones;
    return tens <= 9 && ones <= 9;
}

/* Months of 31 days keep the order, and need no calendar. */
bool code_day(struct gw_str day, uint32_t *ret)
{
    unsigned century, year, month, of_month;
    bool good =
        day.len >= 10 && day.ptr[4] == '-' && day.ptr[7] == '-' && two(day.ptr, &century) &&
        two(day.ptr + 2, &year) && two(day.ptr + 5, &month) && two(day.ptr + 8, &of_month) &&
        ((century && month - 1 < 12 && of_month - 1 < 28) || date_valid(century * 100 + year, month, of_month));

    if (good)
        *ret = ((century * 100 + year) * 12 + month - 1) * 31 + of_month - 1 + FIRST_DAY;
    return good;
}

static void day_text(uint32_t day, char to[10])
{
    unsigned n = day - FIRST_DAY, parts[] = {n / 372, n / 31 % 12 + 1, n % 31 + 1};

    memcpy(to, "0000-00-00", 10);
    for (size_t i = 4; i-- > 0; parts[0] /= 10)
        to[i] = (char)('0' + parts[0] % 10);
    for (size_t i = 1; i < 3; i++) {
        to[2 + 3 * i] = (char)('0' + parts[i] / 10);
        to[3 + 3 * i] = (char)('0' + parts[i] % 10);
    }
}

/* ---- finding ---- */

static bool holds(const struct codes *list, const struct code_line *line, struct lookup *l, uint32_t day)
{
    if (day != ANY_DAY && (day < line->from || day > line->to))
        return false;
    return !line->when || (l && l->holds(l, list->whens[line->when].condition));
}

static enum gw_lookup find(const struct codes *list, struct lookup *l, bool reading, struct gw_str text,
                           uint32_t day, uint32_t *ret_line)
{
    unsigned use = reading ? CODES_READ : CODES_WRITE;
    uint32_t number = codes_number(list, text), i;
    bool known = false;

    if (number == NO_LINE)
        return GW_NOT_FOUND;
    i = reading ? list->texts[number].native : list->texts[number].pivot;
    for (; i < list->nlines; i++) {
        uint32_t at = reading || !list->by_pivot ? i : list->by_pivot[i];
        const struct code_line *line = &list->lines[at];

        if ((reading ? line->native : line->pivot) != number)
            break;
        if (!(line->use & use))
            continue;
        known = true;
        if (!holds(list, line, l, day))
            continue;
        *ret_line = at;
        return GW_FOUND;
    }
    return known ? GW_NOT_THEN : GW_NOT_FOUND;
}

static struct code_near *near_slot(const struct codes *list, uint64_t key)
{
    return &list->near[key * 0x9e3779b97f4a7c15u >> 56];
}

/* `first`: the first line of its native. */
static void near_keep(const struct codes *list, uint64_t key, uint32_t first, uint32_t found)
{
    const struct code_line *line = &list->lines[found];

    for (uint32_t i = first; i < found; i++)
        if ((list->lines[i].use & CODES_READ) && codes_together(&list->lines[i], line))
            return;
    *near_slot(list, key) = (struct code_near){key, line->from, line->to, found};
}

enum gw_lookup codes_find(const struct codes *list, struct lookup *l, bool reading, struct gw_str text,
                          uint32_t day, uint32_t *ret_line)
{
    uint64_t key = list->near && reading && day != ANY_DAY ? str_key(text) : 0;
    const struct code_near *near = key ? near_slot(list, key) : NULL;
    enum gw_lookup found;

    if (near && near->key == key && day >= near->from && day <= near->to) {
        *ret_line = near->line;
        return GW_FOUND;
    }
    found = find(list, l, reading, text, day, ret_line);
    if (key && found == GW_FOUND)
        near_keep(list, key, list->texts[list->lines[*ret_line].native].native, *ret_line);
    return found;
}

enum gw_lookup codes_lookup(struct converters *env, struct gw_str list, struct gw_str native, struct gw_str day,
                            struct gw_entry *ret)
{
    const struct codes *codes;

    return codes_of_rule(env, list, &codes) == GW_OK ? codes_ask(codes, native, day, ret) : GW_NO_LIST;
}

enum gw_lookup codes_ask(const struct codes *codes, struct gw_str native, struct gw_str day,
                         struct gw_entry *ret)
{
    const struct code_line *line;
    uint32_t at, when = ANY_DAY;
    enum gw_lookup found;

    if (codes->missing)
        return GW_NO_LIST;
    if (day.ptr && !code_day(day, &when))
        when = ANY_DAY;
    found = codes_find(codes, NULL, true, native, when, &at);
    if (found != GW_FOUND)
        return found;
    line = &codes->lines[at];
    *ret = (struct gw_entry){codes_text(codes, line->native), codes_text(codes, line->pivot),
                             codes->labels ? codes_text(codes, codes->labels[at]) : absent()};
    return GW_FOUND;
}

/* ---- what it loses ---- */

bool codes_together(const struct code_line *a, const struct code_line *b)
{
    return a->from <= b->to && b->from <= a->to;
}

/* The first line that answers when `line` is turned round: NULL if none. */
static const struct code_line *answer(const struct codes *list, const struct code_line *line, bool reading)
{
    unsigned use = reading ? CODES_READ : CODES_WRITE;
    uint32_t number = reading ? line->native : line->pivot;
    uint32_t i = reading ? list->texts[number].native : list->texts[number].pivot;

    for (; i < list->nlines; i++) {
        const struct code_line *other = &list->lines[reading || !list->by_pivot ? i : list->by_pivot[i]];

        if ((reading ? other->native : other->pivot) != number)
            break;
        if ((other->use & use) && codes_together(line, other) &&
            (other->when == line->when || !other->when || !line->when))
            return other;
    }
    return NULL;
}

/* Where each pivot is its native, a line that holds both ways is its own answer. */
static bool answers_itself(const struct codes *list, const struct code_line *line)
{
    return !list->by_pivot && line->use == (CODES_READ | CODES_WRITE) && codes_together(line, line);
}

enum gw_loss codes_measure(const struct codes *list)
{
    enum gw_loss loss = GW_EXACT;

    for (uint32_t i = 0; i < list->nlines; i++) {
        const struct code_line *line = &list->lines[i], *other;

        if (answers_itself(list, line))
            continue;
        if (line->use & CODES_WRITE) {
            other = answer(list, line, true);
            if (!other || other->pivot != line->pivot)
                return GW_LOSSY;
        }
        if (line->use & CODES_READ) {
            other = answer(list, line, false);
            if (other && other->native != line->native)
                loss = GW_NORMALISES;
        }
    }
    return loss;
}

/* Pivot codes without a line are refused, not lost: they do not count here. */
enum gw_loss codes_loss(const struct codes *list, const struct field *f)
{
    (void)f;
    return list->missing ? GW_EXACT : list->loss;
}

void codes_unwritable(const struct codes *list, const struct field *f,
                      void (*say)(void *to, struct gw_str code), void *to)
{
    if (list->missing || !f->codes)
        return;
    for (size_t i = 0; f->codes->codes && i < f->codes->count; i++) {
        struct code_line line = {.from = FIRST_DAY, .to = LAST_DAY};

        line.pivot = codes_number(list, f->codes->codes[i]);
        if (line.pivot == NO_LINE || !answer(list, &line, false))
            say(to, f->codes->codes[i]);
    }
}

/* ---- rows ---- */

size_t codes_count(const struct codes *list)
{
    return list->nlines;
}

const struct code_row *codes_row(const struct codes *list, size_t i)
{
    const struct code_line *line = &list->lines[i];
    struct code_row *row = list->shown;

    *row = (struct code_row){
        .native = codes_text(list, line->native),
        .pivot = codes_text(list, line->pivot),
        .label = list->labels ? codes_text(list, list->labels[i]) : absent(),
        .when = line->when ? list->whens[line->when].text : absent(),
    };
    if (line->use != (CODES_READ | CODES_WRITE))
        row->use = line->use & CODES_READ ? USE_READ : USE_WRITE;
    if (line->from != FIRST_DAY) {
        day_text(line->from, list->days);
        row->from = (struct gw_str){list->days, 10};
    }
    if (line->to != LAST_DAY) {
        day_text(line->to, list->days + 10);
        row->to = (struct gw_str){list->days + 10, 10};
    }
    return row;
}
