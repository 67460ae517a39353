/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Retention of what is the present state: units that no file has spoken of for long go, with those of their
 * resources that no other unit has or had. Who has a resource is not written down anywhere, so all units are
 * looked through for it, some hundred going at a time: this too in short steps, and what changed meanwhile is
 * looked at again in the transaction that takes them away.
 */
#ifndef STORE_UNSEEN_H
#define STORE_UNSEEN_H

#include "base/arena.h"
#include "store/resources.h"

struct unseen_rule {
    struct gw_str flow; /* that said them first */
    int64_t before;     /* spoken of last */
    uint64_t served;    /* what changed behind this seq is still owed to somebody, and waits */
};

struct unseen_unit;
struct unseen_resource;

/* Those at hand; all zero: none. */
struct unseen {
    struct arena arena;
    struct unseen_unit *units; /* in order of id */
    size_t nunits;
    struct unseen_resource *resources; /* of theirs, in order of id */
    size_t nresources;
    int64_t looked; /* through units for others who have these, up to this id */
    uint64_t seq;   /* the last one when that began */
};

/* One step. *after is where it got to; *ret_n resources went. What is owed (rule.served), and what is in a file
 * whose end is not known, waits. Each unit that goes is entered in the audit trail, with ids and its digest.
 * GW_END: there is none behind *after. */
GW_MUST_USE enum gw_result unseen_forget(struct store *s, const struct unseen_rule *rule, struct unseen *at,
                                         int64_t *after, uint64_t *ret_n);
void unseen_drop(struct unseen *at); /* nothing is at hand any more */

#endif
