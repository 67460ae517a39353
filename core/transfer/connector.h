/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How a partner's server is reached, and what a flow does there. Each key is described once, by a line of
 * `connector_keys` or `errand_keys`: gateway.conf is read by it, and so is the duty that a transfer process is
 * given. Texts belong to the arena of whoever read them. Secrets are references (secret.h), never values.
 */
#ifndef TRANSFER_CONNECTOR_H
#define TRANSFER_CONNECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gw/base.h"

enum value_kind {
    VALUE_TEXT,    /* struct gw_str */
    VALUE_TEXTS,   /* struct gw_str *, and its count behind it: struct texts */
    VALUE_FILE,    /* struct gw_str, a path; relative ones are of the folder of gateway.conf */
    VALUE_SECRET,  /* struct gw_str, a reference */
    VALUE_NUMBER,  /* uint64_t */
    VALUE_SECONDS, /* uint64_t */
    VALUE_BYTES,   /* uint64_t */
    VALUE_BOOL,    /* bool */
    VALUE_WORD,    /* unsigned: rank among the words between bars of `expected` */
};

struct key_row {
    const char *name;
    enum value_kind kind;
    size_t offset;
    const char *expected; /* for a message; of VALUE_WORD its words: "\"none\" | \"basic\"" */
};

struct texts {
    const struct gw_str *items;
    size_t count;
};

enum auth { AUTH_NONE, AUTH_BASIC, AUTH_BEARER, AUTH_API_KEY, AUTH_OAUTH2 };

struct connector {
    struct gw_str name;
    struct gw_str partner_name;
    struct gw_str url; /* sftp: http: https: ftps: ftp: smtp: smtps:, host, port; no user, no password in it */

    struct gw_str user;
    struct gw_str password;     /* secret */
    struct gw_str key;          /* secret: private key of SSH */
    struct gw_str key_password; /* secret */
    bool agent;                 /* SSH: the agent of $SSH_AUTH_SOCK may sign */

    struct texts host_keys;  /* SSH: "SHA256:BASE64" as `ssh-keygen -lf` prints it; others are refused */
    struct texts algorithms; /* SSH: what else is allowed, "ssh-rsa", "diffie-hellman-group14-sha1" ... */
    struct gw_str algorithms_until; /* YYYY-MM-DD: from that day on it is not */

    struct gw_str ca;              /* TLS: file of certificates that are trusted instead of the system's */
    struct gw_str certificate;     /* TLS: file of ours, for mutual TLS */
    struct gw_str certificate_key; /* secret */
    unsigned auth;                 /* enum auth, HTTP */
    struct gw_str token;           /* secret: AUTH_BEARER, AUTH_API_KEY */
    struct gw_str token_header;    /* AUTH_API_KEY: name of the header; "X-Api-Key" */
    struct gw_str token_url, client_id, scope; /* AUTH_OAUTH2, client credentials */
    struct gw_str client_secret;               /* secret */
    struct gw_str proxy;                       /* http://host:port */

    uint64_t connect_timeout;     /* seconds until logged in */
    uint64_t timeout;             /* seconds without a byte */
    uint64_t rate;                /* bytes a second; 0: any */
    uint64_t requests_per_minute; /* HTTP, in a run; and so far apart are two runs; 0: any */

    /* by the one who starts processes */
    uint64_t pause, pause_max; /* seconds after a failure: growing from the first to the second, with jitter */
    uint64_t breaker;          /* failures in a row after which only a probe a `pause_max` goes out */
    uint64_t tell_after;       /* seconds that it may be open before somebody is told; 0: nobody is */
    struct texts quiet;        /* "22:00-06:00", local time: nothing is started then */
    struct gw_str file;        /* of gateway.conf, for messages */
    uint32_t line;
};

enum source_after { SOURCE_MOVE, SOURCE_DELETE, SOURCE_LEAVE };
enum paging { PAGING_NONE, PAGING_LINK, PAGING_NEXT, PAGING_PAGE };

/* What a flow does at its connector. */
struct errand {
    struct gw_str path;    /* folder of the server, or path of the URL; {name} is the file's name (HTTP out) */
    struct gw_str pattern; /* in: names, with * and ? */
    unsigned after;        /* in: enum source_after, once the file is durable here */
    struct gw_str after_path; /* in: folder of the server for SOURCE_MOVE */
    struct gw_str unready;    /* in: names that end so are still being written */
    uint64_t stable;          /* in: seconds that size and time must not have changed on the server */
    bool one_file;            /* in and out: one file a run */
    uint64_t files_max;       /* in: files a run; 0: any */
    uint64_t size_max;        /* in: bytes of a file; 0: any */

    struct gw_str aside; /* out: the name ends so while it is uploaded, ".part"; "" straight under its name */
    bool blind;          /* out: the server neither lists nor tells sizes (a drop box): in doubt, not done */

    struct gw_str method;       /* HTTP: out "POST" | "PUT"; in "GET" | "POST" */
    struct gw_str body;         /* HTTP in with POST: what is sent */
    struct gw_str content_type; /* HTTP out */
    struct texts headers;       /* HTTP: "Name: value" */
    unsigned paging;            /* HTTP in: enum paging; each page is a file */
    struct gw_str page_key;     /* PAGING_NEXT: JSON key of the next URL; PAGING_PAGE: name of the parameter */
    uint64_t pages_max;
    struct gw_str subject, from; /* SMTP */
    struct texts to;             /* SMTP */
};

extern const struct key_row connector_keys[], errand_keys[];
extern const size_t connector_nkeys, errand_nkeys;

/* What holds when nothing is said. */
void connector_defaults(struct connector *c);
void errand_defaults(struct errand *e);
/* What was allowed for a while is not allowed for ever: today is the day of `algorithms_until`, or later. */
bool connector_exceptions_ended(const struct connector *c);
/* Which program serves that scheme: "passerelle-sftp", "passerelle-http"; NULL: none. */
const char *connector_program(const struct connector *c);
/* The word of a rank, for messages and for the duty. */
struct gw_str key_word(const struct key_row *k, unsigned rank);
bool key_rank(const struct key_row *k, struct gw_str word, unsigned *ret);

#endif
