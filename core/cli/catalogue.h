/* SPDX-License-Identifier: EUPL-1.2 */
/* The catalogue of formats: each with its fields and evidence, and what each can carry of another. */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include "cli/cli.h"
#include "cli/page.h"
#include "cli/shelf.h"

enum exit_code catalogue_print(struct invocation *in, struct engine *e, enum page_kind kind, struct sink *sink);

/* What is being written. */
struct catalogue_page {
    struct page page;
    const struct shelf *shelf;
    struct arena scratch; /* of one answer */
    bool failed;          /* memory */
};

const char *word_of(const struct catalogue_page *c, const char *fr, const char *en);
/* What a format's facts were seen in, for people. */
const char *evidence_word(enum lang lang, struct gw_str evidence);
/* catalogue_fields.c: the table of a format's lines. */
void catalogue_fields(struct catalogue_page *c, const struct shelved *f);
/* catalogue_losses.c: by name, what each other format that can be made from it does not carry. */
void catalogue_losses(struct catalogue_page *c, const struct shelved *from);

#endif
