/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Going on behind a syntax error: the bytes are searched for the next tag that tells where we
 * are (a record begins or ends, what encloses it ends), and a new parser starts there with the
 * ancestors' own start tags before it.
 */
#include "xml.h"

#define TAG_MOST 1024u /* a longer name is nobody's */

static xmlParserCtxtPtr new_parser(struct xml_reader *x)
{
    xmlSAXHandler handlers = xml_handlers;
    xmlParserCtxtPtr ctxt = xmlCreatePushParserCtxt(&handlers, x, NULL, 0, NULL);

    /* the host has decoded already, whatever the declaration says */
    if (ctxt)
        (void)xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    return ctxt;
}

/* What was before: the start tags of what is open, or a root that is closed. */
static void replay(struct xml_reader *x, const char *tag, size_t len)
{
    x->origin -= len;
    (void)xmlParseChunk(x->ctxt, tag, (int)len, 0);
}

enum gw_result xml_restart(struct xml_reader *x, uint64_t at, uint32_t line)
{
    if (x->ctxt)
        xmlFreeParserCtxt(x->ctxt);
    memset(x->slots, 0, XML_SLOTS * sizeof(*x->slots));
    x->ctxt = new_parser(x);
    if (!x->ctxt)
        return GW_FATAL;
    x->overrun = x->done = false;
    x->replay = x->opened;
    x->idle = true;
    x->line = line;
    x->fed = x->origin = at;
    for (uint32_t i = 0; i < x->opened; i++)
        replay(x, x->ancestors[i].tag, x->ancestors[i].tag_len);
    if (x->rooted && !x->opened)
        replay(x, "<r/>", 4);
    x->idle = x->replay > 0;
    if (!x->ctxt->wellFormed)
        return GW_FATAL;
    x->ctxt->input->line = (int)line;
    return GW_OK;
}

/* ---- tags in bytes ---- */

struct tag {
    struct gw_str local;
    const char *after; /* its name, or an end tag's '>' */
    bool end;          /* an end tag */
    bool whole;        /* in view */
};

static struct tag tag_at(const char *lt, const char *end)
{
    const char *p = lt + 1, *name;
    struct tag t = {.end = p < end && *p == '/'};

    name = p += t.end;
    for (; p < end && !xml_blank(*p) && *p != '>' && *p != '/' && *p != '<'; p++)
        if (*p == ':')
            name = p + 1;
    t.local = (struct gw_str){name, (size_t)(p - name)};
    while (t.end && p < end && xml_blank(*p))
        p++;
    t.whole = p < end;
    if (t.end && t.whole && *p++ != '>')
        t.local.len = 0;
    t.after = p;
    return t;
}

static bool is_ancestor(const struct xml_reader *x, struct gw_str local, uint32_t *ret_rank)
{
    for (uint32_t i = 0; i < x->opened; i++) {
        if (xml_same(x->ancestors[i].local, local)) {
            *ret_rank = i;
            return true;
        }
    }
    return false;
}

/* Where to go on: at `at`, with so many ancestors open. */
struct way {
    const char *at; /* NULL: not found */
    uint32_t open;
};

static struct way way_by(const struct xml_reader *x, const char *lt, const struct tag *t, bool at_fault)
{
    uint32_t rank;

    if (xml_same(t->local, x->record_name)) {
        if (t->end)
            return (struct way){t->after, x->opened};
        return (struct way){at_fault ? NULL : lt, x->opened};
    }
    if (!is_ancestor(x, t->local, &rank) || (at_fault && !t->end))
        return (struct way){NULL, 0};
    if (t->end)
        return (struct way){lt, rank + 1};
    return (struct way){rank ? lt : NULL, rank}; /* its end tag was lost */
}

/* *ret_stop: how far was looked when there is none. */
static struct way search_in(const struct xml_reader *x, struct gw_str seen, size_t from, bool more,
                            const char **ret_stop)
{
    const char *end = seen.ptr + seen.len, *lt = seen.ptr + from;
    struct way way = {NULL, 0};

    while (!way.at && (lt = memchr(lt, '<', (size_t)(end - lt)))) {
        struct tag t = tag_at(lt, end);

        if (!t.whole && more && end - lt < TAG_MOST) {
            *ret_stop = lt;
            return way;
        }
        if (t.whole && t.local.len)
            way = way_by(x, lt, &t, x->at + (uint64_t)(lt - seen.ptr) == x->fault.token);
        lt++;
    }
    *ret_stop = end;
    return way;
}

static void move_on(struct xml_reader *x, const char *from, size_t len)
{
    for (const char *p = from; (p = memchr(p, '\n', (size_t)(from + len - p))); p++)
        x->line++;
    x->line_begin = xml_line_begin(from, x->at, x->at + len, x->line_begin);
    gw_consume(x->s, len);
    x->at += len;
}

/* GW_OK: found, the stream is there. GW_END: there is none. */
static enum gw_result search(struct xml_reader *x, uint64_t from, uint32_t *ret_open)
{
    size_t skip = (size_t)(from - x->at), want = skip + 1;
    enum gw_result r = GW_OK;
    struct gw_str seen;
    const char *stop;
    struct way way;

    while (r == GW_OK) {
        r = gw_peek(x->s, want, &seen);
        if (r != GW_OK && r != GW_END)
            return r;
        way = search_in(x, seen, skip < seen.len ? skip : seen.len, r == GW_OK, &stop);
        if (way.at) {
            *ret_open = way.open;
            move_on(x, seen.ptr, (size_t)(way.at - seen.ptr));
            return GW_OK;
        }
        want = (size_t)(seen.ptr + seen.len - stop) + 1;
        move_on(x, seen.ptr, (size_t)(stop - seen.ptr));
        skip = 0;
    }
    return GW_END;
}

/* ---- setting aside ---- */

/* What the markup at fault says of it. All false: it is no tag, or gone. */
struct hint {
    bool of_record; /* it is a record's */
    bool lost_end;  /* something else was closed than the record: it may have lost its end, and what
                     * follows its begin are other records */
};

static enum gw_result look_at_fault(struct xml_reader *x, struct hint *ret)
{
    uint64_t token = x->fault.token;
    struct gw_str seen;
    enum gw_result r;
    struct tag t;
    uint32_t rank;

    *ret = (struct hint){.of_record = false};
    if (token < x->at)
        return GW_OK;
    r = gw_peek(x->s, 1, &seen);
    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    if (token - x->at >= seen.len || seen.ptr[token - x->at] != '<')
        return GW_OK;
    t = tag_at(seen.ptr + (token - x->at), seen.ptr + seen.len);
    ret->of_record = xml_same(t.local, x->record_name);
    ret->lost_end = t.end && t.whole && is_ancestor(x, t.local, &rank);
    return GW_OK;
}

/* In a record, or beside one: the ancestors are all there and have been whole so far. */
static bool can_go_on(const struct xml_reader *x, const struct hint *hint)
{
    if (x->fault.result != GW_REJECT || !x->nsteps || x->opened != x->nsteps)
        return false;
    return x->ancestors[x->opened - 1].records || hint->of_record;
}

/* The first byte that is set aside: of the record, of what stands beside the records, or of the fault itself.
 */
static uint64_t fault_begin(const struct xml_reader *x)
{
    if (x->record_depth)
        return x->begin;
    if (xml_is_item_open(x))
        return x->item_begin;
    return x->fault.token > x->at ? x->fault.token : x->at;
}

static uint64_t search_from(const struct xml_reader *x, const struct hint *hint, uint64_t begin)
{
    if (!x->record_depth && !xml_is_item_open(x))
        return begin;
    if (x->ended || x->fault.token <= begin || hint->lost_end)
        return begin + 1;
    return x->fault.token;
}

/* `at` is moved there, so that the line is known. */
static enum gw_result move_to_begin(struct xml_reader *x, struct gw_record *rec)
{
    struct gw_str seen;
    enum gw_result r;

    rec->begin = fault_begin(x);
    r = gw_peek(x->s, 1, &seen);
    if (r == GW_OK)
        move_on(x, seen.ptr, (size_t)(rec->begin - x->at));
    rec->line = x->line;
    return r == GW_END ? GW_OK : r;
}

static void report(struct xml_reader *x)
{
    const struct xml_fault *f = &x->fault;

    gw_report(x->s, GW_ERROR, (struct gw_place){.byte = f->byte}, f->code, f->args, f->nargs);
}

/* The stream ended too early, or is no XML at all. */
static enum gw_result report_end(struct xml_reader *x)
{
    struct gw_arg arg = {"element", {NULL, 0}};
    struct gw_place place = {.byte = x->fed};
    struct gw_str seen = {NULL, 0};
    enum gw_result r = GW_OK;

    if (x->depth) {
        arg.value = gw_name_text(x->s, x->frames[x->depth - 1].node->name);
        gw_report(x->s, GW_ERROR, place, "xml.truncated", &arg, 1);
        return GW_OK;
    }
    if (!x->rooted)
        r = gw_peek(x->s, 1, &seen);
    if (r != GW_OK && r != GW_END)
        return r;
    if (x->rooted || (seen.len && seen.ptr[0] != '<' && !xml_all_blank(seen.ptr, seen.len)))
        report(x);
    else
        gw_report(x->s, GW_ERROR, place, "xml.empty", NULL, 0);
    return GW_OK;
}

static enum gw_result give_up(struct xml_reader *x)
{
    x->fault.result = GW_FAIL;
    return GW_FAIL;
}

/* GW_OK: `at` is where to go on, with *ret_open ancestors. GW_END: it goes on nowhere. */
static enum gw_result find_way(struct xml_reader *x, struct gw_record *rec, uint32_t *ret_open)
{
    struct hint hint;
    enum gw_result r = look_at_fault(x, &hint);

    if (r != GW_OK)
        return r;
    if (!can_go_on(x, &hint))
        return GW_END;
    r = move_to_begin(x, rec);
    return r == GW_OK ? search(x, search_from(x, &hint, rec->begin), ret_open) : r;
}

enum gw_result xml_recover(struct xml_reader *x, struct gw_record *rec)
{
    bool ended = x->ended;
    enum gw_result r, told = GW_OK;
    uint32_t open = 0;

    if (x->fault.result == GW_FATAL)
        return GW_FATAL;
    if (!ended)
        report(x);
    r = find_way(x, rec, &open);
    if (r != GW_OK && r != GW_END)
        return r;
    if (ended && r == GW_OK)
        report(x);
    else if (ended)
        told = report_end(x);
    if (told != GW_OK)
        return told;
    /* nothing is at fault here but that a group has lost its end before */
    if (r == GW_END || x->at == rec->begin)
        return give_up(x);
    rec->end = x->at;
    xml_drop_open(x);
    while (x->opened > open)
        xml_close_ancestor(x);
    x->fault = (struct xml_fault){.result = GW_OK};
    x->ended = false;
    return xml_restart(x, x->at, x->line) == GW_OK ? GW_REJECT : GW_FATAL;
}
