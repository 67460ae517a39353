/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The process that partners call (gateway/front.h says what it has). A thread a connection: each waits for its
 * own disk and its own answer, and fsyncs of many at once share the work. The first thread listens to the
 * supervisor and cuts who is too slow.
 *
 *   request.c ─▶ strict.c: is it one request, said once?     auth.c: who?     keepers.c: not too much, not too
 * slow └─▶ handlers.c ─▶ body.c: into a file handed over     asking.c: the supervisor     answer.c: what goes
 * back
 */
#ifndef API_API_H
#define API_API_H

#include <microhttpd.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/clock.h"
#include "gateway/conf.h"
#include "gateway/front.h"

#define API_PARTS 2 /* of a path, that are names */

/* Before 0.9.77 a line may still end in a bare LF. */
#if MHD_VERSION >= 0x00097701
#define API_STRICTLY MHD_OPTION_CLIENT_DISCIPLINE_LVL
#else
#define API_STRICTLY MHD_OPTION_STRICT_FOR_CLIENT
#endif

/* A client's connection. */
struct link {
    bool used;
    int fd;
    int64_t deadline; /* monotonic ms: cut after it; 0 never */
    int64_t since;
    uint64_t moved; /* bytes of the request at hand */
};

struct tally; /* keepers.c: what a partner still may */

struct body {
    int slot, fd; /* -1: none yet */
    uint64_t size;
    bool given; /* the supervisor has it, or may have it */
    struct store_digester *digester;
    const char *code; /* why it was not kept; NULL */
    unsigned status;
};

struct call {
    bool used;
    struct api *api;
    struct MHD_Connection *c;
    struct link *link;
    const struct route *route;
    const struct partner *partner;
    enum lang lang;
    const char *path;
    struct gw_str parts[API_PARTS];
    struct body body;
    struct arena arena;
    bool head;
    unsigned wait; /* seconds, for Retry-After */
};

struct api {
    const struct gateway_conf *conf;
    const struct catalogue *words;
    struct gw_str openapi;
    struct gw_str (*formats)[2]; /* by rank in conf->flows: JSON of its format, fr and en */
    pthread_mutex_t lock;        /* of all below */
    struct link links[FRONT_FILES];
    struct call calls[FRONT_FILES];
    int files[FRONT_FILES]; /* empty ones; -1: at work */
    struct tally *tallies;  /* by rank in conf.partners */
};

struct route {
    const char *method;
    const char *path; /* "*" stands for a name */
    bool open;        /* no key is asked for */
    bool body;        /* it has one, into a file */
    enum MHD_Result (*run)(struct call *c);
};

extern const struct route api_routes[];
extern const size_t api_nroutes;

struct api_options {
    const struct gateway_conf *conf;
    const struct catalogue *words;
    const char *schemas;
    struct gw_str formats; /* folder */
    struct sink *sink;
};

/* serve.c: until the supervisor is gone. GW_FAIL: it cannot listen, said in the journal. */
GW_MUST_USE enum gw_result api_run(const struct api_options *o);

/* pages.c: what is the same for as long as the process lives, made before it shuts itself in. */
GW_MUST_USE enum gw_result pages_make(struct api *a, const struct api_options *o, struct arena *arena);

/* ---- request.c ---- */
enum MHD_Result request_take(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                             const char *version, const char *data, size_t *len, void **state);
void request_over(void *cls, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why);
const char *request_header(const struct call *c, const char *name); /* NULL: not there */

/* ---- strict.c: NULL, or the code of the problem ---- */
const char *strict_fault(struct MHD_Connection *c, const struct route *r);

/* ---- auth.c ---- */
const struct partner *auth_partner(const struct call *c); /* NULL: nobody we know */
void auth_begin(struct MHD_Connection *c);                /* TLS: asks for a certificate, needs none */

/* ---- keepers.c ---- */
/* Seconds after which the partner may ask again; 0: now, and one is taken. */
unsigned rate_take(struct api *a, const struct partner *p);
/* The same of an address, counting only keys that are nobody's; behind a proxy there are no addresses. */
unsigned stranger_wait(const struct call *c);
void stranger_came(const struct call *c);
size_t tally_size(void);
void link_notify(void *cls, struct MHD_Connection *c, void **room, enum MHD_ConnectionNotificationCode what);
/* The time that is due from now on: for a head, for so many more bytes, for what we do ourselves (none). */
void link_head(struct api *a, struct link *l);
void link_came(struct call *c, uint64_t bytes);
void link_work(struct call *c);
void link_goes(struct call *c, uint64_t bytes);
void links_cut(struct api *a); /* who is beyond the deadline */

/* ---- body.c ---- */
/* False: no file is free, or too much, and c->body says why. */
bool body_begin(struct call *c);
/* GW_FAIL: it is much more than allowed, and not to be listened to. */
GW_MUST_USE enum gw_result body_add(struct call *c, const char *data, size_t len);
bool body_end(struct call *c, uint8_t ret_digest[32]); /* durable */
void body_free(struct call *c);                        /* what the supervisor did not take is empty again */

/* ---- filename.c ---- */
/* The name the sender gave: Content-Disposition, X-File-Name, ?name=. False: it is none. "" when there is none.
 */
bool filename_take(struct gw_str text, char ret[FRONT_TEXT]);
bool filename_disposition(struct gw_str header, char ret[FRONT_TEXT]);

/* ---- heads.c; a header that is not there is NULL ---- */
/* The first language of ours in the list that is not refused; French when nothing is said. */
enum lang head_lang(const char *accept);
/* "bytes=FROM-", "bytes=FROM-TO", "bytes=-LAST"; another form is no range (RFC 9110, 14.2). 1: part, 0: whole,
 * -1: none of it is there. */
int head_range(const char *header, uint64_t size, uint64_t *from, uint64_t *len);

/* ---- asking.c ---- */
/* False: no answer came. *ret_fd is the caller's. */
bool ask_supervisor(struct call *c, struct ask *a, struct told *ret, int *ret_fd);
bool asking_listen(struct api *a); /* one message; false: the supervisor is gone */

/* ---- answer.c ---- */
enum MHD_Result answer_json(struct call *c, unsigned status, struct gw_str body, const char *location);
enum MHD_Result answer_bytes(struct call *c, unsigned status, int fd, uint64_t from, uint64_t size,
                             const char *type, struct MHD_Response **ret); /* takes the descriptor */
enum MHD_Result answer_problem(struct call *c, unsigned status, const char *code);
enum MHD_Result answer_empty(struct call *c, unsigned status);
void answer_header(struct MHD_Response *r, const char *name, const char *value);

/* ---- verdict.c: a reader's lines made one JSON object ---- */
GW_MUST_USE enum gw_result verdict_read(int fd, enum lang lang, struct buf *out);

#endif
