/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Invented people for the bench: always the same for the same seed, numbers with their right
 * keys, places that exist. Texts are UTF-8.
 */
#ifndef BENCH_INVENT_H
#define BENCH_INVENT_H

#include <stdbool.h>
#include <stdint.h>

struct invent {
    uint64_t state;
};

struct town {
    const char *commune, *post_code, *name, *plain; /* plain: as on an envelope */
};

struct day {
    unsigned year, month, day;
};

struct person {
    bool man;
    const char *last_name, *first_name;
    struct day born;
    const struct town *birth_place;
    char nir[16]; /* with its key */
};

unsigned pick(struct invent *v, unsigned n); /* 0 ... n - 1 */
bool one_in(struct invent *v, unsigned n);
struct day pick_day(struct invent *v, unsigned from, unsigned to); /* in these years, both inside */
const struct town *pick_town(struct invent *v);
const char *pick_street(struct invent *v); /* may have accents */
void pick_person(struct invent *v, struct person *ret);
void pick_siret(struct invent *v, char ret[15]);

#endif
