/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/folder.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "fuzz/fuzz.h"
#include "mapping/mapping.h"

#define MODEL_EVERY 64 /* a compiled table may extend the model: now and then a fresh one */

static const char conf[] = "plugin = \"json\";\nrecord = \"lignes[]\";\nabsent = \"null\";\n";
static const char fields[] = "resource;field;path;as;use;when;note\n"
                             "personne;;.;;;;\n"
                             "personne;nom_naissance;nom;text(20);required;;\n"
                             "personne;naissance_date;ne_le;date(DD/MM/YYYY);;;\n";
static const char codes[] = "native;pivot;label\nM;homme;\nF;femme;\n";

static char formats[64];
static struct arena arena;
static struct model model;
static unsigned uses;

static void put_file(const char *name, struct gw_str text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/f/%s", formats, name);
    f = fopen(path, "w");
    MUST(f && fwrite(text.ptr, 1, text.len, f) == text.len, "%s", path);
    fclose(f);
}

static void forget(void)
{
    static const char *const names[] = {"f/codes/sexe.csv", "f/codes", "f/fields.csv",
                                        "f/format.conf",    "f",       ""};
    char path[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", formats, names[i]);
        (void)remove(path);
    }
}

static void load_model(void)
{
    struct counter c = counter_make();

    arena_done(&arena);
    arena_init(&arena, 1 << 20, 0);
    MUST(model_load(&model, &arena, SOURCE_DIR "/schemas/pivot", &c.sink) == GW_OK, "schemas/pivot");
}

void folder_make(void)
{
    char path[128];

    (void)snprintf(formats, sizeof(formats), "%s/gw-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    MUST(mkdtemp(formats), "%s", formats);
    atexit(forget);
    (void)snprintf(path, sizeof(path), "%s/f", formats);
    MUST(mkdir(path, 0700) == 0, "%s", path);
    (void)snprintf(path, sizeof(path), "%s/f/codes", formats);
    MUST(mkdir(path, 0700) == 0, "%s", path);
    put_file("fields.csv", str_of(fields));
    put_file("format.conf", str_of(conf));
    put_file("codes/sexe.csv", str_of(codes));
    load_model();
}

static const struct gw_converter *no_rule(void *rules, struct gw_str name)
{
    (void)rules;
    (void)name;
    return NULL;
}

/* GW_FAIL with nothing said would leave a person alone. */
static void check(enum gw_result r, const struct counter *c)
{
    MUST(r == GW_OK || r == GW_FATAL || c->errors, "refused, and nobody is told");
}

static void compile(struct arena *a, const struct format *f, struct counter *c)
{
    struct names names;
    struct table *table;
    struct table_env env = {.arena = a,
                            .model = &model,
                            .names = &names,
                            .nomenclatures = GW_STR_INIT(SOURCE_DIR "/schemas/nomenclatures"),
                            .sink = &c->sink,
                            .rule = no_rule};
    struct buf out;

    MUST(names_init(&names, a, f->loose) == GW_OK, "names");
    check(table_compile(f, &env, (struct gw_str){NULL, 0}, &table), c);
    buf_init(&out, (size_t)64 << 20);
    format_print(f, &out);
    buf_done(&out);
}

void folder_try(const char *file, struct gw_str text)
{
    struct counter c = counter_make();
    struct format *f;
    struct arena a;
    enum gw_result r;

    put_file(file, text);
    if (++uses % MODEL_EVERY == 0)
        load_model();
    arena_init(&a, 0, (size_t)256 << 20);
    r = format_load(&a, str_of(formats), GW_STR("f"), &c.sink, &f);
    check(r, &c);
    if (r == GW_OK && !f->pivot)
        compile(&a, f, &c);
    arena_done(&a);
}
