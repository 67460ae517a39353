/* SPDX-License-Identifier: EUPL-1.2 */
/* What the tests of converters share: lists written to a folder of their own, a chain from its text, a
 * conversion whose `at=` and `when` answer what the test says. */
#ifndef CONVERT_FIXTURE_H
#define CONVERT_FIXTURE_H

#include "mapping/convert.h"
#include "support/told.h"

struct fixture {
    struct arena stream, record;
    struct told_sink told;
    struct converters env;
    struct conversion c;
    struct lookup lookup; /* answers from the two below */
    const char *day;      /* of any `at=` but those unknown */
    const char *holding;  /* the one condition that holds */
    char folder[64];
};

void fixture_init(struct fixture *f);
void fixture_done(struct fixture *f);
void fixture_list(struct fixture *f, const char *name, const char *text);
/* The converters of `as`; false: the fault is in *ret_code. */
bool fixture_compile(struct fixture *f, const char *as, struct convs *ret, const char **ret_code);
/* One text through, canonical for `field` (NULL: none); "(code)" when refused, NULL when absent. */
const char *fixture_read(struct fixture *f, const struct convs *convs, const struct field *field,
                         const char *in);
const char *fixture_write(struct fixture *f, const struct convs *convs, const char *in);
/* One generator for all: repeatable. */
uint32_t chance(uint32_t *seed, uint32_t below);

#endif
