/* SPDX-License-Identifier: EUPL-1.2 */
/* person accesses: who was given their data, and who looked at it. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/person.h"
#include "gateway/erasure.h"
#include "store/audit.h"
#include "store/exchange.h"

struct accesses {
    struct person_run *p;
    const struct erasure *e;
    struct arena arena;
    char subject[32];
    enum gw_result result;
};

/* One line of what is told. */
struct access {
    int64_t at;
    const char *how;
    struct gw_str who, detail;
    int64_t exchange;   /* 0: of none */
    uint64_t record;    /* of a reject; 0 */
    enum erasure_in in; /* were they in what was shown? */
};

static void tell_text(const struct invocation *in, const struct access *x)
{
    char when[32];

    printf("%s  %-16s %-24.*s %.*s", instant(x->at, when), x->how, STR_ARG(x->who), STR_ARG(x->detail));
    if (x->exchange)
        printf("  (%s %lld", say(in, "échange", "exchange"), (long long)x->exchange);
    if (x->record)
        printf(":%llu", (unsigned long long)x->record);
    if (x->in == IN_GONE)
        fputs(say(in, ", peut-être : plus gardé", ", perhaps: kept no more"), stdout);
    if (x->in == IN_PACKED)
        fputs(say(in, ", peut-être : pas du texte", ", perhaps: not text"), stdout);
    puts(x->exchange ? ")" : "");
}

static void tell(const struct accesses *a, const struct access *x)
{
    struct buf b;

    if (!a->p->o.in->json) {
        tell_text(a->p->o.in, x);
        return;
    }
    buf_init(&b, 65536);
    buf_format(&b, "{\"at\":%lld,\"how\":\"%s\",\"who\":", (long long)x->at, x->how);
    buf_json(&b, x->who);
    buf_text(&b, ",\"detail\":");
    buf_json(&b, x->detail);
    if (x->exchange)
        buf_format(&b, ",\"exchange\":%lld", (long long)x->exchange);
    if (x->record)
        buf_format(&b, ",\"record\":%llu", (unsigned long long)x->record);
    if (x->in != IN_SURELY)
        buf_format(&b, ",\"perhaps\":\"%s\"", x->in == IN_GONE ? "gone" : "packed");
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static bool each_delivery(void *to, const struct delivery *d)
{
    struct accesses *a = to;
    const struct flow *f = conf_flow(&a->p->o.conf, d->flow);

    if (d->state != DELIVERY_WRITTEN)
        tell(a, &(struct access){.at = d->at,
                                 .how = "delivered",
                                 .who = f ? f->partner_name : d->flow,
                                 .detail = str_of(delivery_words[d->state]),
                                 .exchange = d->exchange,
                                 .in = IN_SURELY});
    arena_reset(&a->arena);
    return true;
}

/* "reject 12:5" is 12 and 5 of "reject"; "resource 7" is 7 and 0 of "resource". */
static bool is_of(struct gw_str subject, const char *kind, uint64_t *ret, uint64_t *ret_record)
{
    struct gw_str number, record = {NULL, 0}, word = str_cut(subject, ' ', &number);

    *ret_record = 0;
    if (!str_is(word, kind) || !number.ptr)
        return false;
    number = str_cut(number, ':', &record);
    return str_number(number, ret) && (!record.ptr || str_number(record, ret_record));
}

static bool has_part(const struct dossier *d, uint64_t id)
{
    const struct dossier_part *p = d->parts;

    while (p && (uint64_t)p->id != id)
        p = p->next;
    return p != NULL;
}

/* Values that somebody was shown: of a resource of theirs, of a file, of a reject. */
static void was_shown(struct accesses *a, const struct audit_entry *e, struct access *x)
{
    uint64_t number = 0, record = 0;

    if (str_is(e->action, "resource.raw") && is_of(e->subject, "resource", &number, &record)) {
        x->in = has_part(&a->p->d, number) ? IN_SURELY : IN_NOT;
        return;
    }
    if (str_is(e->action, "exchange.raw") && is_of(e->subject, "exchange", &number, &record))
        x->in = erasure_in_file(a->e, (int64_t)number);
    else if (str_is(e->action, "reject.raw") && is_of(e->subject, "reject", &number, &record))
        a->result = erasure_in_reject(a->e, (int64_t)number, record, &x->in);
    x->exchange = (int64_t)number;
    x->record = record;
}

/* What speaks of the person, or shows them. */
static bool each_entry(void *to, const struct audit_entry *e)
{
    struct accesses *a = to;
    char action[64];
    struct access x = {.at = e->at, .how = action, .who = e->actor, .detail = e->detail};

    (void)snprintf(action, sizeof(action), "%.*s", STR_ARG(e->action));
    if (str_is(e->subject, a->subject))
        x.in = IN_SURELY;
    else
        was_shown(a, e, &x);
    if (x.in != IN_NOT)
        tell(a, &x);
    arena_reset(&a->arena);
    return a->result == GW_OK;
}

static void not_told(const struct invocation *in)
{
    static const char *const texts[2] = {
        "n'est pas dit, faute de trace : ce qui fut lu hors de la passerelle (done, partenaire, export,\n"
        "sauvegarde), l'export de qui partage avec elle, la vue d'un fichier d'un flux qui ne l'a jamais dite",
        "not told, for want of a trace: what was read outside the gateway (done, partner, export, backup),\n"
        "the export of another with whom it is shared, the view of a file of a flow that never told of them"};

    if (!in->json)
        puts(texts[in->lang]);
}

enum exit_code person_accesses(struct person_run *p)
{
    struct erasure e = {.d = &p->d, .conf = &p->o.conf, .unread = true};
    struct accesses a = {.p = p, .e = &e};
    enum gw_result result = erasure_find(&e);

    if (result != GW_OK)
        return EXIT_WORLD;
    if (!person_is_known(p, e.rejects != NULL) || !person_enter(p, "person.accesses"))
        return p->o.code;
    result = dossier_subject(&p->d, a.subject);
    arena_init(&a.arena, 65536, 0);
    for (const struct dossier_unit *u = p->d.units; u && result == GW_OK; u = u->next)
        result = delivery_of_unit(p->o.store, u->unit.id, &a.arena, each_delivery, &a);
    if (result == GW_OK)
        result = audit_each(p->o.store, (struct gw_str){NULL, 0}, &a.arena, each_entry, &a);
    if (result == GW_OK)
        result = a.result;
    arena_done(&a.arena);
    if (result == GW_OK)
        not_told(p->o.in);
    return exit_of(result, false);
}
