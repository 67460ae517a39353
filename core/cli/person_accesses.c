/* SPDX-License-Identifier: EUPL-1.2 */
/* person accesses: who was given their data, and who looked at it. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/person.h"
#include "store/audit.h"
#include "store/exchange.h"

struct accesses {
    struct person_run *p;
    struct arena arena;
    char subject[32];
};

static void tell(struct accesses *a, int64_t at, const char *how, struct gw_str who, struct gw_str detail,
                 int64_t exchange)
{
    char when[32];
    struct buf b;

    if (!a->p->o.in->json) {
        printf("%s  %-16s %-24.*s %.*s", instant(at, when), how, STR_ARG(who), STR_ARG(detail));
        if (exchange)
            printf("  (%s %lld)", say(a->p->o.in, "échange", "exchange"), (long long)exchange);
        putchar('\n');
        return;
    }
    buf_init(&b, 65536);
    buf_format(&b, "{\"at\":%lld,\"how\":\"%s\",\"who\":", (long long)at, how);
    buf_json(&b, who);
    buf_text(&b, ",\"detail\":");
    buf_json(&b, detail);
    if (exchange)
        buf_format(&b, ",\"exchange\":%lld", (long long)exchange);
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static bool each_delivery(void *to, const struct delivery *d)
{
    struct accesses *a = to;
    const struct flow *f = conf_flow(&a->p->o.conf, d->flow);

    if (d->state != DELIVERY_WRITTEN)
        tell(a, d->at, "delivered", f ? f->partner_name : d->flow, str_of(delivery_words[d->state]),
             d->exchange);
    arena_reset(&a->arena);
    return true;
}

/* The number behind the kind: "reject 12:5" is 12 of "reject". */
static bool is_of(struct gw_str subject, const char *kind, uint64_t *ret)
{
    struct gw_str number, first, word = str_cut(subject, ' ', &number);

    if (!str_is(word, kind) || !number.ptr)
        return false;
    first = str_cut(number, ':', &number);
    return str_number(first, ret);
}

static bool has_part(const struct dossier *d, uint64_t id)
{
    const struct dossier_part *p = d->parts;

    while (p && (uint64_t)p->id != id)
        p = p->next;
    return p != NULL;
}

/* Values that somebody was shown: of a resource of theirs, or of a file that brought them. */
static bool was_shown(const struct dossier *d, const struct audit_entry *e, uint64_t *ret_exchange)
{
    uint64_t number = 0;

    if (str_is(e->action, "resource.raw"))
        return is_of(e->subject, "resource", &number) && has_part(d, number);
    if (!str_is(e->action, "exchange.raw") && !str_is(e->action, "reject.raw"))
        return false;
    if ((!is_of(e->subject, "exchange", &number) && !is_of(e->subject, "reject", &number)) ||
        !dossier_has_exchange(d, (int64_t)number))
        return false;
    *ret_exchange = number;
    return true;
}

/* What speaks of the person, or shows them. */
static bool each_entry(void *to, const struct audit_entry *e)
{
    struct accesses *a = to;
    uint64_t exchange = 0;
    bool shown = was_shown(&a->p->d, e, &exchange);
    char action[64];

    (void)snprintf(action, sizeof(action), "%.*s", STR_ARG(e->action));
    if (shown || str_is(e->subject, a->subject))
        tell(a, e->at, action, e->actor, e->detail, (int64_t)exchange);
    arena_reset(&a->arena);
    return true;
}

enum exit_code person_accesses(struct person_run *p)
{
    struct accesses a = {.p = p};
    enum gw_result result;

    if (!person_is_known(p, false) || !person_enter(p, "person.accesses"))
        return p->o.code;
    result = dossier_subject(&p->d, a.subject);
    arena_init(&a.arena, 65536, 0);
    for (const struct dossier_unit *u = p->d.units; u && result == GW_OK; u = u->next)
        result = delivery_of_unit(p->o.store, u->unit.id, &a.arena, each_delivery, &a);
    if (result == GW_OK)
        result = audit_each(p->o.store, (struct gw_str){NULL, 0}, &a.arena, each_entry, &a);
    arena_done(&a.arena);
    return exit_of(result, false);
}
