/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/serve.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define DUTY_MAX   (4u << 20)
#define MEMORY_CAP (256u << 20)
#define FILES_OPEN 64
#define SETTLE_MAX 10 /* seconds */

bool run_settle(const struct run *r)
{
    uint64_t seconds = r->duty.errand.stable;
    struct timespec t = {(time_t)seconds, 0};

    if (!seconds || seconds > SETTLE_MAX)
        return false;
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
    return true;
}

/* ---- what is said ---- */

void run_step(struct run *r, const char *step)
{
    r->step = step;
    r->began = clock_ms();
}

void run_done(struct run *r, bool ok, const char *detail)
{
    if (r->began)
        answer_step(r->step, ok, clock_ms() - r->began, detail);
    r->began = 0;
}

static struct gw_str kept(struct run *r, struct gw_str value)
{
    struct gw_str copy = arena_copy(&r->arena, value);

    return copy.ptr ? copy : GW_STR("");
}

void run_end(struct run *r, enum ending end, const char *code, const struct gw_arg *args, size_t nargs)
{
    if (end != END_OK)
        run_done(r, false, code);
    if (r->ended)
        return;
    r->ended = true;
    r->end = end;
    r->code = code;
    r->end_step = r->step;
    r->args[0] = (struct gw_arg){"partner", r->duty.connector.partner_name};
    r->args[1] = (struct gw_arg){"connector", r->duty.connector.name};
    r->args[2] = (struct gw_arg){"flow", r->duty.flow};
    r->nargs = 3;
    for (size_t i = 0; i < nargs && r->nargs < RUN_ARGS; i++)
        r->args[r->nargs++] = (struct gw_arg){args[i].name, kept(r, args[i].value)};
}

void run_fails(struct run *r, enum ending end, const char *code, const char *found)
{
    const struct gw_arg arg = {"found", str_of(found)};

    run_end(r, end, code, &arg, found ? 1 : 0);
}

bool run_secret(struct run *r, struct gw_str reference, struct secret *ret)
{
    const char *code;
    const struct gw_arg args[] = {{"found", reference}};

    if (secret_read(reference, ret, &code) == GW_OK)
        return true;
    run_end(r, END_FAIL, code, args, 1);
    return false;
}

void run_disk(struct run *r, const char *what)
{
    const struct gw_arg args[] = {
        {"found", str_of(what)}, {"folder", r->duty.local}, {"error", str_of(strerror(errno))}};

    run_end(r, END_RETRY, "transfer.local", args, 3);
}

/* ---- the process ---- */

static void limit(int what, rlim_t to)
{
    const struct rlimit l = {to, to};

    (void)setrlimit(what, &l);
}

/* It has a credential in memory and talks to foreigners: no core file, nothing more than it has, and nothing
 * left behind when the one who started it dies. */
void serve_harden(void)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, FILES_OPEN);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!GW_SANITIZED) { /* its search for leaks looks into us, its shadow takes terabytes */
        (void)prctl(PR_SET_DUMPABLE, 0);
        limit(RLIMIT_DATA, MEMORY_CAP);
    }
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
}

bool serve_read(int fd, struct buf *text)
{
    ssize_t n = 1;

    while (n != 0) {
        char *room = buf_room(text, 16384);

        n = room ? read(fd, room, 16384) : 0;
        if (n < 0 && errno != EINTR)
            return false;
        text->len += n > 0 ? (size_t)n : 0;
    }
    return !text->failed;
}

/* A file to send that is not there is the fault of the one who asks. */
static bool complete(const struct duty *d)
{
    struct stat st;

    if (!connector_program(&d->connector))
        return false;
    if (d->verb != VERB_SEND)
        return true;
    return local_plain(d->name) && fstat(TRANSFER_FILE, &st) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size == d->size && lseek(TRANSFER_FILE, 0, SEEK_SET) == 0;
}

static void fetch(struct run *r, const struct transport *t)
{
    bool opened = local_open(&r->local, &r->arena, r->duty.local) == GW_OK;

    if (opened)
        t->fetch(r);
    else
        run_disk(r, "");
    if (local_close(&r->local) != GW_OK)
        run_disk(r, MEMORY_FILE);
}

static void act(struct run *r, const struct transport *t)
{
    switch ((enum duty_verb)r->duty.verb) {
    case VERB_FETCH:
        fetch(r, t);
        break;
    case VERB_SEND:
        t->send(r);
        break;
    case VERB_PROBE:
        t->probe(r);
        break;
    }
}

int serve(const struct transport *t)
{
    static struct run r = {.local = {.folder = -1, .taken = -1}, .end = END_OK, .step = "duty"};
    struct buf text;

    serve_harden();
    arena_init(&r.arena, 16384, MEMORY_CAP / 2);
    buf_init(&text, DUTY_MAX);
    if (!serve_read(STDIN_FILENO, &text) || duty_read(&r.arena, buf_view(&text), &r.duty) != GW_OK ||
        !complete(&r.duty))
        run_end(&r, END_FAIL, "transfer.duty", NULL, 0);
    buf_done(&text);
    if (!r.ended) {
        pace_init(&r.pace, r.duty.connector.rate);
        act(&r, t);
    }
    answer_end(r.end, r.ended ? r.end_step : NULL, r.code, r.args, r.nargs, r.after);
    arena_done(&r.arena);
    if (!GW_SANITIZED)
        _exit(0); /* what libraries do at an exit is a tenth of the time of a look into an idle server */
    return 0;
}
