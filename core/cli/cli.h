/* SPDX-License-Identifier: EUPL-1.2 */
/* The command line: one binary, one verb a task. A verb is a descriptor; its file has it at its foot. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "pipeline/engine.h"

/* The highest wins; warnings never count. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_REJECTS = 1, /* done, with errors in the data */
    EXIT_USAGE = 2,   /* wrong usage or configuration */
    EXIT_STREAM = 3,  /* the stream failed, or its format is unknown */
    EXIT_WORLD = 4,   /* disk, network, store: try again */
};

#define CLI_VALUES 48

struct option_word {
    const char *name;  /* without -- */
    char letter;       /* 0: none */
    const char *value; /* what it takes, for the help; NULL: nothing */
    const char *fr, *en;
};

struct invocation {
    const struct verb *verb;
    enum lang lang;
    bool lang_asked; /* by --lang */
    bool json;
    const char *behalf;             /* gateway.conf, when it is the daemon that runs it for an operator; NULL */
    const char *values[CLI_VALUES]; /* by rank in the verb's options; "" for one without value */
    char **operands;
    int noperands;
    struct home home;
    struct engine *engine;
};

struct verb {
    const char *name;
    const char *operands; /* "[IN]" */
    const char *fr, *en;  /* one line */
    const char *example;
    const struct option_word *options; /* ended by one without name; the common ones come besides */
    int max_operands;
    bool hidden; /* not for people */
    enum exit_code (*run)(struct invocation *in);
};

extern const struct verb convert_verb, validate_verb, formats_verb, plugins_verb, test_verb, check_verb,
    run_verb, status_verb, exchanges_verb, show_verb, rejects_verb, replay_verb, fsck_verb, reload_verb,
    worker_verb, fetch_verb, send_verb, release_verb, key_verb, backup_verb, audit_verb, diff_verb, detect_verb,
    infer_verb, nomenclatures_verb, new_verb, person_verb, restore_verb, purge_verb, flows_verb, manual_verb,
    store_verb;

/* Options and operands behind the verb's name, then the verb; the exit code. */
int verb_invoke(struct invocation *in, int argc, char **argv);
const struct verb *verb_find(const char *name);

/* The value of an option, NULL when it was not given. */
const char *option_value(const struct invocation *in, const char *name);

/* How often a code was said. */
struct said {
    const char *code;
    uint64_t count;
};

/* Diagnostics to a stream of text or JSON, with the catalogue of the engine. */
struct printer {
    struct sink sink; /* first */
    const struct invocation *in;
    void *file; /* FILE * */
    bool json;
    uint64_t errors, warnings;
    uint64_t most; /* shown of one code; 0: all */
    struct said codes[64];
    size_t ncodes;
    struct buf line;
};

void printer_init(struct printer *p, const struct invocation *in, void *file, bool json);
/* What was said more often than shown, a line a code. */
void printer_rest(const struct printer *p);
void printer_done(struct printer *p);

/* A sentence in the language of the invocation. */
const char *say(const struct invocation *in, const char *fr, const char *en);
/* `passerelle: ...` on stderr, with advice when there is some. */
void complain(const struct invocation *in, const char *fr, const char *en, const char *about);
enum exit_code exit_of(enum gw_result result, bool rejects);
/* GW_FAIL said as usage: exit 2. */
GW_MUST_USE enum gw_result start_engine(struct invocation *in, struct engine *e, struct sink *sink);
/* The format and profile of a file, for `auto`. EXIT_STREAM: it is not known, or not surely, and why was said.
 */
enum exit_code detect_choose(const struct invocation *in, struct engine *e, const char *path, struct sink *sink,
                             struct gw_str *ret_format, struct gw_str *ret_profile);
/* A candidate a line, with its reasons; `to` is a FILE *. */
struct detected;
void detect_print(const struct invocation *in, void *to, const struct detected *d, bool all);
/* A format proposed for the file, into a folder that must not exist. */
enum exit_code infer_into(const struct invocation *in, struct engine *e, const char *path, const char *folder,
                          struct sink *sink);
/* What `validate` says of the file, a few lines of each kind. `profile` NULL: the one it has. */
enum exit_code validate_sample(const struct invocation *in, const char *format, const char *profile,
                               const char *path);
void help_print(const struct invocation *in, const struct verb *verb);
void help_all(const struct invocation *in);
/* What the manual is made of. The verb at that place, NULL when there are no more. */
const struct verb *verb_at(size_t i);
extern const struct option_word common_options[]; /* of every verb; ended by one without name */
const char *purpose_text(const struct invocation *in);
const char *exit_codes_text(const struct invocation *in);
/* Where plugins and schemas are: beside the executable in a build tree, else where it was installed. */
GW_MUST_USE enum gw_result home_find(struct arena *a, struct home *ret);

#endif
