/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/exchange_out.h"

#include <stdio.h>

#include "base/str.h"
#include "cli/operate.h"

void exchange_head(const struct invocation *in)
{
    printf("%6s %-3s %-18s %-13s %-19s %8s %8s %8s %8s  %s\n", say(in, "no", "id"), say(in, "sens", "way"),
           say(in, "flux", "flow"), say(in, "état", "state"), say(in, "reçu", "received"),
           say(in, "lus", "read"), say(in, "acceptés", "accepted"), say(in, "filtrés", "filtered"),
           say(in, "rejetés", "rejected"), say(in, "fichier", "file"));
}

static void json_text(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, ",\"%s\":", key);
    if (text.ptr)
        buf_json(b, text);
    else
        buf_text(b, "null");
}

static void json_counts(struct buf *b, const struct exchange_counts *c)
{
    buf_format(b,
               ",\"read\":%llu,\"accepted\":%llu,\"filtered\":%llu,\"rejected\":%llu,\"produced\":%llu,"
               "\"created\":%llu,\"updated\":%llu,\"unchanged\":%llu,\"held\":%llu,\"law\":%s",
               (unsigned long long)c->read, (unsigned long long)c->accepted, (unsigned long long)c->filtered,
               (unsigned long long)c->rejected, (unsigned long long)c->produced, (unsigned long long)c->created,
               (unsigned long long)c->updated, (unsigned long long)c->unchanged, (unsigned long long)c->held,
               counts_balance(c) ? "true" : "false");
}

static void print_json(const struct exchange *e)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    buf_format(&b, "{\"id\":%lld,\"direction\":\"%s\"", (long long)e->id, e->out ? "out" : "in");
    json_text(&b, "flow", e->flow);
    json_text(&b, "partner", e->partner);
    json_text(&b, "name", e->name);
    json_text(&b, "format", e->format);
    buf_format(&b, ",\"size\":%llu,\"digest\":\"", (unsigned long long)e->size);
    for (size_t i = 0; i < sizeof(e->digest); i++)
        buf_format(&b, "%02x", e->digest[i]);
    buf_format(&b, "\",\"state\":\"%s\",\"received_at\":%lld,\"changed_at\":%lld,\"attempts\":%u",
               exchange_words[e->state], (long long)e->received_at, (long long)e->changed_at, e->attempts);
    json_counts(&b, &e->counts);
    json_text(&b, "reason", e->reason);
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

void exchange_print(const struct invocation *in, const struct exchange *e)
{
    const struct exchange_counts *c = &e->counts;
    char at[32];

    if (in->json) {
        print_json(e);
        return;
    }
    printf("%6lld %-3s %-18.*s %-13s %-19s %8llu %8llu %8llu %8llu  %.*s%s%.*s\n", (long long)e->id,
           e->out ? say(in, "out", "out") : say(in, "in", "in"), STR_ARG(e->flow), exchange_words[e->state],
           instant(e->received_at, at), (unsigned long long)c->read, (unsigned long long)c->accepted,
           (unsigned long long)c->filtered, (unsigned long long)c->rejected, STR_ARG(e->name),
           e->reason.len ? "  " : "", STR_ARG(e->reason));
}
