/* SPDX-License-Identifier: EUPL-1.2 */
/* passerelle-openpgp: one file decrypted and verified, or encrypted and signed; or the keys of a flow told. */
#include "transfer/openpgp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/openpgp_run.h"
#include "transfer/sandbox.h"
#include "transfer/serve.h"

#define DUTY_MAX   (1u << 20)
#define MEMORY_CAP (256u << 20)

/* ---- how it ends ---- */

static void add(struct openpgp_run *r, const char *name, const char *value)
{
    struct gw_str copy = arena_copy(&r->arena, str_of(value));

    if (value && copy.ptr && r->nargs < OPENPGP_ARGS)
        r->args[r->nargs++] = (struct gw_arg){name, copy};
}

void openpgp_end(struct openpgp_run *r, enum ending end, const char *code, const char *found,
                 const char *expected)
{
    if (r->ended)
        return;
    r->ended = true;
    r->end = end;
    r->code = code;
    r->args[r->nargs++] = (struct gw_arg){"partner", r->duty.partner_name};
    r->args[r->nargs++] = (struct gw_arg){"flow", r->duty.flow};
    add(r, "found", found);
    add(r, "expected", expected);
}

void openpgp_fails(struct openpgp_run *r, const char *code, const char *found)
{
    openpgp_end(r, END_FAIL, code, found, NULL);
}

const char *openpgp_text(struct openpgp_run *r, char *text)
{
    const char *copy = text ? arena_text(&r->arena, str_of(text)) : NULL;

    rnp_buffer_destroy(text);
    return copy ? copy : "";
}

/* ---- bytes ---- */

static void broken(struct openpgp_run *r)
{
    r->broken = true;
    r->error = errno;
}

static bool take(void *to, void *room, size_t len, size_t *ret)
{
    struct openpgp_run *r = to;
    ssize_t n;

    do
        n = read(OPENPGP_INPUT, room, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        broken(r);
    *ret = n > 0 ? (size_t)n : 0;
    r->read += *ret;
    return n >= 0;
}

static bool give(void *to, const void *data, size_t len)
{
    struct openpgp_run *r = to;
    const char *at = data;

    r->written += len;
    if (r->duty.most && r->written > r->duty.most) {
        r->too_large = true;
        return false;
    }
    while (len) {
        ssize_t n = write(OPENPGP_OUTPUT, at, len);

        if (n < 0 && errno != EINTR) {
            broken(r);
            return false;
        }
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool openpgp_files(struct openpgp_run *r, rnp_input_t *ret_input, rnp_output_t *ret_output)
{
    if (rnp_input_from_callback(ret_input, take, NULL, r) == RNP_SUCCESS &&
        rnp_output_to_callback(ret_output, give, NULL, r) == RNP_SUCCESS)
        return true;
    openpgp_end(r, END_RETRY, "openpgp.memory", NULL, NULL);
    return false;
}

/* ---- the process ---- */

/* Passwords are of keys; who encrypted with a password alone is not understood. */
static bool give_password(rnp_ffi_t ffi, void *of, rnp_key_handle_t key, const char *why, char room[], size_t len)
{
    const struct openpgp_run *r = of;

    (void)ffi, (void)why;
    if (!key || !r->password.data || r->password.len >= len)
        return false;
    memcpy(room, r->password.data, r->password.len);
    room[r->password.len] = '\0';
    return true;
}

/* Its keys are there: from here on it needs memory, two files and the clock. */
static bool shut_in(struct openpgp_run *r)
{
    const struct sandbox limits = {.memory = MEMORY_CAP, .threads = true};

    if (sandbox_enter(&limits) == GW_OK)
        return true;
    openpgp_end(r, END_RETRY, "openpgp.sandbox", NULL, NULL);
    return false;
}

static void act(struct openpgp_run *r)
{
    if (rnp_ffi_create(&r->ffi, "GPG", "GPG") != RNP_SUCCESS ||
        rnp_ffi_set_pass_provider(r->ffi, give_password, r) != RNP_SUCCESS) {
        openpgp_end(r, END_RETRY, "openpgp.memory", NULL, NULL);
        return;
    }
    if (!openpgp_load(r) || !shut_in(r))
        return;
    if (r->duty.probe)
        openpgp_probe(r);
    else if (r->duty.out)
        openpgp_make(r);
    else
        openpgp_open(r);
}

/* What the file is at fault for is not what the disk is at fault for. */
static void disk(struct openpgp_run *r)
{
    if (r->broken || r->too_large) {
        r->ended = false;
        r->nargs = 0;
    }
    if (r->broken)
        openpgp_end(r, END_RETRY, "openpgp.disk", strerror(r->error), NULL);
    if (r->too_large)
        openpgp_fails(r, "openpgp.too_large", arena_format(&r->arena, "%llu", (unsigned long long)r->duty.most));
}

/* What it says on the way is for who debugs it, and one thread more is enough for what it splits. */
static void calm_library(void)
{
    int nowhere = GW_SANITIZED ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)setenv("BOTAN_THREAD_POOL_SIZE", "1", 1);
    if (nowhere >= 0) {
        (void)dup2(nowhere, STDERR_FILENO);
        (void)close(nowhere);
    }
}

int main(void)
{
    static struct openpgp_run r = {.end = END_OK};
    struct buf text;

    serve_harden();
    calm_library();
    arena_init(&r.arena, 16384, MEMORY_CAP);
    buf_init(&text, DUTY_MAX);
    if (!serve_read(STDIN_FILENO, &text) || openpgp_read(&r.arena, buf_view(&text), &r.duty) != GW_OK)
        openpgp_fails(&r, "openpgp.duty", NULL);
    buf_done(&text);
    if (!r.ended)
        act(&r);
    disk(&r);
    answer_end(r.end, "openpgp", r.code, r.args, r.nargs, 0);
    if (!GW_SANITIZED)
        _exit(0); /* what libraries do at the end of a process is not allowed any more; its pages go with it */
    (void)rnp_key_handle_destroy(r.signer);
    (void)rnp_ffi_destroy(r.ffi);
    secret_wipe(&r.password);
    arena_done(&r.arena);
    return 0;
}
