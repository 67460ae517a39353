/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gw/record.h - what flows between the gateway and a format plugin: a record as a small tree.
 *
 * Scalars keep the text they were written with: 1234.10 goes through as 1234.10, never as a
 * double. All text is UTF-8. Nodes and their text live in one of the session's two arenas.
 */
#ifndef GW_RECORD_H
#define GW_RECORD_H

#include "gw/base.h"

enum gw_kind {
    GW_NULL,    /* no text */
    GW_FALSE,   /* text "false" */
    GW_TRUE,    /* text "true" */
    GW_NUMBER,  /* text as written */
    GW_TEXT,    /* text, unescaped */
    GW_LIST,    /* children are its items; they bear the list's own name */
    GW_MAP,     /* children are its members; may also have text (an element with attributes) */
    GW_RECORDS, /* only in a context that is written: the records stand here */
};

/*
 * 40 bytes, zero is a valid empty node. `name` is a symbol of the session's table (gw_name).
 * An attribute is a child named "@x". Repeated siblings of one name (XML) and a GW_LIST
 * (JSON) mean the same to the mapping; a writer is always given a GW_LIST.
 * line 0: `column` is the offset in bytes from the record's `begin` (JSON).
 */
struct gw_node {
    const char *text; /* of a scalar; NULL with len 0 is the empty text */
    struct gw_node *next;
    struct gw_node *first;
    uint32_t len;
    uint32_t line;
    uint32_t column;
    uint16_t name;
    uint8_t kind;  /* enum gw_kind */
    uint8_t flags; /* the host's; a plugin leaves it 0 */
};

/*
 * One record. Reading: next() fills it; root and its text live until the following next().
 * Writing: write() is given it; root lives until write() returns.
 *
 * `context` is the tree of what encloses the records, without the records: reading, what
 * was met of it up to now (complete when next() says GW_END); its root is the stream's
 * root. `changes` grows whenever that tree changed, so that it need not be walked again.
 * Writing, the tree has one GW_RECORDS node; the first `level` nodes on the way to it are
 * the same as for the record before, those below are new: close the old, open the new.
 * `form`, if it is not 0: all records of the stream with that number are the very same nodes.
 * Only texts differ, and a GW_TRUE may have become a GW_FALSE or the other way round. The
 * numbers begin at 1 and there are at most GW_FORMS.
 */
#define GW_FORMS 64u

struct gw_record {
    struct gw_node *root;
    const struct gw_node *context; /* may be NULL */
    uint64_t changes;              /* reading */
    uint32_t level;                /* writing */
    uint32_t line;                 /* reading: of its first byte, 0 if the plugin counts no lines */
    uint64_t begin;                /* reading: its bytes in the decoded stream, for a reject */
    uint64_t end;
    uint32_t form; /* since 1.5; writing */
};

#endif
