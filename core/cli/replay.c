/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * replay: an exchange once more. One that came in is read again as it lies in the spool, by the mapping and the
 * lists of today; records that say what they said change nothing. One that went out is delivered again, and the
 * partner sees it again: that must be meant. Of one reject alone only its record is applied (gateway/wanted.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/operate.h"
#include "gateway/gateway.h"
#include "store/audit.h"
#include "store/bytes.h"
#include "store/durable.h"
#include "store/rejects.h"

struct replaying {
    struct operating o;
    struct exchange e;
    struct reject_row only; /* id 0: the whole exchange */
};

static void wake(const struct operating *o)
{
    struct buf answer;

    buf_init(&answer, 65536);
    if (control_say(o->conf.control.ptr, "wake", &answer) == GW_END && !o->in->json)
        printf("%s\n", say(o->in, "aucun démon ne tourne : fait au prochain `passerelle run`",
                           "no daemon runs: done at the next `passerelle run`"));
    buf_done(&answer);
}

struct closing {
    struct store *store;
    int64_t with;
    int64_t ids[1024];
    size_t count;
};

static bool collect(void *to, const struct reject_row *row)
{
    struct closing *c = to;

    c->ids[c->count++] = row->id;
    return c->count < sizeof(c->ids) / sizeof(*c->ids);
}

static enum gw_result rejects_close_all(struct replaying *r, int64_t with)
{
    static struct closing c;
    struct reject_filter filter = {.exchange = r->e.id, .state = REJECT_OPEN};
    enum gw_result result = GW_OK;

    do {
        c = (struct closing){.store = r->o.store, .with = with};
        result = reject_each(r->o.store, &filter, &r->o.arena, collect, &c);
        for (size_t i = 0; result == GW_OK && i < c.count; i++)
            result = reject_state_set(r->o.store, c.ids[i], REJECT_REPLAYED, with);
    } while (result == GW_OK && c.count == sizeof(c.ids) / sizeof(*c.ids));
    return result;
}

/* Inside of the transaction: somebody else may have been quicker. */
static enum gw_result still_open(struct replaying *r)
{
    struct reject_row now;
    enum gw_result result = reject_get(r->o.store, r->only.id, &r->o.arena, &now);

    return result == GW_OK && now.state != REJECT_OPEN ? GW_REJECT : result;
}

static enum gw_result say_one(struct replaying *r, int64_t in)
{
    char subject[32], detail[32];

    (void)snprintf(subject, sizeof(subject), "reject %lld", (long long)r->only.id);
    (void)snprintf(detail, sizeof(detail), "exchange %lld", (long long)in);
    return audit_add(r->o.store, (struct gw_str){NULL, 0}, GW_STR("reject.replay"), str_of(subject),
                     str_of(detail));
}

/* The rejects of the first file, or the one that is meant, are answered by the second; without any left open
 * the first is done. */
static enum gw_result answered(struct replaying *r, int64_t with)
{
    enum gw_result result = r->only.id ? still_open(r) : rejects_close_all(r, with);
    bool open = false;

    if (result == GW_OK && r->only.id)
        result = reject_state_set(r->o.store, r->only.id, REJECT_REPLAYED, with);
    if (result == GW_OK && r->only.id)
        result = say_one(r, with);
    if (result == GW_OK)
        result = reject_any(r->o.store, r->e.id, REJECT_OPEN, &open);
    return result == GW_OK && !open && r->e.state == EXCHANGE_DONE_REJECTS
               ? exchange_move(r->o.store, &r->e, EXCHANGE_DONE)
               : result;
}

/* Inside of the transaction: retention may have taken the file since we looked. */
static enum gw_result still_kept(struct replaying *r)
{
    struct exchange now;
    enum gw_result result = exchange_get(r->o.store, r->e.id, &r->o.arena, &now);

    return result == GW_OK && !now.spool.ptr ? GW_REJECT : result;
}

static enum gw_result requeue(struct replaying *r)
{
    struct exchange *e = &r->e;
    enum gw_result result = store_begin(r->o.store);

    if (result == GW_OK)
        result = still_kept(r);
    e->attempts = 0;
    e->resume = 0;
    e->suspect = 0;
    e->suspicion = 0;
    e->checked = false;
    if (!e->out)
        e->counts = (struct exchange_counts){0};
    e->reason = GW_STR("exchange.released");
    if (result == GW_OK && !e->out) /* those that are rejected again open again */
        result = rejects_close_all(r, e->id);
    if (result == GW_OK)
        result = exchange_move(r->o.store, e, EXCHANGE_QUEUED);
    if (result == GW_OK)
        return store_commit(r->o.store);
    store_rollback(r->o.store);
    return result;
}

/* ---- with a corrected file ---- */

static enum gw_result spool_file(struct replaying *r, const char *path, struct exchange *ret)
{
    struct durable d = {.fd = -1};
    struct timespec t;
    int spool = -1, from = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    char *name;
    enum gw_result result = GW_RETRY;

    clock_gettime(CLOCK_REALTIME, &t);
    name = arena_format(&r->o.arena, "in-%lld%09ld-%d", (long long)t.tv_sec, t.tv_nsec, (int)getpid());
    if (from >= 0 && name)
        result =
            durable_folder(arena_format(&r->o.arena, "%.*s/spool", STR_ARG(r->o.conf.state)), 0700, &spool);
    if (result == GW_OK)
        result = durable_create(&d, spool, name, 0600);
    if (result == GW_OK)
        result = durable_copy(&d, from, ret->digest, &ret->size);
    if (result == GW_OK)
        result = durable_commit(&d);
    if (result == GW_OK)
        result = durable_sync(spool);
    if (result != GW_OK)
        complain(r->o.in, "ce fichier ne peut être repris", "this file cannot be taken", path);
    if (from >= 0)
        (void)close(from);
    if (spool >= 0)
        (void)close(spool);
    ret->spool = str_of(name);
    return result;
}

/* Where several machines share the store, another one may be whose turn it is. */
static enum gw_result keep_bytes(const struct replaying *r, struct gw_str name)
{
    int fd = operate_file(&r->o, name);
    enum gw_result result = fd >= 0 ? bytes_put(r->o.store, name, fd) : GW_RETRY;

    if (fd >= 0)
        (void)close(fd);
    return result;
}

static enum gw_result correct(struct replaying *r, const char *path, int64_t *ret)
{
    const char *slash = strrchr(path, '/');
    struct exchange e = {.flow = r->e.flow,
                         .partner = r->e.partner,
                         .format = r->e.format,
                         .name = strcmp(path, "-") == 0 ? r->e.name : str_of(slash ? slash + 1 : path),
                         .order = r->e.order,
                         .received_at = store_now()};
    enum gw_result result = spool_file(r, path, &e);

    if (result == GW_OK)
        result = store_begin(r->o.store);
    if (result != GW_OK)
        return result;
    result = exchange_receive(r->o.store, &e, DUPLICATES_NONE, ret);
    e.id = *ret;
    e.reason = GW_STR("exchange.released");
    if (result == GW_OK)
        result = keep_bytes(r, e.spool);
    if (result == GW_OK)
        result = exchange_move(r->o.store, &e, EXCHANGE_QUEUED);
    if (result == GW_OK)
        result = answered(r, *ret);
    if (result == GW_OK)
        return store_commit(r->o.store);
    store_rollback(r->o.store);
    return result;
}

/* ---- a selection ---- */

struct chosen {
    int64_t ids[1024];
    size_t count;
    uint64_t rejects;
};

static bool choose(void *to, const struct reject_row *row)
{
    struct chosen *c = to;

    c->rejects++;
    for (size_t i = c->count; i > 0; i--)
        if (c->ids[i - 1] == row->exchange)
            return true;
    c->ids[c->count++] = row->exchange;
    return c->count < sizeof(c->ids) / sizeof(*c->ids);
}

static enum exit_code replay_each(struct replaying *r, const struct chosen *c)
{
    struct invocation *in = r->o.in;
    uint64_t done = 0;
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < c->count; i++) {
        result = exchange_get(r->o.store, c->ids[i], &r->o.arena, &r->e);
        if (result != GW_OK || !exchange_over(r->e.state) || !r->e.spool.ptr)
            continue;
        result = requeue(r);
        done += result == GW_OK;
        result = result == GW_REJECT ? GW_OK : result;
    }
    if (in->json)
        printf("{\"exchanges\":%llu,\"rejects\":%llu}\n", (unsigned long long)done,
               (unsigned long long)c->rejects);
    else
        printf("%s %llu, %s %llu. %s\n", say(in, "échanges remis en file", "exchanges queued again"),
               (unsigned long long)done, say(in, "rejets concernés", "rejects concerned"),
               (unsigned long long)c->rejects,
               say(in, "Les destinataires ne reçoivent que ce qui change.",
                   "Destinations get only what changes."));
    if (done)
        wake(&r->o);
    return exit_of(result, false);
}

/* The exchanges that hold open rejects of that flow, code or age. */
static enum exit_code replay_chosen(struct replaying *r)
{
    static struct chosen c;
    struct invocation *in = r->o.in;
    const char *since = option_value(in, "since");
    struct reject_filter filter = {.flow = str_of(option_value(in, "flow")),
                                   .code = str_of(option_value(in, "code")),
                                   .state = REJECT_OPEN};
    enum gw_result result;

    if (since && !instant_parse(since, &filter.since)) {
        complain(in, "moment attendu : 7d, 36h ou AAAA-MM-JJ", "instant expected: 7d, 36h or YYYY-MM-DD",
                 since);
        return EXIT_USAGE;
    }
    c = (struct chosen){.count = 0};
    result = reject_each(r->o.store, &filter, &r->o.arena, choose, &c);
    return result == GW_OK ? replay_each(r, &c) : exit_of(result, false);
}

/* ---- one reject ---- */

/* Its exchange waits for it alone, or already waits for others of its rejects. */
static enum gw_result queue_one(struct replaying *r)
{
    struct exchange e;
    enum gw_result result = exchange_get(r->o.store, r->e.id, &r->o.arena, &e);

    if (result == GW_OK && (e.state != r->e.state || !e.spool.ptr))
        result = GW_REJECT;
    if (result == GW_OK)
        result = still_open(r);
    if (result == GW_OK)
        result = reject_state_set(r->o.store, r->only.id, REJECT_QUEUED, 0);
    if (result == GW_OK)
        result = say_one(r, r->e.id);
    if (result != GW_OK || e.state == EXCHANGE_QUEUED)
        return result;
    e.attempts = 0;
    e.suspect = 0;
    e.suspicion = 0;
    e.reason = GW_STR("exchange.released");
    return exchange_move(r->o.store, &e, EXCHANGE_QUEUED);
}

static enum gw_result requeue_one(struct replaying *r)
{
    enum gw_result result = store_begin(r->o.store);

    if (result == GW_OK)
        result = queue_one(r);
    if (result == GW_OK)
        return store_commit(r->o.store);
    store_rollback(r->o.store);
    return result;
}

static void say_queued(const struct replaying *r, int64_t made)
{
    const struct invocation *in = r->o.in;
    char room[48] = "";

    if (in->json && r->only.id)
        (void)snprintf(room, sizeof(room), ",\"reject\":%lld", (long long)r->only.id);
    if (in->json)
        printf("{\"exchange\":%lld%s,\"state\":\"queued\"}\n", (long long)made, room);
    else
        printf("%s %lld %s%s\n", say(in, "échange", "exchange"), (long long)made,
               r->only.id ? say(in, "remis en file pour ce seul rejet", "queued again for this reject alone")
                          : say(in, "remis en file", "queued again"),
               r->e.out ? ""
                        : say(in, " ; les destinataires ne reçoivent que ce qui change",
                              "; destinations get only what changes"));
}

static enum exit_code replay_now(struct replaying *r)
{
    const char *with = option_value(r->o.in, "with");
    int64_t made = r->e.id;
    enum gw_result result = with ? correct(r, with, &made) : r->only.id ? requeue_one(r) : requeue(r);

    if (result == GW_REJECT)
        complain(r->o.in, "un autre vient de le prendre", "somebody else has just taken it", NULL);
    if (result != GW_OK)
        return result == GW_REJECT ? EXIT_USAGE : EXIT_WORLD;
    say_queued(r, made);
    wake(&r->o);
    return EXIT_DONE;
}

/* Twice is once. */
static enum exit_code said_already(struct replaying *r)
{
    static const struct {
        const char *word, *fr, *en;
    } states[] = {
        [REJECT_REPLAYED] = {"replayed", "ce rejet a déjà été repris dans l'échange",
                             "this reject was replayed already in exchange"},
        [REJECT_CLOSED] = {"closed", "ce rejet est clos depuis la fin de sa conservation : échange",
                           "this reject was closed at the end of its retention: exchange"},
        [REJECT_QUEUED] = {"queued", "ce rejet attend déjà d'être repris : échange",
                           "this reject waits already to be replayed: exchange"},
    };
    const struct reject_row *row = &r->only;
    long long exchange = (long long)(row->replayed_in ? row->replayed_in : row->exchange);

    if (r->o.in->json)
        printf("{\"exchange\":%lld,\"reject\":%lld,\"state\":\"%s\"}\n", exchange, (long long)row->id,
               states[row->state].word);
    else
        printf("%s %lld\n", say(r->o.in, states[row->state].fr, states[row->state].en), exchange);
    return row->state == REJECT_CLOSED ? EXIT_USAGE : EXIT_DONE;
}

static bool may_one(struct replaying *r)
{
    struct invocation *in = r->o.in;
    const char *about = option_value(in, "reject");
    bool with = option_value(in, "with") != NULL, waits = false;

    if (r->e.state == EXCHANGE_QUEUED && !with &&
        reject_any(r->o.store, r->e.id, REJECT_QUEUED, &waits) != GW_OK)
        return false;
    if (r->e.state != EXCHANGE_DONE_REJECTS && !waits) {
        complain(in, "son échange est au travail, ou n'a pas été appliqué : le reprendre en entier",
                 "its exchange is at work, or was not applied: replay the whole of it", about);
        return false;
    }
    if (!with && !r->e.spool.ptr)
        complain(in, "son fichier a été effacé à la fin de sa conservation",
                 "its file went at the end of its retention", about);
    return with || r->e.spool.ptr;
}

static enum exit_code replay_one(struct replaying *r, const char *text)
{
    struct invocation *in = r->o.in;
    int64_t id = 0;
    enum gw_result result;

    if (in->noperands || option_value(in, "flow") || option_value(in, "code") || !number_parse(text, &id)) {
        complain(in, "le numéro d'un rejet est attendu, et rien d'autre",
                 "the number of a reject is expected, and nothing else", text);
        return EXIT_USAGE;
    }
    result = reject_get(r->o.store, id, &r->o.arena, &r->only);
    if (result == GW_OK)
        result = exchange_get(r->o.store, r->only.exchange, &r->o.arena, &r->e);
    if (result == GW_END)
        complain(in, "aucun rejet de ce numéro", "no reject of that number", text);
    if (result != GW_OK)
        return result == GW_END ? EXIT_USAGE : EXIT_WORLD;
    if (r->only.state != REJECT_OPEN)
        return said_already(r);
    return may_one(r) ? replay_now(r) : EXIT_USAGE;
}

/* ---- the verb ---- */

static bool may(struct replaying *r)
{
    struct invocation *in = r->o.in;

    if (!exchange_may(r->e.state, EXCHANGE_QUEUED) || r->e.state == EXCHANGE_WORKING) {
        complain(in, "cet échange est au travail ou attend déjà", "this exchange is at work or waits already",
                 in->operands[0]);
        return false;
    }
    if (!r->e.spool.ptr) {
        complain(in, "son fichier a été effacé à la fin de sa conservation",
                 "its file went at the end of its retention", in->operands[0]);
        return false;
    }
    if (!r->e.out || option_value(in, "yes"))
        return true;
    fprintf(stderr, "%s\n  %s\n",
            say(in, "le partenaire verrait une copie de plus de chaque enregistrement de ce fichier",
                "the partner would see one more copy of each record of this file"),
            say(in, "ajouter --yes si c'est voulu", "add --yes if that is meant"));
    return false;
}

static bool open_store(struct operating *o)
{
    bool good = operate_store(o, false);

    if (good)
        operate_actor(o);
    return good;
}

static enum exit_code replay_run(struct invocation *in)
{
    struct replaying r = {0};
    int64_t id = 0;

    if (!operate_open(&r.o, in)) {
        operate_close(&r.o);
        return r.o.code;
    }
    if (option_value(in, "reject")) {
        if (open_store(&r.o))
            r.o.code = replay_one(&r, option_value(in, "reject"));
    } else if (!in->noperands && (option_value(in, "flow") || option_value(in, "code"))) {
        if (open_store(&r.o))
            r.o.code = replay_chosen(&r);
    } else if (!in->noperands || !number_parse(in->operands[0], &id)) {
        complain(in, "le numéro d'un échange est attendu", "the number of an exchange is expected",
                 in->noperands ? in->operands[0] : NULL);
        r.o.code = EXIT_USAGE;
    } else if (open_store(&r.o)) {
        enum gw_result result = exchange_get(r.o.store, id, &r.o.arena, &r.e);

        if (result == GW_END)
            complain(in, "aucun échange de ce numéro", "no exchange of that number", in->operands[0]);
        r.o.code = result == GW_OK    ? (may(&r) ? replay_now(&r) : EXIT_USAGE)
                   : result == GW_END ? EXIT_USAGE
                                      : EXIT_WORLD;
    }
    operate_close(&r.o);
    return r.o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"reject", 0, "N", "ce rejet seul, par son numéro dans `rejects`",
     "this reject alone, by its number in `rejects`"},
    {"with", 0, "FILE", "avec ce fichier corrigé au lieu de l'original ; - est l'entrée standard",
     "with this corrected file in its place; - is standard input"},
    {"flow", 0, "FLOW", "sans numéro : tous les échanges de ce flux qui ont des rejets ouverts",
     "without a number: all exchanges of this flow with open rejects"},
    {"code", 0, "CODE", "de ce code seulement, ou « mapping.* »", "of this code only, or \"mapping.*\""},
    {"since", 0, "WHEN", "rejetés depuis : 7d, 36h ou AAAA-MM-JJ", "rejected since: 7d, 36h or YYYY-MM-DD"},
    {"yes", 0, NULL, "même si le partenaire le verra deux fois", "even if the partner will see it twice"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb replay_verb = {
    .name = "replay",
    .operands = "[EXCHANGE]",
    .fr = "reprend un échange depuis son début",
    .en = "takes an exchange again from its beginning",
    .example = "passerelle replay 12 --with corrige.xml",
    .options = options,
    .max_operands = 1,
    .run = replay_run,
};
