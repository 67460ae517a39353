/* SPDX-License-Identifier: EUPL-1.2 */
/* Files and their members. */
#include "base/str.h"
#include "detect/inquiry.h"

static enum gw_result members_detect(struct detector *d, const char *path, struct sink *sink,
                                     struct detected *ret, size_t *ret_n)
{
    struct input_options io = {.sink = sink, .password = d->password};
    struct input in = {0};
    enum gw_result r = input_open_path(&in, path, &io);

    while (r == GW_OK && *ret_n < DETECT_MEMBERS) {
        struct inquiry q = {.d = d, .ret = &ret[*ret_n]};

        r = input_next_member(&in);
        if (r == GW_OK)
            r = head_take(&in, DETECT_HEAD, d->arena, &q.head);
        if (r == GW_OK)
            r = inquire(&q);
        *ret_n += r == GW_OK;
    }
    input_close(&in);
    return r == GW_END ? GW_OK : r;
}

enum gw_result detect_file(struct detector *d, const char *path, struct sink *sink, struct detected **ret,
                           size_t *ret_n)
{
    struct inquiry q = {.d = d};

    *ret_n = 0;
    *ret = arena_array(d->arena, DETECT_MEMBERS, sizeof(**ret));
    if (!*ret)
        return GW_FATAL;
    if (!head_packed(&d->engine->registry, d->arena, path, &q.head))
        return members_detect(d, path, sink, *ret, ret_n);
    q.ret = &(*ret)[(*ret_n)++];
    return inquire(&q);
}
