/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the json plugin share: json.c walks the way to the records, json_tree.c makes
 * trees of values, json_write.c writes documents and json_value.c the values in them.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <string.h>

#include "gw/plugin.h"
#include "json_keys.h"

struct json_config {
    bool lines;
    bool compact;
    uint64_t indent;
    bool final_newline;
    bool escape_non_ascii;
};

extern const struct gw_reader json_reader;
extern const struct gw_writer json_writer;

#define JSON_TEXT  65536u /* a value up to this size is tried before its end is known */
#define JSON_NODES 2048u  /* of a value of the record's life: so many cost no memory */

/* Finds the end of a value, well formed or not, window by window. Zero is its beginning. */
struct slicer {
    uint32_t depth;
    bool string, escape, word;
    unsigned char maps[512]; /* a bit a level: opened by a brace */
};

/* How many of these bytes belong to the value; *ret_done: its end is among or before them. */
size_t slicer_run(struct slicer *c, const char *text, size_t len, bool *ret_done);

/* A value that was read, or why it is none. */
struct parsed {
    struct gw_node *root;
    size_t nodes;     /* root[0 .. nodes-1], in the order of the text */
    size_t used;      /* bytes, 0: its end is not known */
    const char *code; /* GW_REJECT: what is wrong, and where in the bytes */
    size_t at;
    bool cut;          /* whole, and it ended too early */
    struct gw_str key; /* json.duplicate_key */
};

struct builder {
    struct gw_session *s;
    struct keys keys;
    struct frame *frames; /* stream->depth and one for the root */
    char *text;           /* JSON_TEXT bytes and padding: a small value, unescaped where it lies */
    char *unescaped;      /* as large: its escaped texts, where they are read one by one */
    size_t nunescaped;
    char *pool; /* yyjson's, for a value that fits into `text` */
    size_t pool_size;
    struct gw_node *nodes;      /* JSON_NODES */
    struct plain_level *levels; /* of the plain case: as deep as the stream may be */
    size_t room;                /* what is left for values of the session's life */
};

GW_MUST_USE enum gw_result builder_init(struct builder *b, struct gw_session *s);
/*
 * The value that `bytes` begin with; `whole`: they are one value and blanks, nothing else. GW_END: they end
 * before the value does. GW_REJECT: ret->code. Small values of the record's life live until the next call.
 */
GW_MUST_USE enum gw_result builder_read(struct builder *b, struct gw_str bytes, bool whole, enum gw_life life,
                                        uint16_t name, struct parsed *ret);

/* A text with its quotes that stands in `text`, unescaped. False: it is none. */
GW_MUST_USE bool builder_text(struct builder *b, struct gw_str quoted, struct gw_str *ret);
/* The same for what is copied to `text` already, if it is an object and plain; else nothing is said. */
GW_MUST_USE enum gw_result plain_init(struct builder *b);
bool plain_read(struct builder *b, size_t len, bool whole, uint16_t name, struct parsed *ret);

/* A stream being read, for json.c (the way) and json_record.c. */
struct reader {
    struct builder b;
    struct gw_session *s;
    struct gw_str view; /* seen and not consumed */
    bool all;           /* `view` is all there is */
    bool begun, met;    /* met: records, or the place where they would be */
    uint64_t at;        /* of `view` */
    uint64_t line;      /* 0: records went by, lines are no longer counted */
    uint64_t line_at;   /* its first byte */
    size_t recent;      /* size of a record, for the guess */
    struct level *levels;
    size_t nlevels;
    struct gw_node *context;
    uint64_t changes;
};

/* The window has n bytes, or all there are. */
GW_MUST_USE enum gw_result json_need(struct reader *r, size_t n);
/* For what is no record: its lines are counted. */
void json_take_counted(struct reader *r, size_t n);
/* The next character that is no blank, not taken. GW_END: there is none; json_must_char() fails then. */
GW_MUST_USE enum gw_result json_next_char(struct reader *r, char *ret);
GW_MUST_USE enum gw_result json_must_char(struct reader *r, char *ret);
/* The end of the value at hand, in the window. GW_REJECT: it is beyond the bound, `c` stands at *ret_len;
 * GW_END: the stream ends before it. */
GW_MUST_USE enum gw_result json_locate(struct reader *r, struct slicer *c, size_t *ret_len);
/* Take the rest of a value that is too large, window by window. */
GW_MUST_USE enum gw_result json_skip_value(struct reader *r, struct slicer *c, size_t len);
/* The record at hand, or the next line. */
GW_MUST_USE enum gw_result json_record(struct reader *r, struct gw_record *rec, uint16_t name);
GW_MUST_USE enum gw_result json_line(struct reader *r, struct gw_record *rec);

/* GW_FAIL: what stands there cannot; the stream ends where it must not, perhaps after another fault. */
GW_MUST_USE enum gw_result json_unexpected(struct reader *r, const char *code);
GW_MUST_USE enum gw_result json_broken_off(struct reader *r);
/* What is wrong with the value at hand, told while its bytes are in the window. */
void json_report(struct reader *r, const struct parsed *p);
void json_report_large(struct reader *r, uint64_t at);

static inline struct gw_place json_place(uint64_t byte)
{
    return (struct gw_place){.byte = byte};
}

static inline bool json_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Whether a value may begin so. */
static inline bool json_begins(char c)
{
    static const char first[] = "{[\"-0123456789tfn";

    return c != '\0' && memchr(first, c, sizeof(first)) != NULL;
}

/* What is written, gathered in a block. */
#define JSON_BLOCK 65536u

struct out {
    struct gw_session *s;
    char *block, *at, *end;
    enum gw_result failed; /* GW_OK: nothing has */
    uint64_t mask;         /* 0x80 in each byte: what is not ASCII is escaped */
    enum gw_result (*to)(struct out *o, const char *text, size_t len); /* NULL: gw_write() */
};

void out_flush(struct out *o);
void out_put(struct out *o, const char *text, size_t len);
void out_text(struct out *o, const char *text, size_t len); /* with its quotes */
bool json_number(const char *text, size_t len);             /* by the grammar of JSON */

/* At most JSON_BLOCK. */
static inline void out_room(struct out *o, size_t len)
{
    if ((size_t)(o->end - o->at) < len)
        out_flush(o);
}

static inline void out_char(struct out *o, char c)
{
    out_room(o, 1);
    *o->at++ = c;
}

/* The character at text[0] as a message can show it, in the room given. */
struct gw_str json_shown(struct gw_str text, char room[8]);

#endif
