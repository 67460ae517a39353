/* SPDX-License-Identifier: EUPL-1.2 */
/* What recipients of notices are given: a text or JSON of all that they do not know yet. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/notices.h"

#define LETTER_MAX ((size_t)4 << 20)
#define AGAIN_S    60 /* at least, when one did not arrive */

static const char *const codes[NOTICE_KINDS] = {"notice.late",      "notice.empty",  "notice.undelivered",
                                                "notice.connector", "notice.backup", "notice.head"};

bool notice_possible(const struct flow *f, enum notice_kind kind)
{
    if (kind >= NOTICE_BACKUP)
        return false;
    if (kind == NOTICE_CONNECTOR)
        return f->connector && f->speaks && f->connector->tell_after;
    return kind == NOTICE_UNDELIVERED ? f->out && f->deliver_within
                                      : !f->out && f->expected.kind != SCHEDULE_NONE;
}

/* ---- words ---- */

enum moment { MOMENT_WORDS, MOMENT_ISO, MOMENT_NAME };

static const char *moment(int64_t at, enum moment form, char room[48])
{
    time_t t = (time_t)at;
    struct tm tm = {0};
    size_t n = 0;

    localtime_r(&t, &tm);
    if (form == MOMENT_WORDS)
        n = strftime(room, 48, "%Y-%m-%d %H:%M", &tm);
    else if (form == MOMENT_ISO)
        n = strftime(room, 48, "%Y-%m-%dT%H:%M:%S%z", &tm);
    else
        n = strftime(room, 48, "%Y%m%dT%H%M%S", &tm);
    room[n] = '\0';
    return room;
}

/* `advice`: that instead of the message. */
static void words(struct buf *out, const struct catalogue *words, const struct flow *f, enum notice_kind kind,
                  const struct notice *n, enum lang lang, bool advice)
{
    char since[48], missed[24] = "";
    struct gw_arg args[] = {{"since", str_of(moment(n->since, MOMENT_WORDS, since))},
                            {"missed", {NULL, 0}},
                            {"flow", f ? f->name : GW_STR("")},
                            {"partner", f ? f->partner_name : GW_STR("")},
                            {"connector", f ? f->connector_name : GW_STR("")}};
    struct diag d = {.code = codes[kind], .byte = UINT64_MAX, .args = args, .nargs = f ? 5 : 2};
    const struct catalogue_entry *e = catalogue_find(words, codes[kind]);

    if (n->missed > 1)
        args[1].value = str_of(journal_number((int64_t)n->missed, missed));
    if (e)
        diag_render(out, advice ? e->advice[lang] : e->text[lang], &d, true);
    else
        buf_text(out, codes[kind]);
}

void notice_sentence(struct buf *out, const struct catalogue *w, const struct flow *f, enum notice_kind kind,
                     const struct notice *n, enum lang lang)
{
    words(out, w, f, kind, n, lang, false);
}

/* ---- what one of them does not know ---- */

struct writing {
    struct gateway *g;
    const struct recipient *to;
    uint32_t bit;
    struct buf *out;
    size_t count;
};

static bool is_news(const struct writing *w, const struct notice *n)
{
    return n->raised != ((n->told & w->bit) != 0);
}

static void add_text(struct writing *w, const struct flow *f, enum notice_kind kind, const struct notice *n)
{
    bool fr = w->to->lang == LANG_FR;

    buf_text(w->out, n->raised ? (fr ? "ALERTE  " : "NOTICE  ") : (fr ? "RÉGLÉ   " : "SETTLED "));
    words(w->out, w->g->words, f, kind, n, w->to->lang, false);
    buf_char(w->out, '\n');
    if (n->raised) {
        buf_text(w->out, "        ");
        words(w->out, w->g->words, f, kind, n, w->to->lang, true);
        buf_char(w->out, '\n');
    }
}

static void add_words(struct writing *w, const struct flow *f, enum notice_kind kind, const struct notice *n,
                      const char *key, bool advice)
{
    struct buf text;

    for (enum lang lang = LANG_FR; lang <= LANG_EN; lang++) {
        buf_init(&text, 65536);
        words(&text, w->g->words, f, kind, n, lang, advice);
        buf_format(w->out, ",\"%s%s\":", key, lang == LANG_FR ? "_fr" : "_en");
        buf_json(w->out, buf_view(&text));
        buf_done(&text);
    }
}

static void add_json(struct writing *w, const struct flow *f, enum notice_kind kind, const struct notice *n)
{
    char at[48];

    buf_text(w->out, w->count ? ",\n  {" : "\n  {");
    if (f) {
        buf_text(w->out, "\"flow\":");
        buf_json(w->out, f->name);
        buf_text(w->out, ",\"partner\":");
        buf_json(w->out, f->partner_name);
    } else {
        buf_text(w->out, "\"flow\":null,\"partner\":null");
    }
    buf_format(w->out, ",\"kind\":\"%s\",\"state\":\"%s\"", notice_words[kind],
               n->raised ? "raised" : "cleared");
    if (kind == NOTICE_CONNECTOR) {
        buf_text(w->out, ",\"connector\":");
        buf_json(w->out, f->connector_name);
    }
    buf_format(w->out, ",\"since\":\"%s\"", moment(n->since, MOMENT_ISO, at));
    buf_format(w->out, ",\"at\":\"%s\"", moment(n->at, MOMENT_ISO, at));
    if (kind == NOTICE_LATE)
        buf_format(w->out, ",\"missed\":%llu", (unsigned long long)n->missed);
    add_words(w, f, kind, n, "message", false);
    add_words(w, f, kind, n, "advice", true);
    buf_char(w->out, '}');
}

static void add_all(struct writing *w)
{
    for (size_t i = 0; i <= w->g->conf.nflows; i++)
        for (unsigned k = 0; k < NOTICE_KINDS; k++) {
            const struct flow *f = i < w->g->conf.nflows ? &w->g->conf.flows[i] : NULL;
            struct notice *n = &w->g->notices[i].items[k];

            n->telling = n->raised ? n->telling | w->bit : n->telling & ~w->bit;
            if (!is_news(w, n))
                continue;
            if (w->to->form == LETTER_JSON)
                add_json(w, f, (enum notice_kind)k, n);
            else
                add_text(w, f, (enum notice_kind)k, n);
            w->count++;
        }
}

/* By the time, so that they stand in order; two of one recipient are not made in one millisecond. */
static void name_letter(struct letter *l)
{
    struct timespec now;
    char at[48];

    clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(l->name, sizeof(l->name), "notices-%s%03ld.%s", moment(now.tv_sec, MOMENT_NAME, at),
                   now.tv_nsec / 1000000, l->to->form == LETTER_JSON ? "json" : "txt");
}

/* GW_END: there is nothing that it does not know. */
static enum gw_result write_letter(struct gateway *g, const struct recipient *to, struct letter *ret,
                                   struct buf *out)
{
    struct writing w = {.g = g, .to = to, .bit = (uint32_t)1 << (to - g->conf.recipients), .out = out};

    *ret = (struct letter){.to = to};
    name_letter(ret);
    if (to->form == LETTER_JSON)
        buf_text(out, "{\"notices\":[");
    add_all(&w);
    if (to->form == LETTER_JSON)
        buf_text(out, "]}\n");
    return out->failed ? GW_FATAL : w.count ? GW_OK : GW_END;
}

/* ---- sent ---- */

static bool is_free(const struct gateway *g, size_t i)
{
    return clock_ms() >= g->letters[i];
}

enum gw_result letter_next(struct gateway *g, struct gw_str connector, struct letter *ret, struct buf *out)
{
    enum gw_result result = GW_END;

    for (size_t i = 0; result == GW_END && i < g->conf.nrecipients; i++) {
        const struct recipient *to = &g->conf.recipients[i];

        if (!str_eq(to->connector, connector) || !is_free(g, i))
            continue;
        buf_clear(out);
        result = write_letter(g, to, ret, out);
        if (result == GW_OK)
            g->letters[i] = INT64_MAX;
    }
    return result;
}

void letter_sent(struct gateway *g, const struct letter *l, bool arrived)
{
    size_t rank = (size_t)(l->to - g->conf.recipients);
    uint32_t bit = (uint32_t)1 << rank;

    g->letters[rank] =
        clock_ms() + (int64_t)(arrived || l->to->pause > AGAIN_S ? l->to->pause : AGAIN_S) * 1000;
    journal(arrived ? "notice.told" : "notice.untold", "to", l->to->name.ptr, "file", l->name, NULL);
    for (size_t i = 0; arrived && i <= g->conf.nflows; i++)
        for (unsigned k = 0; k < NOTICE_KINDS; k++) {
            struct notice *n = &g->notices[i].items[k];
            uint32_t told = (n->told & ~bit) | (n->telling & bit);

            g->notices[i].changed = g->notices[i].changed || told != n->told;
            n->told = told;
        }
}

static enum gw_result put_letter(const struct letter *l, const struct buf *text)
{
    struct durable d = {.fd = -1};
    int folder = -1;
    enum gw_result result = durable_folder(l->to->folder.ptr, 0777, &folder);

    if (result == GW_OK)
        result = durable_create(&d, folder, l->name, 0666);
    if (result == GW_OK)
        result = durable_write(d.fd, text->data, text->len);
    if (result == GW_OK)
        result = durable_commit(&d);
    else
        durable_abandon(&d);
    if (result == GW_OK)
        result = durable_sync(folder);
    if (folder >= 0)
        (void)close(folder);
    return result;
}

void letters_step(struct gateway *g)
{
    struct buf text;
    struct letter l;

    buf_init(&text, LETTER_MAX);
    for (size_t i = 0; i < g->conf.nrecipients; i++) {
        const struct recipient *to = &g->conf.recipients[i];

        buf_clear(&text);
        if (to->folder.len && is_free(g, i) && write_letter(g, to, &l, &text) == GW_OK)
            letter_sent(g, &l, put_letter(&l, &text) == GW_OK);
    }
    buf_done(&text);
}
