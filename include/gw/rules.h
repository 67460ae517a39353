/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gw/rules.h - what a rules plugin offers to mappings and schemas: converters and checks.
 *
 * A rule is pure: no I/O, no state. The call gives it memory, the reference date and the
 * nomenclatures. Converters are used in the `as` column of a mapping, by name, as the core's
 * own are; checks are named by `x-check` in a pivot schema.
 */
#ifndef GW_RULES_H
#define GW_RULES_H

#include "gw/base.h"

/* How a converter keeps what it converts, as in schemas/README.md. */
enum gw_loss {
    GW_EXACT,      /* one native form, one pivot value */
    GW_NORMALISES, /* the pivot value is kept, the native form may change once */
    GW_LOSSY,      /* the pivot value may come back different, then stays */
    GW_ONE_WAY,
};

/* One answer of a nomenclature: the row that holds on the day asked for. */
struct gw_entry {
    struct gw_str native;
    struct gw_str pivot;
    struct gw_str label;
};

enum gw_lookup {
    GW_FOUND,
    GW_NOT_FOUND,
    GW_NOT_THEN, /* known, but not on that day */
    GW_NO_LIST,  /* the nomenclature is not installed: warn, do not guess */
};

struct gw_call {
    uint32_t size;
    struct gw_str date; /* the stream's reference day, YYYY-MM-DD; absent if unknown */
    void *(*alloc)(struct gw_call *c, size_t size); /* lives as long as the record; NULL: GW_FATAL */
    /* `list` without folder nor .csv; `day` absent: any day. Found rows stay valid. */
    enum gw_lookup (*lookup)(struct gw_call *c, const char *list, struct gw_str native, struct gw_str day,
                             struct gw_entry *ret);
    /* `field`: index of the value at fault (0 for a converter). Severity is the rule's. */
    void (*report)(struct gw_call *c, enum gw_severity severity, size_t field, const char *code,
                   const struct gw_arg *args, size_t nargs);
};

/*
 * Values are trimmed and not empty, or absent (ptr NULL). A result may point into its
 * argument, into c->alloc memory or to constants. GW_REJECT: not convertible, and report()
 * said why. An absent result with GW_OK sets nothing.
 */
struct gw_converter {
    const char *name;
    uint8_t natives; /* how many native texts one line joins, 1 in most cases; at most 8 */
    uint8_t fields;  /* how many pivot fields it feeds */
    uint8_t max_args;
    uint8_t loss; /* enum gw_loss */
    const char *help;
    enum gw_result (*check_args)(const struct gw_str *args, size_t nargs); /* may be NULL */
    enum gw_result (*read)(struct gw_call *c, const struct gw_str *args, size_t nargs,
                           const struct gw_str *natives, struct gw_str *ret_fields);
    enum gw_result (*write)(struct gw_call *c, const struct gw_str *args, size_t nargs,
                            const struct gw_str *fields, struct gw_str *ret_natives);
};

/* A check of one field (fields NULL: the field that names it) or across the fields of a
 * resource. Values come in canonical pivot text; all may be absent. */
struct gw_check {
    const char *name;
    const char *const *fields; /* dotted pivot names, NULL-terminated, at most 16 */
    const char *help;
    void (*run)(struct gw_call *c, const struct gw_str *values);
};

#endif
