/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/http_page.h"

#include <errno.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/str.h"
#include "store/durable.h"
#include "transfer/http_text.h"

#define PAGE_MAX (32u << 20) /* of one whose JSON is looked into */

static enum gw_result read_file(int fd, struct buf *text)
{
    char *room;
    ssize_t n = 1;

    if (lseek(fd, 0, SEEK_SET) != 0)
        return GW_RETRY;
    while (n != 0) {
        room = buf_room(text, 65536);
        if (!room)
            return GW_FAIL;
        n = read(fd, room, 65536);
        if (n < 0 && errno != EINTR)
            return GW_RETRY;
        text->len += n > 0 ? (size_t)n : 0;
    }
    return GW_OK;
}

/* "links.next": a key in each object. */
static yyjson_val *at_path(yyjson_val *v, struct gw_str path)
{
    while (v && path.ptr) {
        struct gw_str key = str_cut(path, '.', &path);

        v = yyjson_obj_getn(v, key.ptr, key.len);
    }
    return v;
}

/* An empty array or object, or one whose arrays are all empty: {"count": 0, "results": []}. */
static bool is_empty(yyjson_val *root)
{
    yyjson_obj_iter each = yyjson_obj_iter_with(root);
    yyjson_val *key;
    bool arrays = false;

    if (yyjson_is_arr(root))
        return yyjson_arr_size(root) == 0;
    while ((key = yyjson_obj_iter_next(&each))) {
        yyjson_val *v = yyjson_obj_iter_get_val(key);

        arrays |= yyjson_is_arr(v);
        if (yyjson_is_arr(v) && yyjson_arr_size(v))
            return false;
    }
    return arrays || (yyjson_is_obj(root) && yyjson_obj_size(root) == 0);
}

static enum gw_result read_json(int fd, const struct errand *e, struct arena *a, struct page *page)
{
    struct buf text;
    enum gw_result result;
    yyjson_doc *doc = NULL;
    yyjson_val *next;

    buf_init(&text, PAGE_MAX);
    result = read_file(fd, &text);
    if (result == GW_OK)
        doc = yyjson_read(text.data, text.len, 0);
    next = e->paging == PAGING_NEXT ? at_path(yyjson_doc_get_root(doc), e->page_key) : NULL;
    if (result == GW_OK && e->paging == PAGING_NEXT &&
        (!doc || (next && !yyjson_is_str(next) && !yyjson_is_null(next))))
        result = GW_FAIL;
    if (result == GW_FAIL && e->paging == PAGING_PAGE)
        result = GW_OK; /* pages of any other kind end with one of no bytes */
    if (yyjson_is_str(next))
        page->next = arena_copy(a, (struct gw_str){yyjson_get_str(next), yyjson_get_len(next)});
    page->empty = e->paging == PAGING_PAGE && doc && is_empty(yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    buf_done(&text);
    return result;
}

enum gw_result page_read(int fd, const struct errand *e, struct arena *a, struct page *page)
{
    uint8_t digest[32];
    uint64_t size;
    bool again;

    page->empty = false;
    page->next = (struct gw_str){NULL, 0};
    if (e->paging == PAGING_NONE)
        return GW_OK;
    if (lseek(fd, 0, SEEK_SET) != 0 || durable_digest(fd, digest, &size) != GW_OK)
        return GW_RETRY;
    again = page->any && memcmp(digest, page->digest, sizeof(digest)) == 0;
    memcpy(page->digest, digest, sizeof(digest));
    page->any = true;
    if (again)
        return GW_FAIL;
    return e->paging == PAGING_LINK ? GW_OK : read_json(fd, e, a, page);
}

static uint64_t number_of(const char *url, struct gw_str key)
{
    struct gw_str query, one;
    uint64_t n = 0;

    (void)str_cut(str_of(url), '?', &query);
    while (query.ptr) {
        one = str_cut(query, '&', &query);
        if (str_begins(one, key) && one.len > key.len && one.ptr[key.len] == '=' &&
            str_number(str_from(one, key.len + 1), &n))
            return n;
    }
    return 1;
}

const char *page_first(struct arena *a, const char *url, struct gw_str key)
{
    return http_with(a, url, key, number_of(url, key));
}

const char *page_after(struct arena *a, const char *url, struct gw_str key)
{
    return http_with(a, url, key, number_of(url, key) + 1);
}
