/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/exchange_out.h"

#include <stdio.h>

#include "base/str.h"
#include "cli/operate.h"
#include "gateway/exchange_json.h"

void exchange_head(const struct invocation *in)
{
    printf("%6s %-3s %-18s %-13s %-19s %8s %8s %8s %8s  %s\n", say(in, "no", "id"), say(in, "sens", "way"),
           say(in, "flux", "flow"), say(in, "état", "state"), say(in, "reçu", "received"),
           say(in, "lus", "read"), say(in, "acceptés", "accepted"), say(in, "filtrés", "filtered"),
           say(in, "rejetés", "rejected"), say(in, "fichier", "file"));
}

static void print_json(const struct exchange *e)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    exchange_json(&b, e);
    if (e->reason_args.len) {
        buf_text(&b, ",\"reason_args\":");
        buf_str(&b, e->reason_args);
    }
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
