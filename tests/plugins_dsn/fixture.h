/* SPDX-License-Identifier: EUPL-1.2 */
/* The dsn plugin over the real host, with a small table of blocks; trees as texts: "(S21.G00.30 002=A
 * (S21.G00.40 001=B))". */
#ifndef PLUGINS_DSN_FIXTURE_H
#define PLUGINS_DSN_FIXTURE_H

#include "support/plugin_fixture.h"

#define STEPS "S10.G00.00[]/S20.G00.05[]/S21.G00.06/S21.G00.11/S21.G00.30[]"
#define TABLE                                                                                                  \
    "block;parent;label\r\nS10.G00.00;;envoi\r\nS10.G00.01;S10.G00.00;\nS20.G00.05;S10.G00.00\n"               \
    "S20.G00.07;S20.G00.05\nS21.G00.06;S20.G00.05\nS21.G00.11;S21.G00.06\nS21.G00.30;S21.G00.11\n"             \
    "S21.G00.40;S21.G00.30\nS21.G00.60;S21.G00.40\nS21.G00.62;S21.G00.40\nS21.G00.86;S21.G00.30\n"             \
    "S21.G00.44;S21.G00.11\n"

int fixture_setup(void **state);
void fixture_tree(struct fixture *f, const struct gw_node *n, struct buf *out);

#endif
