/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * OpenPGP (RFC 9580 and its elders) of a flow: what gateway.conf says of it, and the program that does it.
 *
 * passerelle-openpgp does one duty and exits: it reads the duty from standard input, its keys from where their
 * references lead, shuts itself in (sandbox.h), and makes of the file on descriptor 4 the one on descriptor 5.
 * It has no network, no store, no folder. It says one `end` of duty.h on descriptor 3: ok, fail (the file, a
 * key or a signature is not what it has to be; the code is openpgp.*, secret.*), retry (the disk). What stands
 * on descriptor 5 is worth something after ok only. Bytes are streamed; memory does not grow with the file.
 */
#ifndef TRANSFER_OPENPGP_H
#define TRANSFER_OPENPGP_H

#include "base/arena.h"
#include "base/buf.h"
#include "transfer/connector.h"

#define OPENPGP_PROGRAM "passerelle-openpgp"
#define OPENPGP_INPUT   4 /* descriptors */
#define OPENPGP_OUTPUT  5

struct openpgp {
    struct gw_str decrypt;      /* secret: our private key, as bytes or armored */
    struct gw_str password;     /* secret: of that key */
    struct gw_str verify;       /* file of the public keys that may sign; absent: signatures are not looked at */
    bool require_signature;     /* true unless said: a file without a signature is refused */
    struct texts encrypt;       /* files of public keys; all keys in them can decrypt */
    struct gw_str sign;         /* secret: our private key */
    struct gw_str sign_password; /* secret */
    bool armor;
};

struct openpgp_duty {
    bool out;   /* encrypt, sign; else decrypt, verify */
    bool probe; /* no file: its keys are opened, and each is told by a step of the name of what it does */
    struct gw_str flow, partner_name;
    uint64_t most; /* bytes of what comes out; 0: any */
    struct openpgp rules;
};

extern const struct key_row openpgp_keys[];
extern const size_t openpgp_nkeys;

void openpgp_defaults(struct openpgp *o);
bool openpgp_given(const struct openpgp *o); /* it says to do something */
/* As JSON. Not secret: secrets are references. Read texts live in the arena; GW_FAIL: not a duty. */
void openpgp_write(struct buf *out, const struct openpgp_duty *d);
GW_MUST_USE enum gw_result openpgp_read(struct arena *a, struct gw_str text, struct openpgp_duty *ret);

#endif
