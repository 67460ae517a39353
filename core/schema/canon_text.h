/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef SCHEMA_CANON_TEXT_H
#define SCHEMA_CANON_TEXT_H

#include "base/arena.h"

/* NFC. Points into the text when it is that already. GW_REJECT: not well-formed UTF-8. */
GW_MUST_USE enum gw_result canon_text(struct arena *a, struct gw_str text, struct gw_str *ret);

#endif
