/* SPDX-License-Identifier: EUPL-1.2 */
/* audit: what happened, and whether anybody changed the tale. */
#include "store/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/audit_verify.h"

static void put(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, ",\"%s\":", key);
    buf_json(b, text);
}

static void print_json(const struct audit_entry *e)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    buf_format(&b, "{\"id\":%lld,\"at\":%lld", (long long)e->id, (long long)e->at);
    put(&b, "actor", e->actor);
    put(&b, "action", e->action);
    put(&b, "subject", e->subject);
    put(&b, "detail", e->detail);
    buf_text(&b, ",\"digest\":\"");
    for (size_t i = 0; i < sizeof(e->digest); i++)
        buf_format(&b, "%02x", e->digest[i]);
    buf_text(&b, "\"}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

struct telling {
    struct operating o;
    struct arena arena; /* of the entry at hand */
};

static bool each(void *to, const struct audit_entry *e)
{
    struct telling *t = to;
    char at[32];

    if (t->o.in->json)
        print_json(e);
    else
        printf("%6lld  %s  %-18.*s %-20.*s %.*s  (%.*s)\n", (long long)e->id, instant(e->at, at),
               STR_ARG(e->action), STR_ARG(e->subject), STR_ARG(e->detail), STR_ARG(e->actor));
    arena_reset(&t->arena);
    return true;
}

/* "exchange 12" may be given as two words. */
static struct gw_str subject(struct operating *o)
{
    const struct invocation *in = o->in;

    if (in->noperands == 0)
        return (struct gw_str){NULL, 0};
    return str_of(in->noperands == 1 ? in->operands[0]
                                     : arena_format(&o->arena, "%s %s", in->operands[0], in->operands[1]));
}

static enum exit_code tell(struct telling *t)
{
    enum gw_result result = audit_each(t->o.store, subject(&t->o), &t->arena, each, t);

    return result == GW_OK ? audit_chain(&t->o) : EXIT_WORLD;
}

static bool word_is(const struct invocation *in, const char *word)
{
    return in->noperands == 1 && strcmp(in->operands[0], word) == 0;
}

static enum exit_code audit_run(struct invocation *in)
{
    struct telling t = {0};

    arena_init(&t.arena, 65536, 0);
    if (operate_open(&t.o, in) && operate_store(&t.o, true))
        t.o.code = word_is(in, "verify") ? audit_verify_run(&t.o)
                   : word_is(in, "head") ? audit_head_run(&t.o)
                                         : tell(&t);
    operate_close(&t.o);
    arena_done(&t.arena);
    return t.o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"heads", 0, "DIR", "verify : têtes signées, gardées ailleurs", "verify: signed heads, kept elsewhere"},
    {"proof", 0, "FILE", "verify : preuve d'effacement signée", "verify: a signed proof of erasure"},
    {"public-key", 0, "FILE", "verify : moitié publique de la clé qui signe (sign.pub)",
     "verify: public half of the key that signs (sign.pub)"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb audit_verb = {
    .name = "audit",
    .operands = "[SUBJECT | verify | head]",
    .fr = "ce qui s'est passé, et si le récit en est intact",
    .en = "what happened, and whether the tale is whole",
    .example = "passerelle audit verify --heads DIR --public-key sign.pub",
    .options = options,
    .max_operands = 2,
    .run = audit_run,
};
