/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/exchange_json.h"

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

void exchange_json(struct buf *b, const struct exchange *e)
{
    buf_format(b, "{\"id\":%lld,\"direction\":\"%s\"", (long long)e->id, e->out ? "out" : "in");
    json_text(b, "flow", e->flow);
    json_text(b, "partner", e->partner);
    json_text(b, "name", e->name);
    json_text(b, "format", e->format);
    buf_format(b, ",\"size\":%llu,\"digest\":\"", (unsigned long long)e->size);
    for (size_t i = 0; i < sizeof(e->digest); i++)
        buf_format(b, "%02x", e->digest[i]);
    buf_format(b, "\",\"state\":\"%s\",\"received_at\":%lld,\"changed_at\":%lld,\"attempts\":%u",
               exchange_words[e->state], (long long)e->received_at, (long long)e->changed_at, e->attempts);
    json_counts(b, &e->counts);
    json_text(b, "reason", e->reason);
}
