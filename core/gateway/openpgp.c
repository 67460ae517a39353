/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/openpgp.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/post.h"

enum gw_result sealing_file(struct sealing *s, int folder)
{
    if (s->clear >= 0)
        (void)close(s->clear);
    s->clear = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return s->clear >= 0 ? GW_OK : GW_RETRY;
}

enum gw_result sealing_start(struct sealing *s, const char *programs, const struct flow *f,
                             const struct job_limits *limits, int from, int to)
{
    const struct openpgp_duty duty = {.out = f->out,
                                      .flow = f->name,
                                      .partner_name = f->partner_name,
                                      .most = limits->output_bytes,
                                      .rules = f->openpgp};
    struct buf text;
    enum gw_result result = lseek(from, 0, SEEK_SET) == 0 ? GW_OK : GW_RETRY;

    s->said = false;
    s->end = END_RETRY;
    s->code[0] = s->args[0] = '\0';
    s->wall = limits->wall;
    s->keep_at = 0;
    buf_init(&text, (size_t)1 << 20);
    openpgp_write(&text, &duty);
    if (result == GW_OK)
        result = courier_run(&s->courier, programs, OPENPGP_PROGRAM, &text, from, to);
    buf_done(&text);
    return result;
}

static void hear(void *to, const struct courier_said *said)
{
    struct sealing *s = to;
    struct buf args;

    if (said->kind != SAID_END)
        return;
    s->said = true;
    s->end = said->end;
    (void)snprintf(s->code, sizeof(s->code), "%.*s", STR_ARG(said->code));
    buf_init(&args, sizeof(s->args) - 1);
    for (size_t i = 0; i < said->nargs; i++) {
        buf_char(&args, i ? ',' : '{');
        buf_json(&args, str_of(said->args[i].name));
        buf_char(&args, ':');
        buf_json(&args, said->args[i].value);
    }
    buf_text(&args, said->nargs ? "}" : "{}");
    if (!args.failed)
        (void)snprintf(s->args, sizeof(s->args), "%.*s", (int)args.len, args.data);
    buf_done(&args);
}

bool sealing_over(struct sealing *s)
{
    if (s->courier.pid && s->wall && clock_ms() - s->courier.since > (int64_t)s->wall * 1000)
        courier_kill(&s->courier, "worker.limit");
    return courier_step(&s->courier, hear, s);
}

void sealing_clear(struct sealing *s)
{
    courier_stop(&s->courier);
    if (s->clear >= 0)
        (void)close(s->clear);
    s->clear = -1;
}

int sealing_input(const struct sealing *s)
{
    return lseek(s->clear, 0, SEEK_SET) == 0 ? fcntl(s->clear, F_DUPFD_CLOEXEC, 0) : -1;
}

static const char *const ends[] = {".pgp", ".gpg", ".asc"};

struct gw_str sealing_inner(struct gw_str name)
{
    if (sealing_has_end(name))
        name.len -= 4;
    return name;
}

bool sealing_has_end(struct gw_str name)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (name.len > 4 && str_is(str_from(name, name.len - 4), ends[i]))
            return true;
    return false;
}
