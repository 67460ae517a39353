/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The lines of a table once more, packed for the loops over them: most lines have nothing to do for
 * most records, and the packed line says so from one cache line, without touching its tie. What it does
 * not settle by itself goes the long way (line_read, write_line), which is always right too.
 */
#ifndef MAPPING_PACKED_H
#define MAPPING_PACKED_H

#include "mapping/compile.h"

enum packed_absent {
    ABSENT_ASK,   /* no text: the long way knows what it means */
    ABSENT_SKIP,  /* means nothing */
    ABSENT_GUARD, /* means nothing while the cell `guard` is empty too, an optional node above */
    ABSENT_MISS,  /* is missed, if `when` holds */
};

enum packed_does {
    DOES_ASK,    /* the long way */
    DOES_VALUE,  /* one text to one field of the object */
    DOES_PLAIN,  /* the same, where most texts go through as they are */
    DOES_CONST,  /* the text is `word` */
    DOES_MEMBER, /* it is true or false, mostly that which `word` is not in the list for */
    DOES_SPLIT,  /* one text to several fields of the object */
    DOES_LIST,   /* one text to several items of a list */
    DOES_SELECT, /* no text: the field is `word` */
};

struct packed {
    const struct tie *tie;
    const struct condition *when;
    const struct conv *convs, *end; /* without those that read a text as it is */
    const struct field *field;      /* whose canonical form is to be made; NULL: it is there */
    uint32_t line;
    uint16_t cell, guard, slot;
    uint16_t kind, local; /* of the frames that run it; of its scope in them */
    uint8_t does;         /* enum packed_does */
    uint8_t absent;       /* enum packed_absent; only with `here` */
    uint8_t plain;        /* enum plain; DOES_PLAIN */
    int8_t scale;         /* of the field */
    uint32_t most;        /* bytes of such a text */
    uint16_t answer;      /* number of what `when` shares with others (reading->answers); 0 none */
    bool negated_answer;
    uint16_t memo; /* number of its memo (memo.h); 0 none */
    bool again;    /* a text met before becomes what its memo says, come what may */
    bool lasting;  /* a text that it makes lives as long as the table */
    bool here;     /* one place, in the instance's own frame */
    bool empty;    /* a node without text is as none */
    bool tries;
    bool stream;  /* of the envelope */
    bool nothing; /* the format has texts that mean nothing */
    bool negated; /* DOES_MEMBER */
    struct gw_str word;
};

#define PACKED_SLOTS 4

enum packed_puts {
    PUTS_ASK,   /* the long way */
    PUTS_VALUE, /* one field to one text */
    PUTS_CONST, /* the text is `word` */
};

/* A line as it is written. */
struct packed_write {
    uint16_t slots[PACKED_SLOTS]; /* while none of these has a value, there is nothing to write */
    uint8_t nslots;               /* 0: ask */
    uint8_t puts;                 /* enum packed_puts */
    uint8_t node_kind;            /* enum gw_kind; with `words` that of most texts */
    bool words;                   /* true and false are no texts */
    bool deep;                    /* the place is not right below its frame's root */
    uint16_t kind, local;         /* of the frames that run it; of its scope in them */
    uint16_t cell, container;     /* container: the cell above, if `deep` */
    uint16_t guard;               /* PUTS_CONST, `guarded`: nothing while this cell is empty */
    bool guarded;
    const struct condition *when;
    struct convs convs; /* without those that write a text as it is */
    const struct place *place;
    const struct tie *tie;
    struct gw_str word;
};

/* A place that may need something when no line wrote it. */
struct packed_fill {
    const struct place *place;
    uint16_t kind, cell;
    uint16_t guard; /* `guarded`: nothing while this cell is empty, an optional node above */
    bool guarded;
    bool fixed;         /* a constant waits for what is written before it */
    bool required;      /* it may be missed */
    bool deep;          /* the place is not right below its frame's root */
    uint16_t container; /* the cell above, if `deep` */
};

/* Of the record, or of the context. */
struct packed_part {
    struct packed_write *lines;
    size_t nlines;
    struct packed_fill *fills;
    size_t nfills;
};

struct packed_writing {
    struct packed_part record, context;
};

/* The last part of compiling: scope->packed, table->late_packed, table->writing. */
GW_MUST_USE enum gw_result packed_make(struct table *t);

#endif
