/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is wrong with a file, in our words. A fault is only noted while the parser runs; it is
 * reported when it is known whether the stream goes on.
 */
#include <libxml/xmlerror.h>

#include "xml.h"

/* The '<' of the markup that the parser is in or has just read. */
const xmlChar *xml_tag_begin(const xmlParserInput *in)
{
    const xmlChar *lt = memrchr(in->base, '<', (size_t)(in->cur - in->base));

    return lt ? lt : in->cur;
}

void xml_stop(struct xml_reader *x, enum gw_result result, const char *code)
{
    if (x->fault.result)
        return;
    x->fault = (struct xml_fault){.result = result,
                                  .code = code,
                                  .byte = xml_position(x, x->ctxt->input->cur),
                                  .token = xml_position(x, xml_tag_begin(x->ctxt->input))};
    x->idle = true;
    xmlStopParser(x->ctxt);
}

/* The value is copied: the parser goes before it is reported. */
void xml_fault_arg(struct xml_reader *x, const char *name, struct gw_str value)
{
    char *copy = gw_alloc(x->s, value.len + 1);

    if (!copy) {
        x->fault.result = GW_FATAL;
        return;
    }
    if (value.len)
        memcpy(copy, value.ptr, value.len);
    x->fault.args[x->fault.nargs++] = (struct gw_arg){name, {copy, value.len}};
}

/* Where a complaint is said to be. The parser is behind what it could not read. */
enum spot { AT_CURSOR, AT_TAG, AT_AMPERSAND };

/* What the parser complains of, in our words. */
static const struct complaint {
    int error; /* of libxml2 */
    enum spot spot;
    const char *code;
    const char *first, *second; /* argument names of its two texts */
} complaints[] = {
    {XML_ERR_TAG_NAME_MISMATCH, AT_TAG, "xml.tag", "open", "found"},
    {XML_ERR_UNDECLARED_ENTITY, AT_AMPERSAND, "xml.entity", "name", NULL},
    {XML_WAR_UNDECLARED_ENTITY, AT_AMPERSAND, "xml.entity", "name", NULL},
    {XML_ERR_ENTITYREF_SEMICOL_MISSING, AT_AMPERSAND, "xml.ampersand", NULL, NULL},
    {XML_ERR_INVALID_CHARREF, AT_AMPERSAND, "xml.character", NULL, NULL},
    {XML_ERR_INVALID_CHAR, AT_CURSOR, "xml.character", NULL, NULL},
    {XML_ERR_INVALID_ENCODING, AT_CURSOR, "xml.character", NULL, NULL},
    {XML_ERR_LT_IN_ATTRIBUTE, AT_CURSOR, "xml.less_than", NULL, NULL},
    {XML_ERR_ATTRIBUTE_REDEFINED, AT_TAG, "xml.attribute", "name", NULL},
    {XML_ERR_NAME_TOO_LONG, AT_TAG, "xml.too_large", NULL, NULL},
    {0, AT_CURSOR, "xml.syntax", NULL, NULL},
};

static struct gw_str said_by(const xmlError *e)
{
    struct gw_str said = xml_text(e->message);

    while (said.len && xml_blank(said.ptr[said.len - 1]))
        said.len--;
    return said;
}

static const struct complaint *complaint_of(const xmlError *e, const xmlParserInput *in)
{
    const struct complaint *c = complaints;
    int error = e->code;

    if (error == XML_ERR_NAME_REQUIRED && in->cur > in->base && in->cur[-1] == '&')
        error = XML_ERR_ENTITYREF_SEMICOL_MISSING;
    while (c->error && c->error != error)
        c++;
    return c;
}

static bool is_in_tag(const xmlParserCtxt *ctxt)
{
    return ctxt->instate == XML_PARSER_START_TAG || ctxt->instate == XML_PARSER_ATTRIBUTE_VALUE ||
           ctxt->instate == XML_PARSER_END_TAG;
}

static void place_fault(struct xml_reader *x, enum spot spot)
{
    const xmlParserInput *in = x->ctxt->input;
    const xmlChar *ampersand = memrchr(in->base, '&', (size_t)(in->cur - in->base));

    x->fault.byte = xml_position(x, spot == AT_AMPERSAND && ampersand ? ampersand : in->cur);
    x->fault.token = spot == AT_TAG || is_in_tag(x->ctxt) ? xml_position(x, xml_tag_begin(in)) : x->fault.byte;
    if (spot == AT_TAG)
        x->fault.byte = x->fault.token;
}

static void stop_on(struct xml_reader *x, const xmlError *e)
{
    const struct complaint *c = complaint_of(e, x->ctxt->input);

    if (e->code == XML_ERR_NO_MEMORY) {
        xml_stop(x, GW_FATAL, NULL);
        return;
    }
    /* what was said is gone once the parser is stopped */
    x->fault = (struct xml_fault){.result = GW_REJECT, .code = c->code};
    place_fault(x, c->spot);
    xml_fault_arg(x, "said", said_by(e));
    if (c->first)
        xml_fault_arg(x, c->first, xml_text(e->str1));
    if (c->second)
        xml_fault_arg(x, c->second, xml_text(e->str2));
    x->idle = true;
}

static void warn_of_prefix(struct xml_reader *x, const xmlError *e)
{
    struct gw_arg arg = {"prefix", xml_text(e->str1)};

    if (x->warned || x->ended)
        return;
    x->warned = true;
    gw_report(x->s, GW_WARNING, (struct gw_place){.byte = xml_position(x, xml_tag_begin(x->ctxt->input))},
              "xml.prefix", &arg, 1);
}

/* Errors come one after another; the first is the cause. */
void xml_on_error(void *ctx, const char *format, ...)
{
    struct xml_reader *x = ctx;
    const xmlError *e = x->ctxt ? xmlCtxtGetLastError(x->ctxt) : NULL;

    (void)format;
    if (!e || x->fault.result || !x->ctxt->input)
        return;
    if (x->done)
        x->overrun = true; /* it lies behind the record: met again when that is read again */
    else if (e->level == XML_ERR_FATAL)
        stop_on(x, e);
    else if (e->code == XML_NS_ERR_UNDEFINED_NAMESPACE)
        warn_of_prefix(x, e);
}
