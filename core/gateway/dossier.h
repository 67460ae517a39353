/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * All that is held of one person: the resources that stand for them (with the same number, whoever sent it),
 * what refers to these, the items about them in what others share, the units, and the texts they can be known
 * by in what the store does not understand: files of the spool, rejects.
 *
 * Nothing here knows what a person is but the model: a type with a number of that sensitivity.
 */
#ifndef GATEWAY_DOSSIER_H
#define GATEWAY_DOSSIER_H

#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "gateway/plans.h"
#include "store/people.h"

enum part_of {
    PART_NONE,   /* somebody else's */
    PART_SHARED, /* of what they share with others, and of no list: told to them, kept for the others */
    PART_ITEMS,  /* items of its lists are */
    PART_WHOLE,  /* all of it is */
    PART_OWN,    /* stands for them */
};

struct dossier_part {
    int64_t id;
    enum part_of of;
    char hex[2 * STORE_KEY + 1];
    struct resource_row row; /* the present version */
    uint32_t versions;
    struct dossier_part *next;
};

struct dossier_unit {
    struct unit unit;
    struct dossier_unit *next;
};

struct known_by {
    struct gw_str text;
    bool alone; /* by itself it says who it is; of the others it takes two */
    struct known_by *next;
};

struct numbered {
    int64_t id;
    struct numbered *next;
};

struct dossier {
    struct arena *arena;
    struct store *store;
    const struct plan *plans;
    struct dossier_part *parts; /* own ones first */
    struct dossier_unit *units;
    struct known_by *texts;
    struct numbered *exchanges; /* that brought a version of it */
    int64_t first;              /* when the first of them came */
    uint8_t mark[STORE_KEY];
};

/* By the number, or by a resource that stands for the person. Of a number that no resource has, no parts: a
 * reject or a file may still speak of it. GW_END: no such resource; GW_REJECT: it stands for nobody, or a row
 * was changed by hand. All lives in the arena. */
GW_MUST_USE enum gw_result dossier_by_number(struct dossier *d, struct gw_str number);
GW_MUST_USE enum gw_result dossier_by_resource(struct dossier *d, int64_t id);
/* "person 0123456789abcdef", as the audit trail calls them from now on. */
GW_MUST_USE enum gw_result dossier_subject(struct dossier *d, char ret[32]);
/* Can they be known from that text, in UTF-8 or ISO-8859-1? */
bool dossier_known(const struct dossier *d, struct gw_str text);
bool dossier_has_exchange(const struct dossier *d, int64_t exchange);
GW_MUST_USE enum gw_result dossier_exchange(struct dossier *d, int64_t exchange);
/* What of a payload is theirs (`theirs`), or what is left without it. */
void dossier_cut(const struct dossier *d, yyjson_val *value, bool theirs, struct buf *out);

#endif
