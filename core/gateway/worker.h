/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A worker's own side: started afresh by the supervisor for one duty and one format, it loads what it needs,
 * shuts itself in, and serves orders from descriptor 3 until that closes. Resources travel between workers as
 * lines of the pivot; between them the reader puts lines of its own, told apart by their first key:
 *
 *   {"type":...}    a resource; those of one record consecutive
 *   {"reject":N,"line":L,"code":...,"path":...,"raw"|"raw_base64":...,"fr":[...],"en":[...]}
 *   {"note":...}    a diagnostic of the stream, as {"fr":...,"en":...}
 *   {"date":"YYYY-MM-DD"}   the day that the records behind it speak of, if the file tells; "": no more
 *   {"end":RESULT,"read":N,"written":N,"filtered":N,"rejected":N}   the last
 *
 * The writer answers each record of its input by a line {"record":N,"written":N} or {"reject":N,...}. Who
 * writes tables has a plugin and no format: rows in, a file for people out.
 */
#ifndef GATEWAY_WORKER_H
#define GATEWAY_WORKER_H

#include "gateway/protocol.h"
#include "transfer/sandbox.h"
#include "pipeline/convert.h"

#define WORKER_BLOCK 262144u /* lines are written in blocks of this size */

struct worker {
    enum worker_kind kind;
    struct arena arena; /* of the process */
    struct home home;
    struct gw_str format, profile;
    struct sandbox limits;
    bool programs; /* this format may start one */
    struct session_limits session;
    struct engine engine;
    struct codec codec; /* the partner's format */
    struct codec lines; /* the pivot's own */
    const struct gw_plugin *table; /* WORKER_TABLE: in place of them */
    struct progress_page *page;
    struct sink complaints; /* of loading */
};

/* The process: exit code. `format` is "NAME" or "NAME:PROFILE", of WORKER_TABLE a plugin. */
int worker_run(struct worker *w);

/* ---- reader.c, writer.c, tabler.c: one order; the answer's numbers ---- */
GW_MUST_USE enum gw_result worker_read(struct worker *w, const struct order *o, const int *fds,
                                       struct answer *ret);
GW_MUST_USE enum gw_result worker_write(struct worker *w, const struct order *o, const int *fds,
                                        struct answer *ret);
/* GW_REJECT: a row that such a file cannot hold. */
GW_MUST_USE enum gw_result worker_table(struct worker *w, const int *fds, struct answer *ret);
GW_MUST_USE enum gw_result worker_table_load(struct worker *w);

/* ---- remarks.c: diagnostics collected as JSON lists, in both languages ---- */
struct remarks {
    struct sink sink; /* first */
    const struct catalogue *catalogue;
    struct buf fr, en;
    char code[64]; /* of the first error, else of the first */
    struct buf path;
    uint32_t line;
    bool error;
};

void remarks_init(struct remarks *s, const struct catalogue *c);
void remarks_clear(struct remarks *s);
/* "fr":[...],"en":[...] */
void remarks_json(const struct remarks *s, struct buf *out);
void remarks_done(struct remarks *s);

#endif
