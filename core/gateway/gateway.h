/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The supervisor: it has the store, the spool, the folders and the clock; it starts the others. It never looks
 * into a partner's bytes and loads no plugin. One thread, one loop; each part below is a step of it, and all
 * that must survive is in the store and the spool, so that stopping is just not taking the next step.
 *
 *   intake      folders of flows in ──▶ spool, exchange received and queued, source moved
 *   incoming    exchange queued ──▶ reader ═lines═▶ applier ──▶ done
 *   outgoing    units changed ──▶ applier ═lines═▶ writer ──▶ spool, exchange queued, deliveries written
 *   remote      flows with a connector: transfer processes (remote.h)
 *   delivery    exchange out queued ──▶ folder of the flow ──▶ done, deliveries sent
 */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <dirent.h>

#include "gateway/backup.h"
#include "gateway/behalf.h"
#include "gateway/conf.h"
#include "gateway/mailman.h"
#include "gateway/notices.h"
#include "gateway/openpgp.h"
#include "gateway/post.h"
#include "gateway/receipts.h"
#include "gateway/remote.h"
#include "store/durable.h"
#include "store/exchange.h"
#include "store/unseen.h"

#define JOBS_MAX 16

enum job_kind { JOB_NONE, JOB_IN, JOB_OUT };
enum job_phase { PHASE_CHECK, PHASE_APPLY, PHASE_SELECT, PHASE_SENT, PHASE_OPEN, PHASE_SEAL };

struct job {
    enum job_kind kind;
    enum job_phase phase;
    const struct flow *flow;
    struct arena arena;
    int64_t since; /* monotonic ms */
    struct exchange e;
    uint64_t seen;                 /* out: the flow's cursor when it began */
    struct post *parser, *applier; /* reader or writer; NULL: none at work now */
    bool parser_done, applier_done;
    bool wanted; /* in: was applied before, and is read again for some of its rejects */
    struct answer parsed, applied;
    struct durable file;    /* out: written aside in the spool */
    int kept;               /* in: nameless file with what the first pass made; -1 */
    int results;            /* out: what became of each record; -1 */
    struct sealing sealing; /* of a flow with OpenPGP */
    char spool[64];
};

/* What is known of a flow while we run. */
struct flow_state {
    int64_t next_look;  /* monotonic ms: into its folder, or for what it is owed */
    int64_t due;        /* by its schedule, seconds since 1970; 0: at once */
    int64_t not_before; /* after trouble with the world */
    uint32_t troubles;
    bool of_folder;         /* the last trouble, that the folder was not to be read */
    bool looked;            /* into its folder since we run, and the connector was asked before */
    bool by_file;           /* apply = file */
    bool unsettled;         /* a file is there that may still be written to */
    bool unreadable;        /* a file is there that we may not read */
    int64_t receipts;       /* entry of the audit trail that comes next; 0: not known yet */
    int64_t receipts_kept;  /* the same, as the store has it */
    int64_t receipts_after; /* monotonic ms: not before */
    int64_t receipts_sent;  /* the same, by a connector */
    bool receipts_gone;     /* none waits for its connector */
    int folder, done;       /* descriptors; -1: not open */
    struct remote_flow remote;
    int64_t sources_before; /* what came into `done` before that was looked at by retention */
};

/* Where the look for what is too old has come to. */
struct retention {
    int64_t next; /* monotonic ms: of the next look; 0: at once, or one is under way */
    size_t flow;
    enum keep_kind kind;
    int64_t after;     /* id that it came to */
    uint64_t gone;     /* of the kind */
    bool counting;     /* nothing goes */
    struct buf report; /* of the look */
    DIR *done;         /* folder of sources at hand; NULL: none */
    int64_t before;
    bool waits;           /* some of them are not to go yet */
    struct unseen unseen; /* units at hand */
};

#define FRONT_READS 4 /* files validated at once */

/* The process of the API, if there is one. */
struct front {
    pid_t pid;
    int socket, folder;                /* -1: none; folder of the files handed over */
    int64_t not_before;                /* monotonic ms: it died, and is started again then */
    struct post *reading[FRONT_READS]; /* readers whose lines go to it */
};

/* A process that runs an operator's verb. */
struct behalf {
    pid_t pid;     /* 0: none */
    int64_t since; /* monotonic ms */
};

/* Backups by schedule. */
struct backups {
    pid_t pid;         /* of the one under way; 0: none */
    int64_t since;     /* when that was begun */
    int64_t due;       /* seconds since 1970; 0: not known yet */
    unsigned failures; /* in a row */
};

struct gateway {
    struct gateway_conf conf;
    struct arena conf_arena;
    struct sink *sink;
    struct store *store;
    const char *formats; /* folder of formats */
    const struct catalogue *words;
    int spool;
    const char *transfers; /* folder of the programs that have the network */
    struct remote remote;
    struct posts posts;
    struct job jobs[JOBS_MAX];
    struct flow_state *flows;            /* by rank in conf.flows */
    bool once, stopping, reload, worked; /* worked: this round did something */
    int64_t next_checkpoint;
    int64_t next_head;   /* monotonic ms: of the audit trail, signed */
    int64_t clock_ahead; /* seconds: time(NULL) of clock_ms() */
    struct retention retention;
    struct mailman mailman;
    struct receipt_book book;
    struct flow_notices *notices;    /* by rank in conf.flows; the last: of the gateway as a whole */
    int64_t letters[RECIPIENTS_MAX]; /* monotonic ms: not before; INT64_MAX: one is under way */
    int64_t next_notices;            /* monotonic ms */
    int notices_folder;              /* -1: not open */
    struct MHD_Daemon *metrics;      /* NULL: none is served */
    struct front front;
    struct behalf behalf[BEHALF_MOST];
    struct backups backups;
    bool restored;    /* from a backup, and nobody has said yet that what is owed may go out */
    const char *only; /* flow; NULL: all */
    int control, lock;
};

struct gateway_options {
    const char *conf_path;
    const char *executable, *schemas, *plugins;
    const char *formats;   /* folder */
    const char *transfers; /* folder of the programs that have the network */
    const char *only; /* flow with a connector: nothing but its transfers, and what they bring is taken; NULL */
    bool once;
    struct sink *sink;
    const struct catalogue *words; /* of messages */
};

/* Until it is told to stop (SIGTERM, SIGINT, control socket), or with `once` until there is nothing to do.
 * GW_FAIL: configuration or store cannot be used. GW_RETRY: another one runs on the same state, or the world.
 */
GW_MUST_USE enum gw_result gateway_run(const struct gateway_options *o);

/* ---- intake.c, incoming.c, outgoing.c, delivery.c: steps; each sets g->worked when it did something ---- */
void intake_step(struct gateway *g);
void incoming_step(struct gateway *g);
void incoming_stop(struct gateway *g); /* when the workers are gone */
void outgoing_step(struct gateway *g);
void delivery_step(struct gateway *g);
void backups_step(struct gateway *g);
void backups_stop(struct gateway *g);
/* There is a schedule, and the backup after the last there is should have been made by now, ten minutes of patience
 * included. *ret_last: when that was made, in ms; 0: there is none. */
bool backups_late(const struct backup_conf *c, int64_t *ret_last);

/* ---- intake.c, for what comes another way ---- */
void intake_name(char ret[64]); /* of a new file in the spool */
int64_t intake_order(const struct flow *f, const char *name, int64_t modified);
/* Beside those who change the store (store_begin_beside): the bytes of what comes, unless it was seen before.
 */
GW_MUST_USE enum gw_result intake_keep(struct gateway *g, const struct flow *f, const struct exchange *e,
                                       bool *ret_kept);
/* In the transaction that had the bytes of that file in the spool: they are not wanted. */
GW_MUST_USE enum gw_result intake_duplicate(struct gateway *g, const struct flow *f, const char *name,
                                            const char *spool, int64_t earlier);

/* ---- front.c: the API's process (front.h) ---- */
void front_open(struct gateway *g);    /* nothing without `api` in the configuration */
int front_fd(const struct gateway *g); /* to poll; -1 */
void front_step(struct gateway *g);
void front_close(struct gateway *g);

/* ---- retention.c ---- */
void retention_step(struct gateway *g);
void retention_all(struct gateway *g); /* all that is too old now */
/* The same of one kind; with g->retention.counting nothing goes but rows of the store, which the caller's
 * transaction brings back. */
GW_MUST_USE enum gw_result retention_kind(struct gateway *g, const struct flow *f, enum keep_kind kind,
                                          uint64_t *ret_gone);
void retention_stop(struct gateway *g);

/* ---- sources.c: files in the flow's `done`; one step of the look that retention has at hand ---- */
GW_MUST_USE enum gw_result sources_forget(struct gateway *g, const struct flow *f,
                                          int64_t before); /* GW_END: through */
void sources_close(struct gateway *g);

/* ---- job.c ---- */
struct job *job_new(struct gateway *g, enum job_kind kind, const struct flow *f); /* NULL: no place */
bool job_place(const struct gateway *g); /* one more could run: nobody waits for a place */
bool job_of_flow(const struct gateway *g, const struct flow *f);
/* Takes the answers of its workers: true when both are through with the phase. */
bool job_settled(struct job *j);
void job_end(struct job *j);
void job_drop(struct job *j); /* when its workers are gone already */
/* A pipe with room for a block; both close on exec. */
GW_MUST_USE enum gw_result job_pipe(int ret[2]);
/* The world said no: this flow waits, longer each time. */
void flow_trouble(struct gateway *g, const struct flow *f, const char *what);
void flow_well(struct gateway *g, const struct flow *f);
/* Its folder is well, which settles no other trouble. */
void flow_reads(struct gateway *g, const struct flow *f);
bool flow_meant(const struct gateway *g, const struct flow *f); /* not one of those that are left out */
struct flow_state *flow_state(struct gateway *g, const struct flow *f);
void order_clock(struct order *o); /* now */

void notify_systemd(const char *state); /* systemd.c */

/* ---- control.c ---- */
GW_MUST_USE enum gw_result control_open(struct gateway *g);
void control_step(struct gateway *g);
void control_close(struct gateway *g);
void control_follow(struct gateway *g); /* to where the configuration has it now; who waits there is kept */
/* For a verb, to the daemon that listens there. Connecting: GW_REJECT the socket is closed to us, GW_END nobody
 * listens; `ret` is the caller's to close, -1 when there is none. Hearing: until the daemon has no more to say.
 */
GW_MUST_USE enum gw_result control_connect(const char *path, int *ret);
void control_hear(int fd, struct buf *ret);
/* From a verb: says a word to the daemon that listens there; GW_END: none does. The answer goes to `ret`. */
GW_MUST_USE enum gw_result control_say(const char *path, const char *word, struct buf *ret);

#endif
