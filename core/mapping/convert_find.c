/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * find(re) and classes of characters. The language of find is small on purpose: characters,
 * classes, counts, ^ and $; no groups, no alternatives. It runs as a set of states in step
 * with the text, in order of preference (greedy), so its time is states x characters.
 */
#include "mapping/converters.h"

#define STATES_MAX 256
#define ITEMS_MAX  32

/* ---- characters ---- */

uint32_t char_at(struct gw_str s, size_t at, size_t *ret_len)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t len = p[0] < 0x80 ? 1 : str_utf8(s, at);

    *ret_len = len ? len : 1;
    switch (len) {
    case 2:
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3fu);
    case 3:
        return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3fu);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 | (uint32_t)(p[2] & 0x3f) << 6 |
               (p[3] & 0x3fu);
    }
    return p[0];
}

size_t char_put(char room[4], uint32_t code)
{
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = len; i-- > 1; code >>= 6)
        room[i] = (char)(0x80 | (code & 0x3f));
    room[0] = (char)(first[len] | code);
    return len;
}

/* ---- classes ---- */

bool class_has(const struct char_class *class, uint32_t code)
{
    if (code < 128)
        return class->ascii[code / 64] >> (code % 64) & 1;
    for (size_t i = 0; i < class->nranges; i++)
        if (code >= class->ranges[i].low && code <= class->ranges[i].high)
            return true;
    return class->others;
}

static bool add_range(struct char_class *class, uint32_t low, uint32_t high)
{
    for (uint32_t c = low; c <= high && c < 128; c++)
        class->ascii[c / 64] |= (uint64_t)1 << (c % 64);
    if (high < 128)
        return low <= high;
    if (low > high || class->nranges == CLASS_RANGES)
        return false;
    class->ranges[class->nranges].low = low < 128 ? 128 : low;
    class->ranges[class->nranges++].high = high;
    return true;
}

/* \d \w \s; false: the letter stands for itself. */
static bool add_named(struct char_class *class, char name)
{
    switch (name) {
    case 'd':
        return add_range(class, '0', '9');
    case 'w':
        class->others = true;
        return add_range(class, '0', '9') && add_range(class, 'a', 'z') && add_range(class, 'A', 'Z') &&
               add_range(class, '_', '_');
    case 's':
        return add_range(class, '\t', '\r') && add_range(class, ' ', ' ');
    }
    return false;
}

bool class_parse(struct gw_str set, struct char_class *ret)
{
    struct char_class class = {0};
    size_t at = 0, len;

    while (at < set.len) {
        uint32_t low, high;

        if (set.ptr[at] == '\\') {
            if (++at == set.len)
                return false;
            if (add_named(&class, set.ptr[at])) {
                at++;
                continue;
            }
        }
        low = high = char_at(set, at, &len);
        at += len;
        if (at + 1 < set.len && set.ptr[at] == '-') {
            high = char_at(set, at + 1, &len);
            at += 1 + len;
        }
        if (!add_range(&class, low, high))
            return false;
    }
    *ret = class;
    return true;
}

static bool negate(struct char_class *class)
{
    class->ascii[0] = ~class->ascii[0];
    class->ascii[1] = ~class->ascii[1];
    class->others = !class->others;
    return class->nranges == 0;
}

/* ---- compiling ---- */

struct item {
    struct char_class class;
    size_t min, max; /* SIZE_MAX: without end */
};

/* One character of the text each: optional ones may be passed over, the last of an endless item repeats. */
struct state {
    uint8_t item;
    bool optional, repeats;
};

struct search {
    struct item items[ITEMS_MAX];
    size_t nitems;
    struct state states[STATES_MAX];
    size_t nstates;
    bool from_start, to_end;
    struct gw_str written;
};

/* "[...]", ".", "\x" or a character at *at. */
static bool item_class(struct gw_str re, size_t *at, struct char_class *ret)
{
    size_t from = *at + 1, end = from, len;

    if (re.ptr[*at] == '.') {
        *ret = (struct char_class){.ascii = {UINT64_MAX, UINT64_MAX}, .others = true};
        *at += 1;
        return true;
    }
    if (re.ptr[*at] == '[') {
        bool no = from < re.len && re.ptr[from] == '^';

        end = from += no;
        while (end < re.len && (re.ptr[end] != ']' || end == from))
            end += re.ptr[end] == '\\' ? 2 : 1;
        if (end >= re.len || !class_parse((struct gw_str){re.ptr + from, end - from}, ret))
            return false;
        *at = end + 1;
        return no ? negate(ret) : true;
    }
    if (memchr("()|?*+{}", re.ptr[*at], 8))
        return false;
    end = *at + (re.ptr[*at] == '\\');
    if (end >= re.len)
        return false;
    (void)char_at(re, end, &len);
    from = *at;
    *at = end + len;
    return class_parse((struct gw_str){re.ptr + from, *at - from}, ret);
}

static bool braces(struct gw_str re, size_t *at, struct item *item)
{
    const char *end = memchr(re.ptr + *at, '}', re.len - *at);
    struct gw_str low, high;
    uint64_t min, max;

    if (!end)
        return false;
    low = str_cut((struct gw_str){re.ptr + *at + 1, (size_t)(end - re.ptr) - *at - 1}, ',', &high);
    if (!str_number(low, &min))
        return false;
    max = min;
    if (high.ptr && !high.len)
        max = SIZE_MAX;
    else if (high.ptr && (!str_number(high, &max) || max < min))
        return false;
    item->min = min;
    item->max = max;
    *at = (size_t)(end - re.ptr) + 1;
    return true;
}

static bool counts(struct gw_str re, size_t *at, struct item *item)
{
    char c = *at < re.len ? re.ptr[*at] : '\0';

    item->min = item->max = 1;
    if (c == '{')
        return braces(re, at, item);
    if (c != '?' && c != '*' && c != '+')
        return true;
    item->min = c == '+';
    item->max = c == '?' ? 1 : SIZE_MAX;
    *at += 1;
    return true;
}

static bool add_states(struct search *s, size_t item)
{
    const struct item *it = &s->items[item];
    bool endless = it->max == SIZE_MAX;
    size_t n = endless ? (it->min ? it->min : 1) : it->max;

    if (n > STATES_MAX - s->nstates)
        return false;
    for (size_t i = 0; i < n; i++)
        s->states[s->nstates++] = (struct state){(uint8_t)item, i >= it->min, endless && i + 1 == n};
    return true;
}

static bool parse(struct gw_str re, struct search *s)
{
    size_t at = 0;

    if (re.len && re.ptr[0] == '^') {
        s->from_start = true;
        at = 1;
    }
    while (at < re.len) {
        if (re.ptr[at] == '$' && at + 1 == re.len) {
            s->to_end = true;
            break;
        }
        if (s->nitems == ITEMS_MAX || !item_class(re, &at, &s->items[s->nitems].class) ||
            !counts(re, &at, &s->items[s->nitems]) || !add_states(s, s->nitems))
            return false;
        s->nitems++;
    }
    return s->nstates > 0;
}

static enum gw_result find_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct search *s = arena_zero(env->arena, sizeof(*s));
    struct gw_str re = call->nargs == 1 ? call->args[0] : call->raw;

    if (!s)
        return GW_FATAL;
    s->written = re;
    *ret_data = s;
    return parse(re, s) ? GW_OK : conv_fault(fault, "mapping.argument", call, re);
}

/* ---- running ---- */

/* Threads in order of preference: where they stand (nstates: at the end) and where they began. */
struct threads {
    uint16_t at[STATES_MAX + 1];
    size_t began[STATES_MAX + 1];
    bool seen[STATES_MAX + 1];
    size_t count;
};

/* Greedy: to take a character comes before to pass over. */
static void add_thread(const struct search *s, struct threads *t, size_t at, size_t began)
{
    for (;; at++) {
        if (t->seen[at])
            return;
        t->seen[at] = true;
        t->at[t->count] = (uint16_t)at;
        t->began[t->count++] = began;
        if (at == s->nstates || !s->states[at].optional)
            return;
    }
}

static void clear(struct threads *t)
{
    t->count = 0;
    memset(t->seen, 0, sizeof(t->seen));
}

/* Moves all over one character; true when a thread that is preferred to those left is at the end. */
static bool step(const struct search *s, const struct threads *now, struct threads *next, uint32_t code,
                 bool last, struct gw_str *found, struct gw_str v, size_t pos)
{
    for (size_t i = 0; i < now->count; i++) {
        size_t at = now->at[i];

        if (at == s->nstates) {
            if (s->to_end && !last)
                continue;
            *found = (struct gw_str){v.ptr + now->began[i], pos - now->began[i]};
            return true;
        }
        if (last || !class_has(&s->items[s->states[at].item].class, code))
            continue;
        if (s->states[at].repeats)
            add_thread(s, next, at, now->began[i]);
        add_thread(s, next, at + 1, now->began[i]);
    }
    return false;
}

static struct gw_str search(const struct search *s, struct gw_str v)
{
    struct threads lists[2], *now = &lists[0], *next = &lists[1], *swap;
    struct gw_str found = absent();
    size_t len = 0;

    clear(now);
    for (size_t pos = 0;; pos += len) {
        bool last = pos == v.len;
        uint32_t code = last ? 0 : char_at(v, pos, &len);

        if (!found.ptr && (pos == 0 || !s->from_start))
            add_thread(s, now, 0, pos);
        clear(next);
        (void)step(s, now, next, code, last, &found, v, pos);
        if (last || (found.ptr && !next->count))
            return found;
        swap = now;
        now = next;
        next = swap;
    }
}

static enum gw_result find_read(struct conversion *c, const void *data, struct gw_str *v)
{
    (void)c;
    *v = search(data, *v);
    return GW_OK;
}

static enum gw_result find_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct search *s = data;

    (void)v;
    return conv_refuse(c, "mapping.convert", "expected", s->written);
}

const struct conv_ops find_ops = {
    .name = "find",
    .min_args = 1,
    .max_args = 8,
    .loss = GW_ONE_WAY,
    .help = "find(expression): the first match; characters, [classes], counts, ^ $; read only",
    .compile = find_compile,
    .read = find_read,
    .write = find_write,
};
