/* SPDX-License-Identifier: EUPL-1.2 */
/* The keys of a flow, one by one: what can be known of them before there is a file. */
#include "base/str.h"
#include "transfer/openpgp_run.h"

static void warn(struct openpgp_run *r, const char *step, const char *code, rnp_key_handle_t key)
{
    const struct gw_arg args[] = {
        {"partner", r->duty.partner_name}, {"flow", r->duty.flow}, {"found", str_of(openpgp_key_name(r, key))}};

    answer_warning(step, openpgp_key_print(r, key), code, args, 3);
}

/* Told if it is of use; else *code says why not. Subkeys are told by their primary key. */
static bool tell(struct openpgp_run *r, const char *step, rnp_key_handle_t key, const char **code)
{
    bool primary = false;
    const char *why = openpgp_unusable(key);

    (void)rnp_key_is_primary(key, &primary);
    if (primary && !why)
        answer_step(step, true, 0, openpgp_key_print(r, key));
    if (primary && why) {
        warn(r, step, why, key);
        *code = why;
    }
    return primary && !why;
}

/* True: at least one of them is of use. */
static bool tell_all(struct openpgp_run *r, const char *step, const struct texts *prints, const char **code)
{
    bool any = false;

    for (size_t i = 0; i < prints->count; i++) {
        rnp_key_handle_t key = NULL;

        if (rnp_locate_key(r->ffi, "fingerprint", prints->items[i].ptr, &key) == RNP_SUCCESS && key)
            any |= tell(r, step, key, code);
        (void)rnp_key_handle_destroy(key);
    }
    return any;
}

/* A subkey is worth what its primary key is. */
static const char *unusable_with_primary(const struct openpgp_run *r, rnp_key_handle_t key)
{
    const char *code = openpgp_unusable(key);
    rnp_key_handle_t primary = NULL;
    char *print = NULL;

    if (!code && rnp_key_get_primary_fprint(key, &print) == RNP_SUCCESS && print &&
        rnp_locate_key(r->ffi, "fingerprint", print, &primary) == RNP_SUCCESS && primary)
        code = openpgp_unusable(primary);
    rnp_buffer_destroy(print);
    (void)rnp_key_handle_destroy(primary);
    return code;
}

/* What is past its day decrypts still, but no partner encrypts for it. */
static void tell_own(struct openpgp_run *r, const char *step)
{
    rnp_key_handle_t key = NULL;
    const char *code;

    if (!r->own || rnp_locate_key(r->ffi, "fingerprint", r->own, &key) != RNP_SUCCESS || !key)
        return;
    code = unusable_with_primary(r, key);
    if (code)
        warn(r, step, code, key);
    else
        answer_step(step, true, 0, openpgp_key_print(r, key));
    (void)rnp_key_handle_destroy(key);
}

void openpgp_probe(struct openpgp_run *r)
{
    const char *code = "openpgp.key_form";

    if (r->duty.out) {
        (void)tell_all(r, "encrypt", &r->recipients, &code);
        tell_own(r, "sign");
        return;
    }
    tell_own(r, "decrypt");
    if (r->duty.rules.verify.len && !tell_all(r, "verify", &r->signers, &code))
        openpgp_fails(r, code, r->duty.rules.verify.ptr);
}
