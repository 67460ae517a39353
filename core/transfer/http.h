/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One request to a web server at a time, with the connector's credentials, to the connector's origin only:
 * redirects elsewhere are refused, and credentials go out in clear to this machine only. What is not a success
 * is read as far as its reason.
 */
#ifndef TRANSFER_HTTP_H
#define TRANSFER_HTTP_H

#include "base/buf.h"
#include "transfer/wire.h"

#define HTTP_LINES 6u

struct http {
    struct wire w;
    struct secret secret; /* token, or client secret */
    struct buf bearer;    /* AUTH_OAUTH2 */
    bool cached;          /* that one was not asked for by this process */
    int64_t last;         /* when the last request began, ms; 0: none */
};

struct http_answer {
    long status;
    struct gw_str etag, modified, disposition, link, type, range, location; /* headers, in the arena */
    uint64_t after;                                                         /* Retry-After, seconds */
    struct buf text; /* the start of a body that nobody took */
    bool lost;       /* no answer: the connection was lost, when... */
    bool complete;   /* ... the whole body was on its way */
};

/* Bytes of a 2xx answer; false: cannot be kept, and what to say was said. */
typedef bool http_take(void *context, const struct http_answer *answer, struct gw_str bytes);

struct http_request {
    const char *method, *url, *step;
    const char *lines[HTTP_LINES]; /* headers, up to a NULL */
    const struct texts *more;      /* headers too; NULL: none */
    int body;                      /* descriptor, read from its start; -1: none */
    uint64_t size;
    struct gw_str text; /* another body */
    http_take *take;    /* NULL: 2xx bodies are read into answer.text too */
    void *context;
};

GW_MUST_USE enum gw_result http_open(struct http *h, struct run *r);
void http_close(struct http *h);
/* GW_OK: there is an answer, whatever its status. The caller owes buf_done(&answer->text) in any case. */
GW_MUST_USE enum gw_result http_do(struct http *h, const struct http_request *r, struct http_answer *answer);
/* What a status that is no success means; never GW_OK. */
GW_MUST_USE enum gw_result http_refused(struct http *h, const char *step, struct http_answer *answer);

/* What a run does (serve.h). */
void http_fetch(struct run *r);
void http_send(struct run *r);
void http_probe(struct run *r);

/* An access token for this connector (RFC 6749, 4.4), of the kernel's keyring or a new one, into h->bearer. */
GW_MUST_USE enum gw_result http_token(struct http *h);
void http_token_forget(struct http *h);
/* One request without credentials; http_do() is made of it. */
GW_MUST_USE enum gw_result http_once(struct http *h, const struct http_request *r, struct http_answer *answer,
                                     const char *user, const char *password);

#endif
