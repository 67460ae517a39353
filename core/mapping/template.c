/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Templates of join, split and sequence: matched against a text (anchored, with backtracking
 * that never tries a place twice) and assembled from parts. What is assembled is matched again:
 * a text that would not give the same parts back is refused.
 */
#include "mapping/converters.h"

/* Beyond, a text is no value of a line but an accident. */
#define TEXT_MAX 65535

/* ---- compiling ---- */

static bool open_ended(const struct piece *p)
{
    return p->kind == PIECE_HOLE &&
           (p->hole == HOLE_SHORTEST || p->hole == HOLE_LONGEST || p->hole == HOLE_DIGITS);
}

/* Two open holes with nothing between, on any way through the optional parts. */
static bool ambiguous(const struct pattern *p)
{
    bool open = false, outside[TEMPLATE_HOLES] = {false};
    size_t depth = 0;

    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->pieces[i];

        switch (piece->kind) {
        case PIECE_TEXT:
            open = open && !piece->text.len;
            break;
        case PIECE_HOLE:
            if (open && open_ended(piece))
                return true;
            open = open_ended(piece);
            break;
        case PIECE_OPEN:
            if (depth == TEMPLATE_HOLES)
                return true;
            outside[depth++] = open;
            break;
        case PIECE_CLOSE:
            if (!depth)
                return true;
            open = outside[--depth] || open;
            break;
        }
    }
    return depth != 0;
}

static struct gw_str written(struct arena *a, const struct pattern *p)
{
    static const char *const signs[] = {[HOLE_SHORTEST] = "{}",
                                        [HOLE_LONGEST] = "{*}",
                                        [HOLE_DIGITS] = "{#}",
                                        [HOLE_EXACT] = "{",
                                        [HOLE_ZEROS] = "{0"};
    struct buf b;
    struct gw_str copy;

    buf_init(&b, 4096);
    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->pieces[i];

        if (piece->kind == PIECE_TEXT)
            buf_str(&b, piece->text);
        if (piece->kind == PIECE_OPEN || piece->kind == PIECE_CLOSE)
            buf_char(&b, piece->kind == PIECE_OPEN ? '[' : ']');
        if (piece->kind != PIECE_HOLE)
            continue;
        buf_text(&b, signs[piece->hole]);
        if (!open_ended(piece))
            buf_format(&b, "%u}", piece->width);
    }
    copy = arena_copy(a, buf_view(&b));
    buf_done(&b);
    return copy;
}

enum gw_result template_compile(struct converters *env, const struct pattern *p, struct template *ret,
                                struct fault *fault)
{
    struct template t = {.pattern = p, .text = written(env->arena, p)};
    enum gw_result r = GW_OK;

    t.holes = arena_array(env->arena, p->holes ? p->holes : 1, sizeof(*t.holes));
    if (!t.holes || !t.text.ptr)
        return GW_FATAL;
    if (p->holes > TEMPLATE_HOLES || ambiguous(p)) {
        *fault = (struct fault){.code = "mapping.template", .column = 1, .found = t.text};
        return GW_FAIL;
    }
    for (size_t i = 0; i < p->count && r == GW_OK; i++)
        if (p->pieces[i].kind == PIECE_HOLE)
            r = convs_compile(env, &p->pieces[i].chain, 0, &t.holes[p->pieces[i].rank].convs, fault);
    if (r == GW_OK)
        *ret = t;
    return r;
}

enum gw_loss template_loss(const struct template *t)
{
    enum gw_loss worst = GW_EXACT;

    for (size_t i = 0; t->pattern && i < t->pattern->holes; i++)
        if (convs_loss(&t->holes[i].convs) > worst)
            worst = convs_loss(&t->holes[i].convs);
    return worst;
}

/* ---- matching ---- */

#define SMALL 32 /* words of `tried` on the stack: short texts need no more */

struct match {
    const struct pattern *p;
    struct gw_str text;
    struct gw_str *parts;
    uint64_t *tried; /* one bit a piece and place: it leads nowhere */
};

static bool match_from(struct match *m, size_t i, size_t at);

static size_t behind_close(const struct pattern *p, size_t open)
{
    size_t depth = 0, i = open;

    do {
        depth += p->pieces[i].kind == PIECE_OPEN;
        depth -= p->pieces[i].kind == PIECE_CLOSE;
        i++;
    } while (depth && i < p->count);
    return i;
}

static bool same_kind(const struct piece *hole, char c)
{
    return (hole->hole != HOLE_DIGITS && hole->hole != HOLE_ZEROS) || (c >= '0' && c <= '9');
}

static size_t next_char(struct gw_str s, size_t at)
{
    size_t len;

    (void)char_at(s, at, &len);
    return at + len;
}

/* Exactly `width` characters. */
static bool match_width(struct match *m, size_t i, size_t at)
{
    const struct piece *hole = &m->p->pieces[i];
    size_t end = at;

    for (uint32_t n = 0; n < hole->width; n++) {
        if (end == m->text.len || !same_kind(hole, m->text.ptr[end]))
            return false;
        end = next_char(m->text, end);
    }
    m->parts[hole->rank] = (struct gw_str){m->text.ptr + at, end - at};
    return match_from(m, i + 1, end);
}

/* What may stand behind an open hole: nothing else has to be tried. */
struct follow {
    bool any, end; /* any character; the end of the text */
    char first[4]; /* else one of these */
    size_t n;
};

static void follow_add(const struct pattern *p, size_t i, struct follow *ret)
{
    while (i < p->count &&
           (p->pieces[i].kind == PIECE_CLOSE || (p->pieces[i].kind == PIECE_TEXT && !p->pieces[i].text.len)))
        i++;
    if (i == p->count) {
        ret->end = true;
    } else if (p->pieces[i].kind == PIECE_OPEN) {
        follow_add(p, i + 1, ret);
        follow_add(p, behind_close(p, i), ret);
    } else if (p->pieces[i].kind == PIECE_TEXT && ret->n < sizeof(ret->first)) {
        ret->first[ret->n++] = p->pieces[i].text.ptr[0];
    } else {
        ret->any = true;
    }
}

static bool may_follow(const struct follow *f, struct gw_str text, size_t at)
{
    if (at == text.len)
        return f->end || f->any;
    if (f->any)
        return (text.ptr[at] & 0xc0) != 0x80;
    for (size_t k = 0; k < f->n; k++)
        if (text.ptr[at] == f->first[k])
            return true;
    return false;
}

static bool match_open(struct match *m, size_t i, size_t at)
{
    const struct piece *hole = &m->p->pieces[i];
    struct follow follow = {0};
    size_t stop = m->text.len;

    follow_add(m->p, i + 1, &follow);
    if (hole->hole == HOLE_DIGITS)
        for (stop = at; stop < m->text.len && same_kind(hole, m->text.ptr[stop]);)
            stop++;
    for (size_t n = 1; n <= stop - at; n++) {
        size_t end = hole->hole == HOLE_SHORTEST ? at + n : stop + 1 - n;

        if (!may_follow(&follow, m->text, end))
            continue;
        m->parts[hole->rank] = (struct gw_str){m->text.ptr + at, end - at};
        if (match_from(m, i + 1, end))
            return true;
    }
    return false;
}

static void forget_parts(struct match *m, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (m->p->pieces[i].kind == PIECE_HOLE)
            m->parts[m->p->pieces[i].rank] = absent();
}

static bool match_piece(struct match *m, size_t i, size_t at)
{
    const struct piece *piece = &m->p->pieces[i];
    size_t behind;

    switch (piece->kind) {
    case PIECE_TEXT:
        return str_begins(str_from(m->text, at), piece->text) && match_from(m, i + 1, at + piece->text.len);
    case PIECE_HOLE:
        return open_ended(piece) ? match_open(m, i, at) : match_width(m, i, at);
    case PIECE_OPEN:
        if (match_from(m, i + 1, at))
            return true;
        behind = behind_close(m->p, i);
        forget_parts(m, i, behind);
        return match_from(m, behind, at);
    case PIECE_CLOSE:
        return match_from(m, i + 1, at);
    }
    return false;
}

static bool match_from(struct match *m, size_t i, size_t at)
{
    size_t bit = i * (m->text.len + 1) + at;

    if (i == m->p->count)
        return at == m->text.len;
    if (m->tried[bit / 64] >> (bit % 64) & 1)
        return false;
    m->tried[bit / 64] |= (uint64_t)1 << (bit % 64);
    return match_piece(m, i, at);
}

/* Parts with the zeros of {02} taken off. */
static void strip_zeros(const struct pattern *p, struct gw_str *parts)
{
    for (size_t i = 0; i < p->count; i++) {
        struct gw_str *part = &parts[p->pieces[i].rank];

        if (p->pieces[i].kind != PIECE_HOLE || p->pieces[i].hole != HOLE_ZEROS)
            continue;
        while (part->len > 1 && part->ptr[0] == '0')
            *part = str_from(*part, 1);
    }
}

/* "{*}_{}", two open holes with one character between: where it stands is seen without trying. */
static bool is_pair(const struct pattern *p)
{
    const struct piece *pieces = p->pieces;

    return p->count == 3 && pieces[1].kind == PIECE_TEXT && pieces[1].text.len == 1 &&
           (unsigned char)pieces[1].text.ptr[0] < 0x80 && open_ended(&pieces[0]) && open_ended(&pieces[2]) &&
           pieces[0].hole != HOLE_DIGITS && pieces[2].hole != HOLE_DIGITS;
}

static bool match_pair(const struct pattern *p, struct gw_str text, struct gw_str *parts)
{
    const char mark = p->pieces[1].text.ptr[0], *at;

    if (text.len < 3)
        return false;
    at = p->pieces[0].hole == HOLE_LONGEST ? memrchr(text.ptr + 1, mark, text.len - 2)
                                           : memchr(text.ptr + 1, mark, text.len - 2);
    if (!at)
        return false;
    parts[p->pieces[0].rank] = (struct gw_str){text.ptr, (size_t)(at - text.ptr)};
    parts[p->pieces[2].rank] = str_from(text, (size_t)(at - text.ptr) + 1);
    return true;
}

/* GW_END: not of this shape. */
static enum gw_result match(struct conversion *c, const struct template *t, struct gw_str text,
                            struct gw_str *parts)
{
    uint64_t small[SMALL];
    struct match m = {t->pattern, text, parts, small};
    size_t words = (t->pattern->count * (text.len + 1) + 63) / 64, mark;
    bool found;

    if (text.len > TEXT_MAX)
        return GW_END;
    for (size_t i = 0; i < t->pattern->holes; i++)
        parts[i] = absent();
    if (is_pair(t->pattern))
        return match_pair(t->pattern, text, parts) ? GW_OK : GW_END;
    memset(small, 0, (words < SMALL ? words : SMALL) * sizeof(*small));
    mark = arena_mark(c->arena);
    if (words > SMALL && !(m.tried = arena_array(c->arena, words, sizeof(*m.tried))))
        return GW_FATAL;
    found = match_from(&m, 0, 0);
    if (words > SMALL)
        arena_release(c->arena, mark);
    strip_zeros(t->pattern, parts);
    return found ? GW_OK : GW_END;
}

static enum gw_result not_alike(struct conversion *c, const struct template *t)
{
    return conv_refuse(c, "mapping.split", "expected", t->text);
}

enum gw_result template_match(struct conversion *c, const struct template *t, struct gw_str text,
                              struct gw_str *parts)
{
    enum gw_result r = match(c, t, text, parts);

    return r == GW_END ? not_alike(c, t) : r;
}

static bool fits(const struct piece *hole, struct gw_str part)
{
    for (size_t i = 0; i < part.len; i++)
        if (!same_kind(hole, part.ptr[i]))
            return false;
    if (hole->hole == HOLE_EXACT)
        return str_chars(part) == hole->width;
    return hole->hole != HOLE_ZEROS || str_chars(part) <= hole->width;
}

size_t template_misfit(const struct template *t, const struct gw_str *parts)
{
    for (size_t i = 0; i < t->pattern->count; i++) {
        const struct piece *piece = &t->pattern->pieces[i];

        if (piece->kind == PIECE_HOLE && parts[piece->rank].ptr && !fits(piece, parts[piece->rank]))
            return piece->rank;
    }
    return TEMPLATE_HOLES;
}

/* ---- assembling ---- */

/* Whether the optional part that opens at `i` stands: it has a part. */
static bool stands(const struct pattern *p, size_t i, const struct gw_str *parts)
{
    for (size_t end = behind_close(p, i); i < end; i++)
        if (p->pieces[i].kind == PIECE_HOLE && parts[p->pieces[i].rank].ptr)
            return true;
    return false;
}

/* Calls back for each run of the assembled text; false: a part is missing or of a wrong width. */
static bool each_run(const struct pattern *p, const struct gw_str *parts,
                     void (*take)(struct gw_str *to, struct gw_str run), struct gw_str *to)
{
    static const char zeros[] = "00000000000000000000000000000000";

    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->pieces[i];
        struct gw_str part;
        size_t chars;

        if (piece->kind == PIECE_TEXT)
            take(to, piece->text);
        if (piece->kind == PIECE_OPEN && !stands(p, i, parts))
            i = behind_close(p, i) - 1;
        if (piece->kind != PIECE_HOLE)
            continue;
        part = parts[piece->rank];
        chars = str_chars(part);
        if (!part.len || (piece->hole == HOLE_EXACT && chars != piece->width))
            return false;
        if (piece->hole == HOLE_ZEROS && (chars > piece->width || piece->width >= sizeof(zeros)))
            return false;
        if (piece->hole == HOLE_ZEROS)
            take(to, (struct gw_str){zeros, piece->width - chars});
        take(to, part);
    }
    return true;
}

static void measure(struct gw_str *to, struct gw_str run)
{
    to->len += run.len;
}

static void append(struct gw_str *to, struct gw_str run)
{
    if (run.len)
        memcpy((char *)(uintptr_t)to->ptr + to->len, run.ptr, run.len);
    to->len += run.len;
}

enum gw_result template_build(struct conversion *c, const struct template *t, const struct gw_str *parts,
                              struct gw_str *ret)
{
    struct gw_str back[TEMPLATE_HOLES], out = absent();
    enum gw_result r;
    size_t len;

    if (!each_run(t->pattern, parts, measure, &out))
        return not_alike(c, t);
    len = out.len;
    out = (struct gw_str){arena_alloc(c->arena, len + 1), 0};
    if (!out.ptr)
        return GW_FATAL;
    (void)each_run(t->pattern, parts, append, &out);
    r = match(c, t, out, back);
    for (size_t i = 0; i < t->pattern->holes && r == GW_OK; i++)
        if (!str_eq(back[i], parts[i]))
            r = GW_END;
    if (r == GW_OK)
        *ret = out;
    return r == GW_END ? not_alike(c, t) : r;
}
