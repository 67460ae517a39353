/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The reader. The parser is pushed as far as the next end of a record, so that one next() gives
 * one record: the name is searched for in the bytes, but what a record is the parser alone says.
 * Records that are in view are read by xml_whole.c, so what is pushed is what stands around them, and whatever
 * is odd. The window is not consumed before the parser is done with it, nor before a record's end.
 */
#include "xml.h"

static bool is_name_byte(char c)
{
    return !xml_blank(c) && !strchr("<>/:\"'=&", c);
}

/* The '<' of the tag whose local name is at `name`; NULL: it is none. */
static const char *tag_of(const char *from, const char *name, bool *ret_end)
{
    const char *p = name;

    if (p > from && p[-1] == ':')
        for (p--; p > from && is_name_byte(p[-1]);)
            p--;
    *ret_end = p > from && p[-1] == '/';
    if (*ret_end)
        p--;
    return p > from && p[-1] == '<' ? p - 1 : NULL;
}

const char *xml_record_tag(const struct xml_reader *x, const char *from, const char **hit, const char *end,
                           bool *ret_end)
{
    struct gw_str name = x->record_name;
    const char *p = *hit, *lt;

    while (name.len && (p = memmem(p, (size_t)(end - p), name.ptr, name.len))) {
        lt = tag_of(from, p, ret_end);
        p += name.len;
        if (p == end)
            break;
        *hit = p;
        if (lt && (xml_blank(*p) || *p == '>' || *p == '/'))
            return lt;
    }
    return NULL;
}

/* A tag that is not closed in view waits, so that no name is cut in two. 0: more must be seen. */
static size_t cut_at_tag(const char *p, size_t len, bool all)
{
    const char *lt = memrchr(p, '<', len);

    if (all || !lt || memchr(lt, '>', (size_t)(p + len - lt)))
        return len;
    if (lt > p)
        return (size_t)(lt - p);
    return len < XML_FEED ? 0 : len;
}

/* How much of what is seen the parser gets: the begin of one record at most, and no more behind
 * its end. 0: more must be seen. */
static size_t cut(const struct xml_reader *x, struct gw_str seen, bool all)
{
    size_t len = seen.len < XML_FEED ? seen.len : XML_FEED;
    const char *p = seen.ptr, *end = p + len, *hit = p, *lt, *gt;
    bool begun = false, is_end;

    while ((lt = xml_record_tag(x, p, &hit, end, &is_end))) {
        if (!is_end && begun)
            return (size_t)(lt - p);
        begun = true;
        gt = is_end ? memchr(hit, '>', (size_t)(end - hit)) : NULL;
        if (gt)
            return (size_t)(gt + 1 - p);
        if (is_end)
            break;
    }
    return cut_at_tag(p, len, all);
}

/* A fault that we see, not the parser. */
static void set_fault(struct xml_reader *x, const char *code, uint64_t byte, uint64_t token)
{
    x->fault = (struct xml_fault){.result = GW_REJECT, .code = code, .byte = byte, .token = token};
    x->idle = true;
}

/* The parser waits for the ';' of a reference and for the quote or '>' of a tag however far they are.
 * Neither can have what is here before it. */
static bool waits_in_vain(const char *p, const char *end)
{
    const char *stop = p + 1;

    if (end - p < 4) /* the parser begins with four */
        return false;
    if (*p == '<')
        return *stop != '!' && *stop != '?' && memchr(stop, '<', (size_t)(end - stop));
    if (*p != '&')
        return false;
    stop += *stop == '#';
    while (stop < end && (is_name_byte(*stop) || *stop == ':') && *stop != ';')
        stop++;
    return stop < end && *stop != ';';
}

/* Then it is told that no more comes, so that it says what is wrong. */
static void check_pending(struct xml_reader *x)
{
    const xmlParserInput *in = x->ctxt->input;
    uint64_t at = xml_position(x, in->cur);

    if (x->ctxt->instate == XML_PARSER_CDATA_SECTION ||
        !waits_in_vain((const char *)in->cur, (const char *)in->end))
        return;
    x->idle = true;
    (void)xmlParseChunk(x->ctxt, "", 0, 1);
    if (!x->fault.result)
        set_fault(x, "xml.syntax", at, at);
}

static enum gw_result parse(struct xml_reader *x, const char *p, size_t len)
{
    const char *nul = memchr(p, 0, len);

    if (nul == p) {
        set_fault(x, "xml.nul", x->fed, x->fed);
        return GW_OK;
    }
    if (nul)
        len = (size_t)(nul - p);
    x->fed += len;
    (void)xmlParseChunk(x->ctxt, p, (int)len, 0);
    if (!x->ctxt->wellFormed && !x->fault.result && !x->overrun)
        return GW_FATAL; /* nothing was said: memory */
    return GW_OK;
}

static void move_to(struct xml_reader *x, uint64_t at, uint32_t line)
{
    x->line_begin = xml_line_begin(x->seen, x->at, at, x->line_begin);
    x->seen += at - x->at;
    gw_consume(x->s, (size_t)(at - x->at));
    x->at = at;
    x->line = line;
}

/* What the parser is done with is consumed, but nothing of an open record, nor of what stands beside. */
static void settle_window(struct xml_reader *x)
{
    uint64_t at = xml_position(x, x->ctxt->input->cur);

    if (x->record_depth)
        move_to(x, x->begin, x->begin_line);
    else if (xml_is_item_open(x))
        move_to(x, x->item_begin, x->item_line);
    else if (!x->replay && at > x->at)
        move_to(x, at, (uint32_t)x->ctxt->input->line);
}

static enum gw_result feed(struct xml_reader *x)
{
    size_t held = (size_t)(x->fed - x->at), want = held + 1, len;
    enum gw_result r = xml_read_whole(x);
    struct gw_str seen;

    if (r != GW_OK || x->done || x->fault.result)
        return r;
    if (held >= x->record_bytes) {
        set_fault(x, "xml.too_large", x->record_depth ? x->begin : x->at, 0);
        return GW_OK;
    }
    do {
        r = gw_peek(x->s, want, &seen);
        if (r != GW_OK && r != GW_END)
            return r;
        x->seen = seen.ptr;
        if (seen.len == held) {
            check_pending(x); /* it may stand behind a record */
            return x->fault.result ? GW_OK : GW_END;
        }
        len = cut(x, (struct gw_str){seen.ptr + held, seen.len - held},
                  r == GW_END || seen.len >= x->record_bytes);
        want = seen.len + 1;
    } while (!len);
    r = parse(x, seen.ptr + held, len);
    if (r != GW_OK || x->fault.result || x->done)
        return r;
    check_pending(x);
    if (!x->fault.result)
        settle_window(x);
    return GW_OK;
}

/* The stream ends here. What the parser says of it is only of use when something is found to go on with. */
static enum gw_result finish(struct xml_reader *x)
{
    bool whole = x->rooted && x->depth == 0;

    x->ended = x->idle = true;
    (void)xmlParseChunk(x->ctxt, "", 0, 1);
    if (x->fault.result == GW_FATAL)
        return GW_FATAL;
    if (whole && !x->fault.result)
        return GW_END;
    if (!x->fault.result)
        set_fault(x, "xml.truncated", x->fed, 0);
    return GW_OK;
}

/* A record is whole. */
static enum gw_result give(struct xml_reader *x, struct gw_record *rec)
{
    enum gw_result r = GW_OK;

    rec->root = x->record;
    rec->begin = x->begin;
    rec->end = x->end;
    rec->line = x->begin_line;
    if (x->end - x->begin > x->record_bytes)
        r = gw_reject(x->s, (struct gw_place){.byte = x->begin}, "xml.too_large", NULL, 0);
    move_to(x, x->end, x->end_line);
    if (x->overrun && xml_restart(x, x->end, x->end_line) != GW_OK)
        return GW_FATAL;
    return r;
}

static enum gw_result xml_next(struct gw_session *s, struct gw_record *rec)
{
    struct xml_reader *x = s->state;
    enum gw_result r;

    if (x->fault.result)
        return x->fault.result;
    x->record = NULL;
    x->text = x->cursor = x->room = NULL;
    x->spares = 0;
    x->done = false;
    x->idle = x->replay > 0;
    do
        r = x->ended ? GW_END : feed(x);
    while (r == GW_OK && !x->done && !x->fault.result);
    if (r == GW_END)
        r = finish(x);
    if (r == GW_OK)
        r = x->fault.result ? xml_recover(x, rec) : give(x, rec);
    if (r == GW_RETRY)
        x->fault.result = r; /* what was begun is gone: it cannot go on from here */
    rec->context = x->context;
    rec->changes = x->changes;
    return r;
}

static enum gw_result xml_open(struct gw_session *s)
{
    const struct gw_stream *stream = s->stream;
    struct xml_reader *x = s->state;

    x->s = s;
    x->steps = stream->steps;
    x->nsteps = stream->nsteps;
    while (x->nsteps && !x->steps->name) {
        x->steps++;
        x->nsteps--;
    }
    if (x->nsteps)
        x->record_name = gw_name_text(s, x->steps[x->nsteps - 1].name);
    x->record_bytes = stream->record_bytes;
    x->limit = stream->depth;
    x->frames = gw_keep(s, (x->limit + 1) * sizeof(*x->frames));
    x->ancestors = gw_keep(s, (x->nsteps + 1) * sizeof(*x->ancestors));
    x->slots = gw_keep(s, XML_SLOTS * sizeof(*x->slots));
    if (!x->frames || !x->ancestors || !x->slots)
        return GW_FATAL;
    xmlInitParser(); /* does its work once and locks itself */
    return xml_restart(x, 0, 1);
}

static void xml_close(struct gw_session *s)
{
    struct xml_reader *x = s->state;

    if (x->ctxt)
        xmlFreeParserCtxt(x->ctxt);
}

const struct gw_reader xml_reader = {
    .state_size = sizeof(struct xml_reader), .open = xml_open, .next = xml_next, .close = xml_close};
