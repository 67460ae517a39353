/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/post.h"
#include "gateway/spawn.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)
#define SAID_MAX_BYTES ((size_t)64 << 20)
#define STEP_BYTES     ((size_t)256 << 10) /* of one look: then others have their turn */
#define COURIER_OTHER  5                   /* descriptor */
#define CLEAR_OF       16                  /* descriptors of ours stay above those that it is given */

/* ---- starting ---- */

static int raised(int fd)
{
    int other = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, CLEAR_OF) : -1;

    if (fd >= 0)
        (void)close(fd);
    return other;
}

/* In memory: it reads the whole of it, however slow it starts. */
static int duty_file(const struct buf *text)
{
    int fd = text->failed ? -1 : raised(memfd_create("duty", MFD_CLOEXEC));

    if (fd >= 0 && (write(fd, text->data, text->len) != (ssize_t)text->len || lseek(fd, 0, SEEK_SET) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* Copies of what the caller keeps, out of the way of what they become. */
static int copied(int fd)
{
    return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, CLEAR_OF) : -1;
}

static enum gw_result launch(struct courier *c, const char *path, const struct buf *duty, int file, int other)
{
    const char *argv[] = {c->program, NULL};
    int ends[2] = {-1, -1}, fds[6] = {-1, SPAWN_NULL, -1, -1, -1, -1},
        bad = pipe2(ends, O_CLOEXEC | O_NONBLOCK);

    c->answers = raised(ends[0]);
    fds[TRANSFER_ANSWERS] = raised(ends[1]);
    fds[STDIN_FILENO] = duty_file(duty);
    fds[TRANSFER_FILE] = copied(file);
    fds[COURIER_OTHER] = copied(other);
    if (!bad && fds[TRANSFER_ANSWERS] >= 0) /* it may wait for us; we never wait for it */
        bad = fcntl(fds[TRANSFER_ANSWERS], F_SETFL, 0) ? errno : 0;
    if (!bad)
        bad = c->answers < 0 || fds[STDIN_FILENO] < 0 ? EMFILE : spawn_afresh(path, argv, fds, 6, &c->pid);
    for (int i = 0; i < 6; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    errno = bad;
    return !bad ? GW_OK : bad == ENOENT || bad == EACCES || bad == ENOEXEC ? GW_FAIL : GW_RETRY;
}

static void release(struct courier *c)
{
    if (c->answers >= 0)
        (void)close(c->answers);
    c->answers = -1;
    buf_done(&c->line);
}

enum gw_result courier_start(struct courier *c, const char *programs, const struct duty *d, int file, int lock)
{
    struct buf text;
    enum gw_result result;

    buf_init(&text, (size_t)4 << 20);
    duty_write(&text, d);
    result = courier_run(c, programs, connector_program(&d->connector), &text, file, lock);
    buf_done(&text);
    return result;
}

enum gw_result courier_run(struct courier *c, const char *programs, const char *program, const struct buf *duty,
                           int file, int other)
{
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/%s", programs, program ? program : "");
    enum gw_result result = GW_FAIL;

    *c = (struct courier){.answers = -1, .since = clock_ms()};
    (void)snprintf(c->program, sizeof(c->program), "%s", program ? program : "");
    buf_init(&c->line, LINE_MAX_BYTES);
    errno = ENOENT;
    if (program && n > 0 && (size_t)n < sizeof(path))
        result = launch(c, path, duty, file, other);
    if (result != GW_OK) {
        c->pid = 0;
        c->code = "transfer.program";
        release(c);
    }
    return result;
}

/* ---- what it says ---- */

static struct gw_str text_of(yyjson_val *object, const char *key)
{
    yyjson_val *v = yyjson_obj_get(object, key);

    return yyjson_is_str(v) ? (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)} : GW_STR("");
}

static bool is_code(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || s.ptr[i] == '_' || s.ptr[i] == '.'))
            return false;
    return s.len < 64;
}

static void cause_of(yyjson_val *root, struct courier_said *s)
{
    yyjson_val *key, *value;
    yyjson_obj_iter each;

    s->code = text_of(root, "code");
    yyjson_obj_iter_init(yyjson_obj_get(root, "args"), &each);
    while (s->nargs < COURIER_ARGS && (key = yyjson_obj_iter_next(&each))) {
        value = yyjson_obj_iter_get_val(key);
        if (yyjson_is_str(value))
            s->args[s->nargs++] = (struct gw_arg){
                yyjson_get_str(key), (struct gw_str){yyjson_get_str(value), yyjson_get_len(value)}};
    }
}

static bool end_of(yyjson_val *root, struct courier_said *s)
{
    static const char *const words[] = {"ok", "retry", "fail", "doubt"};
    unsigned i = 0;

    s->kind = SAID_END;
    while (i < 4 && !str_is(text_of(root, "end"), words[i]))
        i++;
    s->end = (enum ending)i;
    s->after = yyjson_get_uint(yyjson_obj_get(root, "after"));
    return i < 4 && is_code(s->code) && (s->end == END_OK || s->code.len);
}

static bool understood(yyjson_val *root, struct courier_said *s)
{
    *s = (struct courier_said){.step = text_of(root, "step"), .detail = text_of(root, "detail")};
    s->ok = yyjson_is_true(yyjson_obj_get(root, "ok"));
    s->ms = yyjson_get_uint(yyjson_obj_get(root, "ms"));
    s->size = yyjson_get_uint(yyjson_obj_get(root, "size"));
    cause_of(root, s);
    if (yyjson_obj_get(root, "end"))
        return end_of(root, s);
    s->kind = yyjson_obj_get(root, "file")        ? SAID_FILE
              : yyjson_obj_get(root, "dismissed") ? SAID_DISMISSED
                                                  : SAID_STEP;
    s->name = text_of(root, s->kind == SAID_FILE ? "file" : "dismissed");
    return s->kind == SAID_STEP ? s->step.len > 0 && is_code(s->code) : s->name.len > 0;
}

static void line_hear(struct courier *c, char *line, size_t len, courier_hear *hear, void *to)
{
    yyjson_doc *doc = c->ended ? NULL : yyjson_read(line, len, 0);
    struct courier_said s;

    if (doc && understood(yyjson_doc_get_root(doc), &s)) {
        c->ended = s.kind == SAID_END;
        hear(to, &s);
    } else {
        courier_kill(c, "transfer.answers");
    }
    yyjson_doc_free(doc);
}

static void lines_hear(struct courier *c, courier_hear *hear, void *to)
{
    size_t begin = 0;
    char *end;

    while (!c->code && (end = memchr(c->line.data + begin, '\n', c->line.len - begin))) {
        line_hear(c, c->line.data + begin, (size_t)(end - c->line.data) - begin, hear, to);
        begin = (size_t)(end - c->line.data) + 1;
    }
    buf_drop(&c->line, begin);
}

/* True: there is no more now. */
static bool listen(struct courier *c, courier_hear *hear, void *to)
{
    char room[8192];

    for (size_t got = 0; got < STEP_BYTES;) {
        ssize_t n = read(c->answers, room, sizeof(room));

        if (n <= 0 && !(n < 0 && errno == EINTR))
            return true;
        if (n < 0 || c->code)
            continue;
        got += (size_t)n;
        c->said += (size_t)n;
        buf_add(&c->line, room, (size_t)n);
        lines_hear(c, hear, to);
        if (c->line.failed || c->said > SAID_MAX_BYTES)
            courier_kill(c, "transfer.answers");
    }
    return false;
}

bool courier_step(struct courier *c, courier_hear *hear, void *to)
{
    bool dead;

    if (!c->pid)
        return true;
    dead = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
    while (!listen(c, hear, to) && dead)
        ;
    if (!dead)
        return false;
    c->pid = 0;
    release(c);
    return true;
}

void courier_kill(struct courier *c, const char *code)
{
    if (c->pid)
        (void)kill(c->pid, SIGKILL);
    if (!c->code)
        c->code = code;
}

void courier_stop(struct courier *c)
{
    if (!c->pid)
        return;
    (void)kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
    release(c);
}

const char *courier_fate(const struct courier *c)
{
    return c->code ? c->code : "transfer.died";
}
