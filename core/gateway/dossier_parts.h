/* SPDX-License-Identifier: EUPL-1.2 */
/* For dossier.c: how a payload stands to a person. */
#ifndef GATEWAY_DOSSIER_PARTS_H
#define GATEWAY_DOSSIER_PARTS_H

#include "gateway/dossier.h"

enum part_of dossier_relation(const struct dossier *d, struct gw_str payload, bool present);
/* Does it refer to something that is theirs in part? */
bool dossier_is_shared(const struct dossier *d, struct gw_str payload);

#endif
