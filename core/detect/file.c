/* SPDX-License-Identifier: EUPL-1.2 */
/* Files and their members: the head of each, unpacked and decoded. */
#include "base/str.h"
#include "detect/inquiry.h"
#include "pipeline/charset.h"
#include "pipeline/input.h"

static void hush(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

/* ---- heads ---- */

static struct gw_str base_of(struct gw_str path)
{
    struct gw_str name = path;

    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/' || path.ptr[i] == '\\')
            name = str_from(path, i + 1);
    return name;
}

static enum gw_result head_fill(struct input *in, struct buf *bytes, bool *ret_whole)
{
    enum gw_result r = GW_OK;
    size_t got;

    while (r == GW_OK && bytes->len < DETECT_HEAD) {
        char *p = buf_room(bytes, DETECT_HEAD - bytes->len);

        if (!p)
            return GW_FATAL;
        r = input_read(in, p, DETECT_HEAD - bytes->len, &got);
        if (r == GW_OK)
            bytes->len += got;
    }
    *ret_whole = r == GW_END;
    return r == GW_END ? GW_OK : r;
}

/* NUL bytes in what is no UTF-16: no text of any kind. */
static void head_decode(struct head *h, struct arena *a)
{
    struct charset_choice choice;
    struct buf text;

    h->text = GW_STR("");
    if (charset_choose(h->bytes, GW_STR("detect"), &choice) != GW_OK)
        return;
    if (choice.detect && choice.charset == CHARSET_UTF8 && !charset_detects_utf8(h->bytes))
        choice.charset = CHARSET_WINDOWS_1252;
    buf_init(&text, DETECT_HEAD * CHARSET_GROWTH + 64);
    charset_decode_head(&choice, h->bytes, &text);
    if (!memchr(text.data, 0, text.len)) {
        h->text = arena_copy(a, buf_view(&text));
        h->encoding = charset_name(choice.charset);
    }
    buf_done(&text);
}

/* A last record that is torn would be blamed: the head ends where a line does, unless it has one line. */
static void head_trim(struct head *h)
{
    size_t at = h->bytes.len;

    while (!h->whole && at && h->bytes.ptr[at - 1] != '\n')
        at--;
    if (at)
        h->bytes.len = at;
}

static enum gw_result member_detect(struct detector *d, struct input *in, const char *path,
                                    struct detected *ret)
{
    struct inquiry q = {.d = d, .ret = ret, .head = {.path = path, .file = in->member}};
    struct buf bytes;
    enum gw_result r;

    buf_init(&bytes, DETECT_HEAD + 1);
    r = head_fill(in, &bytes, &q.head.whole);
    q.head.bytes = buf_view(&bytes);
    q.head.name = base_of(in->inner.len ? in->inner : in->name);
    if (r == GW_OK) {
        head_trim(&q.head);
        head_decode(&q.head, d->arena);
        r = inquire(&q);
    }
    buf_done(&bytes);
    return r;
}

/* ---- files ---- */

/* The head as that plugin sees it; false: it does not read it where it lies. */
static bool seen_by(struct detector *d, const struct gw_plugin *p, struct inquiry *q)
{
    struct sink sink = {hush};
    struct input_options io = {.sink = &sink, .password = d->password, .plugin = p};
    struct input in = {0};
    struct gw_str bytes = {NULL, 0};
    enum gw_result r = input_open_path(&in, q->head.path, &io);

    if (r == GW_OK)
        r = input_next_member(&in);
    if (r == GW_OK && !in.unpacks)
        r = input_head(&in, &bytes);
    q->head.bytes = r == GW_OK && bytes.ptr ? arena_copy(d->arena, bytes) : GW_STR("");
    input_close(&in);
    return probe_of(p, &q->head) >= PROBE_SURE;
}

/* Some plugin reads it where it lies, an archive that is a document: then nobody else unpacks it. */
static bool is_packed(struct detector *d, const char *path, struct inquiry *q)
{
    const struct registry *registry = &d->engine->registry;

    q->head = (struct head){.path = path, .packed = true, .whole = true, .name = base_of(str_of(path))};
    q->head.file = str_of(path);
    for (size_t i = 0; i < registry->nloaded; i++)
        if ((registry->loaded[i].plugin->flags & GW_SEEKS) && seen_by(d, registry->loaded[i].plugin, q))
            return true;
    return false;
}

static enum gw_result members_detect(struct detector *d, const char *path, struct sink *sink,
                                     struct detected *ret, size_t *ret_n)
{
    struct input_options io = {.sink = sink, .password = d->password};
    struct input in = {0};
    enum gw_result r = input_open_path(&in, path, &io);

    while (r == GW_OK && *ret_n < DETECT_MEMBERS) {
        r = input_next_member(&in);
        if (r == GW_OK)
            r = member_detect(d, &in, path, &ret[(*ret_n)++]);
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
    if (strcmp(path, "-") == 0 || !is_packed(d, path, &q))
        return members_detect(d, path, sink, *ret, ret_n);
    q.ret = &(*ret)[(*ret_n)++];
    return inquire(&q);
}
