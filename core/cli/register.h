/* SPDX-License-Identifier: EUPL-1.2 */
/* The register of processing: what the configuration and the tables say of each flow, as a row of texts. */
#ifndef CLI_REGISTER_H
#define CLI_REGISTER_H

#include "cli/operate.h"

enum register_cell {
    REGISTER_NAME,
    REGISTER_DIRECTION,
    REGISTER_PARTNER,
    REGISTER_PURPOSE,
    REGISTER_BASIS,
    REGISTER_CONCERNED,
    REGISTER_CATEGORIES,
    REGISTER_RECIPIENTS,
    REGISTER_RETENTION,
    REGISTER_SECURITY,
    REGISTER_CELLS,
};

extern const char *const register_heads[2][REGISTER_CELLS]; /* by enum lang */
/* Texts live in the operating's arena; the engine is whole (engine_rest). */
GW_MUST_USE enum gw_result register_row(struct operating *o, const struct flow *f,
                                        struct gw_str cells[REGISTER_CELLS]);

#endif
