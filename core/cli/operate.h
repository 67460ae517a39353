/* SPDX-License-Identifier: EUPL-1.2 */
/* What the verbs that operate the daemon share: configuration, engine or catalogue, store. */
#ifndef CLI_OPERATE_H
#define CLI_OPERATE_H

#include "cli/cli.h"
#include "gateway/conf.h"
#include "gateway/roles.h"
#include "store/store.h"

struct operating {
    struct invocation *in;
    struct arena arena;
    struct printer printer;
    struct engine engine;
    struct gateway_conf conf;
    struct operator who;
    struct store *store;
    unsigned cache_kb;   /* of the store; 0: the usual */
    enum exit_code code; /* when something could not be opened */
};

#define CONFIG_OPTION                                                                                          \
    {                                                                                                          \
        "config", 'c', "FILE", "configuration (gateway.conf)", "configuration (gateway.conf)"                  \
    }

#define TRANSFERS_OPTION                                                                                       \
    {                                                                                                          \
        "transfers", 0, "DIR", "dossier des programmes du réseau (passerelle-sftp, passerelle-api ...)",       \
            "folder of the programs for the network (passerelle-sftp, passerelle-api ...)"                     \
    }

/* Where the programs for the network are: --transfers, else beside the executable or in libexec/passerelle. */
const char *transfers_path(const struct invocation *in);
/* gateway.conf here, else where it is installed, unless -c says. */
const char *config_path(const struct invocation *in);
/* The words of messages alone; false: said, and o->code is the exit code. */
bool operate_words(struct operating *o, struct invocation *in);
/* The configuration too. Of a verb that operates the daemon (roles.h): whether who asks may; and where STATE is
 * another user's, the daemon runs the verb for us: false, and o->code is what it ended with. */
bool operate_open(struct operating *o, struct invocation *in);
/* The store too. */
bool operate_store(struct operating *o, bool read_only);
/* A file of the spool, here or in the store, to read. -1: nobody has it. */
int operate_file(const struct operating *o, struct gw_str name);
/* What is done to the store from now on is entered under the user who asked. */
void operate_actor(struct operating *o);
/* May who asks do that as well? False: said, and o->code is the exit code. */
bool operate_may(struct operating *o, const char *duty);
/* An error of the catalogue, without a place. */
void operate_fault(struct operating *o, const char *code, const struct gw_arg *args, size_t n);
void operate_close(struct operating *o);
/* An instant as people write it, in local time. */
const char *instant(int64_t ms, char room[32]);
/* "7 d", "36 h", "2026-11-01" as an instant before now; false: none of these. */
bool instant_parse(const char *text, int64_t *ret);
bool number_parse(const char *text, int64_t *ret);

#endif
