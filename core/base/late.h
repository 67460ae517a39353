/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Libraries that most runs do not need. Linked, each would bring its own with it into every process, at every start:
 * they are loaded by the first call that needs them, and stay. What is called is a list X(name) of each library,
 * said once: a structure of LATE_MEMBERs, and the LATE_CALLs that fill it.
 */
#ifndef BASE_LATE_H
#define BASE_LATE_H

#include <stdbool.h>
#include <stddef.h>

struct late_call {
    const char *name;
    void *to; /* of the pointer that is set */
};

#define LATE_MEMBER(name)     __typeof__(&name) name;
#define LATE_CALL(held, name) {#name, (void *)&(held).name},

/* True: all of `calls` can be called, now or since before. Else *ret_why says why not, until the next call; no pointer
 * is to be used then. For the thread that first needs it: not for two at once. */
bool late_load(const char *library, const struct late_call *calls, size_t n, const char **ret_why);

#endif
