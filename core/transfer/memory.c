/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/str.h"
#include "store/durable.h"

#define MEMORY_BYTES (16u << 20)

/* ---- entries ---- */

static int compare(const struct memory_entry *e, struct gw_str section, struct gw_str key)
{
    int order = str_compare(e->section, section);

    return order ? order : str_compare(e->key, key);
}

/* Where it is, or would be. */
static size_t place(const struct memory *m, struct gw_str section, struct gw_str key, bool *ret_there)
{
    size_t low = 0, high = m->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare(&m->entries[mid], section, key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *ret_there = low < m->count && compare(&m->entries[low], section, key) == 0;
    return low;
}

static bool grow(struct memory *m)
{
    size_t room = m->room ? m->room * 2 : 64;
    struct memory_entry *more;

    if (m->count < m->room)
        return m->count < MEMORY_MAX;
    more = arena_array(m->arena, room, sizeof(*more));
    if (!more)
        return false;
    if (m->count)
        memcpy(more, m->entries, m->count * sizeof(*more));
    m->entries = more;
    m->room = room;
    return true;
}

static enum gw_result put_in(struct memory *m, size_t at, struct gw_str section, struct gw_str key,
                             struct gw_str value)
{
    struct memory_entry e = {arena_copy(m->arena, section), arena_copy(m->arena, key),
                             arena_copy(m->arena, value), true};

    if (!e.section.ptr || !e.key.ptr || !e.value.ptr || !grow(m))
        return GW_FAIL;
    memmove(&m->entries[at + 1], &m->entries[at], (m->count - at) * sizeof(e));
    m->entries[at] = e;
    m->count++;
    m->changed = true;
    return GW_OK;
}

struct gw_str memory_get(struct memory *m, const char *section, struct gw_str key)
{
    bool there;
    size_t at = place(m, str_of(section), key, &there);

    if (!there)
        return (struct gw_str){NULL, 0};
    m->entries[at].met = true;
    return m->entries[at].value;
}

enum gw_result memory_set(struct memory *m, const char *section, struct gw_str key, struct gw_str value)
{
    bool there;
    size_t at = place(m, str_of(section), key, &there);
    struct gw_str copy;

    if (!there)
        return put_in(m, at, str_of(section), key, value);
    m->entries[at].met = true;
    if (str_eq(m->entries[at].value, value))
        return GW_OK;
    copy = arena_copy(m->arena, value);
    if (!copy.ptr)
        return GW_FAIL;
    m->entries[at].value = copy;
    m->changed = true;
    return GW_OK;
}

void memory_forget(struct memory *m, const char *section, struct gw_str key)
{
    bool there;
    size_t at = place(m, str_of(section), key, &there);

    if (!there)
        return;
    memmove(&m->entries[at], &m->entries[at + 1], (m->count - at - 1) * sizeof(*m->entries));
    m->count--;
    m->changed = true;
}

void memory_keep_met(struct memory *m, const char *section)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->count; i++)
        if (m->entries[i].met || !str_is(m->entries[i].section, section))
            m->entries[kept++] = m->entries[i];
    m->changed |= kept != m->count;
    m->count = kept;
}

/* ---- the file ---- */

static enum gw_result take_section(struct memory *m, const char *section, yyjson_val *keys)
{
    yyjson_obj_iter each = yyjson_obj_iter_with(keys);
    yyjson_val *key, *value;
    enum gw_result result = GW_OK;

    while (result == GW_OK && (key = yyjson_obj_iter_next(&each))) {
        value = yyjson_obj_iter_get_val(key);
        if (yyjson_is_str(value))
            result = memory_set(m, section, (struct gw_str){yyjson_get_str(key), yyjson_get_len(key)},
                                (struct gw_str){yyjson_get_str(value), yyjson_get_len(value)});
    }
    return result;
}

static enum gw_result take_text(struct memory *m, struct gw_str text)
{
    yyjson_doc *doc = yyjson_read(text.ptr, text.len, 0);
    yyjson_obj_iter each = yyjson_obj_iter_with(yyjson_doc_get_root(doc));
    yyjson_val *section;
    enum gw_result result = GW_OK;

    while (result == GW_OK && (section = yyjson_obj_iter_next(&each)))
        result = take_section(m, yyjson_get_str(section), yyjson_obj_iter_get_val(section));
    yyjson_doc_free(doc);
    for (size_t e = 0; e < m->count; e++)
        m->entries[e].met = false;
    m->changed = false;
    return result;
}

enum gw_result memory_load(struct memory *m, struct arena *a, int folder)
{
    int fd = openat(folder, MEMORY_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct buf text;
    char *room;
    ssize_t n = fd >= 0 ? 1 : 0;
    enum gw_result result = fd >= 0 || errno == ENOENT ? GW_OK : GW_RETRY;

    *m = (struct memory){.arena = a};
    buf_init(&text, MEMORY_BYTES);
    while (n > 0 && (room = buf_room(&text, 65536))) {
        n = read(fd, room, 65536);
        text.len += n > 0 ? (size_t)n : 0;
    }
    if (n < 0)
        result = GW_RETRY;
    if (result == GW_OK && text.len)
        result = take_text(m, buf_view(&text));
    if (fd >= 0)
        (void)close(fd);
    buf_done(&text);
    return result;
}

static void write_entries(const struct memory *m, struct buf *out)
{
    buf_char(out, '{');
    for (size_t i = 0; i < m->count; i++) {
        const struct memory_entry *e = &m->entries[i];
        bool opens = i == 0 || !str_eq(e->section, e[-1].section);

        if (opens) {
            buf_text(out, i ? "},\n" : "");
            buf_json(out, e->section);
            buf_text(out, ":{\n");
        } else
            buf_text(out, ",\n");
        buf_json(out, e->key);
        buf_char(out, ':');
        buf_json(out, e->value);
    }
    buf_text(out, m->count ? "}}\n" : "}\n");
}

enum gw_result memory_save(struct memory *m, int folder)
{
    struct durable d = {.fd = -1};
    struct buf text;
    enum gw_result result;

    if (!m->changed)
        return GW_OK;
    buf_init(&text, MEMORY_BYTES);
    write_entries(m, &text);
    result = text.failed ? GW_RETRY : durable_create(&d, folder, MEMORY_FILE, 0600);
    if (result == GW_OK)
        result = durable_write(d.fd, text.data, text.len);
    if (result == GW_OK)
        result = durable_commit(&d);
    if (result == GW_OK)
        result = durable_sync(folder);
    durable_abandon(&d);
    buf_done(&text);
    if (result == GW_OK)
        m->changed = false;
    return result;
}
