/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A diagnostic: a cause with its place, named arguments and the text at fault. The one who
 * knows the cause puts it into a sink; texts and advice come from the catalogue when it is
 * shown. Values of a sensitive field are masked when shown, not here.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/buf.h"

enum sensitivity {
    SENS_NONE,
    SENS_PERSONAL,
    SENS_IDENTITY,
    SENS_NIR,
    SENS_SENSITIVE, /* health and the like, GDPR art. 9 */
    SENS_JUDICIAL,  /* GDPR art. 10 */
};

struct diag {
    enum gw_severity severity;
    enum sensitivity sensitivity; /* of `value` */
    const char *code;
    struct gw_str file;  /* the stream, or the configuration file at fault */
    uint32_t line;       /* from 1; 0 unknown */
    uint32_t column;     /* from 1, in bytes of UTF-8; 0 unknown */
    uint64_t byte;       /* from 0, UINT64_MAX unknown */
    uint64_t record;     /* from 1; 0: of the whole stream */
    struct gw_str path;  /* native path; when writing "TYPE field" */
    struct gw_str rule;  /* the table's place, "FORMAT/fields.csv:42"; absent if none */
    struct gw_str value; /* the text at fault; absent if none */
    const struct gw_arg *args;
    size_t nargs;
};

/* Who takes diagnostics. Everything a diag points to lives only until put() returns. */
struct sink {
    void (*put)(struct sink *sink, const struct diag *d);
};

/* One code's words; text and advice by language: [0] fr, [1] en. */
struct catalogue_entry {
    struct gw_str code;
    struct gw_str text[2];
    struct gw_str advice[2];
};

enum lang { LANG_FR, LANG_EN };

struct catalogue {
    struct catalogue_entry *entries;
    size_t count, room;
    struct arena *arena;
};

/* `path`: schemas/diagnostics.csv, columns code;fr;en;advice_fr;advice_en. */
GW_MUST_USE enum gw_result catalogue_load(struct catalogue *c, struct arena *arena, const char *path);
/* A plugin's own messages; ended by one without a code. */
GW_MUST_USE enum gw_result catalogue_add(struct catalogue *c, const struct gw_message *messages);
const struct catalogue_entry *catalogue_find(const struct catalogue *c, const char *code);

/* {name} in `text` replaced by the argument of that name, <<...>> left out when an argument in it is empty;
 * `value`, `path` and `line` are always there. */
void diag_render(struct buf *out, struct gw_str text, const struct diag *d, bool mask);
/* `file:line:col: severity: code: message`, then the advice on a line of its own. */
void diag_text(struct buf *out, const struct catalogue *c, enum lang lang, const struct diag *d, bool mask);
/* {"file","line","column","byte","record","severity","code","path","value","message","advice"} without line
 * end. */
void diag_json(struct buf *out, const struct catalogue *c, enum lang lang, const struct diag *d, bool mask);

#endif
