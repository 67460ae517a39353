/* SPDX-License-Identifier: EUPL-1.2 */
/* What a reader said of a file (worker.h), for who sent it: counts, and diagnostics in the caller's language.
 * The resources that it made are passed over. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "api/api.h"
#include "base/str.h"

#define LINE_MAX_BYTES ((size_t)64 << 20)
#define BLOCK          65536u
#define REJECTS_MOST   1000

struct verdict {
    enum lang lang;
    struct buf *out;
    struct arena arena;
    size_t rejects, notes;
    bool ended, partial;
    struct buf said; /* of the stream */
};

static void put_list(struct buf *out, yyjson_val *list, yyjson_alc *alc)
{
    size_t len = 0;
    char *text = list ? yyjson_val_write_opts(list, 0, alc, &len, NULL) : NULL;

    buf_str(out, text ? (struct gw_str){text, len} : GW_STR("[]"));
}

static uint64_t number(yyjson_val *o, const char *key)
{
    return yyjson_get_uint(yyjson_obj_get(o, key));
}

static void put_reject(struct verdict *v, yyjson_val *o, yyjson_alc *alc)
{
    v->partial = v->rejects == REJECTS_MOST;
    if (v->partial)
        return;
    buf_format(v->out, "%s{\"record\":%llu,\"line\":%llu,\"code\":", v->rejects++ ? "," : "",
               (unsigned long long)number(o, "reject"), (unsigned long long)number(o, "line"));
    buf_json(v->out, str_of(yyjson_get_str(yyjson_obj_get(o, "code"))));
    buf_text(v->out, ",\"path\":");
    buf_json(v->out, str_of(yyjson_get_str(yyjson_obj_get(o, "path"))));
    buf_text(v->out, ",\"diagnostics\":");
    put_list(v->out, yyjson_obj_get(o, v->lang == LANG_EN ? "en" : "fr"), alc);
    buf_char(v->out, '}');
}

static void put_note(struct verdict *v, yyjson_val *o, yyjson_alc *alc)
{
    buf_text(&v->said, v->notes++ ? "," : "");
    put_list(&v->said, yyjson_obj_get(o, v->lang == LANG_EN ? "en" : "fr"), alc);
}

static void put_end(struct verdict *v, yyjson_val *o)
{
    bool good = yyjson_equals_str(yyjson_obj_get(o, "end"), "ok");

    v->ended = true;
    buf_format(v->out, "],\"usable\":%s,\"read\":%llu,\"accepted\":%llu,\"filtered\":%llu,\"rejected\":%llu",
               good ? "true" : "false", (unsigned long long)number(o, "read"),
               (unsigned long long)number(o, "written"), (unsigned long long)number(o, "filtered"),
               (unsigned long long)number(o, "rejected"));
}

static void take_line(struct verdict *v, struct gw_str line)
{
    size_t room = 16 * line.len + 65536;
    yyjson_doc *doc = NULL;
    yyjson_val *o;
    yyjson_alc alc;
    void *pool;

    if (str_begins(line, GW_STR("{\"type\"")))
        return;
    pool = arena_alloc(&v->arena, room);
    if (pool && yyjson_alc_pool_init(&alc, pool, room))
        doc = yyjson_read_opts((char *)(uintptr_t)line.ptr, line.len, 0, &alc, NULL);
    o = yyjson_doc_get_root(doc);
    if (yyjson_obj_get(o, "reject"))
        put_reject(v, o, &alc);
    else if (yyjson_obj_get(o, "note"))
        put_note(v, o, &alc);
    else if (yyjson_obj_get(o, "end"))
        put_end(v, o);
    arena_reset(&v->arena);
}

static void take_lines(struct verdict *v, struct buf *in)
{
    const char *end;
    size_t from = 0;

    while ((end = memchr(in->data + from, '\n', in->len - from))) {
        take_line(v, (struct gw_str){in->data + from, (size_t)(end - in->data) - from});
        from = (size_t)(end - in->data) + 1;
    }
    buf_drop(in, from);
}

static enum gw_result lines_read(struct verdict *v, int fd)
{
    struct buf in;
    ssize_t n = 1;

    buf_init(&in, LINE_MAX_BYTES);
    while (n > 0 && !in.failed) {
        char *room = buf_room(&in, BLOCK);

        n = room ? read(fd, room, BLOCK) : -1;
        if (n < 0 && room && errno == EINTR) {
            n = 1;
            continue;
        }
        in.len += n > 0 ? (size_t)n : 0;
        take_lines(v, &in);
    }
    buf_done(&in);
    return n == 0 && v->ended ? GW_OK : GW_FAIL;
}

enum gw_result verdict_read(int fd, enum lang lang, struct buf *out)
{
    struct verdict v = {.lang = lang, .out = out};
    enum gw_result result;

    arena_init(&v.arena, 65536, 0);
    buf_init(&v.said, (size_t)4 << 20);
    buf_text(out, "{\"rejects\":[");
    result = lines_read(&v, fd);
    buf_format(out, ",\"partial\":%s,\"stream\":[", v.partial ? "true" : "false");
    buf_str(out, buf_view(&v.said));
    buf_text(out, "]}\n");
    buf_done(&v.said);
    arena_done(&v.arena);
    return out->failed ? GW_FAIL : result;
}
