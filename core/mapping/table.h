/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A format's mapping compiled for one stream. Everything is a number by now: names are
 * symbols, native paths are places, pivot fields are slots, scopes and lines are indexes.
 *
 * A *place* is a node of the trie of native paths. A *frame* is what repeats: the record,
 * what encloses it (the context), each node of a scope that ends in []. A frame has one
 * cell a place; reading fills cells from the tree and lines run from cells to slots; writing
 * runs lines from slots to cells and makes the tree from them. Nothing is searched for.
 */
#ifndef MAPPING_TABLE_H
#define MAPPING_TABLE_H

#include "base/names.h"
#include "gw/plugin.h"
#include "mapping/convert.h"
#include "mapping/form.h"

struct scope;
struct tie;
struct packed;
struct packed_writing;
struct condition;

enum { FRAME_CONTEXT, FRAME_RECORD, FRAMES_FIXED };

struct test { /* a predicate: what stands there has (has not) one of these texts */
    bool differs;
    uint32_t index; /* [n]; 0 none */
    struct gw_str *values;
    size_t nvalues;
    struct place *place; /* below the place it chooses for */
};

struct place {
    uint16_t id;
    uint16_t name;
    uint16_t cell; /* in its frame */
    uint16_t depth;
    struct frame_kind *frame;
    struct frame_kind *opens;            /* each node here is a frame of its own */
    struct place *parent, *first, *next; /* children in the order of writing */
    struct place *twin;                  /* reading: same parent and name, other predicates */
    struct test *tests;                  /* of a repeated step */
    size_t ntests;
    double rank;
    uint16_t *aliases; /* other names that lead here */
    size_t naliases;
    bool many, optional, tree, ignored, claimed;
    bool plain;           /* writing: one node with nothing below it */
    bool late;            /* some line that reads it has a `when` */
    bool checked;         /* reading: what we would write is compared */
    bool leaf;            /* some line reads or writes its text */
    bool items;           /* its nodes are the items of one list */
    bool rest;            /* the `*` of a scope stands here */
    struct gw_str path;   /* for people */
    struct tie **writers; /* in the order of the table */
    size_t nwriters;
    unsigned absent; /* USE_NULL, USE_EMPTY or USE_OMIT */
};

struct frame_kind {
    uint16_t id;
    uint16_t cells;
    struct frame_kind *parent; /* NULL of context and record */
    uint16_t rank;             /* among its parent's kinds */
    uint16_t nkinds;           /* of frames below it */
    struct place *place;       /* its root */
    struct scope **scopes;     /* in the order of the table, parents first */
    size_t nscopes;
    struct place **checked; /* reading: what we would write is compared */
    size_t nchecked;
};

/* Way from an object to a value: slots, through keyed items. */
struct hop {
    uint16_t slot, key_slot;
    struct gw_str key; /* of list[key=value] */
};

struct target {
    struct hop hops[3];
    size_t nhops;
    bool each; /* slot is of each item of the list `each_slot` (converter list) */
    uint16_t each_slot;
    uint16_t slot;
    const struct field *field;
    const struct shape *shape; /* that `slot` is of */
};

struct gate { /* a predicate on a node that does not repeat */
    const struct place *place;
    bool differs;
    struct gw_str *values;
    size_t nvalues;
};

struct gates {
    struct gate *items;
    size_t count;
};

struct scope {
    uint16_t id;
    uint16_t local;    /* in its frame */
    struct gw_str key; /* "type:label", "type.items[]" */
    struct gw_str type;
    struct shape *shape;
    const struct line *line;
    bool list, tied;      /* tied: some reference leads to it or from it */
    bool stream;          /* the envelope */
    bool unread;          /* `write`: gathered to write what other lines ask of it, made by no reading */
    bool many;            /* its place opens the frame */
    bool idle;            /* no line of this profile has anything for it: reading makes none */
    struct scope *parent; /* its node is relative to that one's */
    struct scope *holder; /* list: whose object holds the list */
    struct place *place;
    struct frame_kind *frame;
    struct gates gates;
    struct condition *when;
    bool chosen;         /* a predicate chose its node */
    struct target items; /* list: in the object of `parent` */
    struct tie **first;  /* lines of the first phase of reading */
    size_t nfirst;
    struct packed *packed; /* `first` once more (packed.h) */
    struct tie **refs, **selectors;
    struct tie **named_by; /* references to it, of any scope, without a place */
    struct tie **naming;   /* those of it and of its lists */
    size_t nrefs, nselectors, nnamed_by, nnaming;
    int sort_slot; /* -1 none */
};

#define RULE_PARTS 8
#define UP_CONTEXT 255

struct tie {
    uint32_t index; /* of its line */
    const struct line *line;
    uint8_t form; /* enum form */
    uint8_t kind; /* enum gw_kind it writes */
    uint8_t loss; /* enum gw_loss */
    bool late;    /* second phase of reading */
    bool hard;    /* makes nodes when it has a value */
    unsigned use;
    struct scope *scope; /* NULL: native only, of the record */
    struct place *places[RULE_PARTS];
    size_t nplaces;
    uint16_t cells[RULE_PARTS]; /* where in the frame */
    uint8_t up[RULE_PARTS];     /* frames to climb from the scope's; UP_CONTEXT: the context */
    struct gw_str param;        /* $name.x instead of a place */
    struct target targets[RULE_PARTS];
    size_t ntargets;
    struct convs convs;  /* FORM_VALUE; of the items of FORM_LIST; behind the template */
    struct convs before; /* of a split: between the native and the template */
    struct template *templates;
    size_t ntemplates;
    struct rule rule;               /* FORM_RULE */
    const struct pattern *sequence; /* what an absent value is written as; NULL: nothing */
    struct condition *when;
    struct condition *test;
    bool negated;            /* member(!X) */
    struct gw_str word;      /* const's text, member's code, list's separator */
    struct scope *ref_scope; /* FORM_REF */
    int ref_slot;            /* ref(SCOPE.field), -1 */
    struct target sum;       /* of FORM_SUM, with its scope in ref_scope */
    uint32_t width;          /* count(w), sum(f,w) */
    uint32_t plus;           /* count(w,n): lines that are no records */
    struct gates gates;
    struct place *optional[4]; /* optional nodes on its way, outermost first */
    size_t noptional;
    bool repeats;     /* FORM_LIST: each node of the place is an item */
    bool alone, pure; /* no other line reads this place; the text it writes depends on its values alone */
};

struct edge {
    uint32_t key;  /* place id + 1 << 16 | name; 0 empty */
    uint16_t cell; /* of the place */
    bool leaf;     /* a text and nothing else: the place need not be looked at */
    struct place *place;
};

struct table {
    struct arena *arena;
    const struct format *format;
    const struct profile *profile;
    struct model *model;
    struct names *names;
    struct converters convert;
    struct place **places;
    uint16_t nplaces;
    struct frame_kind **kinds;
    uint16_t nkinds;
    struct scope **scopes;
    uint16_t nscopes;
    struct scope *root, *envelope;
    struct tie **ties;
    size_t nties;
    struct tie **late; /* of the second phase, in the order of the table */
    size_t nlate;
    struct packed *late_packed;         /* `late` once more (packed.h) */
    uint16_t nmemos, nsplits, nanswers; /* of packed lines (memo.h) */
    struct packed_writing *writing;     /* (packed.h) */
    struct tie **refs;
    size_t nrefs;
    struct tie *rest; /* the line with `*`, given to every format that has none */
    struct edge *edges;
    uint32_t edge_mask;
    struct gw_step *steps; /* where records are */
    size_t nsteps;
    struct gw_column *columns;
    size_t ncolumns;
    struct gw_alias *aliases; /* of columns */
    size_t naliases;
    double hole;       /* rank of the records in the context */
    bool totals_first; /* a count or sum stands before the records */
    bool totals;
    bool sums;           /* some total is a sum, not a count of records */
    struct place *group; /* context node written once around many records */
    struct target *group_by;
    struct scope **group_scopes;
    size_t ngroup_by;
    struct place *date; /* context place of $date; NULL */
    struct gw_str date_param;
    bool faulty;
};

/* Is it of the context node that is written once around many records? */
bool in_group(const struct table *t, const struct place *p);
struct place *edge_find(const struct table *t, const struct place *p, uint16_t name);

/* The scope whose instances run a line: native-only lines run once a record, in the context once a stream (or
 * group). */
struct scope *tie_scope(const struct table *t, const struct tie *r);

#endif
