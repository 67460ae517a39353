/* SPDX-License-Identifier: EUPL-1.2 */
/* Trees put into memory as XML text: the lower half of the writer. */
#ifndef XML_PUT_H
#define XML_PUT_H

#include "xml.h"
#include "xml_copy.h"

#define XML_BLOCK   65536u /* of output; what is larger moves on to the record's memory */
#define XML_INDENTS 64u    /* levels; deeper ones are not indented further */
#define XML_PAGE    256u   /* symbols a page of the cache */

/* A name, checked and ready to be copied: "name>" or, of an attribute, "name=\"". */
struct xml_name {
    const char *text; /* NULL: not met yet */
    uint32_t len;     /* of the name alone */
    bool attribute;
};

struct xml_open {
    const struct gw_node *next;  /* behind it */
    const struct xml_name *name; /* NULL: a list, which has no tags */
    bool inline_end;             /* beside text no white space may be added */
};

/* An element that is open around the records. */
struct xml_level {
    uint16_t name;
    bool compact; /* no white space is added in it: it has text, or what it stands in */
    char *tail;   /* what follows its records, with the end tag */
    size_t len, room;
};

struct xml_writer {
    struct gw_session *s;
    const struct xml_config *config;
    char *block; /* kept; a record that is larger moves on to its own memory */
    char *start, *cursor, *end;
    struct xml_name *pages[65536 / XML_PAGE];
    const char *indents; /* a line end and white space */
    size_t indent;       /* of it, a level; 0: none, and no line end */
    struct xml_open *stack;
    uint32_t limit, height;
    struct xml_level *levels;
    uint32_t nlevels, opened;
    uint32_t fixed; /* levels that never change: those before the first group */
    uint32_t same;  /* levels that did not change since a record was written */
    uint16_t root;
    uint64_t records;
    enum gw_result result; /* of what went wrong below */
};

bool xml_fail(struct xml_writer *w, enum gw_result result); /* false, for a return */
void xml_begin_output(struct xml_writer *w);
void xml_put(struct xml_writer *w, struct gw_str text);
const struct xml_name *xml_new_name(struct xml_writer *w, uint16_t symbol);

/* NULL: failed. */
static inline const struct xml_name *xml_name_of(struct xml_writer *w, uint16_t symbol)
{
    const struct xml_name *page = w->pages[symbol / XML_PAGE];

    return page && page[symbol % XML_PAGE].text ? &page[symbol % XML_PAGE] : xml_new_name(w, symbol);
}

static inline bool xml_is_attribute(struct xml_writer *w, const struct gw_node *node)
{
    const struct xml_name *name = xml_name_of(w, node->name);

    return name && name->attribute;
}

/* Those below return false when something failed: w->result. */

/* A line end and white space, if that is wanted. */
bool xml_put_break(struct xml_writer *w, uint32_t level);
enum { IN_TEXT = 1, IN_VALUE = 2, ANYWHERE = 3 };
bool xml_put_text(struct xml_writer *w, const struct gw_node *node, uint8_t where);
/* A break (not if `compact`), "<name" and attributes. *ret_inner: has it elements in it? */
bool xml_put_start(struct xml_writer *w, const struct xml_name *name, const struct gw_node *node,
                   uint32_t level, bool compact, bool *ret_inner);
void xml_put_end(struct xml_writer *w, const struct xml_name *name);
/* The tree below `node`, itself at `level` (no break before it if `compact`). Lists are transparent. */
bool xml_put_tree(struct xml_writer *w, const struct gw_node *node, uint32_t level, bool compact);

#endif
