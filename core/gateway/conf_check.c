/* SPDX-License-Identifier: EUPL-1.2 */
/* What only the engine knows of a configuration: formats, directions, fields; and what a flow promises. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/conf.h"
#include "pipeline/engine.h"
#include "pipeline/table.h"

struct checking {
    const struct gateway_conf *conf;
    struct engine *engine;
    struct sink *sink;
    struct arena arena;
    size_t faults;
};

static void fault(struct checking *c, const struct flow *f, enum gw_severity severity, const char *code,
                  struct gw_str found, struct gw_str expected)
{
    struct gw_arg args[] = {{"flow", f->name}, {"found", found}, {"expected", expected}};
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = f->file,
                     .line = f->line,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 3};

    c->faults += severity == GW_ERROR;
    c->sink->put(c->sink, &d);
}

static struct gw_str nearest_format(struct checking *c, struct gw_str name)
{
    struct gw_str *names;
    const char *words[256];
    size_t n = 0, k = 0;

    if (formats_list(&c->arena, c->engine->formats, &names, &n) != GW_OK)
        return GW_STR("");
    for (; k < n && k < 256; k++)
        words[k] = arena_text(&c->arena, names[k]);
    return str_of(str_nearest(name, words, k));
}

static bool format_is_there(struct checking *c, const struct flow *f)
{
    const char *path =
        arena_format(&c->arena, "%.*s/%.*s/format.conf", STR_ARG(c->engine->formats), STR_ARG(f->format));

    if (path && access(path, R_OK) == 0)
        return true;
    fault(c, f, GW_ERROR, "conf.format", f->format, nearest_format(c, f->format));
    return false;
}

static void check_format(struct checking *c, const struct flow *f)
{
    struct codec codec = {0};
    enum gw_result result;

    if (!f->format.len || !format_is_there(c, f))
        return;
    result = codec_open(&codec, c->engine, f->format, f->profile, c->sink);
    if (result != GW_OK || (f->profile.len && !codec.profile))
        fault(c, f, GW_ERROR, "conf.format_faulty", f->format, GW_STR(""));
    else if (codec.plugin->flags & GW_SPAWNS && !conf_may_spawn(c->conf, f->format))
        fault(c, f, GW_ERROR, "conf.spawns", f->format,
              codec.plugin->name ? str_of(codec.plugin->name) : GW_STR(""));
    else if (f->out ? !codec.plugin->writer : !codec.plugin->reader)
        fault(c, f, GW_ERROR, f->out ? "conf.unwritable" : "conf.unreadable", f->format, GW_STR(""));
    codec_close(&codec);
}

/* ---- fields ---- */

static bool field_known(const struct shape *shape, struct gw_str rest)
{
    struct gw_str none = {NULL, 0};

    if (str_is(rest, "*") || str_begins(rest, GW_STR("ext")) || shape_field(shape, rest, none))
        return true;
    for (uint16_t i = 0; i < shape->count; i++) {
        const struct field *f = shape->fields[i];

        if (str_begins(f->full, rest) && (f->full.ptr[rest.len] == '.' || f->full.ptr[rest.len] == '['))
            return true;
        if (f->items && str_begins(rest, f->full))
            return true;
    }
    return false;
}

static struct gw_str nearest_type(struct checking *c, struct gw_str type)
{
    const char *words[64];
    size_t n = 0;

    for (; n < c->engine->model.count && n < 64; n++)
        words[n] = arena_text(&c->arena, c->engine->model.types[n]->name);
    return str_of(str_nearest(type, words, n));
}

static struct gw_str nearest_field(struct checking *c, const struct shape *shape, struct gw_str field)
{
    const char *words[256];
    size_t n = 0;

    for (; n < shape->count && n < 256; n++)
        words[n] = arena_text(&c->arena, shape->fields[n]->full);
    return str_of(str_nearest(field, words, n));
}

static void check_fields(struct checking *c, const struct flow *f)
{
    for (size_t i = 0; i < f->nfields; i++) {
        struct gw_str rest, type = str_cut(f->fields[i], '.', &rest);
        const struct shape *shape = model_type(&c->engine->model, type);

        if (!shape)
            fault(c, f, GW_ERROR, "conf.type", f->fields[i], nearest_type(c, type));
        else if (!rest.len || !field_known(shape, rest))
            fault(c, f, GW_ERROR, "conf.field", f->fields[i],
                  rest.len ? nearest_field(c, shape, rest) : GW_STR("*"));
    }
}

static void check_folder(struct checking *c, const struct flow *f)
{
    if (f->connector)
        return;
    if (f->folder.len && access(f->folder.ptr, F_OK) != 0)
        fault(c, f, GW_WARNING, "conf.folder_absent", f->folder, GW_STR(""));
    else if (f->folder.len && access(f->folder.ptr, R_OK | W_OK | X_OK) != 0)
        fault(c, f, GW_ERROR, "conf.folder", f->folder, str_of(strerror(errno)));
    for (const struct flow *g = c->conf->flows; g < f; g++)
        if (!f->out && !g->out && !g->connector && f->folder.len && str_eq(f->folder, g->folder) &&
            str_eq(f->pattern, g->pattern))
            fault(c, f, GW_ERROR, "conf.same_folder", g->name, GW_STR(""));
}

static void check_schedule(struct checking *c, const struct flow *f, const struct schedule *s)
{
    if (s->kind != SCHEDULE_NONE && schedule_next(s, time(NULL)) == INT64_MAX)
        fault(c, f, GW_ERROR, "conf.never", s->text, GW_STR(""));
}

/* What a file says should still be there when the next one comes. */
static void check_retention(struct checking *c, const struct flow *f)
{
    uint64_t days = f->kept[KEPT_RESOURCES];
    int64_t first, gap;

    if (f->out || f->expected.kind == SCHEDULE_NONE || !days || days > KEPT_MOST)
        return;
    first = schedule_next(&f->expected, time(NULL));
    gap = first == INT64_MAX ? 0 : (schedule_next(&f->expected, first) - first) / 86400;
    if (gap >= (int64_t)days && gap <= KEPT_MOST)
        fault(c, f, GW_WARNING, "conf.retention",
              str_of(arena_format(&c->arena, "%llu", (unsigned long long)days)),
              str_of(arena_format(&c->arena, "%lld", (long long)gap)));
}

/* Keys that mean nothing for a flow of that direction. */
static void check_direction(struct checking *c, const struct flow *f)
{
    if (f->out && f->expected.kind != SCHEDULE_NONE)
        fault(c, f, GW_ERROR, "conf.direction", GW_STR("expected"), GW_STR("in"));
    if (f->out && f->receipt.given)
        fault(c, f, GW_ERROR, "conf.direction", GW_STR("receipt"), GW_STR("in"));
}

static void check_public(struct checking *c, const struct flow *f, struct gw_str file)
{
    if (file.len && access(file.ptr, R_OK) != 0)
        fault(c, f, GW_ERROR, "conf.openpgp_file", file, GW_STR(""));
}

static void check_openpgp(struct checking *c, const struct flow *f)
{
    const struct openpgp *o = &f->openpgp;
    const struct {
        const char *key;
        bool out, given, with;
        const char *needs; /* of which `with` says whether it is there */
    } keys[] = {
        {"decrypt", false, o->decrypt.len, true, NULL},
        {"password", false, o->password.len, o->decrypt.len, "decrypt"},
        {"verify", false, o->verify.len, true, NULL},
        {"require_signature", false, !o->require_signature, o->verify.len, "verify"},
        {"encrypt", true, o->encrypt.count, true, NULL},
        {"sign", true, o->sign.len, true, NULL},
        {"sign_password", true, o->sign_password.len, o->sign.len, "sign"},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (keys[i].given && keys[i].out != f->out)
            fault(c, f, GW_ERROR, "conf.openpgp", str_of(keys[i].key), str_of(keys[i].out ? "out" : "in"));
        else if (keys[i].given && !keys[i].with)
            fault(c, f, GW_ERROR, "conf.openpgp_with", str_of(keys[i].key), str_of(keys[i].needs));
    }
    check_public(c, f, o->verify);
    for (size_t i = 0; i < o->encrypt.count; i++)
        check_public(c, f, o->encrypt.items[i]);
}

/* Receipts would be taken for files; or they are of a kind that nothing here writes. */
static void check_receipt(struct checking *c, const struct flow *f)
{
    if (f->receipt.form == RECEIPT_XLSX && !table_plugin(&c->engine->registry, "." RECEIPT_BOOKS))
        fault(c, f, GW_ERROR, "conf.receipt_plugin", GW_STR(RECEIPT_BOOKS), GW_STR(""));
    for (size_t i = 0; f->receipt.folder.len && i < c->conf->nflows; i++)
        if (!c->conf->flows[i].out && str_eq(c->conf->flows[i].folder, f->receipt.folder))
            fault(c, f, GW_ERROR, "conf.receipt", f->receipt.folder, c->conf->flows[i].name);
}

/* ---- connectors ---- */

static void fault_of(struct checking *c, const struct connector *k, enum gw_severity severity, const char *code,
                     struct gw_str found)
{
    const struct flow place = {.name = k->name, .file = k->file, .line = k->line};

    fault(c, &place, severity, code, found, GW_STR(""));
}

static void check_connector(struct checking *c, const struct connector *k)
{
    const struct gw_str files[] = {k->ca, k->certificate};

    if (connector_exceptions_ended(k))
        fault_of(c, k, GW_ERROR, "conf.algorithms_ended", k->algorithms_until);
    if (str_begins(k->url, GW_STR("http://")) || str_begins(k->url, GW_STR("ftp://")) ||
        str_begins(k->url, GW_STR("smtp://")))
        fault_of(c, k, GW_WARNING, "conf.clear", k->url);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        if (files[i].len && access(files[i].ptr, R_OK) != 0)
            fault_of(c, k, GW_ERROR, "conf.connector_file", files[i]);
}

enum gw_result conf_check(const struct gateway_conf *conf, struct engine *e, struct sink *sink)
{
    struct checking c = {.conf = conf, .engine = e, .sink = sink};

    arena_init(&c.arena, 65536, 0);
    for (size_t i = 0; i < conf->nconnectors; i++)
        check_connector(&c, &conf->connectors[i]);
    for (size_t i = 0; i < conf->nflows; i++) {
        check_format(&c, &conf->flows[i]);
        check_fields(&c, &conf->flows[i]);
        check_folder(&c, &conf->flows[i]);
        check_schedule(&c, &conf->flows[i], &conf->flows[i].schedule);
        check_schedule(&c, &conf->flows[i], &conf->flows[i].expected);
        check_retention(&c, &conf->flows[i]);
        check_direction(&c, &conf->flows[i]);
        check_receipt(&c, &conf->flows[i]);
        check_openpgp(&c, &conf->flows[i]);
    }
    arena_done(&c.arena);
    return c.faults ? GW_FAIL : GW_OK;
}

/* ---- the sentence ---- */

static void sentence_api(struct buf *out, const struct flow *f, enum lang lang)
{
    bool fr = lang == LANG_FR;

    if (f->out)
        buf_format(
            out,
            fr ? "offre par l'API à %.*s ce qui a changé, format %.*s, %zu champs ou types permis, jusqu'à ce "
                 "qu'il dise l'avoir"
               : "offers over the API to %.*s what changed, format %.*s, %zu fields or types allowed, until it "
                 "says that it has it",
            STR_ARG(f->partner_name), STR_ARG(f->format), f->nfields);
    else
        buf_format(
            out,
            fr ? "prend par l'API les fichiers « %.*s » de %.*s, format %.*s ; reçu = durable avant d'être "
                 "acquitté"
               : "takes over the API the files \"%.*s\" of %.*s, format %.*s; received = durable before it "
                 "is acknowledged",
            STR_ARG(f->pattern), STR_ARG(f->partner_name), STR_ARG(f->format));
    if (f->folder.len)
        buf_format(out, fr ? " ; et de %.*s" : "; and from %.*s", STR_ARG(f->folder));
}

static void sentence_at(struct buf *out, const struct flow *f, enum lang lang)
{
    buf_format(out, lang == LANG_FR ? "%.*s/%.*s (connecteur %.*s)" : "%.*s/%.*s (connector %.*s)",
               STR_ARG(f->connector->url), STR_ARG(f->errand.path), STR_ARG(f->connector_name));
}

static void sentence_fetch(struct buf *out, const struct flow *f, enum lang lang)
{
    static const char *const afters[2][3] = {
        {"déplacée là-bas", "effacée là-bas", "laissée là-bas, et retenue pour ne pas la reprendre"},
        {"moved there", "deleted there", "left there, and remembered so as not to take it again"}};
    bool fr = lang == LANG_FR;

    buf_format(out, fr ? "va chercher les fichiers « %.*s » de " : "fetches the files \"%.*s\" of ",
               STR_ARG(f->errand.pattern));
    sentence_at(out, f, lang);
    buf_format(out, fr ? ", venus de %.*s, format %.*s" : ", from %.*s, format %.*s", STR_ARG(f->partner_name),
               STR_ARG(f->format));
    if (f->schedule.kind == SCHEDULE_NONE)
        buf_format(out, fr ? ", toutes les %llu s" : ", every %llu s", (unsigned long long)flow_seconds(f));
    buf_format(out,
               fr ? " ; reçu = durable avant que la source soit %s"
                  : "; received = durable before the source is %s",
               afters[!fr][f->errand.after]);
}

static void sentence_folder(struct buf *out, const struct flow *f, enum lang lang)
{
    bool fr = lang == LANG_FR;

    buf_format(out,
               fr ? "lit les fichiers « %.*s » de %.*s venus de %.*s, format %.*s"
                  : "reads the files \"%.*s\" of %.*s from %.*s, format %.*s",
               STR_ARG(f->pattern), STR_ARG(f->folder), STR_ARG(f->partner_name), STR_ARG(f->format));
    if (f->marker.len)
        buf_format(out, fr ? ", quand NOM%.*s est là" : ", once NAME%.*s is there", STR_ARG(f->marker));
    else
        buf_format(out, fr ? ", inchangés depuis %llu s" : ", unchanged for %llu s",
                   (unsigned long long)f->stable);
    buf_text(out,
             fr ? " ; reçu = durable avant que la source soit " : "; received = durable before the source is ");
    buf_text(out, f->after == AFTER_DELETE ? (fr ? "effacée" : "deleted") : (fr ? "déplacée" : "moved"));
}

static void sentence_receipt(struct buf *out, const struct receipt_rule *r, enum lang lang)
{
    bool fr = lang == LANG_FR;

    if (r->given)
        buf_format(out, fr ? " ; accusé%s par %.*s" : "; receipt%s by %.*s",
                   r->when == RECEIPT_ALWAYS ? "" : (fr ? " en cas de rejet" : " of rejects"),
                   STR_ARG(r->folder.len ? r->folder : r->connector));
}

static void sentence_in(struct buf *out, const struct flow *f, enum lang lang)
{
    if (f->connector)
        sentence_fetch(out, f, lang);
    else
        sentence_folder(out, f, lang);
    if (f->rejects_max >= 0)
        buf_format(out,
                   lang == LANG_FR ? " ; échoue au-delà de %d %% de rejets" : "; fails beyond %d %% of rejects",
                   f->rejects_max);
    sentence_receipt(out, &f->receipt, lang);
}

/* With the zone it is reckoned in: who reads it sees at once when that is another than theirs. */
static void sentence_due(struct buf *out, const char *what, const struct schedule *s, enum lang lang)
{
    int64_t next = schedule_next(s, time(NULL));
    time_t t = (time_t)next;
    struct tm tm;
    char when[48] = "";

    if (s->kind == SCHEDULE_NONE)
        return;
    buf_format(out, lang == LANG_FR ? " ; %s : « %.*s »" : "; %s: \"%.*s\"", what, STR_ARG(s->text));
    if (next != INT64_MAX && localtime_r(&t, &tm) && strftime(when, sizeof(when), "%Y-%m-%d %H:%M %Z", &tm))
        buf_format(out, lang == LANG_FR ? ", la prochaine fois le %s" : ", next on %s", when);
}

static void sentence_promise(struct buf *out, const struct flow *f, enum lang lang)
{
    bool fr = lang == LANG_FR;

    if (f->errand.blind)
        buf_text(out,
                 fr ? " ; ce serveur ne confirme rien : un dépôt est « en doute » jusqu'au mot du partenaire"
                    : "; this server confirms nothing: a drop is \"in doubt\" until the partner's word");
    else
        buf_text(out,
                 fr ? " ; un dépôt n'est fait que lorsque le serveur en a toute la taille ; coupé sans qu'on "
                      "sache, il est retenu jusqu'à ce que quelqu'un en décide"
                    : "; a drop is done only when the server has all of its size; cut so that nobody knows, "
                      "it is held for a person");
}

static void sentence_out(struct buf *out, const struct flow *f, enum lang lang)
{
    bool fr = lang == LANG_FR;

    buf_text(out, fr ? "écrit ce qui a changé vers " : "writes what changed to ");
    if (f->connector)
        sentence_at(out, f, lang);
    else
        buf_str(out, f->folder);
    buf_format(
        out,
        fr ? " pour %.*s, format %.*s, %zu champs ou types permis ; une même version n'est jamais donnée deux "
             "fois"
           : " for %.*s, format %.*s, %zu fields or types allowed; the same version is never given twice",
        STR_ARG(f->partner_name), STR_ARG(f->format), f->nfields);
    if (f->connector)
        sentence_promise(out, f, lang);
}

void conf_exceptions(struct buf *out, const struct connector *c, enum lang lang)
{
    if (!c->algorithms.count)
        return;
    buf_format(out,
               lang == LANG_FR ? "exception : le connecteur %.*s accepte "
                               : "exception: the connector %.*s allows ",
               STR_ARG(c->name));
    for (size_t i = 0; i < c->algorithms.count; i++)
        buf_format(out, "%s%.*s", i ? ", " : "", STR_ARG(c->algorithms.items[i]));
    buf_format(out, lang == LANG_FR ? ", jusqu'au %.*s\n" : ", until %.*s\n", STR_ARG(c->algorithms_until));
}

void conf_sentence(struct buf *out, const struct flow *f, struct gw_str seals, enum lang lang)
{
    bool fr = lang == LANG_FR;

    buf_format(out, "%.*s: ", STR_ARG(f->name));
    if (f->api)
        sentence_api(out, f, lang);
    else if (f->out)
        sentence_out(out, f, lang);
    else
        sentence_in(out, f, lang);
    buf_str(out, seals);
    sentence_due(out, f->out ? (fr ? "écrit" : "writes") : (fr ? "regarde" : "looks"), &f->schedule, lang);
    sentence_due(out, fr ? "un fichier attendu avant" : "a file expected before", &f->expected, lang);
    buf_format(out, fr ? " ; finalité : %.*s ; base légale : %.*s ; " : "; purpose: %.*s; legal basis: %.*s; ",
               STR_ARG(f->purpose), STR_ARG(f->legal_basis));
    conf_retention_sentence(out, f, lang);
    buf_char(out, '\n');
}
