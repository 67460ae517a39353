/* SPDX-License-Identifier: EUPL-1.2 */
/* test: the laws of formats, proved on their samples and on generated resources. */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "cli/cli.h"
#include "law/law.h"

static const char *const losses[] = {"E", "N", "L", "O"};

/* ---- JSON ---- */

static void pair(struct buf *b, const char *name, const char *text)
{
    buf_format(b, ",\"%s\":", name);
    if (text)
        buf_json(b, str_of(text));
    else
        buf_text(b, "null");
}

static void flush(struct buf *b)
{
    buf_text(b, "}\n");
    fwrite(b->data, 1, b->len, stdout);
    buf_clear(b);
}

static void line_json(struct buf *b, const struct law_report *r, const struct law_line *l)
{
    buf_text(b, "{\"kind\":\"line\"");
    pair(b, "format", r->format);
    pair(b, "where", l->where);
    pair(b, "subject", l->subject);
    pair(b, "path", l->path);
    pair(b, "declared", l->measures ? losses[l->declared & 3] : NULL);
    pair(b, "measured", l->measures ? losses[l->measured & 3] : NULL);
    buf_format(b, ",\"reached\":%s", l->wants & ~l->reached ? "false" : "true");
    pair(b, "before", l->before);
    pair(b, "after", l->after);
    flush(b);
}

/* A failure in the words of the catalogue. */
static void failure_diag(const struct law_failure *f, struct diag *ret, struct gw_arg *args)
{
    args[0] = (struct gw_arg){"expected", str_of(f->expected)};
    args[1] = (struct gw_arg){"found", str_of(f->found)};
    *ret = (struct diag){.severity = GW_ERROR,
                         .code = law_codes[f->law],
                         .file = str_of(f->where),
                         .byte = UINT64_MAX,
                         .path = str_of(f->path),
                         .rule = str_of(f->where),
                         .args = args,
                         .nargs = 2};
}

static void failure_json(const struct invocation *in, struct buf *b, const struct law_report *r,
                         const struct law_failure *f)
{
    const struct catalogue_entry *e = catalogue_find(&in->engine->catalogue, law_codes[f->law]);
    struct gw_arg args[2];
    struct diag d;
    struct buf text;

    failure_diag(f, &d, args);
    buf_init(&text, 1 << 20);
    if (e)
        diag_render(&text, e->text[in->lang], &d, false);
    buf_text(b, "{\"kind\":\"failure\"");
    pair(b, "format", r->format);
    pair(b, "code", law_codes[f->law]);
    pair(b, "where", f->where);
    pair(b, "path", f->path);
    pair(b, "expected", f->expected);
    pair(b, "found", f->found);
    pair(b, "sample", f->sample);
    pair(b, "resource", f->resource);
    pair(b, "message", text.len ? text.data : NULL);
    buf_format(b, ",\"count\":%" PRIu64, f->count);
    flush(b);
    buf_done(&text);
}

static void report_json(const struct invocation *in, const struct law_report *r)
{
    const struct law_counts *c = &r->leaves;
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    for (size_t i = 0; i < r->nlines; i++)
        if (r->lines[i].counted)
            line_json(&b, r, &r->lines[i]);
    for (const struct law_change *n = r->changes; n; n = n->next) {
        buf_text(&b, "{\"kind\":\"change\"");
        pair(&b, "format", r->format);
        pair(&b, "where", n->where);
        pair(&b, "path", n->path);
        pair(&b, "before", n->before);
        pair(&b, "after", n->after);
        buf_format(&b, ",\"count\":%" PRIu64, n->count);
        flush(&b);
    }
    for (const struct law_refusal *f = r->refusals; f; f = f->next) {
        buf_text(&b, "{\"kind\":\"refusal\"");
        pair(&b, "format", r->format);
        pair(&b, "code", f->code);
        pair(&b, "where", f->where);
        pair(&b, "value", f->value);
        buf_format(&b, ",\"count\":%" PRIu64, f->count);
        flush(&b);
    }
    for (const struct law_failure *f = r->failures; f; f = f->next)
        failure_json(in, &b, r, f);
    buf_text(&b, "{\"kind\":\"summary\"");
    pair(&b, "format", r->format);
    buf_format(&b, ",\"holds\":%s,\"samples\":%" PRIu64 ",\"cases\":%" PRIu64 ",\"refused\":%" PRIu64,
               law_broken(r) ? "false" : "true", r->samples, r->cases, r->refused);
    buf_format(&b,
               ",\"leaves\":{\"read\":%" PRIu64 ",\"checked\":%" PRIu64 ",\"aside\":%" PRIu64
               ",\"ignored\":%" PRIu64 ",\"reported\":%" PRIu64 ",\"lost\":%" PRIu64 "}",
               c->read, c->checked, c->aside, c->ignored, c->reported, c->lost);
    buf_format(&b, ",\"broken\":{\"tried\":%" PRIu64 ",\"reported\":%" PRIu64 ",\"good\":%" PRIu64 "}",
               r->broken, r->broken_reported, r->broken_good);
    flush(&b);
    buf_done(&b);
}

/* ---- text ---- */

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static void failure_text(const struct invocation *in, const struct law_failure *f)
{
    struct gw_arg args[2];
    struct diag d;
    struct buf b;

    failure_diag(f, &d, args);
    buf_init(&b, 1 << 20);
    diag_text(&b, &in->engine->catalogue, in->lang, &d, false);
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
    if (f->law == LAW_UNCOVERED)
        printf("  %s%s\n", say(in, "manque :", "missing:"), f->expected);
    else if (f->law != LAW_UNDECLARED)
        printf("  %s \"%s\", %s \"%s\"\n", say(in, "attendu", "expected"), f->expected,
               say(in, "trouvé", "found"), f->found);
    if (f->sample)
        printf("  %s %s\n", say(in, "exemple", "sample"), f->sample);
    if (f->resource)
        printf("  %s %.600s\n", say(in, "avec", "with"), f->resource);
    if (f->count > 1)
        printf("  %" PRIu64 " %s\n", f->count, say(in, "fois", "times"));
}

static void lossy_text(const struct invocation *in, const struct law_report *r)
{
    bool any = false;

    for (size_t i = 0; i < r->nlines; i++) {
        const struct law_line *l = &r->lines[i];

        if (!l->counted || !l->measures || l->declared < GW_LOSSY)
            continue;
        if (!any)
            printf("  %s\n", say(in, "pertes déclarées :", "declared losses:"));
        any = true;
        printf("    %s %s (%s", l->where, l->subject, losses[l->declared & 3]);
        if (l->before)
            printf(": \"%s\" → \"%s\"", l->before, l->after ? l->after : "");
        puts(")");
    }
}

#define REFUSALS_SHOWN 8

static void refusals_text(const struct invocation *in, const struct law_report *r)
{
    unsigned shown = 0;

    if (r->refusals)
        printf("  %s\n", say(in, "refusées parce que :", "refused because:"));
    for (const struct law_refusal *f = r->refusals; f && shown++ < REFUSALS_SHOWN; f = f->next)
        printf("    %" PRIu64 " %s %s%s%s%s\n", f->count, f->code, f->where, *f->value ? " \"" : "", f->value,
               *f->value ? "\"" : "");
}

static void changes_text(const struct invocation *in, const struct law_report *r)
{
    if (r->changes)
        printf("  %s\n", say(in, "une passe change :", "one pass changes:"));
    for (const struct law_change *n = r->changes; n; n = n->next)
        if (!same(n->before, n->after))
            printf("    %s %s: \"%s\" → \"%s\"%s\n", n->where, n->path, n->before ? n->before : "",
                   n->after ? n->after : "", n->count > 1 ? " ..." : "");
}

static void report_text(const struct invocation *in, const struct law_report *r)
{
    const struct law_counts *c = &r->leaves;
    size_t lines = 0, reached = 0;

    for (size_t i = 0; i < r->nlines; i++) {
        lines += r->lines[i].counted;
        reached += r->lines[i].counted && !(r->lines[i].wants & ~r->lines[i].reached);
    }
    printf("%s: %s\n", r->format,
           law_broken(r) ? say(in, "LES LOIS NE TIENNENT PAS", "THE LAWS DO NOT HOLD")
                         : say(in, "les lois tiennent", "the laws hold"));
    printf("  %s %zu/%zu, %s %" PRIu64 " (%s %" PRIu64 "), %s %" PRIu64 "\n",
           say(in, "lignes atteintes", "lines reached"), reached, lines,
           say(in, "ressources essayées", "resources tried"), r->cases, say(in, "refusées", "refused"),
           r->refused, say(in, "exemples", "samples"), r->samples);
    if (r->samples) {
        printf("  %s %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64
               ", %s %" PRIu64 "\n",
               say(in, "feuilles :", "leaves:"), say(in, "lues", "read"), c->read,
               say(in, "contrôlées", "checked"), c->checked, say(in, "mises de côté", "set aside"), c->aside,
               say(in, "ignorées", "ignored"), c->ignored, say(in, "signalées", "reported"), c->reported,
               say(in, "perdues", "lost"), c->lost);
        printf("  %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 "\n",
               say(in, "feuilles abîmées", "leaves broken"), r->broken,
               say(in, "signalées à leur place", "reported at their place"), r->broken_reported,
               say(in, "bonnes comme tout texte", "good as any text"), r->broken_good);
    }
    lossy_text(in, r);
    refusals_text(in, r);
    changes_text(in, r);
    for (const struct law_failure *f = r->failures; f; f = f->next)
        failure_text(in, f);
}

/* ---- the run ---- */

static enum exit_code prove(struct invocation *in, struct engine *e, struct gw_str format,
                            const struct law_options *o, struct sink *sink)
{
    struct law_report *r;
    struct arena arena;
    enum exit_code code = EXIT_USAGE;

    arena_init(&arena, 65536, 0);
    if (law_prove(e, format, o, &arena, sink, &r) == GW_OK) {
        if (in->json)
            report_json(in, r);
        else
            report_text(in, r);
        code = law_broken(r) ? EXIT_REJECTS : EXIT_DONE;
    }
    arena_done(&arena);
    return code;
}

static enum exit_code prove_all(struct invocation *in, struct engine *e, const struct law_options *o,
                                struct sink *sink)
{
    enum exit_code worst = EXIT_DONE;
    struct gw_str *names;
    size_t n = 0;

    if (formats_list(&e->arena, e->formats, &names, &n) != GW_OK)
        return EXIT_USAGE;
    for (size_t i = 0; i < n; i++) {
        enum exit_code code = prove(in, e, names[i], o, sink);

        worst = code > worst ? code : worst;
    }
    return worst;
}

static bool number_option(const struct invocation *in, const char *name, uint64_t most, uint64_t *ret)
{
    const char *text = option_value(in, name);

    if (!text || (str_number(str_of(text), ret) && *ret <= most))
        return true;
    complain(in, "un nombre est attendu", "a number is expected", text);
    return false;
}

static enum exit_code run(struct invocation *in)
{
    struct engine e = {0};
    struct printer printer;
    uint64_t seed = 1, count = 200;
    struct law_options options;
    enum exit_code code = EXIT_DONE;

    if (!in->noperands == !option_value(in, "all")) {
        complain(in, "il faut dire quel format, ou --all", "say which format, or --all", NULL);
        return EXIT_USAGE;
    }
    if (!number_option(in, "seed", UINT64_MAX, &seed) || !number_option(in, "count", 1000000, &count))
        return EXIT_USAGE;
    options = (struct law_options){seed, (unsigned)count};
    printer_init(&printer, in, stderr, in->json);
    if (start_engine(in, &e, &printer.sink) != GW_OK)
        code = EXIT_USAGE;
    else if (option_value(in, "all"))
        code = prove_all(in, &e, &options, &printer.sink);
    for (int i = 0; code != EXIT_USAGE && i < in->noperands; i++) {
        enum exit_code one = prove(in, &e, str_of(in->operands[i]), &options, &printer.sink);

        code = one > code ? one : code;
    }
    engine_close(&e);
    printer_done(&printer);
    return code;
}

static const struct option_word options[] = {
    {"all", 0, NULL, "tous les formats", "all formats"},
    {"seed", 0, "N", "graine du hasard (défaut 1)", "seed of chance (default 1)"},
    {"count", 0, "N", "ressources au hasard, par profil (défaut 200)",
     "random resources, a profile (default 200)"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb test_verb = {
    .name = "test",
    .operands = "FORMAT... | --all",
    .fr = "prouve qu'un format dit la même chose dans les deux sens, sur ses exemples et des ressources "
          "engendrées",
    .en = "proves that a format says the same both ways, on its samples and on generated resources",
    .example = "passerelle test cnaf-rsa --seed 7",
    .options = options,
    .max_operands = 100,
    .run = run,
};
