/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands in a receipt: JSON for programs, in both languages; rows for people, in one, which for a workbook
 * begin with its title, in the place of the columns' names. */
#include <stdio.h>
#include <time.h>

#include "base/csv.h"
#include "base/str.h"
#include "gateway/receipts.h"
#include "gateway/reject_rows.h"

#define BLOCK    65536
#define TEXT_MAX ((size_t)8 << 20)

struct receipt {
    const struct receipt_rule *rule;
    const struct exchange *e;
    const struct catalogue *words;
    struct buf out;
    int fd;
    struct arena arena; /* of a reject */
    size_t mark;
    uint64_t count;
    enum gw_result result;
};

static void flush(struct receipt *r, bool all)
{
    if (r->result == GW_OK && r->out.failed)
        r->result = GW_FATAL;
    if (r->result == GW_OK && (all || r->out.len >= BLOCK)) {
        r->result = durable_write(r->fd, r->out.data, r->out.len);
        buf_clear(&r->out);
    }
}

static const char *instant(int64_t ms, char room[32])
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm = {0};

    gmtime_r(&t, &tm);
    room[strftime(room, 32, "%Y-%m-%dT%H:%M:%SZ", &tm)] = '\0';
    return room;
}

static const char *hex(const uint8_t digest[32], char room[65])
{
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(room + 2 * i, 3, "%02x", digest[i]);
    return room;
}

/* ---- JSON ---- */

static void pair(struct buf *out, const char *key, struct gw_str text)
{
    buf_format(out, ",\"%s\":", key);
    buf_json(out, text);
}

static void json_words(struct buf *out, const struct gw_str cells[2][REJECT_CELLS])
{
    buf_text(out, "\"code\":");
    buf_json(out, cells[0][SAID_CODE]);
    pair(out, "message_fr", cells[LANG_FR][SAID_MESSAGE]);
    pair(out, "message_en", cells[LANG_EN][SAID_MESSAGE]);
    pair(out, "advice_fr", cells[LANG_FR][SAID_ADVICE]);
    pair(out, "advice_en", cells[LANG_EN][SAID_ADVICE]);
}

static void json_reason(void *to, const struct gw_str cells[2][REJECT_CELLS])
{
    struct receipt *r = to;

    if (!r->count++) {
        buf_text(&r->out, ",\n\"reason\":{");
        json_words(&r->out, cells);
        buf_char(&r->out, '}');
    }
}

static void json_reject(void *to, const struct gw_str cells[2][REJECT_CELLS])
{
    struct receipt *r = to;

    buf_format(&r->out, "%s{\"record\":%.*s,\"line\":%.*s", r->count++ ? ",\n" : "\n",
               STR_ARG(cells[0][SAID_RECORD]), STR_ARG(cells[0][SAID_LINE]));
    pair(&r->out, "path", cells[0][SAID_PATH]);
    pair(&r->out, "value", cells[0][SAID_VALUE]);
    buf_char(&r->out, ',');
    json_words(&r->out, cells);
    buf_char(&r->out, '}');
    flush(r, false);
}

static void json_head(struct receipt *r)
{
    const struct exchange *e = r->e;
    const struct exchange_counts *c = &e->counts;
    char at[32], digest[65];

    buf_format(&r->out, "{\"exchange\":%lld", (long long)e->id);
    pair(&r->out, "flow", e->flow);
    pair(&r->out, "partner", e->partner);
    pair(&r->out, "file", e->name);
    pair(&r->out, "sha256", str_of(hex(e->digest, digest)));
    buf_format(&r->out, ",\"size\":%llu", (unsigned long long)e->size);
    pair(&r->out, "received_at", str_of(instant(e->received_at, at)));
    pair(&r->out, "finished_at", str_of(instant(e->changed_at, at)));
    pair(&r->out, "state", str_of(exchange_words[e->state]));
    buf_format(&r->out, ",\n\"read\":%llu,\"accepted\":%llu,\"filtered\":%llu,\"rejected\":%llu",
               (unsigned long long)c->read, (unsigned long long)c->accepted, (unsigned long long)c->filtered,
               (unsigned long long)c->rejected);
    if (e->reason.len)
        said_of(e->reason_args, e->reason, r->words, json_reason, r);
    r->count = 0;
    buf_text(&r->out, ",\n\"rejects\":[");
}

/* ---- rows ---- */

static void line(struct receipt *r, const char *fr, const char *en, struct gw_str text)
{
    csv_cells(&r->out, (const struct gw_str[2]){str_of(r->rule->lang == LANG_FR ? fr : en), text}, 2);
}

static void count(struct receipt *r, const char *fr, const char *en, uint64_t n)
{
    char room[24];

    (void)snprintf(room, sizeof(room), "%llu", (unsigned long long)n);
    line(r, fr, en, str_of(room));
}

static void row_reason(void *to, const struct gw_str cells[2][REJECT_CELLS])
{
    struct receipt *r = to;
    unsigned lang = r->rule->lang;

    if (r->count++)
        return;
    if (r->e->state == EXCHANGE_FAILED)
        line(r, "cause", "reason", cells[lang][SAID_MESSAGE]);
    else
        line(r, "remarque", "note", cells[lang][SAID_MESSAGE]);
    line(r, "conseil", "advice", cells[lang][SAID_ADVICE]);
}

static void row_reject(void *to, const struct gw_str cells[2][REJECT_CELLS])
{
    struct receipt *r = to;
    struct gw_str heads[REJECT_CELLS];

    if (!r->count++) {
        reject_heads((enum lang)r->rule->lang, heads);
        buf_text(&r->out, "\r\n");
        csv_cells(&r->out, heads, REJECT_CELLS);
    }
    csv_cells(&r->out, cells[r->rule->lang], REJECT_CELLS);
    flush(r, false);
}

static struct gw_str outcome(const struct exchange *e, enum lang lang)
{
    static const char *const words[3][2] = {
        {"accepté", "accepted"},
        {"accepté, sauf les enregistrements ci-dessous", "accepted but for the records below"},
        {"refusé", "refused"}};

    return str_of(words[e->state == EXCHANGE_DONE ? 0 : e->state == EXCHANGE_DONE_REJECTS ? 1 : 2][lang]);
}

/* Columns that are called by their number have no title. */
static void title(struct receipt *r)
{
    struct gw_str name = r->e->name.len ? r->e->name : GW_STR("#2");
    struct gw_str cells[REJECT_CELLS] = {GW_STR(""),   name,         GW_STR("#3"), GW_STR("#4"),
                                         GW_STR("#5"), GW_STR("#6"), GW_STR("#7"), GW_STR("#8")};

    cells[0] = r->rule->lang == LANG_FR ? GW_STR("accusé de réception") : GW_STR("receipt for the file");
    csv_cells(&r->out, cells, REJECT_CELLS);
}

static void rows_head(struct receipt *r)
{
    const struct exchange *e = r->e;
    char at[32], digest[65];

    buf_text(&r->out, "\xEF\xBB\xBF");
    if (r->rule->form == RECEIPT_XLSX)
        title(r);
    count(r, "échange", "exchange", (uint64_t)e->id);
    line(r, "flux", "flow", e->flow);
    line(r, "fichier", "file", e->name);
    line(r, "empreinte SHA-256", "SHA-256", str_of(hex(e->digest, digest)));
    line(r, "reçu le", "received at", str_of(instant(e->received_at, at)));
    line(r, "terminé le", "finished at", str_of(instant(e->changed_at, at)));
    line(r, "résultat", "result", outcome(e, (enum lang)r->rule->lang));
    if (e->reason.len)
        said_of(e->reason_args, e->reason, r->words, row_reason, r);
    count(r, "enregistrements lus", "records read", e->counts.read);
    count(r, "acceptés", "accepted", e->counts.accepted);
    count(r, "sans objet ici", "not for us", e->counts.filtered);
    count(r, "rejetés", "rejected", e->counts.rejected);
    r->count = 0;
}

/* ---- both ---- */

static bool each_reject(void *to, const struct reject_row *row)
{
    struct receipt *r = to;

    reject_rows(row, r->words, r->rule->form == RECEIPT_JSON ? json_reject : row_reject, r);
    arena_release(&r->arena, r->mark);
    return r->result == GW_OK;
}

enum gw_result receipt_write(int fd, struct store *s, const struct catalogue *words,
                             const struct receipt_rule *rule, const struct exchange *e)
{
    struct reject_filter filter = {.exchange = e->id, .state = REJECT_OPEN};
    struct receipt r = {.rule = rule, .e = e, .words = words, .fd = fd};
    bool json = rule->form == RECEIPT_JSON;
    enum gw_result result;

    buf_init(&r.out, TEXT_MAX);
    arena_init(&r.arena, 65536, 0);
    r.mark = arena_mark(&r.arena);
    if (json)
        json_head(&r);
    else
        rows_head(&r);
    result = reject_each(s, &filter, &r.arena, each_reject, &r);
    if (json)
        buf_text(&r.out, "]}\n");
    flush(&r, true);
    arena_done(&r.arena);
    buf_done(&r.out);
    return r.result != GW_OK ? r.result : result == GW_REJECT ? GW_OK : result; /* a row that is not believed */
}
