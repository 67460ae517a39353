/* SPDX-License-Identifier: EUPL-1.2 */
/* The writer's state, for json_write.c (the document) and json_value.c (what stands in it). */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "json_put.h"

#define LEVELS    64u /* of the document around the records */
#define NAME_MAX  256u
#define NAME_ROOM 8192u /* a name of that length, escaped */
#define COPY_TEXT 8192u /* a longer text is not copied at once */
#define COPY_ROOM (NAME_ROOM + COPY_TEXT)

/* What follows the records in a group: rendered when the group opens, for its tree is gone when it ends. */
struct tail {
    char *text;
    size_t len, room;
};

/* An object or list of the document around the records, open now. */
struct open {
    bool map, filled;
    struct tail tail, spare; /* spare: of the group before, which comes back when this one's record is bad */
};

struct form; /* a tree that comes again with other texts (json_form.c) */

struct writer {
    struct out out; /* first: out.to() finds the writer by it */
    struct gw_session *s;
    const struct json_config *config;
    struct tail *tail;      /* not NULL: what is written goes there */
    struct member *members; /* by symbol */
    struct member item;     /* what stands before one of a list */
    const struct gw_node **stack;
    struct form *forms; /* by number; NULL: nothing is copied */
    const struct gw_node *context; /* where rec->context is NULL */
    struct open open[LEVELS];
    uint32_t nopen;
    bool begun;   /* the document is open */
    bool many;    /* the records are a list */
    bool written; /* one is */
    bool pretty;
    char *copy_end; /* behind it there is no room for a name and a value together */
    bool copies; /* most values are written as they are: nothing between them, nothing escaped beyond ASCII */
};

void value_line_end(struct writer *w, size_t depth);
/* All that stands before a child's value. */
void value_begin(struct writer *w, const struct gw_node *n, bool map, bool first, size_t depth);
/* An opening bracket, and the text that an element with attributes has. */
void value_open(struct writer *w, const struct gw_node *n, size_t depth);
void value_close(struct writer *w, bool map, bool filled, size_t depth);
/* A value without others in it, where `at` is, whatever it is: returns its end, NULL: it failed. */
__attribute__((cold, noinline)) char *value_leaf(struct writer *w, char *at, const struct gw_node *n);
GW_MUST_USE enum gw_result forms_init(struct writer *w);
/* A line of a form. False: it is not one, or its first time. */
bool form_put(struct writer *w, const struct gw_record *rec);
/* A value at that level of the document. */
void value_put(struct writer *w, const struct gw_node *n, size_t depth);

/* ---- values as copies ---- */

static const struct {
    char text[8];
    size_t len;
} json_words[] = {[GW_NULL] = {"null", 4}, [GW_FALSE] = {"false", 5}, [GW_TRUE] = {"true", 4}};

/* Most numbers are a few digits. NULL: the long way. */
static inline char *copy_digits(char *at, const char *text, size_t len)
{
    size_t i = 0;

    if (len == 0 || len > JSON_PADDING || (text[0] == '0' && len > 1))
        return NULL;
    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
        at[i] = text[i];
    return i == len ? at + len : NULL;
}

static inline char *copy_leaf(struct writer *w, char *at, const struct gw_node *n)
{
    size_t len = n->len;
    char *end;

    if (n->kind == GW_TEXT && len <= COPY_TEXT && copy_plain(at + 1, n->text, len, 0)) {
        at[0] = at[1 + len] = '"';
        return at + len + 2;
    }
    if (n->kind >= GW_NUMBER) {
        end = n->kind == GW_NUMBER ? copy_digits(at, n->text, len) : NULL;
        return end ? end : value_leaf(w, at, n);
    }
    memcpy(at, json_words[n->kind].text, sizeof(json_words->text));
    return at + json_words[n->kind].len;
}

#endif
