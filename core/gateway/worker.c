/* SPDX-License-Identifier: EUPL-1.2 */
/* What all workers do: load, shut in, serve. */
#include "gateway/worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"

/* A worker's own complaints go to standard error, which the supervisor reads and logs. */
static void complain(struct sink *sink, const struct diag *d)
{
    struct worker *w = (struct worker *)((char *)sink - offsetof(struct worker, complaints));
    struct buf line;

    buf_init(&line, 65536);
    diag_json(&line, &w->engine.catalogue, LANG_EN, d, true);
    buf_char(&line, '\n');
    (void)!write(STDERR_FILENO, line.data, line.len);
    buf_done(&line);
}

static enum gw_result load(struct worker *w)
{
    struct gw_str none = {NULL, 0}, lines;
    enum gw_result result;

    w->complaints.put = complain;
    input_prepare();
    if (w->kind == WORKER_TABLE)
        return worker_table_load(w);
    result = engine_open(&w->engine, &w->home, &w->complaints);
    if (result == GW_OK)
        result = codec_open(&w->codec, &w->engine, w->format, w->profile, &w->complaints);
    if (result == GW_OK)
        result = engine_lines(&w->engine, &w->arena, &w->complaints, &lines);
    if (result == GW_OK)
        result = codec_open(&w->lines, &w->engine, lines, none, &w->complaints);
    return result == GW_OK ? codec_warm(&w->codec) : result;
}

/* What gateway.conf does not name starts nothing, whatever the format has become since it was checked. */
static enum gw_result shut_in(struct worker *w)
{
    w->limits.spawns = w->codec.plugin && (w->codec.plugin->flags & GW_SPAWNS);
    return w->limits.spawns && !w->programs ? GW_FAIL : sandbox_enter(&w->limits);
}

static enum gw_result work(struct worker *w, const struct order *o, const int *fds, struct answer *ret)
{
    if (w->kind == WORKER_TABLE)
        return o->kind == ORDER_TABLE ? worker_table(w, fds, ret) : GW_FATAL;
    return o->kind == ORDER_READ ? worker_read(w, o, fds, ret) : worker_write(w, o, fds, ret);
}

static enum gw_result serve_one(struct worker *w, const struct order *o, int *fds, size_t nfds)
{
    size_t need = o->kind == ORDER_WRITE ? 4 : 3;
    struct answer a = {.number = o->number};
    enum gw_result result = GW_FATAL;

    w->page = nfds == need ? mmap(NULL, sizeof(*w->page), PROT_READ | PROT_WRITE, MAP_SHARED, fds[need - 1], 0)
                           : MAP_FAILED;
    if (w->page != MAP_FAILED) {
        w->engine.now = str_of(arena_text(&w->arena, str_of(o->now)));
        w->engine.today = (struct gw_str){w->engine.now.ptr, w->engine.now.len < 10 ? w->engine.now.len : 10};
        result = work(w, o, fds, &a);
        (void)munmap(w->page, sizeof(*w->page));
    }
    for (size_t i = 0; i < nfds; i++)
        (void)close(fds[i]);
    a.result = (uint32_t)result;
    return answer_send(WORKER_SOCKET, &a);
}

static enum gw_result serve(struct worker *w)
{
    struct answer ready = {.ready = 1};
    enum gw_result result = answer_send(WORKER_SOCKET, &ready);
    size_t mark = arena_mark(&w->arena);

    while (result == GW_OK) {
        int fds[ORDER_FDS];
        size_t nfds;
        struct order o;

        result = order_receive(WORKER_SOCKET, &o, fds, &nfds);
        if (result == GW_OK)
            result = serve_one(w, &o, fds, nfds);
        arena_release(&w->arena, mark);
    }
    return result;
}

int worker_run(struct worker *w)
{
    struct answer broken = {.ready = 1, .result = GW_FAIL};
    enum gw_result result;

    memory_keep();
    arena_init(&w->arena, 65536, 0);
    result = load(w);
    if (result == GW_OK)
        result = shut_in(w);
    if (result == GW_OK) {
        (void)serve(w); /* ends when the supervisor does not want it any more */
        _exit(0);
    }
    _exit(answer_send(WORKER_SOCKET, &broken) == GW_OK ? 1 : 2);
}
