/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where others' resources speak of a person in words: a number of theirs, or two of their names, in one text of
 * what is not theirs. Found by looking at all that the store holds; told by place, never by value, and left as
 * it is: what is written of somebody else is for a person to judge.
 */
#ifndef GATEWAY_MENTIONS_H
#define GATEWAY_MENTIONS_H

#include "gateway/dossier.h"

struct mention {
    int64_t resource;
    uint32_t version;  /* the last one that has it */
    uint32_t versions; /* how many have it */
    struct gw_str type;
    struct gw_str path; /* "fields.commentaire", "fields.contacts[2].nom" */
    struct mention *next;
};

struct mentions {
    uint64_t looked; /* versions of resources */
    uint64_t count;
    struct mention *first, **end;
};

/* Lives in the dossier's arena. Rows at fault are told and passed over. */
GW_MUST_USE enum gw_result mentions_find(const struct dossier *d, struct mentions *ret);
/* Lines of JSON: each of them, and how many versions were looked at. */
void mentions_put(const struct mentions *found, struct buf *out);

#endif
