/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the store knows of people as such: which units speak of them, what they are called in the audit trail,
 * who was forgotten; and the taking away of all that. Which resource stands for a person is the caller's to
 * say.
 *
 * A person's mark is the keyed hash of their number, or of the source key of a resource without one. In the
 * audit trail they are called by a digest of mark and salt: the salt goes with the person, and then nobody can
 * say whom an entry spoke of. Of who was forgotten the mark stays, with the day, so that a file from before
 * does not bring them back; a file that comes later is new.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/outbox.h"
#include "store/resources.h"

#define PERSON_CALLED 17 /* 16 hex digits and a NUL */

/* ---- where they are ---- */

struct ids {
    const int64_t *items;
    size_t count;
};

/* Units that have or had the resource as another member than their root: their root is found by unit_find(). */
GW_MUST_USE enum gw_result units_bearing(struct store *s, int64_t resource, struct arena *a, struct ids *ret);
/* Resources that were members of the unit and are not any more. */
GW_MUST_USE enum gw_result unit_departed(struct store *s, int64_t unit, struct arena *a, struct ids *ret);
/* GW_END: no such unit. */
GW_MUST_USE enum gw_result unit_get(struct store *s, int64_t id, struct arena *a, struct unit *ret);
/* All deliveries of a unit, to whomever. */
GW_MUST_USE enum gw_result delivery_of_unit(struct store *s, int64_t unit, struct arena *a,
                                            bool (*each)(void *to, const struct delivery *d), void *to);

/* ---- what they are called ---- */

void person_mark(const struct store *s, struct gw_str nir, const uint8_t key[STORE_KEY],
                 uint8_t ret[STORE_KEY]);
/* With `create` a salt is made when there is none; GW_END: there is none. */
GW_MUST_USE enum gw_result person_called(struct store *s, const uint8_t mark[STORE_KEY], bool create,
                                         char ret[PERSON_CALLED]);

/* ---- forgetting ---- */

/* The resource with all its versions; what bears it. */
GW_MUST_USE enum gw_result resource_erase(struct store *s, int64_t id);
/* Versions but the present one. */
GW_MUST_USE enum gw_result resource_trim(struct store *s, int64_t id);
/* The unit with what was told of it to destinations; its members stay. */
GW_MUST_USE enum gw_result unit_erase(struct store *s, int64_t id);
/* Nobody can say any more whom the trail called so, unless another resource has that number. */
GW_MUST_USE enum gw_result person_gone(struct store *s, const uint8_t mark[STORE_KEY]);
/* From now on; the salt of that mark is gone. */
GW_MUST_USE enum gw_result person_forget(struct store *s, const uint8_t mark[STORE_KEY], int64_t at);
/* Was anybody forgotten after that? For most the answer is no, and nothing more is asked. */
GW_MUST_USE enum gw_result people_forgotten(struct store *s, int64_t after, bool *ret);
GW_MUST_USE enum gw_result person_forgotten(struct store *s, const uint8_t mark[STORE_KEY], int64_t after,
                                            bool *ret);
/* Nothing of what was taken away stays in the store's files, nor in the log beside them. */
GW_MUST_USE enum gw_result store_scrub(struct store *s);

#endif
