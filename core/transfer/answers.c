/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/answers.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "transfer/duty.h"

static const char *const endings[] = {"ok", "retry", "fail", "doubt"};

/* Who does not listen any more does not want to know. */
static void say(struct buf *line)
{
    size_t done = 0;

    buf_text(line, "}\n");
    while (!line->failed && done < line->len) {
        ssize_t n = write(TRANSFER_ANSWERS, line->data + done, line->len - done);

        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    buf_done(line);
}

static void begin(struct buf *line, const char *key, struct gw_str value)
{
    buf_init(line, 65536);
    buf_format(line, "{\"%s\":", key);
    buf_json(line, value);
}

void answer_step(const char *step, bool ok, int64_t ms, const char *detail)
{
    struct buf line;

    begin(&line, "step", str_of(step));
    buf_format(&line, ",\"ok\":%s,\"ms\":%lld", ok ? "true" : "false", (long long)ms);
    if (detail) {
        buf_text(&line, ",\"detail\":");
        buf_json(&line, str_of(detail));
    }
    say(&line);
}

void answer_file(struct gw_str name, uint64_t size)
{
    struct buf line;

    begin(&line, "file", name);
    buf_format(&line, ",\"size\":%llu", (unsigned long long)size);
    say(&line);
}

void answer_dismissed(struct gw_str name)
{
    struct buf line;

    begin(&line, "dismissed", name);
    say(&line);
}

static void add_args(struct buf *line, const struct gw_arg *args, size_t nargs)
{
    buf_text(line, ",\"args\":{");
    for (size_t i = 0; i < nargs; i++) {
        buf_text(line, i ? "," : "");
        buf_json(line, str_of(args[i].name));
        buf_char(line, ':');
        buf_json(line, args[i].value);
    }
    buf_char(line, '}');
}

void answer_warning(const char *step, const char *detail, const char *code, const struct gw_arg *args,
                    size_t nargs)
{
    struct buf line;

    begin(&line, "step", str_of(step));
    buf_text(&line, ",\"ok\":true,\"ms\":0,\"detail\":");
    buf_json(&line, str_of(detail));
    buf_format(&line, ",\"code\":\"%s\"", code);
    add_args(&line, args, nargs);
    say(&line);
}

void answer_end(enum ending end, const char *step, const char *code, const struct gw_arg *args, size_t nargs,
                uint64_t after)
{
    struct buf line;

    begin(&line, "end", str_of(endings[end]));
    if (step)
        buf_format(&line, ",\"step\":\"%s\"", step);
    if (code)
        buf_format(&line, ",\"code\":\"%s\"", code);
    add_args(&line, args, nargs);
    buf_format(&line, ",\"after\":%llu", (unsigned long long)after);
    say(&line);
}
