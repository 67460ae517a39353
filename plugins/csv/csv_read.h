/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The reader's state and what its two files share: csv_read.c has the window and the rows,
 * csv_head.c all that comes before the first row.
 */
#ifndef CSV_READ_H
#define CSV_READ_H

#include "csv.h"
#include "table/columns.h"

struct reader {
    struct gw_str window; /* not consumed yet */
    bool last;            /* nothing comes behind the window */
    bool any;             /* a line that is not blank was met */
    bool warned;          /* that the last line has no end */
    uint32_t line;
    uint64_t at; /* byte and line of the window's first */
    struct csv_dialect dialect;
    struct csv_row row;
    struct columns columns;
    struct gw_node root;
    struct gw_node context, head, tail;
    uint64_t changes; /* of the context */
};

static inline const struct csv_config *config_of(const struct gw_session *s)
{
    return s->config;
}

static inline struct gw_place here(const struct reader *st)
{
    return (struct gw_place){st->at, st->line, 1};
}

/* GW_OK: the window begins with a row. GW_END: no more rows. */
GW_MUST_USE enum gw_result csv_skip_blank(struct gw_session *s, struct reader *st);
/* A byte order mark that the host left. */
GW_MUST_USE enum gw_result csv_skip_mark(struct gw_session *s, struct reader *st);
/* The row at the window's begin, cut into st->row, which is valid until the window changes. */
GW_MUST_USE enum gw_result csv_cut_here(struct gw_session *s, struct reader *st, enum csv_cut *ret_cut);
/* To behind the row that is cut. */
void csv_pass_row(struct gw_session *s, struct reader *st);
/* The row's last line has no end: said once. */
void csv_warn_cut_short(struct gw_session *s, struct reader *st);
/* The apostrophes of `guard` go. */
void csv_unguard(struct csv_row *row, uint32_t count);
/* Doubled quotes become one in the cells that have some. */
GW_MUST_USE enum gw_result csv_unescape(struct gw_session *s, struct reader *st);

/* Lines of context, as they stand: the row's first line begins with the prefix. */
bool csv_begins_with(const struct csv_row *row, struct gw_str prefix);
/* The row's first line without its end: first cell; *ret_rest: what is behind it. */
struct gw_str csv_first_cell(const struct reader *st, struct gw_str *ret_rest);
bool csv_only_delimiters(const struct reader *st, struct gw_str rest);
GW_MUST_USE enum gw_result csv_keep_line(struct gw_session *s, const struct reader *st, struct gw_str cell,
                                         struct gw_str prefix, struct gw_node *ret);
GW_MUST_USE enum gw_result csv_keep_cells(struct gw_session *s, const struct reader *st, struct gw_str rest,
                                          struct gw_node *line);
void csv_add_context(struct reader *st, struct gw_node *node);

/* All that is before the first row: lines, header, columns. */
GW_MUST_USE enum gw_result csv_open_reader(struct gw_session *s);

#endif
