/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The shared code lists as a collection: what is said of each (sources.csv), how long an edition is good for
 * and whose codes a crosswalk leads to (official/lists.csv), and how official files look (official/layouts.csv,
 * and a format folder each).
 */
#ifndef CLI_NOMENCLATURES_H
#define CLI_NOMENCLATURES_H

#include "cli/cli.h"
#include "mapping/codes.h"

/* A format whose table asks for a list of that name; `own`: it has one itself, which goes before. */
struct list_user {
    struct gw_str format;
    bool own;
};

/* One list: where it is from, and what is done with it. Absent texts: nobody says. */
struct nomenclature {
    struct gw_str name, publisher, source, date;
    uint32_t line;           /* in sources.csv; 0: not there */
    struct gw_str codes_of;  /* the list that its pivots are codes of */
    struct gw_str codes_but; /* patterns of those that are not, each with a `!` before */
    unsigned months;         /* an edition is good for; 0: for ever */
    bool installed;          /* its file is there */
    bool coded;              /* it has the columns of a code list */
    struct code_row *rows;
    size_t nrows;
    struct list_user *users;
    size_t nusers;
};

/* A shape of official file that one list can be made from. */
struct layout {
    struct gw_str list, name;
    struct gw_str kinds;  /* words: rows of these kinds only; empty: all */
    struct gw_str begins; /* the first day that its files know: what began on it began on it or before */
    bool before;          /* the last day of a row is the first on which it holds no more */
    bool one_day;         /* a row that ends on the day it begins holds on that day; else it never did */
    struct gw_str covers; /* patterns of the codes it speaks of, `!` before one that it does not; empty: all */
};

struct nomenclatures {
    struct engine *engine;
    struct sink *sink;
    struct arena arena;
    struct gw_str folder;
    struct nomenclature *items;
    size_t count;
    struct layout *layouts;
    size_t nlayouts;
    bool faulty; /* something was said that is an error */
};

/* All tables and lists. GW_FAIL: the tables themselves cannot be read. */
GW_MUST_USE enum gw_result nomenclatures_open(struct nomenclatures *n, struct engine *e, struct sink *sink);
void nomenclatures_close(struct nomenclatures *n);
struct nomenclature *nomenclatures_find(const struct nomenclatures *n, struct gw_str name); /* NULL: none */
/* Of a table of ours, or of a list: `where` its path below the folder. */
void nomenclatures_say(struct nomenclatures *n, enum gw_severity severity, const char *code, const char *where,
                       uint32_t line, const struct gw_arg *args, size_t nargs);
/* The first day that some row holds, the last one that all are over; absent: no such day. */
struct gw_str nomenclature_from(const struct nomenclature *l);
struct gw_str nomenclature_to(const struct nomenclature *l);
/* Whether the edition is older than it is good for, on that day. */
bool nomenclature_is_stale(const struct nomenclature *l, struct gw_str today);
struct gw_str code_of_pivot(const struct code_row *row); /* its own text where the cell is empty */

/* Fills the users of all lists, by opening each format (nomenclatures_users.c). */
GW_MUST_USE enum gw_result nomenclatures_users(struct nomenclatures *n);

/* Whether the layout's files speak of that code. */
bool layout_covers(const struct layout *l, struct gw_str native);

/* ---- the parts of the verb ---- */

enum exit_code nomenclatures_check(struct invocation *in, struct nomenclatures *n);
enum exit_code nomenclatures_update(struct invocation *in, struct nomenclatures *n);

#endif
