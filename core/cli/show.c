/* SPDX-License-Identifier: EUPL-1.2 */
/* show: the whole story of an exchange, or of one of its records. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/exchange_out.h"
#include "cli/operate.h"
#include "cli/show_raw.h"
#include "cli/show_resource.h"
#include "cli/unmask.h"
#include "gateway/reject_rows.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/rejects.h"

struct story {
    struct operating o;
    struct exchange e;
    int64_t record; /* 0: all */
    uint64_t shown;
};

#define SHOWN 20 /* of a kind, unless --all */

static bool enough(struct story *s)
{
    return s->shown++ >= SHOWN && !option_value(s->o.in, "all");
}

static bool each_entry(void *to, const struct audit_entry *a)
{
    char at[32];

    (void)to;
    printf("  %s  %-18.*s %.*s  (%.*s)\n", instant(a->at, at), STR_ARG(a->action), STR_ARG(a->detail),
           STR_ARG(a->actor));
    return true;
}

/* Its bytes, as one line that a screen takes. */
static void reject_bytes(const struct story *s, const struct reject_row *r)
{
    struct buf line;

    buf_init(&line, (size_t)64 << 20);
    if (s->o.in->json)
        buf_format(&line, "{\"exchange\":%lld,\"record\":%llu,\"raw\":", (long long)r->exchange,
                   (unsigned long long)r->record);
    buf_json(&line, r->raw);
    buf_text(&line, s->o.in->json ? "}\n" : "\n");
    fwrite(line.data, 1, line.len, stdout);
    buf_done(&line);
}

static bool each_raw(void *to, const struct reject_row *r)
{
    struct story *s = to;

    if ((uint64_t)s->record != r->record)
        return true;
    s->shown++;
    reject_bytes(s, r);
    return false;
}

/* The record of a reject, unmasked. */
static enum gw_result tell_raw(struct story *s)
{
    struct reject_filter rejects = {.exchange = s->e.id, .state = -1};
    enum gw_result result;

    s->shown = 0;
    result = reject_each(s->o.store, &rejects, &s->o.arena, each_raw, s);
    if (result == GW_OK && !s->shown)
        complain(s->o.in, "cet enregistrement n'est pas un rejet, ou n'est plus gardé",
                 "this record is no reject, or is kept no more", s->o.in->operands[0]);
    return result == GW_OK && !s->shown ? GW_END : result;
}

static bool each_reject(void *to, const struct reject_row *r)
{
    struct story *s = to;

    if (s->record && (uint64_t)s->record != r->record)
        return true;
    if (enough(s))
        return false;
    printf("  %s %llu, %s %llu: %.*s %.*s\n", say(s->o.in, "enregistrement", "record"),
           (unsigned long long)r->record, say(s->o.in, "ligne", "line"), (unsigned long long)r->line,
           STR_ARG(r->code), STR_ARG(r->path));
    return true;
}

static bool each_delivery(void *to, const struct delivery *d)
{
    struct story *s = to;

    if (enough(s))
        return false;
    printf("  %s %llu: %s %lld v%u, %s\n", say(s->o.in, "position", "position"),
           (unsigned long long)d->position, say(s->o.in, "ressource", "resource"), (long long)d->resource,
           d->version, delivery_words[d->state]);
    return true;
}

static void each_reason(void *to, const struct gw_str cells[2][REJECT_CELLS])
{
    const struct story *s = to;
    const struct gw_str *said = cells[s->o.in->lang];

    printf("  %.*s: %.*s\n", STR_ARG(said[SAID_CODE]), STR_ARG(said[SAID_MESSAGE]));
    if (said[SAID_ADVICE].len)
        printf("  %.*s\n", STR_ARG(said[SAID_ADVICE]));
}

static enum gw_result tell(struct story *s)
{
    struct operating *o = &s->o;
    struct reject_filter rejects = {.exchange = s->e.id, .state = -1};
    char subject[40];
    enum gw_result result = GW_OK;

    (void)snprintf(subject, sizeof(subject), "exchange %lld", (long long)s->e.id);
    if (!o->in->json)
        exchange_head(o->in);
    exchange_print(o->in, &s->e);
    if (o->in->json)
        return GW_OK;
    if (s->e.reason.len) {
        printf("\n%s\n", say(o->in, "raison", "reason"));
        said_of(s->e.reason_args, s->e.reason, &o->engine.catalogue, each_reason, s);
    }
    printf("\n%s\n", say(o->in, "ce qui s'est passé", "what happened"));
    result = audit_each(o->store, str_of(subject), &o->arena, each_entry, s);
    if (result == GW_OK && s->e.counts.rejected) {
        printf("\n%s\n", say(o->in, "enregistrements mis de côté", "records set aside"));
        result = reject_each(o->store, &rejects, &o->arena, each_reject, s);
    }
    s->shown = 0;
    if (result == GW_OK && s->e.out) {
        printf("\n%s\n", say(o->in, "livraisons", "deliveries"));
        result = delivery_each(o->store, s->e.id, &o->arena, each_delivery, s);
    }
    return result;
}

/* "12" or "12:5". */
static bool id_parse(const char *text, int64_t *ret_id, int64_t *ret_record)
{
    const char *colon = text ? strchr(text, ':') : NULL;
    char head[24] = "";

    *ret_record = 0;
    if (!colon)
        return number_parse(text, ret_id);
    if ((size_t)(colon - text) >= sizeof(head))
        return false;
    memcpy(head, text, (size_t)(colon - text));
    return number_parse(head, ret_id) && number_parse(colon + 1, ret_record);
}

/* What may be unmasked is one thing: a file, a record, a resource. */
static bool asks_well(struct story *s, bool raw, bool unmask)
{
    const struct invocation *in = s->o.in;

    if (raw && !unmask)
        operate_fault(&s->o, "role.reason", NULL, 0);
    else if (unmask && !raw && !s->record)
        complain(in, "--unmask montre un fichier (--raw), un rejet (12:5) ou une ressource (--resource N)",
                 "--unmask shows a file (--raw), a reject (12:5) or a resource (--resource N)", NULL);
    else
        return true;
    s->o.code = EXIT_USAGE;
    return false;
}

static enum gw_result show_one(struct story *s, bool raw, bool unmask)
{
    if (raw) {
        s->o.code = show_raw(&s->o, &s->e);
        return GW_OK;
    }
    if (!unmask)
        return tell(s);
    return unmask_begin(&s->o, "reject", s->o.in->operands[0]) ? tell_raw(s) : GW_OK;
}

static void show_exchange(struct story *s, int64_t id, bool raw, bool unmask)
{
    enum gw_result result = exchange_get(s->o.store, id, &s->o.arena, &s->e);

    if (result == GW_END)
        complain(s->o.in, "aucun échange de ce numéro", "no exchange of that number", s->o.in->operands[0]);
    if (result == GW_OK)
        result = show_one(s, raw, unmask);
    if (result != GW_OK)
        s->o.code = result == GW_END ? EXIT_USAGE : EXIT_WORLD;
}

static enum exit_code show_run(struct invocation *in)
{
    struct story s = {0};
    bool raw = option_value(in, "raw"), unmask = option_value(in, "unmask");
    int64_t id = 0;

    if (!operate_open(&s.o, in)) {
        operate_close(&s.o);
        return s.o.code;
    }
    if (option_value(in, "resource") && !in->noperands) {
        if (operate_store(&s.o, !unmask))
            s.o.code = show_resource(&s.o, option_value(in, "resource"));
    } else if (!in->noperands || !id_parse(in->operands[0], &id, &s.record)) {
        complain(in, "le numéro d'un échange est attendu (12, ou 12:5)",
                 "the number of an exchange is expected (12, or 12:5)", in->noperands ? in->operands[0] : NULL);
        s.o.code = EXIT_USAGE;
    } else if (asks_well(&s, raw, unmask) && operate_store(&s.o, !unmask)) {
        show_exchange(&s, id, raw, unmask);
    }
    operate_close(&s.o);
    return s.o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"all", 0, NULL, "tout, sans abréger", "all of it"},
    {"resource", 0, "N", "les versions d'une ressource, au lieu d'un échange",
     "the versions of a resource, in place of an exchange"},
    {"raw", 0, NULL, "le fichier lui-même, s'il est encore gardé : --raw --unmask RAISON > FICHIER",
     "the file itself, if it is still kept: --raw --unmask REASON > FILE"},
    UNMASK_OPTION,
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb show_verb = {
    .name = "show",
    .operands = "[EXCHANGE[:RECORD]]",
    .fr = "toute l'histoire d'un échange ou d'un enregistrement",
    .en = "the whole story of an exchange or a record",
    .example = "passerelle show 12",
    .options = options,
    .max_operands = 1,
    .run = show_run,
};
