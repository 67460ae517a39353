/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/operate.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/sandbox.h"
#include "schema/canon.h"
#include "store/audit.h"

const char *config_path(const struct invocation *in)
{
    const char *given = option_value(in, "config");

    if (given)
        return given;
    return access("gateway.conf", R_OK) == 0 ? "gateway.conf" : PASSERELLE_CONF;
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

bool operate_open(struct operating *o, struct invocation *in)
{
    enum gw_result result;

    if (!operate_words(o, in))
        return false;
    result = conf_load(&o->arena, config_path(in), option_value(in, "base"), &o->printer.sink, &o->conf);
    o->code = result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK;
}

bool operate_store(struct operating *o, bool read_only)
{
    struct store_options options = {.path = arena_format(&o->arena, "%.*s/store.db", STR_ARG(o->conf.state)),
                                    .key_path = o->conf.key.ptr,
                                    .read_only = read_only,
                                    .cache_kb = o->cache_kb,
                                    .sink = &o->printer.sink};
    enum gw_result result;

    sandbox_no_dump();
    result = options.path ? store_open(&o->arena, &options, &o->store) : GW_FATAL;

    if (result != GW_OK)
        o->code = result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK;
}

void operate_actor(struct operating *o)
{
    char name[32];

    (void)snprintf(name, sizeof(name), "uid %u", (unsigned)getuid());
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
