/* SPDX-License-Identifier: EUPL-1.2 */
/* The OpenPGP keys of a flow or of backups, opened by the program that will use them. */
#ifndef CLI_SEALS_H
#define CLI_SEALS_H

#include "cli/operate.h"

/* What is wrong is reported with the flow's line; what it does, with which keys, is added to *out as a part of
 * its sentence. False: something is wrong. */
bool seals_check(struct operating *o, const struct flow *f, struct buf *out);

/* Of the key of backups, when the configuration seals it for people: whether it can. */
bool seals_check_backup(struct operating *o);
/* A text sealed for these people, armored, from one descriptor to the other. False: said. */
bool seals_letter(struct operating *o, int from, int to);

#endif
