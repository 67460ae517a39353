/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An XML member of a container, pushed through libxml2 a block at a time to handlers that know elements by
 * pointers: a name wanted is interned once, so that no text is compared. No DTD, no entity, UTF-8 only.
 */
#ifndef TABLE_PART_H
#define TABLE_PART_H

#include <libxml/parser.h>

#include <string.h>

#include "table/zip.h"

struct part_codes {
    const char *xml, *missing;
};

struct part;

struct part_handlers {
    /* `attributes`: five pointers each, as SAX2 gives them: local name, prefix, URI, value, its end. */
    void (*start)(struct part *p, const xmlChar *name, const xmlChar **attributes, int n);
    void (*end)(struct part *p, const xmlChar *name);
    void (*text)(struct part *p, const char *text, size_t len); /* may be NULL */
};

struct part {
    struct gw_session *s;
    const struct part_codes *codes;
    const struct part_handlers *handlers;
    void *context; /* of the handlers */
    struct gw_str name;
    struct zip_stream stream;
    xmlParserCtxtPtr ctxt;
    char *block;
    enum gw_result result; /* not GW_OK: what part_stop() said */
    bool begun, ended;
};

/* GW_END: there is no such member. The name must live as long. part_close() in any case; a part may be opened
 * again after it. */
GW_MUST_USE enum gw_result part_open(struct part *p, struct zip *z, struct gw_str name,
                                     const struct part_codes *codes, const struct part_handlers *handlers,
                                     void *context);
/* The pointer by which the parser knows the name. NULL: no memory. */
const xmlChar *part_intern(struct part *p, const char *name);
/* GW_OK: a block more was handled. GW_END: all was. Else what part_stop() was told, or a fault that was said.
 */
GW_MUST_USE enum gw_result part_feed(struct part *p);
/* To the end, and closed. `required`: that it is missing is a fault. */
GW_MUST_USE enum gw_result part_read(struct part *p, struct zip *z, struct gw_str name,
                                     const struct part_codes *codes, const struct part_handlers *handlers,
                                     void *context, bool required);
/* For handlers: nothing more is handled. GW_END: the rest is of no interest. */
void part_stop(struct part *p, enum gw_result result);
void part_close(struct part *p); /* {0} and twice is fine */

/* The value of an attribute by its local name, not unescaped by us: the parser has done it. */
static inline struct gw_str part_value(const xmlChar **attributes, int n, const xmlChar *name)
{
    for (int i = 0; i < n; i++)
        if (attributes[5 * i] == name)
            return (struct gw_str){(const char *)attributes[5 * i + 3],
                                   (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3])};
    return (struct gw_str){NULL, 0};
}

/* A whole number of at most nine digits; anything else: `other`. */
static inline uint32_t part_number(struct gw_str text, uint32_t other)
{
    uint32_t n = 0;

    if (text.len == 0 || text.len > 9)
        return other;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return other;
        n = n * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    return n;
}

static inline bool part_is(struct gw_str text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

#endif
