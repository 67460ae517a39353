/* SPDX-License-Identifier: EUPL-1.2 */
/* Encrypting and signing: AES-256 with MDC and SHA-256, what every partner reads. */
#include "base/str.h"
#include "transfer/openpgp_run.h"

static rnp_result_t add_recipients(struct openpgp_run *r, rnp_op_encrypt_t op)
{
    rnp_result_t result = RNP_SUCCESS;

    for (size_t i = 0; result == RNP_SUCCESS && i < r->recipients.count; i++) {
        rnp_key_handle_t key = NULL;

        result = rnp_locate_key(r->ffi, "fingerprint", r->recipients.items[i].ptr, &key);
        if (result == RNP_SUCCESS)
            result = rnp_op_encrypt_add_recipient(op, key);
        (void)rnp_key_handle_destroy(key);
    }
    return result;
}

static rnp_result_t encrypt(struct openpgp_run *r, rnp_input_t input, rnp_output_t output)
{
    rnp_op_encrypt_t op = NULL;
    rnp_result_t result = rnp_op_encrypt_create(&op, r->ffi, input, output);

    if (result == RNP_SUCCESS)
        result = add_recipients(r, op);
    if (result == RNP_SUCCESS && r->signer)
        result = rnp_op_encrypt_add_signature(op, r->signer, NULL);
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_cipher(op, "AES256");
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_aead(op, "None");
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_hash(op, "SHA256");
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_compression(op, "Uncompressed", 0);
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_armor(op, r->duty.rules.armor);
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_execute(op);
    (void)rnp_op_encrypt_destroy(op);
    return result;
}

static rnp_result_t sign(struct openpgp_run *r, rnp_input_t input, rnp_output_t output)
{
    rnp_op_sign_t op = NULL;
    rnp_result_t result = rnp_op_sign_create(&op, r->ffi, input, output);

    if (result == RNP_SUCCESS)
        result = rnp_op_sign_add_signature(op, r->signer, NULL);
    if (result == RNP_SUCCESS)
        result = rnp_op_sign_set_hash(op, "SHA256");
    if (result == RNP_SUCCESS)
        result = rnp_op_sign_set_compression(op, "Uncompressed", 0);
    if (result == RNP_SUCCESS)
        result = rnp_op_sign_set_armor(op, r->duty.rules.armor);
    if (result == RNP_SUCCESS)
        result = rnp_op_sign_execute(op);
    (void)rnp_op_sign_destroy(op);
    return result;
}

void openpgp_make(struct openpgp_run *r)
{
    rnp_input_t input = NULL;
    rnp_output_t output = NULL;
    rnp_result_t result = RNP_SUCCESS;

    if (openpgp_files(r, &input, &output)) {
        result = r->recipients.count ? encrypt(r, input, output) : sign(r, input, output);
        if (result != RNP_SUCCESS)
            openpgp_fails(r, "openpgp.failed", rnp_result_to_string(result));
    }
    (void)rnp_input_destroy(input);
    (void)rnp_output_destroy(output);
}
