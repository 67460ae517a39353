/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/cli.h"

static enum exit_code run(struct invocation *in)
{
    complain(in, "pas encore là", "not there yet", NULL);
    return EXIT_USAGE;
}

const struct verb test_verb = {.name = "test", .operands = "FORMAT… | --all", .fr = "", .en = "", .example = "", .max_operands = 100, .run = run};
