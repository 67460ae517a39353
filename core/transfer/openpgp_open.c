/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Decrypting and verifying. librnp streams what it decrypts; whether it may be believed is judged behind the
 * last byte: integrity first, then who signed. Its own verdict counts as well, and never alone.
 */
#include "base/str.h"
#include "transfer/openpgp_run.h"

/* RFC 9580 sections 9.3 and 9.5: what has been broken, or is near it. */
static const char weak_ciphers[] = "CAST5|TRIPLEDES|3DES|IDEA|BLOWFISH|PLAINTEXT",
                  weak_hashes[] = "SHA1|MD5|RIPEMD160";

static bool is_among(const char *words, const char *word)
{
    return str_among(str_of(words), '|', str_of(word));
}

/* ---- signatures ---- */

struct signature {
    rnp_result_t status;
    const char *hash, *print, *id;
    const char *key; /* for a message */
    uint32_t made;
    uint32_t key_created, key_expires;
    bool revoked;
    bool missing; /* announced, and then the file ended */
};

static void describe_key(struct openpgp_run *r, rnp_key_handle_t key, struct signature *s)
{
    char *print = NULL;

    (void)rnp_key_get_fprint(key, &print);
    (void)rnp_key_get_creation(key, &s->key_created);
    (void)rnp_key_get_expiration(key, &s->key_expires);
    (void)rnp_key_is_revoked(key, &s->revoked);
    s->print = openpgp_text(r, print);
    s->key = openpgp_key_name(r, key);
}

static void describe(struct openpgp_run *r, rnp_op_verify_signature_t of, struct signature *s)
{
    rnp_signature_handle_t handle = NULL;
    rnp_key_handle_t key = NULL;
    char *hash = NULL, *id = NULL;

    *s = (struct signature){.status = rnp_op_verify_signature_get_status(of), .print = "", .key = ""};
    (void)rnp_op_verify_signature_get_hash(of, &hash);
    (void)rnp_op_verify_signature_get_times(of, &s->made, NULL);
    s->missing = rnp_op_verify_signature_get_handle(of, &handle) != RNP_SUCCESS;
    if (s->missing)
        handle = NULL; /* given back already */
    else
        (void)rnp_signature_get_keyid(handle, &id);
    s->hash = openpgp_text(r, hash);
    s->id = openpgp_text(r, id);
    if (rnp_op_verify_signature_get_key(of, &key) == RNP_SUCCESS && key)
        describe_key(r, key, s);
    (void)rnp_key_handle_destroy(key);
    (void)rnp_signature_handle_destroy(handle);
}

static bool may_sign(const struct openpgp_run *r, const char *print)
{
    for (size_t i = 0; *print && i < r->signers.count; i++)
        if (str_is(r->signers.items[i], print))
            return true;
    return false;
}

/* NULL: it is good. */
static const char *fault_of(const struct signature *s)
{
    if (is_among(weak_hashes, s->hash))
        return "openpgp.hash";
    if (s->revoked)
        return "openpgp.key_revoked";
    if (s->key_expires && s->made >= (uint64_t)s->key_created + s->key_expires)
        return "openpgp.key_expired";
    if (s->status == RNP_ERROR_SIGNATURE_EXPIRED)
        return "openpgp.signature_expired";
    return s->status == RNP_SUCCESS ? NULL : "openpgp.signature";
}

/* One good signature of a key we know is enough; a bad one of such a key is never passed over. */
static void judge_signatures(struct openpgp_run *r, rnp_op_verify_t op)
{
    size_t count = 0, known = 0;
    const char *stranger = "";

    (void)rnp_op_verify_get_signature_count(op, &count);
    for (size_t i = 0; i < count; i++) {
        rnp_op_verify_signature_t of = NULL;
        struct signature s;
        const char *code;

        if (rnp_op_verify_get_signature_at(op, i, &of) != RNP_SUCCESS)
            continue;
        describe(r, of, &s);
        if (s.missing)
            openpgp_fails(r, "openpgp.damaged", NULL);
        if (!may_sign(r, s.print)) {
            stranger = *s.key ? s.key : s.id;
            continue;
        }
        known++;
        code = fault_of(&s);
        if (code)
            openpgp_end(r, END_FAIL, code, s.key, s.hash);
    }
    if (count && !known)
        openpgp_end(r, END_FAIL, "openpgp.signer", stranger, r->duty.rules.verify.ptr);
    else if (!count && r->duty.rules.require_signature)
        openpgp_fails(r, "openpgp.unsigned", NULL);
}

/* ---- encryption ---- */

static bool is_encrypted(const char *mode)
{
    return *mode && !str_is(str_of(mode), "none");
}

static const char *recipients(struct openpgp_run *r, rnp_op_verify_t op)
{
    size_t count = 0;
    const char *all = "";

    (void)rnp_op_verify_get_recipient_count(op, &count);
    for (size_t i = 0; i < count && i < 16; i++) {
        rnp_recipient_handle_t one = NULL;
        char *id = NULL;

        if (rnp_op_verify_get_recipient_at(op, i, &one) != RNP_SUCCESS ||
            rnp_recipient_get_keyid(one, &id) != RNP_SUCCESS)
            continue;
        all = arena_format(&r->arena, "%s%s%s", all, *all ? ", " : "", openpgp_text(r, id));
        all = all ? all : "";
    }
    return all;
}

static void judge_failure(struct openpgp_run *r, rnp_op_verify_t op, rnp_result_t result, const char *mode)
{
    switch (result) {
    case RNP_SUCCESS:
        break;
    case RNP_ERROR_NO_SUITABLE_KEY:
    case RNP_ERROR_KEY_NOT_FOUND:
        openpgp_fails(r, "openpgp.no_key", recipients(r, op));
        break;
    case RNP_ERROR_BAD_PASSWORD:
        openpgp_fails(r, "openpgp.by_password", NULL);
        break;
    case RNP_ERROR_NO_SIGNATURES_FOUND:
        openpgp_fails(r, "openpgp.unsigned", NULL);
        break;
    default:
        openpgp_fails(r, r->read && (is_encrypted(mode) || result != RNP_ERROR_BAD_FORMAT) ? "openpgp.damaged" : "openpgp.format",
                      rnp_result_to_string(result));
    }
}

static void judge(struct openpgp_run *r, rnp_op_verify_t op, rnp_result_t result)
{
    char *how = NULL, *with = NULL;
    const char *mode, *cipher;
    bool whole = false;

    (void)rnp_op_verify_get_protection_info(op, &how, &with, &whole);
    mode = openpgp_text(r, how);
    cipher = openpgp_text(r, with);
    if (str_is(str_of(mode), "cfb"))
        openpgp_fails(r, "openpgp.integrity", cipher);
    if (is_encrypted(mode) && is_among(weak_ciphers, cipher))
        openpgp_fails(r, "openpgp.cipher", cipher);
    if (r->signers.count && (result == RNP_SUCCESS || result == RNP_ERROR_SIGNATURE_INVALID))
        judge_signatures(r, op);
    judge_failure(r, op, result, mode);
    if (is_encrypted(mode) && !whole)
        openpgp_fails(r, "openpgp.damaged", cipher);
    if (r->duty.rules.decrypt.len && !is_encrypted(mode))
        openpgp_fails(r, "openpgp.clear", NULL);
}

void openpgp_open(struct openpgp_run *r)
{
    rnp_input_t input = NULL;
    rnp_output_t output = NULL;
    rnp_op_verify_t op = NULL;

    if (!openpgp_files(r, &input, &output))
        goto done;
    if (rnp_op_verify_create(&op, r->ffi, input, output) != RNP_SUCCESS ||
        rnp_op_verify_set_flags(op, RNP_VERIFY_IGNORE_SIGS_ON_DECRYPT) != RNP_SUCCESS) {
        openpgp_end(r, END_RETRY, "openpgp.memory", NULL, NULL);
        goto done;
    }
    judge(r, op, rnp_op_verify_execute(op));
done:
    (void)rnp_op_verify_destroy(op);
    (void)rnp_input_destroy(input);
    (void)rnp_output_destroy(output);
}
