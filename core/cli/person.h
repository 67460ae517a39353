/* SPDX-License-Identifier: EUPL-1.2 */
/* person: what each of its words does with the dossier of one person. */
#ifndef CLI_PERSON_H
#define CLI_PERSON_H

#include "cli/operate.h"
#include "gateway/dossier.h"

struct person_run {
    struct operating o;
    struct dossier d;
    struct plan *plans;
};

/* Entered in the audit trail before anything is shown. */
enum exit_code person_export(struct person_run *p);
enum exit_code person_accesses(struct person_run *p);
enum exit_code person_forget_run(struct person_run *p);
/* No resource, and nothing else either: said. */
bool person_is_known(struct person_run *p, bool elsewhere);
/* The entry; false: it could not be made, and nothing is to be shown. */
bool person_enter(struct person_run *p, const char *action);

#endif
