/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/mailman.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/remote.h"

#define LETTER_MAX ((size_t)4 << 20)
#define BODY_MAX   ((size_t)64 << 10)
#define AGAIN_MS   600000 /* a receipt that did not arrive */

/* ---- begin ---- */

static enum gw_result start(struct gateway *g, const struct connector *k, struct duty *d, int file)
{
    struct mailman *m = &g->mailman;
    int held = remote_lock(g, k->name);
    enum gw_result result = held >= 0 ? GW_OK : GW_RETRY;
    struct stat st;

    d->verb = VERB_SEND;
    d->connector = *k;
    d->size = fstat(file, &st) == 0 ? (uint64_t)st.st_size : 0;
    m->arrived = false;
    m->code[0] = '\0';
    if (result == GW_OK)
        result = courier_start(&m->courier, g->transfers, d, file, held);
    if (held >= 0)
        (void)close(held);
    if (result == GW_OK)
        m->connector = k;
    return result;
}

static int file_of(const struct buf *text)
{
    int fd = memfd_create("letter", MFD_CLOEXEC);

    if (fd >= 0 && (durable_write(fd, text->data, text->len) != GW_OK || lseek(fd, 0, SEEK_SET) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* By mail it is read where it is opened; what is long, or for a program, is the attachment alone. */
static struct gw_str body_of(const struct recipient *to, const struct buf *text)
{
    return to->form == LETTER_TEXT && text->len <= BODY_MAX ? buf_view(text) : GW_STR("");
}

static struct gw_str subject_of(const struct recipient *to)
{
    if (to->subject.len)
        return to->subject;
    return to->lang == LANG_FR ? GW_STR("Passerelle : alertes") : GW_STR("Passerelle: notices");
}

static void send_letter(struct gateway *g, const struct connector *k, const struct letter *l,
                        const struct buf *text)
{
    const struct recipient *to = l->to;
    struct duty d = {.flow = GW_STR("notices"), .name = str_of(l->name)};
    int file = file_of(text);

    errand_defaults(&d.errand);
    d.errand.path = to->path;
    d.errand.from = to->from;
    d.errand.to = (struct texts){to->to, to->nto};
    d.errand.subject = subject_of(to);
    d.errand.body = body_of(to, text);
    d.errand.content_type =
        to->form == LETTER_JSON ? GW_STR("application/json") : GW_STR("text/plain; charset=utf-8");
    g->mailman.letter = *l;
    if (file < 0 || start(g, k, &d, file) != GW_OK)
        letter_sent(g, l, false);
    if (file >= 0)
        (void)close(file);
}

static bool begin_letter(struct gateway *g)
{
    struct buf text;
    struct letter l;
    bool found = false;

    buf_init(&text, LETTER_MAX);
    for (size_t i = 0; !found && i < g->conf.nconnectors; i++) {
        const struct connector *k = &g->conf.connectors[i];

        found = remote_free(g, k) && letter_next(g, k->name, &l, &text) == GW_OK;
        if (found)
            send_letter(g, k, &l, &text);
    }
    buf_done(&text);
    return found;
}

/* The file that a receipt is of, in one line; a name that no header could hold is left out. */
static struct gw_str name_of_file(const char *receipt)
{
    const char *end = strstr(receipt, ".accuse."), *next;
    struct gw_str name;

    while (end && (next = strstr(end + 1, ".accuse.")))
        end = next;
    name = (struct gw_str){receipt, end ? (size_t)(end - receipt) : strlen(receipt)};
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 127)
            return GW_STR("");
    return str_valid(name) ? name : GW_STR("");
}

static void send_receipt(struct gateway *g, const struct connector *k, const struct flow *f, int file)
{
    const struct receipt_rule *rule = &f->receipt;
    struct duty d = {.flow = f->name, .name = str_of(g->mailman.name), .again = true};
    struct gw_str name = name_of_file(g->mailman.name);
    bool fr = rule->lang == LANG_FR;
    char subject[320], body[400];

    (void)snprintf(subject, sizeof(subject), fr ? "Accusé de réception : %.*s" : "Receipt: %.*s",
                   STR_ARG(name));
    (void)snprintf(body, sizeof(body),
                   fr ? "Ce qu'est devenu le fichier %.*s est dans la pièce jointe.\n"
                      : "What became of the file %.*s is in the attachment.\n",
                   STR_ARG(name));
    errand_defaults(&d.errand);
    d.errand.path = rule->path;
    d.errand.from = rule->from;
    d.errand.to = (struct texts){rule->to, rule->nto};
    d.errand.subject = rule->subject.len ? rule->subject : str_of(subject);
    d.errand.body = str_of(body);
    d.errand.content_type = receipt_type(g->mailman.name);
    g->mailman.letter = (struct letter){.to = NULL};
    g->mailman.flow = f;
    if (start(g, k, &d, file) != GW_OK)
        flow_state(g, f)->receipts_sent = clock_ms() + AGAIN_MS;
    (void)close(file);
}

static bool begin_receipt(struct gateway *g)
{
    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];
        const struct connector *k =
            f->receipt.connector.len ? conf_connector(&g->conf, f->receipt.connector) : NULL;
        int file;

        if (!k || clock_ms() < g->flows[i].receipts_sent || !remote_free(g, k) ||
            receipt_next(g, f, g->mailman.name, &file) != GW_OK)
            continue;
        send_receipt(g, k, f, file);
        return true;
    }
    return false;
}

/* ---- end ---- */

static void hear(void *to, const struct courier_said *s)
{
    struct mailman *m = to;

    if (s->kind != SAID_END)
        return;
    /* Of a server that confirms nothing more is not to be had: it has all of it. */
    m->arrived = s->end == END_OK || (s->end == END_DOUBT && str_is(s->code, "transfer.unconfirmed"));
    (void)snprintf(m->code, sizeof(m->code), "%.*s", STR_ARG(s->code));
}

static void over(struct gateway *g)
{
    struct mailman *m = &g->mailman;
    const char *code = m->courier.ended ? m->code : courier_fate(&m->courier);
    const char *name = m->letter.to ? m->letter.name : m->name;

    if (!m->arrived)
        journal("letter.failed", "connector", m->connector->name.ptr, "file", name, "code", code, NULL);
    remote_rest(g, m->connector);
    m->connector = NULL;
    g->worked = true;
    if (m->letter.to) {
        letter_sent(g, &m->letter, m->arrived);
        return;
    }
    if (m->arrived && receipt_taken(g, m->flow, m->name) == GW_OK)
        journal("receipt.sent", "flow", m->flow->name.ptr, "file", m->name, NULL);
    else
        flow_state(g, m->flow)->receipts_sent = clock_ms() + AGAIN_MS;
}

void mailman_step(struct gateway *g)
{
    struct mailman *m = &g->mailman;
    uint64_t wall = g->conf.limits.wall;

    if (m->connector && wall && clock_ms() - m->courier.since > (int64_t)wall * 1000)
        courier_kill(&m->courier, "transfer.limit");
    if (m->connector && courier_step(&m->courier, hear, m))
        over(g);
    if (!m->connector && g->conf.nconnectors && !g->stopping && !g->reload && !begin_letter(g))
        (void)begin_receipt(g);
}

void mailman_stop(struct gateway *g)
{
    if (g->mailman.connector)
        courier_stop(&g->mailman.courier);
    g->mailman.connector = NULL;
}
