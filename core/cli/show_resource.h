/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CLI_SHOW_RESOURCE_H
#define CLI_SHOW_RESOURCE_H

#include "cli/operate.h"

/* The versions of a resource: when, from which exchange and record, which fields changed. A value only with
 * --unmask: the store is then open for writing. */
enum exit_code show_resource(struct operating *o, const char *id);

#endif
