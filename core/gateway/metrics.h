/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /metrics for Prometheus and GET /health, on a loopback address only, served by the supervisor's own loop.
 * Numbers and names of flows; nothing of a record.
 */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include <sys/socket.h>

#include "gateway/gateway.h"

/* "127.0.0.1:PORT" or "[::1]:PORT"; false: another. */
bool metrics_address(struct gw_str text, struct sockaddr_storage *ret);
/* Where the configuration says; what cannot be is said in the journal, and the gateway runs without. */
void metrics_open(struct gateway *g);
int metrics_fd(const struct gateway *g); /* to poll; -1 */
void metrics_step(struct gateway *g);    /* serves who is there; waits for nobody */
void metrics_close(struct gateway *g);

/* metrics_text.c. GW_OK: *out is the page. */
GW_MUST_USE enum gw_result metrics_text(struct gateway *g, struct buf *out);

#endif
