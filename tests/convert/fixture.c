/* SPDX-License-Identifier: EUPL-1.2 */
#include "convert/fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static const void *resolve_ref(void *resolver, struct gw_str ref, struct fault *fault)
{
    if (!str_is(ref, "naissance")) {
        *fault = (struct fault){.code = "mapping.field", .found = ref};
        return NULL;
    }
    return resolver;
}

static const void *resolve_cond(void *resolver, struct gw_str cond, struct fault *fault)
{
    struct fixture *f = resolver;

    if (str_is(cond, "nonsense")) {
        *fault = (struct fault){.code = "mapping.condition", .found = cond};
        return NULL;
    }
    return arena_text(&f->stream, cond);
}

static struct fixture *of_lookup(struct lookup *l)
{
    return (struct fixture *)((char *)l - offsetof(struct fixture, lookup));
}

static struct gw_str get(struct lookup *l, const void *ref)
{
    (void)ref;
    return str_of(of_lookup(l)->day);
}

static bool holds(struct lookup *l, const void *condition)
{
    const char *holding = of_lookup(l)->holding;

    return holding && strcmp(holding, condition) == 0;
}

void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    arena_init(&f->stream, 4096, 0);
    arena_init(&f->record, 4096, 0);
    told_init(&f->told);
    strcpy(f->folder, "/tmp/gw_convert_XXXXXX");
    if (!mkdtemp(f->folder))
        abort();
    f->lookup = (struct lookup){get, holds};
    f->env = (struct converters){.arena = &f->stream,
                                 .sink = &f->told.sink,
                                 .nomenclatures = str_of(f->folder),
                                 .resolve_ref = resolve_ref,
                                 .resolve_cond = resolve_cond,
                                 .resolver = f};
    conversion_init(&f->c, &f->env, &f->record, &f->lookup, GW_STR("2026-07-09"),
                    GW_STR("2026-07-10T11:12:13"));
}

void fixture_done(struct fixture *f)
{
    char path[512];
    struct dirent *e;
    DIR *d = opendir(f->folder);

    while (d && (e = readdir(d))) {
        snprintf(path, sizeof(path), "%s/%s", f->folder, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(f->folder);
    arena_done(&f->stream);
    arena_done(&f->record);
}

void fixture_list(struct fixture *f, const char *name, const char *text)
{
    char path[512];
    FILE *to;

    snprintf(path, sizeof(path), "%s/%s.csv", f->folder, name);
    to = fopen(path, "w");
    if (!to || fputs(text, to) < 0 || fclose(to) != 0)
        abort();
}

bool fixture_compile(struct fixture *f, const char *as, struct convs *ret, const char **ret_code)
{
    struct chain chain;
    struct fault fault = {.code = "?"};
    enum gw_result r = chain_parse(&f->stream, str_of(as), &chain, &fault);

    if (r == GW_OK)
        r = convs_compile(&f->env, &chain, 0, ret, &fault);
    *ret_code = r == GW_OK ? NULL : fault.code;
    return r == GW_OK;
}

static const char *answer(struct fixture *f, enum gw_result r, struct gw_str v)
{
    if (r == GW_REJECT)
        return arena_format(&f->record, "(%s)", f->c.code ? f->c.code : "nothing said");
    if (r != GW_OK)
        return "(result)";
    return v.ptr ? arena_text(&f->record, v) : NULL;
}

const char *fixture_read(struct fixture *f, const struct convs *convs, const struct field *field,
                         const char *in)
{
    struct gw_str v = str_of(in);
    enum gw_result r = convs_read(&f->c, convs, field, &v);

    return answer(f, r, v);
}

const char *fixture_write(struct fixture *f, const struct convs *convs, const char *in)
{
    struct gw_str v = str_of(in);
    enum gw_result r = convs_write(&f->c, convs, &v);

    return answer(f, r, v);
}

uint32_t chance(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)*seed >> 8) % below);
}
