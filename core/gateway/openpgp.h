/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A file of a flow with OpenPGP on its way through passerelle-openpgp (transfer/openpgp.h). What is in clear is a
 * nameless file in the spool's folder: when the job ends, or we do, it is gone.
 */
#ifndef GATEWAY_OPENPGP_H
#define GATEWAY_OPENPGP_H

#include "gateway/conf.h"
#include "gateway/courier.h"

struct sealing {
    struct courier courier;
    int clear; /* the nameless file; -1: none */
    uint64_t wall;
    bool said; /* it came to its end, and this is it */
    enum ending end;
    char code[64];
    char args[4096];   /* JSON object; "" none */
    int64_t keep_at;   /* monotonic ms: the lease is to be extended */
};

/* A nameless file in the folder, in place of the one before. */
GW_MUST_USE enum gw_result sealing_file(struct sealing *s, int folder);
/* From one descriptor, read from its start, to the other; both stay the caller's. */
GW_MUST_USE enum gw_result sealing_start(struct sealing *s, const char *programs, const struct flow *f,
                                         const struct job_limits *limits, int from, int to);
bool sealing_over(struct sealing *s);
void sealing_clear(struct sealing *s); /* {0} is not fine: clear is -1 then */
/* Descriptor of what is in clear, at its start, as a copy; -1: errno says why. */
int sealing_input(const struct sealing *s);

/* A file's name as the format's rules know it, and as a partner knows it. */
struct gw_str sealing_inner(struct gw_str name);
bool sealing_has_end(struct gw_str name);

#endif
