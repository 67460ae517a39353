/* SPDX-License-Identifier: EUPL-1.2 */
/* The PASS and the situation at entry. */
#include "iae.h"

#include <string.h>

/* date_debut, date_fin of a PASS: an end on the day of its start is how France Travail is told that a PASS
 * was cancelled. */
void dates_pass_check(struct gw_call *c, const struct gw_str *v)
{
    int order;

    if (iae_absent(v[0]) || iae_absent(v[1]))
        return;
    order = iae_order(v[0], v[1]);
    if (order > 0)
        iae_say(c, GW_ERROR, 1, "iae.pass_dates");
    else if (order == 0)
        iae_say(c, GW_WARNING, 1, "iae.pass_cancelled");
}

/* sans_ressource, sans_emploi_depuis, type_employeur. `sans_ressource` stands in every fiche salarié
 * and in no other diagnostic. */
void emploi_fiche_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]))
        return;
    if (iae_absent(v[1]) && iae_absent(v[2]))
        iae_say(c, GW_ERROR, 2, "iae.employer_missing");
    if (!iae_absent(v[1]) && !iae_absent(v[2]))
        iae_say(c, GW_ERROR, 2, "iae.employer_unexpected");
}

/* At most five digits before the point. */
void revenu_ti_check(struct gw_call *c, const struct gw_str *v)
{
    const char *point;

    if (iae_absent(v[0]))
        return;
    point = memchr(v[0].ptr, '.', v[0].len);
    if (v[0].ptr[0] == '-' || (point ? (size_t)(point - v[0].ptr) : v[0].len) > 5)
        iae_say(c, GW_ERROR, 0, "iae.revenu_ti");
}
