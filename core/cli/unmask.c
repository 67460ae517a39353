/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/unmask.h"

#include <stdio.h>

#include "base/str.h"
#include "store/audit.h"

#define REASON_LEAST   5 /* characters */
#define REASON_MOST    160
#define DIGITS_ALLOWED 3

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* As it enters the trail: one line, without what could be a number of somebody's. */
static void clean(struct gw_str reason, struct buf *out)
{
    for (size_t i = 0; i < reason.len;) {
        size_t n = 0;

        while (i + n < reason.len && is_digit(reason.ptr[i + n]))
            n++;
        if (n > DIGITS_ALLOWED)
            buf_text(out, "…");
        else if (n)
            buf_add(out, reason.ptr + i, n);
        else
            buf_char(out, (unsigned char)reason.ptr[i] < ' ' || reason.ptr[i] == 127 ? ' ' : reason.ptr[i]);
        i += n + !n;
    }
}

static bool good(struct gw_str reason)
{
    size_t n = str_valid(reason) ? str_chars(reason) : 0;

    return n >= REASON_LEAST && n <= REASON_MOST;
}

bool unmask_begin(struct operating *o, const char *kind, const char *number)
{
    struct gw_str reason = str_trim(str_of(option_value(o->in, "unmask")));
    char action[32], subject[64];
    struct buf text;
    enum gw_result result;

    if (!operate_may(o, DUTY_UNMASK))
        return false;
    if (!good(reason)) {
        operate_fault(o, "role.reason", NULL, 0);
        o->code = EXIT_USAGE;
        return false;
    }
    (void)snprintf(action, sizeof(action), "%s.raw", kind);
    (void)snprintf(subject, sizeof(subject), "%s %s", kind, number);
    buf_init(&text, 1024);
    clean(reason, &text);
    operate_actor(o);
    result = audit_add(o->store, (struct gw_str){NULL, 0}, str_of(action), str_of(subject), buf_view(&text));
    buf_done(&text);
    o->code = result == GW_OK ? EXIT_DONE : EXIT_WORLD;
    return result == GW_OK;
}
