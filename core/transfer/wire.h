/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A handle of libcurl made ready for one connector: only its protocol, its proxy or none, its certificates,
 * TLS 1.2 or later and verified always, its limits of time and speed; nothing of the environment, no .netrc.
 * One thread. The connection is kept from one request to the next.
 *
 * What ends a duty is said into `said` by whoever finds it first, and travels up as a result that is not GW_OK.
 * Texts in it live in the arena.
 */
#ifndef TRANSFER_WIRE_H
#define TRANSFER_WIRE_H

#include <curl/curl.h>

#include "transfer/serve.h"

#define WIRE_ARGS 5u

struct outcome {
    enum ending end;
    const char *step, *code; /* code NULL: END_OK */
    struct gw_arg args[WIRE_ARGS];
    size_t nargs;
    uint64_t after;
};

struct wire {
    CURL *curl;
    CURLM *multi; /* has the connection */
    struct run *run;
    const struct duty *duty; /* of the run, and its arena */
    struct arena *arena;
    struct secret password, key, key_password;
    char error[CURL_ERROR_SIZE];
    struct curl_slist *lines; /* headers or commands of the request that is being made */
    struct gw_str server;     /* host and port, for what is said */
    struct gw_str subject;    /* the file or folder that it is about, too */
    struct outcome said;
    bool introduced; /* the steps up to the certificate were said */
    bool local;      /* a callback gave up, and said why */
};

/* GW_FAIL, GW_RETRY: said. wire_close() is owed in any case. */
GW_MUST_USE enum gw_result wire_open(struct wire *w, struct run *r);
void wire_close(struct wire *w);
/* The run ends as was said, when the result is not GW_OK. */
void wire_end(struct wire *w, enum gw_result result);
/* Forgets the last request, not the connection. */
GW_MUST_USE enum gw_result wire_ready(struct wire *w, const char *url);
GW_MUST_USE enum gw_result wire_line(struct wire *w, const char *line); /* to w->lines */
/* The request; the steps of the connection are said the first time. *ret is libcurl's. */
GW_MUST_USE enum gw_result wire_perform(struct wire *w, const char *step, CURLcode *ret);
/* What that means, with what the server said last. */
GW_MUST_USE enum gw_result wire_fault(struct wire *w, const char *step, CURLcode code);
/* Was the connection lost, with nobody knowing what the server has? */
bool wire_lost(CURLcode code);

/* GW_RETRY or GW_FAIL, as `end` is; wire_arg() adds to it. */
enum gw_result wire_say(struct wire *w, enum ending end, const char *step, const char *code);
void wire_arg(struct wire *w, const char *name, struct gw_str value);
/* The same with {found} and {error}; of a login with {user} and {by}. */
enum gw_result wire_tell(struct wire *w, enum ending end, const char *step, const char *code,
                         struct gw_str found, struct gw_str error);
/* A secret for this wire: GW_FAIL is said. */
GW_MUST_USE enum gw_result wire_secret(struct wire *w, struct gw_str reference, struct secret *ret);

/* connector.url, and behind it the path with what a URL cannot hold written as %XX; `%`, `?`, `&` stay when
 * `raw`. */
const char *wire_url(struct wire *w, struct gw_str path, bool raw);
bool wire_scheme(const struct wire *w, const char *scheme);
/* Does the URL lead to this machine only? */
bool wire_loopback(const char *url);
/* Bytes as they are in a URL: unreserved ones, and those of `kept`. */
void wire_escape(struct buf *out, struct gw_str s, const char *kept);
const char *wire_hex(struct wire *w, const uint8_t *digest, size_t len);

#endif
