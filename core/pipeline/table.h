/* SPDX-License-Identifier: EUPL-1.2 */
/* A table for people, written by a plugin that the file's name asks for: of x.NAME the one called NAME, if it
 * writes tables with types. Any other name is text, which is the caller's. */
#ifndef PIPELINE_TABLE_H
#define PIPELINE_TABLE_H

#include "pipeline/registry.h"
#include "pipeline/session.h"

#define TABLE_COLUMNS 16

struct table_out {
    const struct gw_plugin *plugin;
    struct arena arena;
    struct names names;
    struct gw_column columns[TABLE_COLUMNS];
    size_t ncolumns;
    void *config;
    struct output output;
    struct session session;
    uint64_t rows;
    enum gw_result result; /* the first that was not good; reported */
    bool open;
};

/* NULL: none is asked for. */
const struct gw_plugin *table_plugin(const struct registry *r, const char *path);
/* Into the file of that path; or into a descriptor, which stays the caller's, with `path` for messages. */
enum gw_result table_open(struct table_out *t, const struct gw_plugin *p, const char *path, int fd,
                          const struct gw_str *heads, size_t n, struct sink *sink);
/* Digits alone are a number in the columns whose bit is set. */
void table_row(struct table_out *t, const struct gw_str *cells, uint32_t numbers);
enum gw_result table_close(struct table_out *t); /* {0} is fine */

#endif
