/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gateway.conf and conf.d/ beside it: partners, flows, limits. Data only; everything is a text of the arena or
 * a number, folders are absolute. What is wrong is reported, all of it, with file and line; a configuration
 * with a fault is not used.
 */
#ifndef GATEWAY_CONF_H
#define GATEWAY_CONF_H

#include "base/arena.h"
#include "base/diag.h"
#include "gateway/roles.h"
#include "gateway/schedule.h"
#include "transfer/connector.h"
#include "transfer/openpgp.h"

struct engine;

struct conf_list {
    const struct gw_str *items;
    size_t count;
};

struct partner {
    struct gw_str name, label;
    struct conf_list api_keys;         /* "sha256:HEX" of a key that `passerelle key api` made */
    struct conf_list api_certificates; /* "sha256:HEX" of a client's certificate (DER) */
    struct conf_list api_subjects;     /* `sub` of tokens */
    struct gw_str file;
    uint32_t line;
};

enum apply { APPLY_BY_FORMAT, APPLY_FILE, APPLY_RECORD };
enum file_order { ORDER_RECEIVED, ORDER_MODIFIED, ORDER_NAME };
enum after { AFTER_MOVE, AFTER_DELETE, AFTER_LEAVE, AFTER_UNSAID }; /* those said as enum source_after */

enum receipt_form { RECEIPT_JSON, RECEIPT_CSV, RECEIPT_XLSX };
#define RECEIPT_BOOKS "xlsx" /* the plugin that writes them */
/* What is kept, each kind for its time. */
enum keep_kind {
    KEPT_FILES,     /* in the spool */
    KEPT_REJECTS,   /* bytes and words of them */
    KEPT_VERSIONS,  /* of resources, but the present one */
    KEPT_SOURCES,   /* files that intake moved to `done` */
    KEPT_RECEIPTS,  /* in their folder */
    KEPT_RESOURCES, /* in their present version, since a file spoke of them last */
    KEPT_KINDS,
};
#define KEPT_UNSAID UINT64_MAX
#define KEPT_MOST   36500 /* days; more is for ever */
extern const char *const kept_words[KEPT_KINDS]; /* "files", "rejects", ... */

enum receipt_when { RECEIPT_ALWAYS, RECEIPT_REJECTS };

/* Of what became of a file, for who sent it. */
struct receipt_rule {
    bool given;
    unsigned form;           /* enum receipt_form */
    unsigned when;           /* enum receipt_when */
    unsigned lang;           /* enum lang, of rows */
    struct gw_str folder;    /* where it goes; or else */
    struct gw_str connector; /* by what it is sent, */
    struct gw_str path;      /* and where there; */
    struct gw_str subject, from;
    const struct gw_str *to; /* addresses of mail */
    size_t nto;
};

struct flow {
    struct gw_str name;
    struct gw_str partner_name;
    const struct partner *partner;
    bool out;
    struct gw_str format, profile;
    struct gw_str
        folder; /* absent only with api; of a flow in with a connector: what was fetched, STATE/remote/FLOW */
    bool api;   /* in: partners send by the API; out: what is written waits there */
    struct gw_str purpose, legal_basis; /* what for, and by which right */
    uint64_t kept[KEPT_KINDS];          /* days */

    struct schedule schedule; /* in: when it is looked for files (without, at a server: `every`); out: when one
                                 is written */

    struct openpgp openpgp; /* openpgp_given(): in, what comes is opened; out, what goes is sealed */

    /* in */
    struct schedule expected; /* a file must have come by then, behind the time before */
    struct gw_str pattern;    /* of names, with * and ? */
    uint64_t stable;          /* seconds that size and time must not have changed; 0: taken as it is */
    struct gw_str marker;     /* NAME + this must be there: ".ok"; absent: none */
    struct gw_str unready;    /* names that end so are still being written: ".tmp" */
    unsigned after;           /* enum after: where the source goes once it is durable here */
    struct gw_str done;       /* folder for AFTER_MOVE */
    unsigned apply;           /* enum apply */
    unsigned duplicates;      /* enum duplicates */
    unsigned order;           /* enum file_order */
    int rejects_max;          /* percent of records; -1: any */
    uint64_t records_min;
    struct receipt_rule receipt;

    /* out */
    const struct gw_str *fields; /* "TYPE.FIELD", "TYPE.*": what this destination may see */
    size_t nfields;
    const struct gw_str *from; /* flows whose records it gets; none: all but its own partner's */
    size_t nfrom;
    uint64_t every;          /* seconds between two files */
    uint64_t records_max;    /* of a file; 0: the format's limit */
    uint64_t deliver_within; /* seconds a file may wait for its destination before somebody is told; 0: any */

    /* at a partner's server, in place of a folder; NULL: none */
    const struct connector *connector;
    struct gw_str connector_name;
    bool speaks; /* the first of those at its connector: a notice of that is told as its own */
    struct errand errand;

    struct gw_str file;
    uint32_t line;
};

#define RECIPIENTS_MAX 16

enum letter_form { LETTER_TEXT, LETTER_JSON };

/* Who is told when something is amiss. */
struct recipient {
    struct gw_str name;
    struct gw_str folder;    /* a file a letter; or else */
    struct gw_str connector; /* sent by it */
    struct gw_str path;      /* behind the connector's URL */
    struct gw_str subject, from;
    const struct gw_str *to; /* addresses of mail */
    size_t nto;
    unsigned form;  /* enum letter_form */
    unsigned lang;  /* enum lang, of a text */
    uint64_t pause; /* seconds between two letters */
    struct gw_str file;
    uint32_t line;
};

struct job_limits {
    uint64_t memory;       /* bytes a worker may have */
    uint64_t cpu;          /* seconds of a job */
    uint64_t wall;         /* seconds of a job */
    uint64_t record_wall;  /* seconds without a record done */
    uint64_t record_bytes; /* of the largest record */
    uint64_t output_bytes; /* of what a job writes */
    uint64_t depth;        /* nesting */
};

/* The API that partners call; none without address. */
struct api_conf {
    struct gw_str address;          /* "127.0.0.1:8480", "[::1]:8480"; another needs TLS or behind_proxy */
    struct gw_str certificate;      /* file, PEM; absent: no TLS */
    struct gw_str key;              /* secret (secret.h) */
    bool behind_proxy;              /* another one speaks TLS, and has the senders' addresses */
    uint64_t body_max;              /* bytes */
    uint64_t connections, per_ip;   /* at once */
    uint64_t rate;                  /* requests a minute of one partner */
    uint64_t timeout;               /* seconds that a client may say or take nothing */
    struct gw_str jwks;             /* file of keys that sign tokens; absent: no tokens */
    struct gw_str issuer, audience; /* what tokens must say */
};

/* Backups by the daemon; and the key of those made by hand. */
struct backup_conf {
    struct gw_str folder;
    struct schedule schedule; /* none: by hand only */
    uint64_t keep;            /* how many stay in the folder; 0: all */
    struct gw_str key;        /* file of coffer.h; absent: none is made */
    struct openpgp openpgp;   /* `encrypt` alone: who can open a backup without that key */
};

/* A file as it was read: workers are given these, not what stands on the disk by then. */
struct conf_text {
    struct gw_str name; /* "gateway.conf", "conf.d/NAME.conf" */
    struct gw_str text;
};

struct gateway_conf {
    struct gw_str base;           /* folder that relative paths are of */
    struct gw_str path;           /* of gateway.conf */
    struct gw_str state;          /* folder: store, spool, key, control socket */
    struct gw_str key;            /* file of the master key; absent: STATE/key */
    struct gw_str store;          /* STATE/store.db, or the URL of a database */
    struct gw_str store_password; /* secret (secret.h) of its user; absent: as libpq finds it */
    struct gw_str control;        /* socket; absent: STATE/control, which nobody but its owner reaches */
    struct gw_str metrics;        /* "127.0.0.1:PORT"; absent: none */
    uint64_t readers;             /* jobs at once */
    uint64_t poll;                /* seconds between two looks into a folder */
    struct job_limits limits;
    struct api_conf api;
    struct conf_list revoked; /* digests that nobody is known by any more, whoever has them in a list */
    struct conf_list programs; /* formats that may start one */
    struct backup_conf backup;
    struct partner *partners;
    size_t npartners;
    struct connector *connectors;
    size_t nconnectors;
    struct flow *flows;
    size_t nflows;
    struct recipient recipients[RECIPIENTS_MAX];
    size_t nrecipients;
    struct operator_rule operators[OPERATORS_MAX];
    size_t noperators;
    unsigned unmask; /* roles that may see values; 0: ROLE(DPO) */
    struct conf_text *texts;
    size_t ntexts;
};

/* `base`: folder that relative paths are of; NULL: that of the file. GW_FAIL: there are faults, reported; *ret
 * then holds what could be read, for a check of the rest. */
GW_MUST_USE enum gw_result conf_load(struct arena *a, const char *path, const char *base, struct sink *sink,
                                     struct gateway_conf *ret);
/* What only the engine and the calendar know: formats, profiles, directions, fields, folders, exceptions that
 * have ended. GW_FAIL: faults, reported. */
GW_MUST_USE enum gw_result conf_check(const struct gateway_conf *c, struct engine *e, struct sink *sink);
/* A worker may start the program of that format. */
bool conf_may_spawn(const struct gateway_conf *c, struct gw_str format);
bool conf_name_good(struct gw_str name);           /* of a flow, a connector */
bool conf_days(struct gw_str text, uint64_t *ret); /* "90 d", "6 months", "5 years" */
const struct flow *conf_flow(const struct gateway_conf *c, struct gw_str name);
/* A flow out gives what that flow of that partner said. */
bool flow_gives(const struct flow *out, struct gw_str flow, struct gw_str partner);
/* Between two looks at a server, when there is no schedule. */
static inline uint64_t flow_seconds(const struct flow *f)
{
    return f->every ? f->every : 900;
}

const struct connector *conf_connector(const struct gateway_conf *c, struct gw_str name);
/* What a connector allows against the rules of the day, and until when; nothing for most. */
void conf_exceptions(struct buf *out, const struct connector *c, enum lang lang);
/* "kept 90 days", or kind by kind. */
void conf_retention_sentence(struct buf *out, const struct flow *f, enum lang lang);
/* What a flow will do and promise, one sentence. `seals`: of its keys, by who opened them; "" nothing. */
void conf_sentence(struct buf *out, const struct flow *f, struct gw_str seals, enum lang lang);

#endif
