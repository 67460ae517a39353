/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

static bool quiet_now;

void journal_quiet(bool quiet)
{
    quiet_now = quiet;
}

const char *journal_number(int64_t n, char room[24])
{
    (void)snprintf(room, 24, "%lld", (long long)n);
    return room;
}

static void stamp(struct buf *line)
{
    struct timespec now;
    struct tm tm;
    char text[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    if (!strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
        text[0] = '\0';
    buf_format(line, "{\"at\":\"%s.%03ldZ\"", text, now.tv_nsec / 1000000);
}

void journal(const char *event, ...)
{
    struct buf line;
    va_list pairs;
    const char *key, *value;

    if (quiet_now)
        return;
    buf_init(&line, 65536);
    stamp(&line);
    buf_format(&line, ",\"event\":\"%s\"", event);
    va_start(pairs, event);
    while ((key = va_arg(pairs, const char *)) && (value = va_arg(pairs, const char *))) {
        buf_format(&line, ",\"%s\":", key);
        if (str_digits(str_of(value)) && strlen(value) < 16)
            buf_text(&line, value);
        else
            buf_json(&line, str_of(value));
    }
    va_end(pairs);
    buf_text(&line, "}\n");
    if (write(STDERR_FILENO, line.data, line.len) < 0)
        quiet_now = false; /* nowhere to say it */
    buf_done(&line);
}
