/* SPDX-License-Identifier: EUPL-1.2 */
#include "detect/head.h"

#include "base/str.h"
#include "detect/look.h"
#include "pipeline/charset.h"

static void hush(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

static struct gw_str base_of(struct gw_str path)
{
    struct gw_str name = path;

    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/' || path.ptr[i] == '\\')
            name = str_from(path, i + 1);
    return name;
}

static enum gw_result head_fill(struct input *in, size_t most, struct buf *bytes, bool *ret_whole)
{
    enum gw_result r = GW_OK;
    size_t got;

    while (r == GW_OK && bytes->len < most) {
        char *p = buf_room(bytes, most - bytes->len);

        if (!p)
            return GW_FATAL;
        r = input_read(in, p, most - bytes->len, &got);
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
    buf_init(&text, h->bytes.len * CHARSET_GROWTH + 64);
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

enum gw_result head_take(struct input *in, size_t most, struct arena *a, struct head *ret)
{
    struct buf bytes;
    enum gw_result r;

    *ret = (struct head){.file = arena_copy(a, in->member)};
    ret->name = arena_copy(a, base_of(in->inner.len ? in->inner : in->name));
    buf_init(&bytes, most + 1);
    r = head_fill(in, most, &bytes, &ret->whole);
    ret->bytes = bytes.len ? arena_copy(a, buf_view(&bytes)) : GW_STR("");
    buf_done(&bytes);
    if (r != GW_OK)
        return r;
    if (!ret->bytes.ptr)
        return GW_FATAL;
    head_trim(ret);
    head_decode(ret, a);
    return GW_OK;
}

/* ---- where it lies ---- */

/* The head as that plugin sees it; false: it is not for it. */
static bool seen_by(const struct gw_plugin *p, struct arena *a, struct head *h)
{
    struct sink sink = {hush};
    struct input_options io = {.sink = &sink, .plugin = p};
    struct input in = {0};
    struct gw_str bytes = {NULL, 0};
    enum gw_result r = input_open_path(&in, h->path, &io);

    if (r == GW_OK)
        r = input_next_member(&in);
    if (r == GW_OK && !in.unpacks)
        r = input_head(&in, &bytes);
    h->bytes = r == GW_OK && bytes.ptr ? arena_copy(a, bytes) : GW_STR("");
    input_close(&in);
    return probe_of(p, h) >= PROBE_SURE;
}

bool head_packed(const struct registry *registry, struct arena *a, const char *path, struct head *ret)
{
    *ret = (struct head){.path = path, .packed = true, .whole = true, .name = base_of(str_of(path))};
    ret->file = str_of(path);
    for (size_t i = 0; strcmp(path, "-") != 0 && i < registry->nloaded; i++)
        if ((registry->loaded[i].plugin->flags & GW_SEEKS) && seen_by(registry->loaded[i].plugin, a, ret))
            return true;
    return false;
}
