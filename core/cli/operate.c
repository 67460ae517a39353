/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/operate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/behalf.h"
#include "gateway/behalf.h"
#include "gateway/storage.h"
#include "schema/canon.h"
#include "store/audit.h"
#include "store/bytes.h"
#include "transfer/sandbox.h"

const char *config_path(const struct invocation *in)
{
    const char *given = option_value(in, "config");

    if (in->behalf)
        return in->behalf;
    if (given)
        return given;
    return access("gateway.conf", R_OK) == 0 ? "gateway.conf" : in->home.conf.ptr;
}

const char *transfers_path(const struct invocation *in)
{
    const char *given = option_value(in, "transfers");

    return given ? given : in->home.transfers.ptr;
}

bool operate_words(struct operating *o, struct invocation *in)
{
    *o = (struct operating){.in = in};
    arena_init(&o->arena, 65536, 0);
    printer_init(&o->printer, in, stderr, in->json);
    in->engine = &o->engine;
    if (engine_words(&o->engine, &in->home, &o->printer.sink) == GW_OK)
        return true;
    complain(in, "les schémas sont introuvables (--schemas DIR)", "schemas not found (--schemas DIR)",
             in->home.schemas.ptr);
    o->code = EXIT_USAGE;
    return false;
}

/* In the trail before it is said. Where the store cannot be had, the refusal stands all the same. */
static void refusal_enter(struct operating *o, const char *duty)
{
    struct store_options options = {.cache_kb = o->cache_kb, .sink = &o->printer.sink};
    char name[OPERATOR_CALLED];
    struct store *s;

    operator_called(&o->who, name);
    sandbox_no_dump();
    if (storage_open(&o->arena, &o->conf, &options, &s) != GW_OK)
        return;
    (void)!audit_add(s, str_of(name), GW_STR("role.refused"), str_of(duty), GW_STR(""));
    store_close(s);
}

bool operate_may(struct operating *o, const char *duty)
{
    struct buf needed;
    struct gw_arg args[3] = {{"operator", str_of(o->who.name)}, {"duty", str_of(duty)}};

    if (operator_may(&o->conf, &o->who, duty))
        return true;
    buf_init(&needed, 256);
    roles_text(duty_roles(&o->conf, duty), &needed);
    args[2] = (struct gw_arg){"needed", buf_view(&needed)};
    refusal_enter(o, duty);
    operate_fault(o, "role.refused", args, 3);
    buf_done(&needed);
    o->code = EXIT_USAGE;
    return false;
}

void operate_fault(struct operating *o, const char *code, const struct gw_arg *args, size_t n)
{
    struct diag d = {.severity = GW_ERROR, .code = code, .byte = UINT64_MAX, .args = args, .nargs = n};

    o->printer.sink.put(&o->printer.sink, &d);
}

/* What was read of the configuration is not for who is not admitted. */
static bool admitted(struct operating *o)
{
    bool good = false;

    if (behalf_needed(o))
        o->code = behalf_pass(o);
    else if (o->in->behalf && operator_of_peer(&o->conf, BEHALF_SOCKET, &o->who) != GW_OK)
        o->code = EXIT_WORLD;
    else {
        if (!o->in->behalf)
            operator_of_us(&o->conf, &o->who);
        good = operate_may(o, o->in->verb->name);
    }
    if (!good)
        o->conf = (struct gateway_conf){0};
    return good;
}

bool operate_open(struct operating *o, struct invocation *in)
{
    enum gw_result result;

    if (!operate_words(o, in))
        return false;
    result = conf_load(&o->arena, config_path(in), option_value(in, "base"), &o->printer.sink, &o->conf);
    o->code = result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK && (!duty_known(in->verb->name) || admitted(o));
}

bool operate_store(struct operating *o, bool read_only)
{
    struct store_options options = {.read_only = read_only, .cache_kb = o->cache_kb, .sink = &o->printer.sink};
    enum gw_result result;

    sandbox_no_dump();
    result = storage_open(&o->arena, &o->conf, &options, &o->store);
    if (result != GW_OK)
        o->code = result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK;
}

int operate_file(const struct operating *o, struct gw_str name)
{
    char path[4096];
    int folder, fd;

    (void)snprintf(path, sizeof(path), "%.*s/spool", STR_ARG(o->conf.state));
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fd = bytes_open(o->store, folder, name);
    if (folder >= 0)
        (void)close(folder);
    return fd;
}

void operate_actor(struct operating *o)
{
    char name[OPERATOR_CALLED];

    operator_called(&o->who, name);
    audit_actor(o->store, str_of(name));
}

void operate_close(struct operating *o)
{
    store_close(o->store);
    engine_close(&o->engine);
    printer_done(&o->printer);
    arena_done(&o->arena);
}

const char *instant(int64_t ms, char room[32])
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;

    localtime_r(&t, &tm);
    if (!ms || !strftime(room, 32, "%Y-%m-%d %H:%M:%S", &tm))
        room[0] = '\0';
    return room;
}

bool number_parse(const char *text, int64_t *ret)
{
    uint64_t n;

    if (!text || !str_number(str_of(text), &n) || n > INT64_MAX)
        return false;
    *ret = (int64_t)n;
    return true;
}

static bool ago(struct gw_str text, int64_t *ret)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
    uint64_t n;

    if (text.len < 2)
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (text.ptr[text.len - 1] == units[i].unit &&
            str_number(str_trim((struct gw_str){text.ptr, text.len - 1}), &n) && n < 100000) {
            *ret = store_now() - (int64_t)n * units[i].ms;
            return true;
        }
    return false;
}

bool instant_parse(const char *text, int64_t *ret)
{
    struct tm tm = {.tm_isdst = -1};
    int32_t days;

    if (ago(str_of(text), ret))
        return true;
    if (!date_days(str_of(text), &days) || !strptime(text, "%Y-%m-%d", &tm))
        return false;
    *ret = (int64_t)mktime(&tm) * 1000;
    return true;
}
