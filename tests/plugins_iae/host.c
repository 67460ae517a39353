/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_iae/host.h"

#include <dlfcn.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/str.h"
#include "support/unit.h"

struct rows {
    const char *name;
    struct buf text;
    struct arena arena;
    struct gw_str (*cells)[7];
    size_t count;
};

static struct rows loaded[8];
static const char *heard[128];

const struct gw_plugin *host_plugin(void)
{
    static const struct gw_plugin *plugin;
    void *so;

    if (plugin)
        return plugin;
    so = dlopen(BUILD_DIR "/plugins/iae.so", RTLD_NOW | RTLD_LOCAL);
    if (!so)
        fail_msg("%s", dlerror());
    plugin = dlsym(so, "gw_plugin");
    assert_non_null(plugin);
    assert_int_equal(plugin->abi, GW_ABI);
    assert_int_equal(plugin->size, sizeof(struct gw_plugin));
    return plugin;
}

const struct gw_converter *host_converter(const char *name)
{
    for (const struct gw_converter *c = host_plugin()->converters; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    fail_msg("no converter %s", name);
    return NULL;
}

const struct gw_check *host_check(const char *name)
{
    for (const struct gw_check *c = host_plugin()->checks; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    fail_msg("no check %s", name);
    return NULL;
}

static void load(struct rows *r, const char *list)
{
    struct csv csv;
    struct gw_str cells[7];
    char path[4096];
    size_t n;

    r->name = list;
    snprintf(path, sizeof(path), SOURCE_DIR "/schemas/nomenclatures/%s.csv", list);
    buf_init(&r->text, 8u << 20);
    arena_init(&r->arena, 0, 0);
    if (buf_read_file(&r->text, path) != GW_OK)
        fail_msg("%s", path);
    r->cells = arena_array(&r->arena, 50000, sizeof(*r->cells));
    assert_non_null(r->cells);
    csv_open(&csv, &r->arena, buf_view(&r->text));
    assert_int_equal(csv_row(&csv, cells, 7, &n), GW_OK);
    while (csv_row(&csv, cells, 7, &n) == GW_OK) {
        assert_int_equal(n, 7);
        memcpy(r->cells[r->count++], cells, sizeof(cells));
    }
}

static struct rows *rows_of(const char *list)
{
    size_t i = 0;

    for (; i < sizeof(loaded) / sizeof(*loaded) && loaded[i].name; i++)
        if (strcmp(loaded[i].name, list) == 0)
            return &loaded[i];
    load(&loaded[i], list);
    return &loaded[i];
}

static bool holds(const struct gw_str *cells, struct gw_str day)
{
    if (!day.ptr)
        return true;
    return (!cells[3].len || str_compare(cells[3], day) <= 0) &&
           (!cells[4].len || str_compare(day, cells[4]) <= 0);
}

static enum gw_lookup look_up(struct gw_call *c, const char *list, struct gw_str native, struct gw_str day,
                              struct gw_entry *ret)
{
    struct rows *r;
    enum gw_lookup found = GW_NOT_FOUND;

    if (((struct host *)c)->without_lists)
        return GW_NO_LIST;
    r = rows_of(list);
    for (size_t i = 0; i < r->count; i++) {
        const struct gw_str *cells = r->cells[i];

        if (!str_eq(cells[0], native))
            continue;
        if (holds(cells, day)) {
            *ret = (struct gw_entry){cells[0], cells[1].len ? cells[1] : cells[0], cells[2]};
            return GW_FOUND;
        }
        found = GW_NOT_THEN;
    }
    return found;
}

static void *allocate(struct gw_call *c, size_t size)
{
    return arena_alloc(&((struct host *)c)->arena, size);
}

static void hear(const char *code)
{
    size_t i = 0;

    for (; heard[i]; i++)
        if (strcmp(heard[i], code) == 0)
            return;
    heard[i] = code;
}

static void report(struct gw_call *c, enum gw_severity severity, size_t field, const char *code,
                   const struct gw_arg *args, size_t nargs)
{
    struct host *h = (struct host *)c;
    struct said *s = &h->said[h->nsaid++];

    assert_true(h->nsaid <= HOST_SAID);
    assert_true(nargs <= 4);
    *s = (struct said){.code = code, .severity = severity, .field = field, .nargs = nargs};
    for (size_t i = 0; i < nargs; i++)
        s->args[i] = args[i];
    hear(code);
}

bool host_heard(const char *code)
{
    for (size_t i = 0; heard[i]; i++)
        if (strcmp(heard[i], code) == 0)
            return true;
    return false;
}

struct gw_str host_text(const char *text)
{
    return str_of(text);
}

struct gw_str host_copy(struct host *h, const char *text)
{
    return text ? arena_copy(&h->arena, str_of(text)) : (struct gw_str){NULL, 0};
}

void host_init(struct host *h, const char *date)
{
    *h = (struct host){.call = {.size = sizeof(h->call),
                                .date = host_text(date),
                                .alloc = allocate,
                                .lookup = look_up,
                                .report = report}};
    arena_init(&h->arena, 4096, 0);
}

void host_done(struct host *h)
{
    arena_done(&h->arena);
}

void host_forget(struct host *h)
{
    h->nsaid = 0;
    arena_reset(&h->arena);
}
