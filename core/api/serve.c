/* SPDX-License-Identifier: EUPL-1.2 */
/* The process: listens, shuts itself in, and hears the supervisor until it is gone. */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/api.h"
#include "api/token.h"
#include "base/str.h"
#include "gateway/journal.h"
#include "transfer/sandbox.h"
#include "transfer/secret.h"

#define BACKLOG    256
#define HEAD_BYTES 65536 /* of a connection: its head, and what of a body is read at once */
#define STACK      524288
#define LOOK_MS    500

static struct api api = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int listen_at(struct gw_str address)
{
    struct sockaddr_storage at;
    socklen_t len;
    bool loopback;
    int one = 1, fd = -1;

    if (api_address(address, &at, &len, &loopback))
        fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static enum gw_result prepare(const struct api_options *o, struct arena *arena)
{
    api.conf = o->conf;
    api.words = o->words;
    for (size_t i = 0; i < FRONT_FILES; i++)
        api.files[i] = -1;
    api.tallies = arena_array(arena, o->conf->npartners + 1, tally_size());
    return api.tallies ? pages_make(&api, o, arena) : GW_FATAL;
}

/* An escaped NUL would end the text before its end: it is made a character that nothing takes. */
static size_t unescape(void *cls, struct MHD_Connection *c, char *text)
{
    (void)cls, (void)c;
    for (char *at = text; (at = strstr(at, "%00"));)
        at[2] = '1';
    return MHD_http_unescape(text);
}

static struct MHD_Daemon *serve(const struct api_conf *c, int listener, struct gw_str certificate,
                                const struct secret *key)
{
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
    struct MHD_OptionItem more[] = {
        {key->len ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)(uintptr_t)certificate.ptr},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key->data},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(
        key->len ? flags | MHD_USE_TLS : flags, 0, NULL, NULL, request_take, &api, MHD_OPTION_LISTEN_SOCKET,
        listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        c->behind_proxy ? 0u : (unsigned)c->per_ip, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)c->timeout,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
        API_STRICTLY, 1, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        link_notify, &api, MHD_OPTION_NOTIFY_COMPLETED, request_over, &api, MHD_OPTION_ARRAY, more,
        MHD_OPTION_END);
}

/* The first thread. */
static void listen_on(void)
{
    struct pollfd p = {.fd = FRONT_SOCKET, .events = POLLIN};
    int64_t next = 0;
    bool there = true;

    while (there) {
        if (poll(&p, 1, LOOK_MS) > 0)
            there = asking_listen(&api);
        if (clock_ms() >= next) {
            links_cut(&api);
            next = clock_ms() + LOOK_MS;
        }
    }
}

static struct MHD_Daemon *begin(const struct api_options *o, struct arena *arena)
{
    const struct api_conf *c = &o->conf->api;
    struct MHD_Daemon *daemon = NULL;
    struct secret key = {.data = NULL};
    const char *code = "";
    struct buf certificate;
    int listener = listen_at(c->address);

    buf_init(&certificate, (size_t)1 << 20);
    if (listener < 0)
        journal("api.no_address", "address", c->address.ptr, "reason", strerror(errno), NULL);
    else if (prepare(o, arena) != GW_OK)
        journal("api.no_pages", "folder", o->schemas, NULL);
    else if (c->certificate.len && buf_read_file(&certificate, c->certificate.ptr) != GW_OK)
        journal("api.no_certificate", "file", c->certificate.ptr, "reason", strerror(errno), NULL);
    else if (c->jwks.len && token_keys_load(c->jwks.ptr) != GW_OK)
        journal("api.no_token_keys", "file", c->jwks.ptr, NULL);
    else if (secret_read(c->key, &key, &code) != GW_OK)
        journal("api.no_key", "code", code, NULL);
    else
        daemon = serve(c, listener, buf_view(&certificate), &key);
    secret_wipe(&key);
    buf_done(&certificate);
    return daemon;
}

enum gw_result api_run(const struct api_options *o)
{
    const struct sandbox limits = {
        .memory = o->conf->limits.memory, .output_bytes = o->conf->api.body_max + HEAD_BYTES, .serves = true};
    struct arena arena;
    struct MHD_Daemon *daemon;

    (void)mallopt(M_ARENA_MAX, 2);
    sandbox_no_dump();
    arena_init(&arena, 65536, 0);
    daemon = begin(o, &arena);
    if (!daemon || sandbox_enter(&limits) != GW_OK)
        return GW_FAIL;
    journal("api.listening", "address", o->conf->api.address.ptr, NULL);
    listen_on();
    _exit(0); /* threads may be in the middle of what nobody will hear of */
}
