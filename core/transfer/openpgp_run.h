/* SPDX-License-Identifier: EUPL-1.2 */
/* What the parts of passerelle-openpgp share; one run a process, one thread. */
#ifndef TRANSFER_OPENPGP_RUN_H
#define TRANSFER_OPENPGP_RUN_H

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "transfer/answers.h"
#include "transfer/openpgp.h"
#include "transfer/secret.h"

#define OPENPGP_ARGS 6

struct openpgp_run {
    struct arena arena;
    struct openpgp_duty duty;
    rnp_ffi_t ffi;
    struct secret password;
    struct texts signers;    /* fingerprints of the keys that may sign, subkeys too */
    struct texts recipients; /* primary keys to encrypt to */
    rnp_key_handle_t signer; /* our key that signs; NULL: none */
    const char *own;         /* fingerprint of our key that signs or decrypts; NULL: none */
    uint64_t read, written;
    bool broken;    /* the disk said no: errno was `error` */
    bool too_large; /* more came out than may */
    int error;

    bool ended; /* the first word stays */
    enum ending end;
    const char *code;
    struct gw_arg args[OPENPGP_ARGS];
    size_t nargs;
};

/* How it ends; `found` and `expected` may be NULL, and are copied. The code is a literal. */
void openpgp_end(struct openpgp_run *r, enum ending end, const char *code, const char *found,
                 const char *expected);
void openpgp_fails(struct openpgp_run *r, const char *code, const char *found);
/* Input and output of the run, by descriptors; false: no memory, and the run has ended. */
GW_MUST_USE bool openpgp_files(struct openpgp_run *r, rnp_input_t *ret_input, rnp_output_t *ret_output);
/* A text that librnp made, copied into the arena and given back; "" for NULL. */
const char *openpgp_text(struct openpgp_run *r, char *text);

/* ---- openpgp_keys.c: false: the run has ended ---- */
GW_MUST_USE bool openpgp_load(struct openpgp_run *r);
/* "KEYID (user id)" for a message; and with the fingerprint of its primary key in place of the first. */
const char *openpgp_key_name(struct openpgp_run *r, rnp_key_handle_t key);
const char *openpgp_key_print(struct openpgp_run *r, rnp_key_handle_t key);
/* Why it is of no use: NULL, or a code. */
const char *openpgp_unusable(rnp_key_handle_t key);

/* ---- openpgp_open.c, openpgp_make.c, openpgp_probe.c ---- */
void openpgp_open(struct openpgp_run *r);
void openpgp_make(struct openpgp_run *r);
void openpgp_probe(struct openpgp_run *r);

#endif
