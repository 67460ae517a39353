/* SPDX-License-Identifier: EUPL-1.2 */
/* infer: a format proposed for a file that nobody knows. */
#include "infer/infer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/str.h"
#include "cli/cli.h"

/* ---- what is shown ---- */

/* Filled up to `width` characters, not bytes; on one line, whatever stands there. */
static void put_wide(struct buf *out, struct gw_str text, size_t width)
{
    size_t n = str_chars(text);

    for (size_t i = 0; i < text.len; i++)
        buf_char(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
    for (buf_char(out, ' '); n < width; n++)
        buf_char(out, ' ');
}

static void print_column(const struct invocation *in, const struct proposed_column *c)
{
    struct gw_str key = c->field ? c->scope->key : c->table->scopes[0].key;
    struct buf out, field;

    buf_init(&field, 4096);
    buf_init(&out, 16384);
    buf_format(&field, "%.*s ", STR_ARG(key));
    if (c->field)
        buf_str(&field, c->field->full);
    else
        buf_format(&field, "x.%.*s", STR_ARG(c->extension));
    buf_text(&out, "  ");
    put_wide(&out, c->path, 36);
    if (c->list) {
        buf_format(&out, "%.*s %s", STR_ARG(c->list->scopes[0].key), say(in, "par élément", "for each item"));
    } else if (c->column->many && !c->field) {
        buf_text(&out, say(in, "(se répète : gardé, à décrire à la main)",
                           "(repeats: kept, to be described by hand)"));
    } else {
        put_wide(&out, buf_view(&field), 40);
        if (c->field)
            buf_format(&out, "%3u %%  ", (unsigned)(100 * c->sure + 0.5));
        else
            buf_text(&out, "  -    ");
        buf_str(&out, c->trial.as);
    }
    puts(out.data);
    buf_done(&out);
    buf_done(&field);
}

static void print_text(const struct invocation *in, const struct proposal *p, const char *path)
{
    const struct columns *c = &p->columns;
    size_t fields = 0;

    for (size_t i = 0; i < p->count; i++)
        fields += p->items[i].field != NULL;
    printf("%s: %.*s", path, STR_ARG(c->dialect.format->plugin));
    if (c->dialect.profile)
        printf(" (%.*s)", STR_ARG(c->dialect.profile->name));
    printf("%s%s\n", c->encoding ? ", " : "", c->encoding ? c->encoding : "");
    printf("%llu %s, %zu %s, %zu %s\n", (unsigned long long)c->records,
           say(in, "enregistrements vus", "records seen"), p->count, say(in, "colonnes", "columns"), fields,
           say(in, "champs du pivot reconnus", "fields of the pivot recognised"));
    for (size_t i = 0; i < p->count; i++)
        print_column(in, &p->items[i]);
}

static void pair(struct buf *b, const char *key, struct gw_str text, bool some)
{
    buf_format(b, ",\"%s\":", key);
    if (some)
        buf_json(b, text);
    else
        buf_text(b, "null");
}

static void print_json(const struct proposal *p)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 22);
    for (size_t i = 0; i < p->count; i++) {
        const struct proposed_column *c = &p->items[i];

        buf_text(&b, "{\"column\":");
        buf_json(&b, c->path);
        pair(&b, "resource", c->field ? c->scope->key : c->table->scopes[0].key, true);
        pair(&b, "field", c->field ? c->field->full : c->extension, true);
        buf_format(&b, ",\"known\":%s,\"repeats\":%s", c->field ? "true" : "false",
                   c->column->many ? "true" : "false");
        pair(&b, "as", c->trial.as, true);
        buf_format(&b, ",\"sure\":%u,\"header\":%u,\"values\":%u,\"filled\":%llu}\n",
                   c->field ? (unsigned)(100 * c->sure + 0.5) : 0, (unsigned)(100 * c->header + 0.5),
                   (unsigned)(100 * c->trial.share + 0.5), (unsigned long long)c->column->filled);
    }
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

/* ---- what is written ---- */

static enum exit_code file_write(const struct invocation *in, const char *path, const struct buf *text)
{
    FILE *f = text->failed ? NULL : fopen(path, "wx");
    bool good = f && fwrite(text->data, 1, text->len, f) == text->len;

    if (f)
        good &= fclose(f) == 0;
    if (good)
        return EXIT_DONE;
    complain(in, "impossible d'écrire", "cannot be written", path);
    return EXIT_WORLD;
}

static enum exit_code codes_write(const struct invocation *in, struct tester *t, const struct proposal *p,
                                  const char *folder)
{
    enum exit_code code = EXIT_DONE;

    for (size_t i = 0; code == EXIT_DONE && i < p->count; i++) {
        struct gw_str name;
        struct buf text;

        buf_init(&text, (size_t)1 << 22);
        if (proposal_codes(t, p, i, &name, &text)) {
            const char *codes = arena_format(t->arena, "%s/codes", folder);
            const char *path = arena_format(t->arena, "%s/codes/%.*s.csv", folder, STR_ARG(name));

            if (!codes || !path || (mkdir(codes, 0777) != 0 && errno != EEXIST))
                code = EXIT_WORLD;
            else
                code = file_write(in, path, &text);
        }
        buf_done(&text);
    }
    return code;
}

static struct gw_str last_of(struct gw_str path)
{
    size_t at = path.len;

    while (at && path.ptr[at - 1] != '/')
        at--;
    return str_from(path, at);
}

static enum exit_code folder_write(const struct invocation *in, struct tester *t, const struct proposal *p,
                                   const char *folder)
{
    struct gw_str trimmed = str_of(folder);
    struct buf conf, fields;
    enum exit_code code;

    while (trimmed.len > 1 && trimmed.ptr[trimmed.len - 1] == '/')
        trimmed.len--;
    if (mkdir(folder, 0777) != 0) {
        complain(in, "ce dossier ne peut être créé, ou existe déjà",
                 "this folder cannot be made, or exists already", folder);
        return errno == EEXIST ? EXIT_USAGE : EXIT_WORLD;
    }
    buf_init(&conf, (size_t)1 << 20);
    buf_init(&fields, (size_t)8 << 20);
    proposal_conf(p, last_of(trimmed), &conf);
    proposal_fields(p, &fields);
    code = file_write(in, arena_format(t->arena, "%s/format.conf", folder), &conf);
    if (code == EXIT_DONE)
        code = file_write(in, arena_format(t->arena, "%s/fields.csv", folder), &fields);
    if (code == EXIT_DONE)
        code = codes_write(in, t, p, folder);
    buf_done(&conf);
    buf_done(&fields);
    return code;
}

/* ---- the run ---- */

/* Who has a format already needs no other. */
static void known_already(const struct invocation *in, const struct tester *t, const char *path,
                          struct sink *sink)
{
    struct detector d;
    struct detected *found;
    size_t n = 0;

    if (detector_open(&d, t->engine, t->arena) != GW_OK || detect_file(&d, path, sink, &found, &n) != GW_OK)
        return;
    for (size_t i = 0; i < n && i < 1; i++)
        if (found->state == DETECT_KNOWN)
            fprintf(stderr, "%s %.*s (%u %%)\n",
                    say(in, "un format le lit déjà :", "a format reads it already:"),
                    STR_ARG(found->best->format->name), found->best->sure);
}

static enum exit_code propose(const struct invocation *in, struct tester *t, const char *path, const char *out,
                              struct sink *sink)
{
    struct proposal p;
    enum gw_result r = infer_file(t, path, str_of(option_value(in, "password")), sink, &p);

    if (r == GW_END) {
        complain(in, "aucune syntaxe connue n'y trouve de colonnes (passerelle detect dit ce qui a été vu)",
                 "no known syntax finds columns in it (passerelle detect says what was seen)", path);
        for (const struct reason *f = p.columns.faults.first; f; f = f->next)
            sink->put(sink, &f->diag);
        return EXIT_STREAM;
    }
    if (r != GW_OK)
        return exit_of(r, false);
    if (in->json) {
        print_json(&p);
    } else {
        print_text(in, &p, path);
        known_already(in, t, path, sink);
    }
    return out ? folder_write(in, t, &p, out) : EXIT_DONE;
}

enum exit_code infer_into(const struct invocation *in, struct engine *e, const char *path, const char *folder,
                          struct sink *sink)
{
    enum exit_code code = EXIT_WORLD;
    struct words words;
    struct tester t;

    if (words_load(e, &e->arena, &words) == GW_OK && tester_open(&t, e, &e->arena, &words) == GW_OK) {
        code = propose(in, &t, path, folder, sink);
        tester_close(&t);
    }
    return code;
}

static enum exit_code run(struct invocation *in)
{
    struct engine e = {0};
    struct printer printer;
    enum exit_code code = EXIT_USAGE;

    if (!in->noperands) {
        complain(in, "il faut dire quel fichier", "say which file", NULL);
        return EXIT_USAGE;
    }
    printer_init(&printer, in, stderr, in->json);
    if (start_engine(in, &e, &printer.sink) == GW_OK)
        code = infer_into(in, &e, in->operands[0], option_value(in, "out"), &printer.sink);
    engine_close(&e);
    printer_done(&printer);
    return code;
}

static const struct option_word options[] = {
    {"out", 0, "DIR", "écrire le format proposé dans ce dossier, qui ne doit pas exister",
     "write the proposed format into this folder, which must not exist"},
    {"password", 0, "TEXT", "mot de passe d'une archive zip", "password of a zip archive"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb infer_verb = {
    .name = "infer",
    .operands = "FILE",
    .fr = "propose un format pour un fichier inconnu : colonnes, types, champs du pivot, chacun avec sa "
          "certitude",
    .en =
        "proposes a format for an unknown file: columns, types, fields of the pivot, each with how sure it is",
    .example = "passerelle infer --out schemas/formats/mon-partenaire RECU/export.csv",
    .options = options,
    .max_operands = 1,
    .run = run,
};
