/* SPDX-License-Identifier: EUPL-1.2 */
/* status: how things stand; fsck: whether store and spool are what was written. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "cli/cause.h"
#include "cli/operate.h"
#include "gateway/backup.h"
#include "gateway/gateway.h"
#include "gateway/spoolcheck.h"
#include "store/audit.h"

/* ---- notices ---- */

struct noticed {
    const struct flow *flow; /* NULL: the gateway as a whole */
    struct flow_notices now;
};

/* Of the flow, as the daemon left it. */
static bool noticed(struct operating *o, const struct flow *f, struct noticed *ret)
{
    struct buf text;
    bool good;
    const char *path = arena_format(&o->arena, "%.*s/notices/%.*s.json", STR_ARG(o->conf.state),
                                    STR_ARG(f ? f->name : NOTICES_OF_GATEWAY));

    *ret = (struct noticed){.flow = f};
    buf_init(&text, 65536);
    good = path && buf_read_file(&text, path) == GW_OK &&
           notices_parse(buf_view(&text), &o->conf, &ret->now) == GW_OK;
    buf_done(&text);
    return good;
}

static void print_notice(struct operating *o, const struct noticed *n, enum notice_kind kind, bool first)
{
    const struct notice *k = &n->now.items[kind];
    struct buf text;

    if (o->in->json) {
        printf("%s{\"flow\":", first ? "" : ",");
        if (n->flow)
            printf("\"%.*s\"", STR_ARG(n->flow->name));
        printf("%s,\"kind\":\"%s\",\"since\":%lld,\"missed\":%llu}", n->flow ? "" : "null", notice_words[kind],
               (long long)k->since, (unsigned long long)k->missed);
        return;
    }
    buf_init(&text, 65536);
    notice_sentence(&text, &o->engine.catalogue, n->flow, kind, k, o->in->lang);
    printf("%s %s\n", say(o->in, "ALERTE", "NOTICE"), text.data);
    buf_done(&text);
}

/* The backup that is not made print_backup says: it knows of the last one, and without a daemon too. */
static bool is_shown(const struct operating *o, const struct noticed *n, unsigned kind)
{
    return n->now.items[kind].raised && (o->in->json || kind != NOTICE_BACKUP);
}

static void print_notices(struct operating *o)
{
    bool first = true;

    for (size_t i = 0; i <= o->conf.nflows; i++) {
        size_t mark = arena_mark(&o->arena);
        struct noticed n;

        bool there = noticed(o, i < o->conf.nflows ? &o->conf.flows[i] : NULL, &n);

        for (unsigned k = 0; there && k < NOTICE_KINDS; k++)
            if (is_shown(o, &n, k)) {
                print_notice(o, &n, (enum notice_kind)k, first);
                first = false;
            }
        arena_release(&o->arena, mark);
    }
}

static void print_json(struct operating *o, const struct store_totals *t, const char *daemon)
{
    int64_t last;
    bool late = backups_late(&o->conf.backup, &last);

    printf("{\"daemon\":%s,\"units\":%llu,\"resources\":%llu,\"versions\":%llu,\"rejects_open\":%llu,"
           "\"deliveries_due\":%llu,\"exchanges\":{",
           daemon, (unsigned long long)t->units, (unsigned long long)t->resources,
           (unsigned long long)t->versions, (unsigned long long)t->rejects_open,
           (unsigned long long)t->deliveries_due);
    for (int out = 0; out < 2; out++) {
        printf("%s\"%s\":{", out ? "," : "", out ? "out" : "in");
        for (int s = 0; s < EXCHANGE_STATES; s++)
            printf("%s\"%s\":%llu", s ? "," : "", exchange_words[s], (unsigned long long)t->exchanges[out][s]);
        printf("}");
    }
    printf("},\"restored\":%lld,\"backup\":{\"last\":%lld,\"late\":%s},\"notices\":[",
           (long long)restored_waits(o->conf.state.ptr), (long long)last, late ? "true" : "false");
    print_notices(o);
    printf("]}\n");
}

static void print_text(const struct invocation *in, const struct store_totals *t, bool runs)
{
    printf("%s\n", runs ? say(in, "le démon tourne", "the daemon runs")
                        : say(in, "aucun démon ne tourne", "no daemon runs"));
    printf("%s %llu, %s %llu (%llu %s), %s %llu\n", say(in, "unités", "units"), (unsigned long long)t->units,
           say(in, "ressources", "resources"), (unsigned long long)t->resources,
           (unsigned long long)t->versions, say(in, "versions", "versions"),
           say(in, "rejets ouverts", "open rejects"), (unsigned long long)t->rejects_open);
    for (int out = 0; out < 2; out++) {
        printf("%-8s", out ? say(in, "sortis", "out") : say(in, "entrés", "in"));
        for (int s = 0; s < EXCHANGE_STATES; s++)
            if (t->exchanges[out][s])
                printf("  %s %llu", exchange_words[s], (unsigned long long)t->exchanges[out][s]);
        printf("\n");
    }
}

static void print_cause(struct operating *o, const char *name, enum gw_severity severity, yyjson_val *of,
                        const char *const keys[2])
{
    struct gw_arg args[SAID_ARGS];
    size_t n = said_args(&o->arena, yyjson_obj_get(of, keys[1]), args);

    cause_print(stdout, &o->engine.catalogue, o->in->lang, severity, str_of(name),
                yyjson_get_str(yyjson_obj_get(of, keys[0])), args, n);
}

static void print_connector(struct operating *o, yyjson_val *c)
{
    const struct invocation *in = o->in;
    const char *state = yyjson_get_str(yyjson_obj_get(c, "state"));
    const char *name = yyjson_get_str(yyjson_obj_get(c, "connector"));

    if (!state || !name)
        return;
    print_cause(o, name, GW_WARNING, c, (const char *const[]){"warning", "warning_args"});
    if (strcmp(state, "well") == 0)
        return;
    printf("%s %s: %s, %llu %s, %s %llu s\n", say(in, "connecteur", "connector"), name,
           strcmp(state, "open") == 0 ? say(in, "coupé", "open") : say(in, "en échec", "failing"),
           (unsigned long long)yyjson_get_uint(yyjson_obj_get(c, "failures")),
           say(in, "échecs de suite", "failures in a row"), say(in, "nouvel essai dans", "next try in"),
           (unsigned long long)yyjson_get_uint(yyjson_obj_get(c, "retry_in")));
    print_cause(o, name, GW_ERROR, c, (const char *const[]){"code", "args"});
}

/* Said of its connector already? */
static bool is_of_connector(yyjson_val *connectors, yyjson_val *flow)
{
    yyjson_val *name = yyjson_obj_get(yyjson_obj_get(flow, "args"), "connector"), *c;

    for (size_t i = 0; (c = yyjson_arr_get(connectors, i)); i++)
        if (yyjson_equals(yyjson_obj_get(c, "connector"), name))
            return yyjson_equals(yyjson_obj_get(c, "code"), yyjson_obj_get(flow, "code"));
    return false;
}

/* What its last transfer failed of, when that is no fault of the connector: a folder, rights, a full disk. */
static void print_flow(struct operating *o, yyjson_val *connectors, yyjson_val *flow)
{
    const char *name = yyjson_get_str(yyjson_obj_get(flow, "flow"));

    if (!name || !yyjson_get_str(yyjson_obj_get(flow, "code")) || is_of_connector(connectors, flow))
        return;
    printf("%s %s: %s\n", say(o->in, "flux", "flow"), name, say(o->in, "en échec", "failing"));
    print_cause(o, name, GW_ERROR, flow, (const char *const[]){"code", "args"});
}

/* Those that are not well, and why; what somebody should look at before it fails. */
static void print_transfers(struct operating *o, struct gw_str answer)
{
    yyjson_doc *doc = yyjson_read(answer.ptr, answer.len, 0);
    yyjson_val *connectors = yyjson_obj_get(yyjson_doc_get_root(doc), "connectors");
    yyjson_val *flows = yyjson_obj_get(yyjson_doc_get_root(doc), "flows");

    for (size_t i = 0; i < yyjson_arr_size(connectors); i++)
        print_connector(o, yyjson_arr_get(connectors, i));
    for (size_t i = 0; i < yyjson_arr_size(flows); i++)
        print_flow(o, connectors, yyjson_arr_get(flows, i));
    yyjson_doc_free(doc);
}

static void print_restored(const struct operating *o)
{
    int64_t at = restored_waits(o->conf.state.ptr);
    char room[32];

    if (at)
        printf("%s %s : %s\n", say(o->in, "état restauré de la sauvegarde du", "state restored from the backup of"),
               instant(at, room),
               say(o->in, "rien de nouveau ne sort ; voir les envois retenus, puis `passerelle release --restored`",
                   "nothing new goes out; look at the files held, then `passerelle release --restored`"));
}

/* A notice is raised, and the folder has nothing newer. */
static bool backup_failed(struct operating *o, int64_t last)
{
    struct noticed n;
    const struct notice *k = &n.now.items[NOTICE_BACKUP];

    return noticed(o, NULL, &n) && k->raised && last / 1000 < k->since;
}

/* Whether a daemon runs or not. */
static void print_backup(struct operating *o)
{
    int64_t last;
    char room[32];

    if (backups_late(&o->conf.backup, &last) || backup_failed(o, last))
        printf("%s %s ; %s\n",
               say(o->in, "ALERTE la sauvegarde prévue n'a pas été faite ; la dernière :",
                   "NOTICE the scheduled backup was not made; the last:"),
               last ? instant(last, room) : say(o->in, "aucune", "none"),
               say(o->in, "chercher backup.failed dans le journal, vérifier le dossier et la clé, puis `passerelle backup --to`",
                   "look for backup.failed in the journal, check folder and key, then `passerelle backup --to`"));
}

static enum exit_code show(struct operating *o)
{
    struct store_totals totals;
    struct buf answer;
    bool runs;

    buf_init(&answer, (size_t)1 << 20);
    runs = control_say(o->conf.control.ptr, "status", &answer) == GW_OK && answer.len;
    if (store_totals(o->store, &totals) != GW_OK) {
        buf_done(&answer);
        return EXIT_WORLD;
    }
    while (answer.len && answer.data[answer.len - 1] == '\n')
        answer.data[--answer.len] = '\0';
    if (o->in->json)
        print_json(o, &totals, runs ? answer.data : "null");
    else {
        print_text(o->in, &totals, runs);
        if (runs)
            print_transfers(o, buf_view(&answer));
        print_restored(o);
        print_backup(o);
        print_notices(o);
    }
    buf_done(&answer);
    return EXIT_DONE;
}

static enum exit_code status_run(struct invocation *in)
{
    struct operating o;
    const char *watch = NULL;

    if (operate_open(&o, in) && operate_store(&o, true)) {
        watch = option_value(in, "watch");
        do {
            if (watch && isatty(STDOUT_FILENO))
                printf("\033[H\033[2J");
            o.code = show(&o);
            fflush(stdout);
            if (watch)
                sleep(1);
        } while (watch && o.code == EXIT_DONE);
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word status_options[] = {
    CONFIG_OPTION,
    {"watch", 0, NULL, "rafraîchi chaque seconde", "again each second"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb status_verb = {
    .name = "status",
    .operands = "",
    .fr = "où en sont le démon, les échanges, les rejets",
    .en = "how the daemon, exchanges and rejects stand",
    .example = "passerelle status --watch",
    .options = status_options,
    .run = status_run,
};

/* ---- fsck ---- */

static enum exit_code look(struct operating *o)
{
    uint64_t rows = 0, files = 0;
    int64_t broken = 0;
    bool repair = option_value(o->in, "repair") != NULL;
    enum gw_result result = store_check(o->store, &rows), chain = GW_OK;

    if (result == GW_OK)
        result = spool_check(o->store, arena_format(&o->arena, "%.*s/spool", STR_ARG(o->conf.state)), repair,
                             &o->printer.sink, &files);
    if (result == GW_OK)
        chain = audit_verify(o->store, &broken);
    if (result == GW_OK && chain == GW_REJECT)
        rows++;
    if (!o->in->json)
        printf("%s %llu, %s %llu\n", say(o->in, "lignes en défaut :", "rows at fault:"),
               (unsigned long long)rows, say(o->in, "fichiers en défaut :", "files at fault:"),
               (unsigned long long)files);
    if (result != GW_OK)
        return EXIT_WORLD;
    return rows || files ? EXIT_REJECTS : EXIT_DONE;
}

static enum exit_code fsck_run(struct invocation *in)
{
    struct operating o;

    if (operate_open(&o, in) && operate_store(&o, option_value(in, "repair") == NULL))
        o.code = look(&o);
    operate_close(&o);
    return o.code;
}

static const struct option_word fsck_options[] = {
    CONFIG_OPTION,
    {"repair", 0, NULL, "réparer ce qui peut l'être sans rien perdre",
     "mend what can be without losing anything"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb fsck_verb = {
    .name = "fsck",
    .operands = "",
    .fr = "compare le magasin et les fichiers à ce qui fut écrit",
    .en = "compares store and spool with what was written",
    .example = "passerelle fsck",
    .options = fsck_options,
    .run = fsck_run,
};
