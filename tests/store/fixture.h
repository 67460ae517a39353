/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A store in a fresh folder, and short ways to put something into it. With GW_STORE_SERVER, the URL of a
 * database up to the number of a schema (1, 2 …), it is there, each in a schema of its own, and only its key is
 * in the folder.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "support/unit.h"

#include "base/arena.h"
#include "store/audit.h"
#include "store/exchange.h"
#include "store/outbox.h"
#include "store/rejects.h"
#include "store/resources.h"
#include "support/told.h"

struct fixture {
    char folder[64], path[192], key[96];
    struct arena arena;
    struct told_sink told;
    struct store *store;
};

#define NAME_OF_SOMEBODY   "Célestine Quatrebarbes"
#define NUMBER_OF_SOMEBODY "269054958815780"

int fixture_open(void **state); /* setup: *state is the fixture, its store open */
int fixture_close(void **state);
enum gw_result fixture_open_as(struct fixture *f, bool create, bool read_only, struct store **ret);
void fixture_reopen(struct fixture *f);
bool fixture_has_file(void); /* the store is a file, and what becomes of files is asked */
/* Closed and gone; its key stays. */
void fixture_remove(struct fixture *f);
void assert_told(struct fixture *f, const char *code, const char *found); /* last; forgets; found NULL: any */
void assert_sound(struct store *s);
void copy_file(const char *from, const char *to); /* `from` that is not there: `to` is removed */
/* Is the text in any file of the folder? */
bool folder_holds(const char *folder, const char *text);

int64_t put_exchange(struct store *s, const char *flow, const char *name, int64_t order);
int64_t put_queued(struct store *s, const char *flow, const char *name, int64_t order);
struct exchange get_exchange(struct fixture *f, int64_t id);
/* Through the machine, until it is there. */
void drive_exchange(struct fixture *f, int64_t id, enum exchange_state to);
struct resource_row resource_of(struct store *s, const char *key, const char *payload, const char *nir);
enum put_outcome put_resource(struct store *s, const char *key, const char *payload, const char *nir,
                              int64_t *ret_id);
int64_t put_unit(struct store *s, const char *key, const int64_t *members, size_t n);
int64_t put_reject(struct store *s, int64_t exchange, uint64_t record, const char *code, const char *raw);
int64_t put_delivery(struct store *s, const char *flow, int64_t exchange, int64_t unit, int64_t resource);

#endif
