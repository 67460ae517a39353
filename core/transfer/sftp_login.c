/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* ---- algorithms: the order is that of the processor's time ---- */

#define KEYS_ELLIPTIC "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"
#define KEYS_OLDEST   "rsa-sha2-512,rsa-sha2-256"
#define KEYS          "ssh-ed25519," KEYS_ELLIPTIC "," KEYS_OLDEST

enum kind { KIND_KEX, KIND_HOST_KEY, KIND_USER_KEY, KIND_CIPHER, KIND_MAC };

static const char *const modern[] = {
    [KIND_KEX] = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
                 "ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
                 "diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256",
    [KIND_USER_KEY] = KEYS,
    [KIND_CIPHER] = "aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"
                    "chacha20-poly1305@openssh.com",
    [KIND_MAC] = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512",
};

/* By sftp.kind. Which of its keys a server shows is the client's choice, and the one that is pinned is not
 * always of the kind that comes first. */
static const char *const host_kinds[SFTP_KINDS] = {KEYS, KEYS_ELLIPTIC, KEYS_OLDEST};

/* What was good once. The first of a kind that a server offers is the least bad. */
static const struct {
    const char *name;
    enum kind kind;
} exceptions[] = {
    {"diffie-hellman-group14-sha1", KIND_KEX},
    {"diffie-hellman-group-exchange-sha1", KIND_KEX},
    {"diffie-hellman-group1-sha1", KIND_KEX},
    {"ssh-rsa", KIND_HOST_KEY},
    {"ssh-rsa", KIND_USER_KEY},
    {"aes256-cbc", KIND_CIPHER},
    {"aes192-cbc", KIND_CIPHER},
    {"aes128-cbc", KIND_CIPHER},
    {"3des-cbc", KIND_CIPHER},
    {"hmac-sha1-etm@openssh.com", KIND_MAC},
    {"hmac-sha1", KIND_MAC},
};
#define EXCEPTIONS (sizeof(exceptions) / sizeof(*exceptions))

static bool is_exception(struct gw_str name)
{
    for (size_t i = 0; i < EXCEPTIONS; i++)
        if (str_is(name, exceptions[i].name))
            return true;
    return false;
}

static bool allowed(const struct connector *c, const char *name)
{
    for (size_t i = 0; i < c->algorithms.count; i++)
        if (str_is(c->algorithms.items[i], name))
            return true;
    return false;
}

static bool set_kind(struct sftp *s, enum kind kind, const enum ssh_options_e *options, size_t n)
{
    struct buf list;
    bool good = true;

    buf_init(&list, 4096);
    buf_text(&list, kind == KIND_HOST_KEY ? host_kinds[s->kind] : modern[kind]);
    for (size_t i = 0; i < EXCEPTIONS; i++)
        if (exceptions[i].kind == kind && allowed(&s->run->duty.connector, exceptions[i].name))
            buf_format(&list, ",%s", exceptions[i].name);
    for (size_t i = 0; i < n; i++)
        good = good && !list.failed && ssh_options_set(s->session, options[i], list.data) == 0;
    buf_done(&list);
    return good;
}

static bool set_all(struct sftp *s)
{
    static const struct {
        enum kind kind;
        size_t n;
        enum ssh_options_e options[2];
    } rows[] = {
        {KIND_KEX, 1, {SSH_OPTIONS_KEY_EXCHANGE}},
        {KIND_HOST_KEY, 1, {SSH_OPTIONS_HOSTKEYS}},
        {KIND_USER_KEY, 1, {SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES}},
        {KIND_CIPHER, 2, {SSH_OPTIONS_CIPHERS_C_S, SSH_OPTIONS_CIPHERS_S_C}},
        {KIND_MAC, 2, {SSH_OPTIONS_HMAC_C_S, SSH_OPTIONS_HMAC_S_C}},
    };
    bool good = true;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        good = good && set_kind(s, rows[i].kind, rows[i].options, rows[i].n);
    return good;
}

bool sftp_algorithms(struct sftp *s)
{
    const struct connector *c = &s->run->duty.connector;
    const struct gw_arg until = {"found", c->algorithms_until};

    for (size_t i = 0; i < c->algorithms.count; i++)
        if (!is_exception(c->algorithms.items[i])) {
            const struct gw_arg arg = {"found", c->algorithms.items[i]};

            run_end(s->run, END_FAIL, "transfer.algorithm_unknown", &arg, 1);
            return false;
        }
    if (c->algorithms.count && connector_exceptions_ended(c)) {
        run_end(s->run, END_FAIL, "transfer.algorithms_ended", &until, 1);
        return false;
    }
    if (set_all(s))
        return true;
    run_fails(s->run, END_FAIL, "transfer.algorithm_unknown", ssh_get_error(s->session));
    return false;
}

static void end_algorithms(struct sftp *s, struct gw_str offered, const char *exception)
{
    const struct gw_arg args[] = {
        {"server", str_of(s->server)}, {"offered", offered}, {"exception", str_of(exception)}};

    run_end(s->run, END_FAIL, "transfer.algorithms", args, 3);
}

/* libssh: "kex error : no match for method METHOD: server [LIST], client [LIST]". */
void sftp_no_agreement(struct sftp *s, const char *said)
{
    struct gw_str all = str_of(said), offered = all;
    size_t at;

    if (str_find(all, GW_STR("server ["), &at))
        offered = str_cut(str_from(all, at + strlen("server [")), ']', &all);
    for (size_t i = 0; i < EXCEPTIONS; i++)
        if (str_among(offered, ',', str_of(exceptions[i].name))) {
            end_algorithms(s, offered, exceptions[i].name);
            return;
        }
    end_algorithms(s, offered, "");
}

/* ---- the key of the server ---- */

void sftp_not_trusted(struct sftp *s)
{
    const struct texts *pinned = &s->run->duty.connector.host_keys;
    struct buf expected;

    buf_init(&expected, 4096);
    for (size_t i = 0; i < pinned->count; i++) {
        buf_text(&expected, i ? ", " : "");
        buf_str(&expected, pinned->items[i]);
    }
    const struct gw_arg args[] = {{"server", str_of(s->server)},
                                  {"kind", str_of(s->seen[0])},
                                  {"found", str_of(s->seen[1])},
                                  {"expected", buf_view(&expected)}};

    run_step(s->run, "host_key");
    run_end(s->run, END_FAIL, pinned->count ? "transfer.host_key" : "transfer.host_key_absent", args, 4);
    buf_done(&expected);
}

static bool is_pinned(const struct texts *pinned, const char *seen)
{
    for (size_t i = 0; i < pinned->count; i++)
        if (str_is(pinned->items[i], seen))
            return true;
    return false;
}

/* NULL: libssh has none. Of the run's arena. */
static const char *fingerprint(struct run *r, ssh_key key)
{
    unsigned char *hash = NULL;
    size_t len = 0;
    char *text = NULL;
    const char *copy = NULL;

    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) == 0)
        text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
    if (text)
        copy = arena_format(&r->arena, "%s", text);
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    return copy;
}

bool sftp_host_key(struct sftp *s)
{
    struct run *r = s->run;
    ssh_key key = NULL;
    const char *kind, *seen = NULL;
    bool good;

    run_step(r, "host_key");
    if (ssh_get_server_publickey(s->session, &key) == SSH_OK)
        seen = fingerprint(r, key);
    kind = ssh_key_type_to_char(ssh_key_type(key));
    ssh_key_free(key);
    if (!seen) {
        sftp_lost(s, END_RETRY);
        return false;
    }
    if (!s->seen[1]) {
        s->seen[0] = kind;
        s->seen[1] = seen;
    }
    good = is_pinned(&r->duty.connector.host_keys, seen);
    if (good)
        run_done(r, true, arena_format(&r->arena, "%s %s", kind, seen));
    return good;
}

/* ---- who we are: each way that the connector has, until one is enough ---- */

struct login {
    struct sftp *sftp;
    const char *by;   /* the last way tried */
    const char *hint; /* the exception that may help; "" none */
    bool ended;       /* the run has, with a reason of its own */
};

static const char oldest[] = "ssh-rsa";

/* A server may say that it takes new signatures of an old kind of key, and take but the old ones. */
static int sign(struct login *l, ssh_key key)
{
    ssh_session session = l->sftp->session;
    int result = ssh_userauth_publickey(session, NULL, key);

    if (result != SSH_AUTH_DENIED || ssh_key_type(key) != SSH_KEYTYPE_RSA)
        return result;
    if (!allowed(&l->sftp->run->duty.connector, oldest))
        l->hint = oldest;
    else if (ssh_options_set(session, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, oldest) == 0)
        result = ssh_userauth_publickey(session, NULL, key);
    return result;
}

static int by_key(struct login *l)
{
    const struct connector *c = &l->sftp->run->duty.connector;
    struct secret text = {.data = NULL}, password = {.data = NULL};
    ssh_key key = NULL;
    int result = SSH_AUTH_ERROR;

    l->ended =
        !run_secret(l->sftp->run, c->key, &text) || !run_secret(l->sftp->run, c->key_password, &password);
    if (l->ended)
        goto done;
    /* Without any password OpenSSL would ask for one at the terminal. */
    if (ssh_pki_import_privkey_base64(text.data, password.data ? password.data : "", NULL, NULL, &key) !=
        SSH_OK) {
        const struct gw_arg arg = {"found", c->key};

        run_end(l->sftp->run, END_FAIL, "transfer.key", &arg, 1);
        l->ended = true;
        goto done;
    }
    result = sign(l, key);
done:
    ssh_key_free(key);
    secret_wipe(&text);
    secret_wipe(&password);
    return result;
}

static int by_agent(struct login *l)
{
    return ssh_userauth_agent(l->sftp->session, NULL);
}

/* The one question of a server that calls a password so. */
static int answer_questions(ssh_session session, const char *password)
{
    int result = ssh_userauth_kbdint(session, NULL, NULL);
    bool answered = false;

    while (result == SSH_AUTH_INFO) {
        int n = ssh_userauth_kbdint_getnprompts(session);

        if (n > 1 || (n == 1 && answered))
            return SSH_AUTH_DENIED;
        if (n == 1 && ssh_userauth_kbdint_setanswer(session, 0, password) < 0)
            return SSH_AUTH_ERROR;
        answered |= n == 1;
        result = ssh_userauth_kbdint(session, NULL, NULL);
    }
    return result;
}

static int by_password(struct login *l)
{
    struct secret password;
    ssh_session session = l->sftp->session;
    int result = SSH_AUTH_ERROR, offered;

    l->ended = !run_secret(l->sftp->run, l->sftp->run->duty.connector.password, &password);
    if (l->ended)
        return result;
    result = ssh_userauth_password(session, NULL, password.data);
    offered = ssh_userauth_list(session, NULL);
    if (result == SSH_AUTH_DENIED && offered & SSH_AUTH_METHOD_INTERACTIVE &&
        !(offered & SSH_AUTH_METHOD_PASSWORD)) {
        l->by = "keyboard-interactive";
        result = answer_questions(session, password.data);
    }
    secret_wipe(&password);
    return result;
}

static void end_login(struct login *l)
{
    static const struct {
        int method;
        const char *name;
    } methods[] = {
        {SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
        {SSH_AUTH_METHOD_PASSWORD, "password"},
        {SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
        {SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
        {SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi"},
    };
    int offered = ssh_userauth_list(l->sftp->session, NULL);
    char room[96] = "";

    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (offered & methods[i].method)
            (void)snprintf(room + strlen(room), sizeof(room) - strlen(room), "%s%s", room[0] ? ", " : "",
                           methods[i].name);
    const struct gw_arg args[] = {{"server", str_of(l->sftp->server)},
                                  {"user", l->sftp->run->duty.connector.user},
                                  {"by", str_of(l->by)},
                                  {"offered", str_of(room)},
                                  {"exception", str_of(l->hint)}};

    run_end(l->sftp->run, END_FAIL, "transfer.login", args, 5);
}

static void not_logged_in(struct login *l, int result)
{
    const char *said = ssh_get_error(l->sftp->session);

    if (l->ended)
        return;
    if (strstr(said, "PUBLICKEY_ACCEPTED_TYPES")) /* all signatures that the server takes are too old */
        end_algorithms(l->sftp, str_of(oldest), oldest);
    else if (result == SSH_AUTH_ERROR && (sftp_timed_out() || !ssh_is_connected(l->sftp->session)))
        sftp_lost(l->sftp, END_RETRY);
    else
        end_login(l);
}

bool sftp_login(struct sftp *s)
{
    const struct connector *c = &s->run->duty.connector;
    const struct {
        const char *name;
        bool wanted;
        int (*log_in)(struct login *l);
    } ways[] = {{"publickey", c->key.len, by_key},
                {"agent", c->agent, by_agent},
                {"password", c->password.len, by_password}};
    struct login l = {.sftp = s, .by = "none", .hint = ""};
    int result = SSH_AUTH_DENIED;

    run_step(s->run, "login");
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways) && !l.ended; i++)
        if (ways[i].wanted && (result == SSH_AUTH_DENIED || result == SSH_AUTH_PARTIAL)) {
            l.by = ways[i].name;
            result = ways[i].log_in(&l);
        }
    if (result == SSH_AUTH_SUCCESS && !l.ended)
        run_done(s->run, true, l.by);
    else
        not_logged_in(&l, result);
    return result == SSH_AUTH_SUCCESS && !l.ended;
}
