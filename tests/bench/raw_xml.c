/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * raw_xml FILE: the limit for XML. libxml2's push parser over the whole file with SAX2 handlers
 * that do nothing; what it does about the character set is its own.
 */
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <unistd.h>

#define FEED 16384

static void on_start(void *c, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int nspaces,
                     const xmlChar **spaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
    (void)c, (void)local, (void)prefix, (void)uri, (void)nspaces, (void)spaces;
    (void)nattributes, (void)ndefaulted, (void)attributes;
}

static void on_end(void *c, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    (void)c, (void)local, (void)prefix, (void)uri;
}

static void on_text(void *c, const xmlChar *text, int len)
{
    (void)c, (void)text, (void)len;
}

static xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC,
                                 .startElementNs = on_start,
                                 .endElementNs = on_end,
                                 .characters = on_text,
                                 .ignorableWhitespace = on_text,
                                 .cdataBlock = on_text};

int main(int argc, char **argv)
{
    static char room[FEED];
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handlers, NULL, NULL, 0, NULL);
    int bad = fd < 0 || !parser;
    ssize_t got;

    while (!bad && (got = read(fd, room, sizeof(room))) > 0)
        bad = xmlParseChunk(parser, room, (int)got, 0);
    if (!bad)
        bad = xmlParseChunk(parser, room, 0, 1);
    if (bad)
        (void)fprintf(stderr, "raw_xml: %s cannot be read\n", argc == 2 ? argv[1] : "FILE");
    xmlFreeParserCtxt(parser);
    return bad;
}
