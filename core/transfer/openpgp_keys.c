/* SPDX-License-Identifier: EUPL-1.2 */
/* The keys of a run: which may sign, to which is encrypted, and ours. */
#include <time.h>

#include "base/str.h"
#include "transfer/openpgp_run.h"

#define KEYS_MAX  512
#define FILE_MAX_ ((size_t)8 << 20)

/* The user stands with the primary key. */
static const char *name_of(struct openpgp_run *r, rnp_key_handle_t key, bool print)
{
    char *id = NULL, *user = NULL, *grip = NULL;
    const char *name, *of;
    rnp_key_handle_t primary = NULL;

    if (rnp_key_get_primary_grip(key, &grip) == RNP_SUCCESS && grip)
        (void)rnp_locate_key(r->ffi, "grip", grip, &primary);
    rnp_buffer_destroy(grip);
    (void)(print ? rnp_key_get_fprint(primary ? primary : key, &id) : rnp_key_get_keyid(key, &id));
    (void)rnp_key_get_primary_uid(primary ? primary : key, &user);
    (void)rnp_key_handle_destroy(primary);
    name = openpgp_text(r, id);
    of = openpgp_text(r, user);
    name = *of ? arena_format(&r->arena, "%s (%s)", name, of) : name;
    return name ? name : "";
}

const char *openpgp_key_name(struct openpgp_run *r, rnp_key_handle_t key)
{
    return name_of(r, key, false);
}

const char *openpgp_key_print(struct openpgp_run *r, rnp_key_handle_t key)
{
    return name_of(r, key, true);
}

/* ---- loading ---- */

static bool load(struct openpgp_run *r, const char *data, size_t len, uint32_t flags)
{
    rnp_input_t input = NULL;
    size_t before = 0, after = 0;
    bool secret = flags & RNP_LOAD_SAVE_SECRET_KEYS;
    rnp_result_t result = rnp_input_from_memory(&input, (const uint8_t *)data, len, false);

    (void)(secret ? rnp_get_secret_key_count(r->ffi, &before) : (before = 0));
    if (result == RNP_SUCCESS)
        result = rnp_load_keys(r->ffi, "GPG", input, flags);
    (void)rnp_input_destroy(input);
    (void)(secret ? rnp_get_secret_key_count(r->ffi, &after) : rnp_get_public_key_count(r->ffi, &after));
    return result == RNP_SUCCESS && after > before;
}

static bool load_public(struct openpgp_run *r, struct gw_str file)
{
    struct buf text;
    bool good = false;

    buf_init(&text, FILE_MAX_);
    if (buf_read_file(&text, file.ptr) != GW_OK)
        openpgp_fails(r, "openpgp.key_file", file.ptr);
    else if (!load(r, text.data, text.len, RNP_LOAD_SAVE_PUBLIC_KEYS))
        openpgp_fails(r, "openpgp.key_form", file.ptr);
    else
        good = true;
    buf_done(&text);
    return good;
}

/* The public half comes along with it. */
static bool load_secret(struct openpgp_run *r, struct gw_str reference)
{
    struct secret key;
    const char *code;
    bool good;

    if (secret_read_bytes(reference, &key, &code) != GW_OK) {
        openpgp_fails(r, code, reference.ptr);
        return false;
    }
    good = load(r, key.data, key.len, RNP_LOAD_SAVE_SECRET_KEYS | RNP_LOAD_SAVE_PUBLIC_KEYS);
    secret_wipe(&key);
    if (!good)
        openpgp_fails(r, "openpgp.key_form", reference.ptr);
    return good;
}

static bool load_password(struct openpgp_run *r, struct gw_str reference)
{
    const char *code;

    if (secret_read(reference, &r->password, &code) == GW_OK)
        return true;
    openpgp_fails(r, code, reference.ptr);
    return false;
}

/* ---- looking at them ---- */

/* False: enough. */
typedef bool each_key(struct openpgp_run *r, rnp_key_handle_t key, void *to);

static void keys_each(struct openpgp_run *r, each_key *each, void *to)
{
    rnp_identifier_iterator_t it = NULL;
    const char *print = NULL;
    bool more = rnp_identifier_iterator_create(r->ffi, &it, "fingerprint") == RNP_SUCCESS;

    while (more && rnp_identifier_iterator_next(it, &print) == RNP_SUCCESS && print) {
        rnp_key_handle_t key = NULL;

        if (rnp_locate_key(r->ffi, "fingerprint", print, &key) == RNP_SUCCESS && key)
            more = each(r, key, to);
        (void)rnp_key_handle_destroy(key);
    }
    (void)rnp_identifier_iterator_destroy(it);
}

static void keep_print(struct openpgp_run *r, rnp_key_handle_t key, struct texts *to)
{
    char *print = NULL;
    struct gw_str *items = (struct gw_str *)(uintptr_t)to->items;

    if (!items)
        to->items = items = arena_array(&r->arena, KEYS_MAX, sizeof(*items));
    (void)rnp_key_get_fprint(key, &print);
    if (items && to->count < KEYS_MAX)
        items[to->count++] = str_of(openpgp_text(r, print));
}

static bool keep_signer(struct openpgp_run *r, rnp_key_handle_t key, void *to)
{
    (void)to;
    keep_print(r, key, &r->signers);
    return true;
}

const char *openpgp_unusable(rnp_key_handle_t key)
{
    bool revoked = false, expired = false;

    (void)rnp_key_is_revoked(key, &revoked);
    (void)rnp_key_is_expired(key, &expired);
    return revoked ? "openpgp.key_revoked" : expired ? "openpgp.key_expired" : NULL;
}

static bool keep_recipient(struct openpgp_run *r, rnp_key_handle_t key, void *to)
{
    bool primary = false;
    rnp_key_handle_t usable = NULL;
    const char *code = openpgp_unusable(key);

    (void)to;
    (void)rnp_key_is_primary(key, &primary);
    if (!primary)
        return true;
    if (!code && rnp_key_get_default_key(key, "encrypt", 0, &usable) != RNP_SUCCESS)
        code = "openpgp.key_usage";
    if (!code)
        code = openpgp_unusable(usable);
    (void)rnp_key_handle_destroy(usable);
    if (code)
        openpgp_fails(r, code, openpgp_key_name(r, key));
    else
        keep_print(r, key, &r->recipients);
    return !code;
}

/* ---- ours ---- */

struct own {
    const char *usage;
    bool found, locked;
    const char *code; /* of one that could serve and is of no use */
    const char *name;
    rnp_key_handle_t key;
};

/* A private key whose private part is elsewhere (a card, a machine that is not on the net) opens never. */
static bool opens(rnp_key_handle_t key)
{
    bool locked = false;

    (void)rnp_key_is_locked(key, &locked);
    return !locked || rnp_key_unlock(key, NULL) == RNP_SUCCESS;
}

static bool try_own(struct openpgp_run *r, rnp_key_handle_t key, void *to)
{
    struct own *o = to;
    bool secret = false, allowed = false;
    char *print = NULL;

    (void)rnp_key_have_secret(key, &secret);
    (void)rnp_key_allows_usage(key, o->usage, &allowed);
    if (!secret || !allowed)
        return true;
    o->found = true;
    o->name = openpgp_key_name(r, key);
    o->code = r->duty.out ? openpgp_unusable(key) : NULL;
    o->locked = !o->code && !opens(key);
    if (o->code || o->locked)
        return true;
    (void)rnp_key_get_fprint(key, &print);
    r->own = openpgp_text(r, print);
    return rnp_locate_key(r->ffi, "fingerprint", r->own, &o->key) != RNP_SUCCESS || !o->key;
}

/* The first that can be used; what is past its day still decrypts what was written before. */
static bool own_key(struct openpgp_run *r, const char *usage, struct gw_str reference)
{
    struct own o = {.usage = usage};

    keys_each(r, try_own, &o);
    if (o.key && r->duty.out)
        r->signer = o.key;
    else
        (void)rnp_key_handle_destroy(o.key);
    if (o.key)
        return true;
    if (!o.found)
        openpgp_fails(r, "openpgp.key_usage", reference.ptr);
    else
        openpgp_fails(r, o.code ? o.code : "openpgp.password", o.name);
    return false;
}

static bool load_in(struct openpgp_run *r, const struct openpgp *o)
{
    if (o->verify.len) {
        if (!load_public(r, o->verify))
            return false;
        keys_each(r, keep_signer, NULL);
    }
    if (!o->decrypt.len)
        return true;
    return load_password(r, o->password) && load_secret(r, o->decrypt) && own_key(r, "encrypt", o->decrypt);
}

static bool load_out(struct openpgp_run *r, const struct openpgp *o)
{
    for (size_t i = 0; i < o->encrypt.count; i++)
        if (!load_public(r, o->encrypt.items[i]))
            return false;
    keys_each(r, keep_recipient, NULL);
    if (r->ended || !o->sign.len)
        return !r->ended;
    return load_password(r, o->sign_password) && load_secret(r, o->sign) && own_key(r, "sign", o->sign);
}

bool openpgp_load(struct openpgp_run *r)
{
    return r->duty.out ? load_out(r, &r->duty.rules) : load_in(r, &r->duty.rules);
}
