/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of converters share: the table's entries, how one refuses a value or an
 * argument, and classes of characters (fits, find).
 */
#ifndef MAPPING_CONVERTERS_H
#define MAPPING_CONVERTERS_H

#include <string.h>

#include "base/str.h"
#include "mapping/convert.h"
#include "schema/canon.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

extern const struct conv_ops text_ops, pad_ops, cut_ops, drop_ops, fits_ops, none_ops, default_ops;
extern const struct conv_ops int_ops, decimal_ops, between_ops, bool_ops;
extern const struct conv_ops date_ops, datetime_ops, month_ops, time_ops, now_ops;
extern const struct conv_ops find_ops, fold_ops, code_ops;

static inline struct gw_str absent(void)
{
    return (struct gw_str){NULL, 0};
}

static inline void conv_forget(struct conversion *c)
{
    c->code = NULL;
    c->nargs = 0;
    c->warned = false;
}

/* Takes a text as it is. */
enum gw_result conv_keep(struct conversion *c, const void *data, struct gw_str *v);
/* Said with the value taken (warning, info); an error that was said stays. */
void conv_say(struct conversion *c, enum gw_severity severity, const char *code, const struct gw_arg *args,
              size_t nargs);
GW_MUST_USE enum gw_result conv_refuse(struct conversion *c, const char *code, const char *arg,
                                       struct gw_str value);
/* GW_FAIL, with the fault filled. */
GW_MUST_USE enum gw_result conv_fault(struct fault *fault, const char *code, const struct conv_call *call,
                                      struct gw_str found);
/* The i-th argument as a whole number up to 9999. */
GW_MUST_USE enum gw_result conv_size(const struct conv_call *call, size_t i, size_t *ret, struct fault *fault);
/* "name(arguments)", for {expected}. */
struct gw_str conv_written(struct arena *a, const struct conv_call *call);

/* How many characters text(n) takes. */
size_t text_most(const void *data);
/* decimal() with any number of decimals, behind a point; date() that takes YYYY-MM-DD first. */
bool decimal_is_any(const void *data);
bool date_is_iso(const void *data);

/* Whether each text that this code() reads is a value of the field as it stands. */
bool code_gives(const void *data, const struct field *f);

/* The list of a code(), NULL if it is none; *ret_else: what any other text is read as, absent if nothing. */
const struct codes *code_list(const struct conv *conv, struct gw_str *ret_else);

/* pad() right before the pivot text: a text that would not come back is refused. */
void pad_exact(void *data);

/* A converter of a rules plugin as an entry of the table; GW_END: no such rule. */
GW_MUST_USE enum gw_result rule_entry(struct converters *env, const struct conv_call *call, struct conv *ret,
                                      struct fault *fault);

/* ---- classes of characters ---- */

#define CLASS_RANGES 8

struct char_class {
    uint64_t ascii[2];
    bool others; /* all beyond ASCII */
    uint8_t nranges;
    struct {
        uint32_t low, high;
    } ranges[CLASS_RANGES]; /* beyond ASCII */
};

/* "a-zA-Z0-9@ " between brackets; \d \w \s and \x known. False: not understood. */
bool class_parse(struct gw_str set, struct char_class *ret);
bool class_has(const struct char_class *class, uint32_t code);
/* The character at s[at] and its length in bytes (1 for what is no UTF-8). */
uint32_t char_at(struct gw_str s, size_t at, size_t *ret_len);
size_t char_put(char room[4], uint32_t code); /* its bytes */

#endif
