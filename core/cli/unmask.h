/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Values about people are shown: to who has the role (DUTY_UNMASK), for a reason, and the trail has both before
 * anything is shown. The reason is a text of the trail, which outlives the people in it: it names none, and
 * numbers of four digits and more, that could be somebody's, do not enter.
 */
#ifndef CLI_UNMASK_H
#define CLI_UNMASK_H

#include "cli/operate.h"

#define UNMASK_OPTION                                                                                          \
    {                                                                                                          \
        "unmask", 0, "REASON", "montre les valeurs ; la raison, sans nommer quiconque, est inscrite à l'audit", \
            "shows values; the reason, naming nobody, is entered in the audit trail"                           \
    }

/* What is shown is `kind` ("resource") and its number in words; the store is open for writing. False: said. */
bool unmask_begin(struct operating *o, const char *kind, const char *number);

#endif
