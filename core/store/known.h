/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows that were asked for together, where each question is a trip to a server: who asks for one of them is
 * answered from here. What is written meanwhile is written here too, until the transaction ends.
 */
#ifndef STORE_KNOWN_H
#define STORE_KNOWN_H

#include "store/row.h"

/* Rows of these tables go to the server in numbers while this is true. */
static inline bool known_gathers(const struct store *s)
{
    return s->known.on && s->in_tx;
}

/* True: it is known. *ret_found: GW_OK, and the row lives until the transaction ends; GW_END, there is none. */
bool known_by_key(struct store *s, enum table table, const uint8_t key[STORE_KEY], struct row *ret,
                  enum gw_result *ret_found);
bool known_by_id(struct store *s, enum table table, int64_t id, struct row *ret, enum gw_result *ret_found);
/* What is known from now on is what is asked for. */
GW_MUST_USE enum gw_result known_start(struct store *s);
/* What a row is asked for by that has no key of its own: its id (`of` 0), or that of something else for whom. */
void known_key(int64_t id, int64_t of, uint8_t ret[STORE_KEY]);
GW_MUST_USE enum gw_result known_put(struct store *s, const uint8_t key[STORE_KEY], const struct row *row);
GW_MUST_USE enum gw_result known_none(struct store *s, enum table table, const uint8_t key[STORE_KEY]);
/* As it is written; of a table that is not looked up here: nothing. */
GW_MUST_USE enum gw_result known_row(struct store *s, const struct row *row);
/* A row with a new id is in none of the lists by id. */
GW_MUST_USE enum gw_result known_absent(struct store *s, enum table table, int64_t id);
/* The resource of that key was written before the store was locked; true, once: it is one of those. */
void known_ahead(struct store *s, const uint8_t key[STORE_KEY]);
bool known_was_ahead(struct store *s, const uint8_t key[STORE_KEY]);
/* The store is locked now: all else may have been changed since it was asked for. */
void known_doubt(struct store *s);
void known_forget(struct store *s);
void known_done(struct store *s);

#endif
