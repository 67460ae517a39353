/* SPDX-License-Identifier: EUPL-1.2 */
/* What a column's values can be: converters tried on its samples, as the mapping itself would run them. */
#ifndef INFER_VALUES_H
#define INFER_VALUES_H

#include "infer/words.h"
#include "mapping/convert.h"

struct trial {
    struct gw_str as;    /* for fields.csv; "" the type's own */
    double share;        /* of the samples that pass; 1 when there are none */
    bool checked;        /* a rule of the field has judged them, not only the type */
    struct gw_str codes; /* name of the list to be written; absent: none */
};

struct tester {
    struct engine *engine;
    struct arena *arena;
    struct arena scratch;
    const struct words *words;
    const struct columns *columns;
    struct converters env;
    struct format format;
};

GW_MUST_USE enum gw_result tester_open(struct tester *t, struct engine *e, struct arena *a,
                                       const struct words *w);
void tester_close(struct tester *t);
/* The best way to read the column as that field. `as`: the one that words.csv names; absent: by its type. */
struct trial try_field(struct tester *t, const struct column *c, const struct field *f, struct gw_str as);
/* Of a column that is no field: as what its texts read best. */
struct trial try_plain(struct tester *t, const struct column *c);
/* The share of the samples of all other columns that would pass as that field too: 1 says that it tells
 * nothing. */
double passes_elsewhere(struct tester *t, const struct column *c, const struct field *f, struct gw_str as);
/* Most samples no longer pass when their last digit is another one: a key, not only a shape. */
bool is_keyed(struct tester *t, const struct column *c, const struct field *f, struct gw_str as);
/* The code of the pivot that a text says, by code or label; absent: none. */
struct gw_str code_said(struct tester *t, const struct field *f, struct gw_str text);

#endif
