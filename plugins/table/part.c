/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/part.h"

#include <libxml/xmlerror.h>

#define BLOCK 16384u /* what one part_feed() may make is bounded by it */

void part_stop(struct part *p, enum gw_result result)
{
    if (p->result != GW_OK)
        return;
    p->result = result;
    if (p->ctxt)
        xmlStopParser(p->ctxt);
}

static void fail(struct part *p, struct gw_str said)
{
    struct gw_arg args[] = {{"part", p->name}, {"said", said}};

    if (p->result == GW_OK)
        gw_report(p->s, GW_ERROR, (struct gw_place){0}, p->codes->xml, args, 2);
    part_stop(p, GW_FAIL);
}

/* ---- what the parser calls ---- */

static struct part *part_of(void *ctx)
{
    return ctx;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nspaces,
                     const xmlChar **spaces, int n, int ndefaulted, const xmlChar **attributes)
{
    struct part *p = part_of(ctx);

    (void)prefix;
    (void)uri;
    (void)nspaces;
    (void)spaces;
    (void)ndefaulted;
    if (p->result == GW_OK)
        p->handlers->start(p, name, attributes, n);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct part *p = part_of(ctx);

    (void)prefix;
    (void)uri;
    if (p->result == GW_OK)
        p->handlers->end(p, name);
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct part *p = part_of(ctx);

    if (p->result == GW_OK && p->handlers->text)
        p->handlers->text(p, (const char *)text, (size_t)len);
}

static void on_dtd(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    static const char said[] = "DTD";

    (void)name;
    (void)external;
    (void)system;
    fail(part_of(ctx), (struct gw_str){said, sizeof(said) - 1});
}

static xmlEntityPtr no_entity(void *ctx, const xmlChar *name)
{
    (void)ctx;
    return xmlGetPredefinedEntity(name);
}

static void on_error(void *ctx, const char *format, ...)
{
    struct part *p = part_of(ctx);
    const xmlError *e = p->ctxt ? xmlCtxtGetLastError(p->ctxt) : NULL;
    struct gw_str said = {NULL, 0};

    (void)format;
    if (!e || e->level != XML_ERR_FATAL)
        return;
    if (e->code == XML_ERR_NO_MEMORY) {
        part_stop(p, GW_FATAL);
        return;
    }
    if (e->message)
        said = (struct gw_str){e->message, strlen(e->message)};
    while (said.len && (unsigned char)said.ptr[said.len - 1] <= ' ')
        said.len--;
    fail(p, said);
}

static const xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC,
                                       .startElementNs = on_start,
                                       .endElementNs = on_end,
                                       .characters = on_text,
                                       .cdataBlock = on_text,
                                       .ignorableWhitespace = on_text,
                                       .internalSubset = on_dtd,
                                       .getEntity = no_entity,
                                       .error = on_error,
                                       .fatalError = on_error};

/* ---- feeding ---- */

enum gw_result part_open(struct part *p, struct zip *z, struct gw_str name, const struct part_codes *codes,
                         const struct part_handlers *own, void *context)
{
    struct zip_member m;
    xmlSAXHandler sax = handlers;
    char *block = p->block;
    enum gw_result r = zip_find(z, name, &m);

    *p = (struct part){
        .s = z->s, .codes = codes, .handlers = own, .context = context, .name = name, .block = block};
    if (r == GW_OK)
        r = zip_begin(z, &m, &p->stream);
    if (r != GW_OK)
        return r;
    if (!p->block)
        p->block = gw_keep(z->s, BLOCK);
    xmlInitParser(); /* does its work once and locks itself */
    p->ctxt = p->block ? xmlCreatePushParserCtxt(&sax, p, NULL, 0, NULL) : NULL;
    if (!p->ctxt)
        return GW_FATAL;
    (void)xmlCtxtUseOptions(p->ctxt, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
    return GW_OK;
}

const xmlChar *part_intern(struct part *p, const char *name)
{
    return xmlDictLookup(p->ctxt->dict, (const xmlChar *)name, -1);
}

/* The parser would look for other character sets, and for their tables on the disk. */
static bool is_utf8_text(const char *p, size_t len)
{
    return len < 4 || ((*p == '<' || memcmp(p, "\xEF\xBB\xBF", 3) == 0) && !memchr(p, 0, 4));
}

static enum gw_result push(struct part *p, size_t len)
{
    static const char said[] = "UTF-8?";

    if (!p->begun && !is_utf8_text(p->block, len))
        fail(p, (struct gw_str){said, sizeof(said) - 1});
    p->begun = true;
    if (p->result == GW_OK)
        (void)xmlParseChunk(p->ctxt, p->block, (int)len, p->ended);
    if (p->result == GW_OK && !p->ctxt->wellFormed)
        return p->result = GW_FATAL; /* nothing was said: memory */
    return p->result;
}

enum gw_result part_feed(struct part *p)
{
    size_t len = 0, got = 0;
    enum gw_result r = p->ended ? GW_END : p->result;

    while (r == GW_OK && len < BLOCK) {
        r = zip_read(&p->stream, p->block + len, BLOCK - len, &got);
        len += got;
    }
    if (r != GW_OK && r != GW_END)
        return r;
    if (p->ended)
        return GW_END;
    p->ended = r == GW_END;
    r = push(p, len);
    return r == GW_OK && p->ended ? GW_END : r;
}

enum gw_result part_read(struct part *p, struct zip *z, struct gw_str name, const struct part_codes *codes,
                         const struct part_handlers *own, void *context, bool required)
{
    struct gw_arg arg = {"part", name};
    enum gw_result r = part_open(p, z, name, codes, own, context);

    if (r == GW_END && required)
        return gw_fail(z->s, (struct gw_place){0}, codes->missing, &arg, 1);
    while (r == GW_OK)
        r = part_feed(p);
    part_close(p);
    return r == GW_END ? GW_OK : r;
}

void part_close(struct part *p)
{
    if (p->ctxt)
        xmlFreeParserCtxt(p->ctxt);
    p->ctxt = NULL;
}
