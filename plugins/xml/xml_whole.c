/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A record that is in view whole is not pushed: the parser is shown its bytes and descends through them, which
 * costs it a third less than to be fed. Texts stay where they are. What does not go through is forgotten and
 * pushed like all else, so that faults, and what follows them, have one way only.
 */
#include <libxml/parserInternals.h>

#include "xml.h"

#define PADDING 8u /* can be read behind the bytes; the first ends them */

/* The white space before a record, and the record. */
struct view {
    size_t blanks;
    size_t len;     /* 0: it is not in view */
    size_t scanned; /* no end before */
    bool more;      /* but may come into view */
};

/* Between two records, with nothing pending. */
static bool can_begin(const struct xml_reader *x)
{
    return x->nsteps && x->depth == x->nsteps && x->opened == x->depth && x->fed == x->at &&
           x->at >= x->pushed_to && x->cursor == x->text && !x->replay &&
           x->ctxt->instate == XML_PARSER_CONTENT;
}

/* The record's end tag, if its start tag ends at `from`. */
static void look_for_end(const struct xml_reader *x, struct gw_str seen, size_t from, struct view *v)
{
    const char *begin = seen.ptr + v->blanks, *end = seen.ptr + seen.len, *gt;
    const char *hit = seen.ptr + (v->scanned > from ? v->scanned : from);
    bool is_end;

    if (!xml_record_tag(x, begin, &hit, end, &is_end)) {
        v->scanned = seen.len - x->record_name.len;
        return;
    }
    gt = memchr(hit, '>', (size_t)(end - hit));
    v->more = is_end && !gt;
    if (is_end && gt)
        v->len = (size_t)(gt + 1 - begin);
}

static void look(const struct xml_reader *x, struct gw_str seen, struct view *v)
{
    const char *end = seen.ptr + seen.len, *begin = seen.ptr + v->blanks, *hit, *gt;
    bool is_end;

    while (begin < end && xml_blank(*begin))
        begin++;
    v->blanks = (size_t)(begin - seen.ptr);
    v->more = begin == end || *begin == '<';
    gt = v->more ? memchr(begin, '>', (size_t)(end - begin)) : NULL;
    if (!gt)
        return;
    hit = begin;
    v->more = xml_record_tag(x, begin, &hit, gt + 1, &is_end) == begin && !is_end && gt[-1] != '/';
    if (v->more)
        look_for_end(x, seen, (size_t)(gt + 1 - seen.ptr), v);
}

static enum gw_result view_record(struct xml_reader *x, struct gw_str *ret, struct view *v)
{
    size_t most = x->record_bytes < XML_WHOLE ? x->record_bytes : XML_WHOLE;
    enum gw_result r = gw_peek(x->s, 1, ret);

    *v = (struct view){.more = true};
    while (r == GW_OK) {
        look(x, *ret, v);
        if (v->len || !v->more || ret->len >= most)
            break;
        r = gw_peek(x->s, ret->len + 1, ret);
    }
    if (v->len > most)
        v->len = 0;
    return r == GW_END ? GW_OK : r;
}

/* The parser does not see them: they are nobody's text. */
static void skip_blanks(struct xml_reader *x, const char *p, size_t len)
{
    xmlParserInput *in = x->ctxt->input;

    for (; len; p++, len--) {
        in->col = *p == '\n' ? 1 : in->col + 1;
        in->line += *p == '\n';
    }
}

/* Whether all of it was one record. */
static bool parse_at(struct xml_reader *x, char *place, size_t len)
{
    xmlParserInput *in = x->ctxt->input, pushed = *in;
    bool whole;

    in->buf = NULL;
    in->consumed = 0;
    in->base = in->cur = (xmlChar *)place;
    in->end = in->base + len;
    x->text = x->cursor = x->place = place;
    x->room = place + len;
    x->place_len = len;
    xmlParseElement(x->ctxt);
    x->place = NULL;
    x->place_len = 0;
    whole = x->done && in->cur == in->end && x->ctxt->wellFormed;
    pushed.line = in->line;
    pushed.col = in->col;
    *in = pushed;
    return whole;
}

/* The parser is stopped, or knows of what was no record. */
static enum gw_result forget(struct xml_reader *x)
{
    x->pushed_to = x->fed;
    x->fault = (struct xml_fault){.result = GW_OK};
    x->text = x->cursor = x->room = NULL;
    x->spares = 0;
    xml_drop_open(x);
    return xml_restart(x, x->at, x->line);
}

enum gw_result xml_read_whole(struct xml_reader *x)
{
    uint64_t origin = x->origin;
    struct gw_str seen;
    struct view v;
    char *place;
    enum gw_result r;
    bool whole;

    if (!can_begin(x))
        return GW_OK;
    r = view_record(x, &seen, &v);
    x->seen = seen.ptr;
    if (r != GW_OK || !v.len)
        return r;
    place = gw_alloc(x->s, v.len + PADDING);
    if (!place)
        return GW_FATAL;
    memcpy(place, seen.ptr + v.blanks, v.len);
    memset(place + v.len, 0, PADDING);
    skip_blanks(x, seen.ptr, v.blanks);
    x->origin = x->fed + v.blanks;
    whole = parse_at(x, place, v.len);
    x->origin = origin + v.blanks + v.len;
    x->fed += v.blanks + v.len;
    return whole || x->fault.result == GW_FATAL ? GW_OK : forget(x);
}
