/* SPDX-License-Identifier: EUPL-1.2 */
/* A folder of formats for a test, and what was complained of. */
#ifndef SYNTAX_FOLDER_H
#define SYNTAX_FOLDER_H

#include "base/buf.h"
#include "mapping/syntax.h"

struct folder {
    char path[256];
    struct arena arena;
    struct sink sink; /* each diagnostic: "cnaf/fields.csv:3:7 code found expected" */
    struct buf heard;
    struct format *format; /* of folder_load() */
};

#define HEADER "resource;field;path;as;use;when;note\n"

void folder_open(struct folder *f);
void folder_close(struct folder *f);                                       /* removes it */
void folder_write(struct folder *f, const char *name, struct gw_str text); /* "child/fields.csv" */
/* A whole format: its format.conf and, unless NULL, its table. */
void folder_format(struct folder *f, const char *name, const char *conf, const char *table);
/* f->heard starts anew. */
enum gw_result folder_load(struct folder *f, const char *name);
/* The format must load, and without a word. */
void folder_load_good(struct folder *f, const char *name);

#endif
