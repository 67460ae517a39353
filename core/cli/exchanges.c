/* SPDX-License-Identifier: EUPL-1.2 */
/* exchanges: what came in and went out, a line each. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/exchange_out.h"
#include "cli/operate.h"

static int state_of(const char *word)
{
    for (int i = 0; i < EXCHANGE_STATES; i++)
        if (strcmp(exchange_words[i], word) == 0)
            return i;
    return -2;
}

static bool each(void *to, const struct exchange *e)
{
    exchange_print(to, e);
    return true;
}

static bool filter_fill(struct invocation *in, struct exchange_filter *f)
{
    const char *state = option_value(in, "state"), *since = option_value(in, "since");

    *f = (struct exchange_filter){.flow = str_of(option_value(in, "flow")), .state = -1, .out = -1};
    if (state && (f->state = state_of(state)) == -2) {
        complain(in, "état inconnu", "unknown state", state);
        return false;
    }
    if (since && !instant_parse(since, &f->since)) {
        complain(in, "moment attendu : 7d, 36h ou AAAA-MM-JJ", "instant expected: 7d, 36h or YYYY-MM-DD",
                 since);
        return false;
    }
    return true;
}

static enum exit_code exchanges_run(struct invocation *in)
{
    struct operating o;
    struct exchange_filter filter;

    if (!operate_open(&o, in)) {
        operate_close(&o);
        return o.code;
    }
    if (!filter_fill(in, &filter)) {
        o.code = EXIT_USAGE;
    } else if (operate_store(&o, true)) {
        if (!in->json)
            exchange_head(in);
        o.code = exit_of(exchange_each(o.store, &filter, each, in), false);
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"flow", 0, "FLOW", "ce flux seulement", "only this flow"},
    {"state", 0, "STATE", "received, queued, working, held, done, done_rejects, failed, quarantined",
     "received, queued, working, held, done, done_rejects, failed, quarantined"},
    {"since", 0, "WHEN", "depuis : 7d, 36h ou AAAA-MM-JJ", "since: 7d, 36h or YYYY-MM-DD"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb exchanges_verb = {
    .name = "exchanges",
    .operands = "",
    .fr = "ce qui est entré et sorti, avec ses comptes",
    .en = "what came in and went out, with its counts",
    .example = "passerelle exchanges --flow rsa --since 7d",
    .options = options,
    .run = exchanges_run,
};
