/* SPDX-License-Identifier: EUPL-1.2 */
/* What the parts of the schema loader share; nobody else includes this. */
#ifndef SCHEMA_LOAD_H
#define SCHEMA_LOAD_H

#include <yyjson.h>

#include "base/buf.h"
#include "schema/place.h"
#include "schema/shape.h"

struct document {
    struct gw_str file; /* path, for diagnostics */
    struct gw_str name; /* without folder nor .json */
    struct gw_str text;
    struct buf json; /* the text once more, which the parser makes its own */
    yyjson_doc *parsed;
    yyjson_val *root; /* NULL: it is none, and that was said */
};

/* A fault already told: a shared definition is read once for each place that names it. */
struct told {
    const struct document *doc;
    const char *code;
    uint32_t line, column;
};

struct loader {
    struct model *m;
    struct sink *sink;
    struct gw_str folder; /* absent: one text, no code lists */
    struct document *docs;
    size_t ndocs;
    const struct document *doc; /* the one being read */
    size_t nproperties;         /* of the whole model, bounded: definitions may multiply */
    struct told told[64];
    size_t ntold;
    bool failed;
};

/* Says what is wrong at a place of l->doc. Arguments of the message: `found`, `expected`. */
void load_fault(struct loader *l, const struct way *way, const char *code, struct gw_str found,
                const char *expected);

/* ---- document.c ---- */

/* d->text to d->root, or said why it is none. GW_FATAL: memory. */
GW_MUST_USE enum gw_result document_parse(struct loader *l, struct document *d);
void document_free(struct document *d);
/* A fault of a whole file; `at` in its text, SIZE_MAX: nowhere. */
void file_fault(struct loader *l, const struct document *d, const char *code, const char *reason, size_t at);

/* ---- keywords: one object of a schema, as it says it ---- */

enum form {
    FORM_TYPE = 1 << 0,   /* a file of its own */
    FORM_SHARED = 1 << 1, /* a definition, _NAME.json */
    FORM_GROUP = 1 << 2,
    FORM_REF = 1 << 3,
    FORM_LIST = 1 << 4,
    FORM_LEAF = 1 << 5,
    FORM_TREE = 1 << 6,
    FORM_ITEM_GROUP = 1 << 7,
    FORM_ITEM_REF = 1 << 8,
    FORM_ITEM_LEAF = 1 << 9,
};

struct spec {
    enum form form;
    enum field_type type; /* FORM_LEAF */
    enum key key;
    int sensitivity; /* -1: not said */
    int8_t scale;
    bool open;
    bool stream;
    struct gw_str ref, codes, target;
    struct gw_str label[2];
    const struct gw_str *checks;
    size_t nchecks;
    yyjson_val *properties, *items;
};

/* A property, or with `item` what a list holds. GW_REJECT: at fault, and said. */
GW_MUST_USE enum gw_result spec_read(struct loader *l, const struct way *way, yyjson_val *json, bool item,
                                     struct spec *ret);
/* The outermost object of a file. */
GW_MUST_USE enum gw_result spec_read_file(struct loader *l, yyjson_val *json, enum form form, struct spec *ret);

/* ---- code lists ---- */

/* The list of that name, read from the folder's codes/ when it is asked for first. GW_REJECT: said. */
GW_MUST_USE enum gw_result codes_read(struct loader *l, const struct way *way, const struct spec *spec,
                                      const struct pivot_codes **ret);

#endif
