/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/applier.h"
#include "store/digest.h"

#include <unistd.h>

static enum gw_result serve_one(struct applier *a, const struct order *o, const int *fds, size_t nfds,
                                struct answer *ret)
{
    if (nfds < 1)
        return GW_FATAL;
    switch ((enum order_kind)o->kind) {
    case ORDER_CHECK:
    case ORDER_APPLY:
    case ORDER_KEPT:
        return applier_apply(a, o, fds[0], nfds > 1 ? fds[1] : -1, ret);
    case ORDER_SELECT:
        return applier_select(a, o, fds[0], ret);
    case ORDER_SENT:
        return applier_sent(a, o, fds[0], ret);
    case ORDER_READ:
    case ORDER_WRITE:
    case ORDER_TABLE:
        break;
    }
    return GW_FATAL;
}

int applier_run(struct applier *a)
{
    struct answer ready = {.ready = 1};
    enum gw_result result = lines_open(&a->lines, a->model, a->store, GW_STR(""));

    memory_keep();
    arena_init(&a->job, 65536, 0);
    a->one = store_digest_begin();
    a->whole = store_digest_begin();
    if (!a->one || !a->whole || result != GW_OK)
        ready.result = GW_FATAL;
    result = answer_send(WORKER_SOCKET, &ready);
    while (result == GW_OK && ready.result == GW_OK) {
        struct answer answer = {0};
        int fds[ORDER_FDS];
        struct order o;
        size_t nfds;

        result = order_receive(WORKER_SOCKET, &o, fds, &nfds);
        if (result != GW_OK)
            break; /* the supervisor has closed */
        answer.number = o.number;
        answer.result = (uint32_t)serve_one(a, &o, fds, nfds, &answer);
        for (size_t i = 0; i < nfds; i++)
            (void)close(fds[i]);
        arena_reset(&a->job);
        result = answer_send(WORKER_SOCKET, &answer);
    }
    store_digest_free(a->one);
    store_digest_free(a->whole);
    lines_close(&a->lines);
    arena_done(&a->job);
    return ready.result == GW_OK ? 0 : 1;
}
