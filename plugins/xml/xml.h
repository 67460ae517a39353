/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * xml - what the files of the plugin share. The reader is seven files over one struct:
 * xml_read.c feeds the parser, xml_whole.c lets it read a record where it lies, xml_tree.c is what it calls,
 * xml_text.c puts texts together, xml_context.c keeps what encloses records, xml_recover.c goes on behind a
 * syntax error, whose words are in xml_fault.c. Positions (uint64_t) count bytes of the decoded stream.
 */
#ifndef XML_H
#define XML_H

#include <libxml/parser.h>
#include <stdbool.h>
#include <string.h>

#include "gw/plugin.h"

#include "xml_bytes.h"

enum xml_indent { XML_INDENT_NONE, XML_INDENT_TAB, XML_INDENT_TWO, XML_INDENT_FOUR };
enum xml_empty { XML_EMPTY_SELFCLOSE, XML_EMPTY_SELFCLOSE_SPACE, XML_EMPTY_PAIR };

struct xml_config {
    struct gw_str root;
    struct gw_str namespace;
    struct gw_str attributes;
    struct gw_str declaration;
    uint8_t indent; /* enum xml_indent */
    uint8_t empty;  /* enum xml_empty */
    bool final_newline;
    bool nil;
};

#define XML_NIL_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"
#define XML_SLOTS         4096u           /* of the name cache, a power of two */
#define XML_FEED          65536u          /* the most that the parser is given at once */
#define XML_WHOLE         (16 * XML_FEED) /* the most that is parsed where it lies */

/* Way to a symbol by the parser's own pointers, which live as long as it does. */
struct xml_slot {
    const xmlChar *local; /* NULL: free */
    const xmlChar *prefix;
    uint32_t len; /* of the local name */
    uint16_t symbol;
    bool attribute;
};

/* An open element. */
struct xml_frame {
    struct gw_node *node;
    struct gw_node *last; /* of its children */
    uint32_t room;        /* for more text behind node->text */
};

/* An open element on the way to the records; the first is the root. */
struct xml_ancestor {
    const char *tag; /* its start tag as it was, to open it again */
    size_t tag_len;
    struct gw_str local;    /* its name without prefix */
    bool group;             /* repeats: its memory is given back */
    struct gw_node *before; /* its sibling before */
    size_t mark;            /* of the session's memory when it began */
    uint64_t bytes;         /* xml_reader.context_bytes when it began */
    uint64_t records;       /* seen in it */
};

/* Why the parser was stopped; result GW_OK: it was not. */
struct xml_fault {
    enum gw_result result; /* GW_REJECT: goes on, if where to is found */
    const char *code;
    uint64_t byte;
    uint64_t token; /* where the markup at fault begins */
    struct gw_arg args[3];
    size_t nargs;
};

/* Where a start tag is; line 0 in a record, whose nodes keep an offset. */
struct xml_place {
    const xmlChar *tag;
    uint64_t byte;
    uint32_t line, column;
};

struct xml_reader {
    struct gw_session *s;
    xmlParserCtxtPtr ctxt;
    const struct gw_step *steps; /* without the step that is the root itself */
    size_t nsteps;
    size_t record_bytes;

    /* feeding: the window shows the stream from `at` on, the parser has got it up to `fed` */
    uint64_t at, fed;
    uint64_t origin;           /* position of the parser's first byte; before 0 when it began again */
    uint32_t line;             /* of `at` */
    uint64_t line_begin;       /* where that line begins */
    const char *seen;          /* the window, while the parser has what is in it */
    uint64_t met, met_begin;   /* the last column asked for was of this byte; where its line begins */
    struct gw_str record_name; /* as it is spelled here */
    char spelling[64];
    bool ended;
    struct xml_fault fault;

    /* what the parser is shown instead of being fed */
    char *place; /* the bytes of a record, which are its texts' too; NULL: it is fed */
    size_t place_len;
    uint64_t pushed_to; /* up to here it is fed, whatever there is */

    /* the record */
    struct gw_node *record; /* NULL: none is open, none is done */
    uint64_t begin, end;
    uint32_t begin_line, end_line;
    bool done;    /* it is whole */
    bool overrun; /* ... and more was seen behind it, to be read again */
    bool idle;    /* what the parser says is not built: replay, done or a fault */

    /* the tree */
    uint32_t replay; /* start tags to come that are known already */
    uint32_t depth;  /* open elements */
    uint32_t limit;
    uint32_t record_depth; /* depth in which the record lies; 0: no record is open */
    uint32_t opened;       /* ancestors, the first of the open elements */
    struct xml_frame *frames;
    struct xml_ancestor *ancestors;
    const xmlChar *uri;    /* the namespace whose names go without prefix */
    struct gw_node *spare; /* nodes for the record, got by the dozen */
    uint32_t spares;
    char *text, *cursor, *room; /* pending text; where it ends; where its block ends */
    struct xml_slot *slots;
    bool rooted; /* the root was met */
    bool warned; /* of an undeclared prefix */

    /* what encloses the records */
    struct gw_node *context;
    uint64_t changes;
    uint64_t context_bytes;
    struct gw_node *before; /* of the element that is being read into it */
    uint64_t item_begin;
    uint32_t item_line;
    size_t item_mark;
};

extern const struct gw_reader xml_reader;
extern const struct gw_writer xml_writer;

/* xml_read.c */
/* The '<' of the next tag, from *hit on, that bears the record's name; *hit is moved behind that. NULL: there
 * is none in view. `from`: where bytes begin to be known. */
const char *xml_record_tag(const struct xml_reader *x, const char *from, const char **hit, const char *end,
                           bool *ret_end);

/* xml_whole.c */
/* Reads a record if all of it is in view; else, and GW_OK, what there is must be pushed. */
GW_MUST_USE enum gw_result xml_read_whole(struct xml_reader *x);

/* xml_tree.c */
extern const xmlSAXHandler xml_handlers;

/* xml_text.c */
void xml_add_text(struct xml_reader *x, const xmlChar *text, size_t len);
void xml_keep_text(struct xml_reader *x, struct gw_node *node);
void xml_settle_text(struct xml_reader *x, size_t pending); /* beside elements, or null: dropped when blank */

/* xml_context.c */
void *xml_alloc(struct xml_reader *x, size_t size); /* as long as what is open now; NULL: stopped */
void xml_check_root(struct xml_reader *x, struct gw_str local, struct gw_str prefix, struct gw_str uri);
void xml_begin_ancestor(struct xml_reader *x, const struct xml_place *at, const xmlChar *local);
void xml_begin_item(struct xml_reader *x, const struct xml_place *at);
void xml_close_ancestor(struct xml_reader *x);
void xml_drop_open(struct xml_reader *x); /* what is open and no ancestor */

/* xml_fault.c */
/* The '<' of the markup that the parser is in or has just read. */
const xmlChar *xml_tag_begin(const xmlParserInput *in);
/* Notes a fault where the parser is, and stops it. GW_FATAL has no code: the host knows why. */
void xml_stop(struct xml_reader *x, enum gw_result result, const char *code);
void xml_fault_arg(struct xml_reader *x, const char *name, struct gw_str value);
void xml_on_error(void *ctx, const char *format, ...);

/* xml_recover.c */
/* A parser at `at`, with the ancestors open. */
GW_MUST_USE enum gw_result xml_restart(struct xml_reader *x, uint64_t at, uint32_t line);
/* Sets aside what is at fault and goes on behind it, or gives the stream up. */
GW_MUST_USE enum gw_result xml_recover(struct xml_reader *x, struct gw_record *rec);

/* The same of 1 to 8 bytes, where 8 can be read. */
static inline bool xml_eight_blank(const char *p, size_t len)
{
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        return xml_all_blank(p, len);
    return (xml_above_blank(p) & (UINT64_MAX >> (64 - 8 * len))) == 0;
}

/* Is an element open that is neither a record nor on the way to one? */
static inline bool xml_is_item_open(const struct xml_reader *x)
{
    return !x->record_depth && x->opened && x->depth > x->opened;
}

/* The pending text, which is some, for good: where it lies, or in the session's memory. */
static inline void xml_take_text(struct xml_reader *x, struct gw_node *node)
{
    if (!x->record_depth) {
        xml_keep_text(x, node);
        return;
    }
    node->text = x->text;
    node->len = (uint32_t)(x->cursor - x->text);
    x->text = x->cursor;
}

static inline uint64_t xml_position(const struct xml_reader *x, const xmlChar *p)
{
    const xmlParserInput *in = x->ctxt->input;

    return x->origin + in->consumed + (uint64_t)(p - in->base);
}

#endif
