/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/seals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "gateway/courier.h"

enum act { ACT_DECRYPT, ACT_VERIFY, ACT_ENCRYPT, ACT_SIGN, ACTS };

static const struct {
    const char *step;
    const char *does[2], *with[2]; /* by language */
} acts[ACTS] = {
    {"decrypt", {" ; déchiffre", "; decrypts"}, {" par la clé ", " by the key "}},
    {"verify", {" ; n'accepte que signé", "; accepts only what is signed"}, {" par ", " by "}},
    {"encrypt", {" ; chiffre", "; encrypts"}, {" pour ", " for "}},
    {"sign", {" ; signe", "; signs"}, {" par la clé ", " by the key "}},
};

struct sealing_check {
    struct operating *o;
    const struct flow *flow;
    struct buf keys[ACTS];
    bool faulty, ended_well;
};

/* The environment and the credentials of the service are not those of who checks. */
static bool is_elsewhere(struct gw_str code, const struct gw_arg *args, size_t nargs)
{
    for (size_t i = 0; i < nargs && str_is(code, "secret.absent"); i++)
        if (str_is(str_of(args[i].name), "found") && !str_begins(args[i].value, GW_STR("file:")))
            return true;
    return false;
}

static void report(struct sealing_check *c, struct gw_str code, const struct gw_arg *args, size_t nargs,
                   bool warning)
{
    struct sink *sink = &c->o->printer.sink;
    struct diag d = {.severity = warning || is_elsewhere(code, args, nargs) ? GW_WARNING : GW_ERROR,
                     .code = arena_text(&c->o->arena, code),
                     .file = c->flow->file,
                     .line = c->flow->line,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = nargs};

    c->faulty = c->faulty || d.severity == GW_ERROR;
    sink->put(sink, &d);
}

static void hear(void *to, const struct courier_said *s)
{
    struct sealing_check *c = to;

    c->ended_well = s->kind == SAID_END && s->end == END_OK;
    if (s->code.len)
        report(c, s->code, s->args, s->nargs, s->kind == SAID_STEP);
    for (size_t i = 0; s->kind == SAID_STEP && i < ACTS; i++)
        if (str_is(s->step, acts[i].step)) {
            buf_text(&c->keys[i], c->keys[i].len ? ", " : "");
            buf_str(&c->keys[i], s->detail);
        }
}

/* What it could not say itself. */
static void say_fate(struct sealing_check *c, const struct courier *courier, const char *reason)
{
    const struct gw_arg args[] = {
        {"program", str_of(courier->program)}, {"connector", c->flow->name}, {"reason", str_of(reason)}};

    report(c, str_of(courier_fate(courier)), args, 3, false);
}

static void ask(struct sealing_check *c, bool probe, int from, int to)
{
    const struct openpgp_duty duty = {.probe = probe,
                                      .out = c->flow->out,
                                      .flow = c->flow->name,
                                      .partner_name = c->flow->partner_name,
                                      .rules = c->flow->openpgp};
    int64_t wall = (int64_t)c->o->conf.limits.wall * 1000;
    struct courier courier;
    struct buf text;
    enum gw_result result;

    buf_init(&text, (size_t)1 << 20);
    openpgp_write(&text, &duty);
    result = courier_run(&courier, transfers_path(c->o->in), OPENPGP_PROGRAM, &text, from, to);
    if (result != GW_OK)
        say_fate(c, &courier, strerror(errno));
    while (result == GW_OK && !courier_step(&courier, hear, c)) {
        struct pollfd fd = {.fd = courier.answers, .events = POLLIN};

        if (wall && clock_ms() - courier.since > wall)
            courier_kill(&courier, "transfer.limit");
        (void)poll(&fd, 1, 50);
    }
    if (result == GW_OK && !courier.ended)
        say_fate(c, &courier, "");
    buf_done(&text);
}

static void tell(struct buf *out, const struct sealing_check *c)
{
    const struct openpgp *rules = &c->flow->openpgp;
    const bool given[ACTS] = {rules->decrypt.len, rules->verify.len, rules->encrypt.count, rules->sign.len};
    enum lang lang = c->o->in->lang;

    for (size_t i = 0; i < ACTS; i++) {
        if (!given[i])
            continue;
        if (i == ACT_VERIFY && !rules->require_signature)
            buf_text(out, lang == LANG_FR ? " ; vérifie ce qui est signé" : "; verifies what is signed");
        else
            buf_text(out, acts[i].does[lang]);
        if (c->keys[i].len) {
            buf_text(out, acts[i].with[lang]);
            buf_str(out, buf_view(&c->keys[i]));
        }
    }
}

bool seals_check(struct operating *o, const struct flow *f, struct buf *out)
{
    struct sealing_check c = {.o = o, .flow = f};

    for (size_t i = 0; i < ACTS; i++)
        buf_init(&c.keys[i], 65536);
    if (openpgp_given(&f->openpgp))
        ask(&c, true, -1, -1);
    tell(out, &c);
    for (size_t i = 0; i < ACTS; i++)
        buf_done(&c.keys[i]);
    return !c.faulty;
}

/* ---- of backups ---- */

/* As a flow whose partner is who keeps the configuration. */
static struct flow letters_of(const struct operating *o)
{
    struct flow f = {.name = GW_STR("backup"),
                     .partner_name = GW_STR("gateway.conf"),
                     .file = o->conf.path,
                     .out = true,
                     .openpgp = o->conf.backup.openpgp};

    f.openpgp.armor = true;
    return f;
}

static bool letter(struct operating *o, bool probe, int from, int to)
{
    const struct flow f = letters_of(o);
    struct sealing_check c = {.o = o, .flow = &f};

    for (size_t i = 0; i < ACTS; i++)
        buf_init(&c.keys[i], 65536);
    ask(&c, probe, from, to);
    for (size_t i = 0; i < ACTS; i++)
        buf_done(&c.keys[i]);
    return c.ended_well && !c.faulty;
}

bool seals_check_backup(struct operating *o)
{
    return !openpgp_given(&o->conf.backup.openpgp) || letter(o, true, -1, -1);
}

bool seals_letter(struct operating *o, int from, int to)
{
    return letter(o, false, from, to);
}
