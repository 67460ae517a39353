/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Flows that go through a connector: which transfer process is started when, and what its end means. A few at
 * once, one a connector; nothing is known of them but what lies in folders and in the store, so that any of
 * them may be killed, and we too.
 *
 *   fetch   server ──▶ STATE/remote/FLOW ──▶ intake ──▶ STATE/remote/FLOW/taken ──▶ dismissed on the server
 *   send    exchange out queued ──▶ server: ok done · doubt done or held · retry queued · fail held
 *
 * What fails before it got to the flow's own business (its steps: resolve, connect ... token) is the
 * connector's: its flows wait, longer each time, and after `breaker` times it is open: one trial a `pause_max`.
 */
#ifndef GATEWAY_REMOTE_H
#define GATEWAY_REMOTE_H

#include "gateway/courier.h"
#include "store/exchange.h"

#define REMOTE_MAX 4 /* transfer processes at once */

struct gateway;

enum remote_result { REMOTE_OK, REMOTE_RETRY, REMOTE_FAIL, REMOTE_DOUBT, REMOTE_DIED, REMOTE_RESULTS };
extern const char *const remote_words[REMOTE_RESULTS];

/* What it said at its end, or what we say in its place. */
struct remote_end {
    enum remote_result result;
    bool of_line; /* at fault is the connector, not the flow */
    char step[32], code[64];
    struct buf args; /* JSON object */
    uint64_t after;
    uint64_t files, dismissed, bytes;
};

struct carriage {
    const struct flow *flow; /* NULL: none */
    struct remote_line *line;
    struct courier courier;
    struct remote_end end;
    /* of one out */
    struct arena arena;
    struct exchange e;
    int64_t keep_at; /* monotonic ms: the lease is to be extended */
};

/* What became of a transfer that a person asked for: a later one may end well before they look. */
struct remote_answer {
    uint64_t turn;   /* `turns` when it had ended */
    char code[64];   /* why it failed; "" it did not */
    struct buf args; /* JSON */
};

/* Of a flow, since we run. */
struct remote_flow {
    bool tried;     /* with `once` */
    bool asked;     /* by a person, and not begun since */
    bool answers;   /* the one on its way was asked for */
    bool follow;    /* the last fetch did something: there may be more, or something to dismiss */
    uint64_t turns; /* transfers ended */
    uint64_t ended[REMOTE_RESULTS], ms, bytes;
    int64_t last_ok; /* seconds since 1970; 0 */
    char code[64];   /* why the last one failed; "" it did not */
    struct buf args; /* JSON */
    struct remote_answer answer;
};

/* Of a connector, since we run. */
struct remote_line {
    const struct flow *busy; /* whose transfer runs; NULL */
    unsigned failures;       /* in a row */
    bool open;
    int64_t failing_since; /* seconds since 1970: the first of those failures */
    int64_t not_before;    /* monotonic ms */
    int64_t rests_until;   /* the same, by requests_per_minute; nobody's asking shortens that. 0: it does not */
    int64_t last_ok;
    char code[64];
    struct buf args;  /* of the last failure; JSON */
    char warning[64]; /* what somebody should look at, of the last transfer that said one; "" none */
    struct buf warning_args;
};

struct remote {
    struct carriage items[REMOTE_MAX];
    struct remote_line *lines; /* by rank in conf.connectors */
    size_t next;               /* flow whose turn it is */
};

void remote_line_init(struct remote_line *l);
void remote_step(struct gateway *g);
bool remote_running(const struct gateway *g);
/* With `once`: there is still something to fetch, or to dismiss. */
bool remote_waits(struct gateway *g);
bool remote_well(struct gateway *g);  /* no flow that is meant has failed last */
void remote_stop(struct gateway *g);  /* all, now; what was being sent is queued again */
void remote_clear(struct gateway *g); /* before the configuration goes: none runs */
size_t remote_pipes(const struct gateway *g, int *ret, size_t most); /* to poll */
/* A person asks: pauses and the breaker do not count this time. Gives what `turns` will be when the transfer
 * that is begun after this has ended. */
uint64_t remote_ask(struct gateway *g, const struct flow *f);
struct remote_line *remote_line(struct gateway *g, const struct flow *f);
/* Nothing is on its way by that connector, and the next may be. */
bool remote_free(const struct gateway *g, const struct connector *k);
/* One was: the next keeps the distance of its requests. */
void remote_rest(struct gateway *g, const struct connector *k);
bool remote_rests(const struct gateway *g); /* some connector does now */

/* ---- remote.c, for the parts below ---- */
bool remote_may(struct gateway *g, const struct flow *f);
/* For who starts a transfer of that connector: courier_start's `lock`, the caller's to close. -1: another has
 * it. */
int remote_lock(struct gateway *g, struct gw_str connector);
/* NULL: the world said no, or another process holds the connector; the flow waits. */
struct carriage *remote_start(struct gateway *g, const struct flow *f, const struct duty *d, int file);

/* ---- remote_fetch.c, remote_send.c ---- */
bool fetch_due(struct gateway *g, const struct flow *f);
void fetch_start(struct gateway *g, const struct flow *f);
void fetch_over(struct gateway *g, struct carriage *c);
void send_start(struct gateway *g, const struct flow *f);
void send_keep(struct gateway *g, struct carriage *c);
void send_over(struct gateway *g, struct carriage *c);

#endif
