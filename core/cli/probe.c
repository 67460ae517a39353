/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/cause.h"
#include "gateway/courier.h"
#include "gateway/post.h"

struct probing {
    struct operating *o;
    const struct duty *d;
    bool good;
};

/* ---- as text ---- */

static void tell_cause(const struct probing *p, enum gw_severity severity, const struct courier_said *s)
{
    cause_print(stdout, &p->o->engine.catalogue, p->o->in->lang, severity, p->d->connector.name,
                arena_text(&p->o->arena, s->code), s->args, s->nargs);
}

static void tell_step(const struct probing *p, const struct courier_said *s)
{
    const struct invocation *in = p->o->in;

    printf("  %s %-12.*s %6llu ms  %.*s\n", s->ok ? say(in, "ok   ", "ok    ") : say(in, "échec", "failed"),
           STR_ARG(s->step), (unsigned long long)s->ms, STR_ARG(s->detail));
    tell_cause(p, GW_WARNING, s);
}

static void tell_file(const struct probing *p, const struct courier_said *s)
{
    const struct invocation *in = p->o->in;
    const char *word = p->d->dry ? say(in, "serait pris :", "would be taken:") : say(in, "vu :", "seen:");

    printf("  %s %.*s (%llu %s)\n", word, STR_ARG(s->name), (unsigned long long)s->size,
           say(in, "octets", "bytes"));
}

static void tell_end(const struct probing *p, const struct courier_said *s)
{
    if (s->end == END_OK)
        printf("  %s\n", say(p->o->in, "tout va bien", "all is well"));
    tell_cause(p, GW_ERROR, s);
}

/* ---- as JSON ---- */

static void json_text(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, ",\"%s\":", key);
    buf_json(b, text);
}

static void json_cause(struct buf *b, const struct probing *p, enum gw_severity severity,
                       const struct courier_said *s)
{
    struct diag d = {.severity = severity,
                     .code = arena_text(&p->o->arena, s->code),
                     .file = p->d->connector.name,
                     .byte = UINT64_MAX,
                     .args = s->args,
                     .nargs = s->nargs};

    if (!s->code.len)
        return;
    buf_text(b, ",\"cause\":");
    diag_json(b, &p->o->engine.catalogue, p->o->in->lang, &d, true);
}

static void json_end(struct buf *b, const struct probing *p, const struct courier_said *s)
{
    static const char *const words[] = {"ok", "retry", "fail", "doubt"};

    json_text(b, "end", str_of(words[s->end]));
    json_text(b, "step", s->step);
    json_cause(b, p, GW_ERROR, s);
}

static void tell_json(const struct probing *p, const struct courier_said *s)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    buf_text(&b, "{\"connector\":");
    buf_json(&b, p->d->connector.name);
    json_text(&b, "flow", p->d->flow);
    if (s->kind == SAID_STEP) {
        json_text(&b, "step", s->step);
        buf_format(&b, ",\"ok\":%s,\"ms\":%llu", s->ok ? "true" : "false", (unsigned long long)s->ms);
        json_text(&b, "detail", s->detail);
        json_cause(&b, p, GW_WARNING, s);
    } else if (s->kind == SAID_END) {
        json_end(&b, p, s);
    } else {
        json_text(&b, s->kind == SAID_FILE ? "file" : "dismissed", s->name);
        buf_format(&b, ",\"size\":%llu", (unsigned long long)s->size);
    }
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static void hear(void *to, const struct courier_said *s)
{
    struct probing *p = to;

    p->good = p->good || (s->kind == SAID_END && (s->end == END_OK || s->end == END_DOUBT));
    if (p->o->in->json)
        tell_json(p, s);
    else if (s->kind == SAID_STEP)
        tell_step(p, s);
    else if (s->kind == SAID_END)
        tell_end(p, s);
    else
        tell_file(p, s);
    fflush(stdout);
}

/* What it could not say itself. */
static void say_fate(struct probing *p, const struct courier *c, const char *reason)
{
    struct courier_said s = {.kind = SAID_END, .end = END_FAIL, .code = str_of(courier_fate(c)), .nargs = 3};

    s.args[0] = (struct gw_arg){"program", str_of(c->program)};
    s.args[1] = (struct gw_arg){"connector", p->d->connector.name};
    s.args[2] = (struct gw_arg){"reason", str_of(reason)};
    hear(p, &s);
}

enum exit_code probe_run(struct operating *o, const struct duty *d, int file)
{
    struct probing p = {.o = o, .d = d};
    struct courier c;
    int64_t wall = (int64_t)o->conf.limits.wall * 1000;

    if (courier_start(&c, transfers_path(o->in), d, file, -1) != GW_OK) {
        say_fate(&p, &c, strerror(errno));
        return EXIT_WORLD;
    }
    while (!courier_step(&c, hear, &p)) {
        struct pollfd fd = {.fd = c.answers, .events = POLLIN};

        if (wall && clock_ms() - c.since > wall)
            courier_kill(&c, "transfer.limit");
        (void)poll(&fd, 1, 50);
    }
    if (!c.ended)
        say_fate(&p, &c, "");
    return p.good ? EXIT_DONE : EXIT_WORLD;
}

/* ---- check --connect ---- */

static enum exit_code probe_one(struct operating *o, const struct connector *k, const struct flow *f)
{
    struct duty d = {.verb = VERB_PROBE, .connector = *k};

    errand_defaults(&d.errand);
    if (f) {
        d.out = f->out;
        d.flow = f->name;
        d.local = f->out ? GW_STR("") : f->folder;
        d.errand = f->errand;
    }
    if (!o->in->json)
        printf("%.*s%s%.*s (%.*s%s%.*s)\n", STR_ARG(k->name), f ? ", " : "", STR_ARG(d.flow),
               STR_ARG(k->partner_name), k->partner_name.len ? ", " : "", STR_ARG(k->url));
    return probe_run(o, &d, -1);
}

enum exit_code probe_all(struct operating *o, const char *only)
{
    enum exit_code code = EXIT_DONE, one;
    size_t tried = 0;

    for (size_t i = 0; i < o->conf.nconnectors; i++) {
        const struct connector *k = &o->conf.connectors[i];
        bool whole = !only || str_is(k->name, only), used = false;

        for (size_t n = 0; n < o->conf.nflows; n++) {
            const struct flow *f = &o->conf.flows[n];

            if (f->connector != k)
                continue;
            used = true;
            if (!whole && !str_is(f->name, only))
                continue;
            one = probe_one(o, k, f);
            code = one > code ? one : code;
            tried++;
        }
        if (whole && !used) {
            one = probe_one(o, k, NULL);
            code = one > code ? one : code;
            tried++;
        }
    }
    if (tried || !only)
        return code;
    complain(o->in, "ni un flux par connecteur, ni un connecteur",
             "neither a flow through a connector, nor a connector", only);
    return EXIT_USAGE;
}
