/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/heads.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/audit.h"
#include "store/durable.h"

#define HEAD_MAX 4096

struct head {
    int64_t entry, at;
    char digest[2 * 32 + 1];
};

static bool pick(void *to, const struct audit_entry *e)
{
    struct head *h = to;

    h->entry = e->id;
    for (size_t i = 0; i < sizeof(e->digest); i++)
        (void)snprintf(h->digest + 2 * i, 3, "%02x", e->digest[i]);
    return false;
}

/* GW_END: there is no such entry. */
static enum gw_result entry_find(struct store *s, int64_t id, struct head *ret)
{
    struct arena a;
    enum gw_result result;

    arena_init(&a, 4096, 0);
    *ret = (struct head){.at = store_now()};
    result = audit_behind(s, id - 1, &a, pick, ret);
    arena_done(&a);
    return result == GW_OK && ret->entry != id ? GW_END : result;
}

/* ---- writing ---- */

static enum gw_result head_sign(const struct head *h, int state, struct buf *ret)
{
    struct signer key = {0};
    enum gw_result result = sign_open(state, true, &key);

    buf_format(ret, "{\"entry\":%lld,\"digest\":\"%s\",\"at\":%lld}\n", (long long)h->entry, h->digest,
               (long long)h->at);
    if (result == GW_OK)
        result = sign_text(&key, ret);
    sign_close(&key);
    return result;
}

static enum gw_result head_write(const struct head *h, const char *state, const char *name)
{
    int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC), heads = -1;
    enum gw_result result = folder < 0 ? GW_RETRY : GW_OK;
    char path[4096];
    struct buf text;

    buf_init(&text, HEAD_MAX);
    if (snprintf(path, sizeof(path), "%s/heads", state) >= (int)sizeof(path))
        result = GW_RETRY;
    if (result == GW_OK)
        result = durable_folder(path, 0755, &heads);
    if (result == GW_OK && faccessat(heads, name, F_OK, 0) == 0)
        result = GW_END;
    if (result == GW_OK)
        result = head_sign(h, folder, &text);
    if (result == GW_OK)
        result = durable_put(heads, name, 0644, text.data, text.len);
    if (heads >= 0)
        (void)close(heads);
    if (folder >= 0)
        (void)close(folder);
    buf_done(&text);
    return result;
}

enum gw_result heads_write(struct store *s, const char *state, char name[32])
{
    struct head h = {0};
    int64_t last = 0;
    enum gw_result result = audit_last(s, &last);

    if (result == GW_OK)
        result = last ? entry_find(s, last, &h) : GW_END;
    if (result != GW_OK)
        return result;
    (void)snprintf(name, 32, "%08lld.json", (long long)last);
    return head_write(&h, state, name);
}

/* ---- comparing ---- */

struct comparing {
    struct store *store;
    const uint8_t *shown;
    struct sink *sink;
    uint64_t faults;
};

static void fault(struct comparing *c, const char *file, const char *code, int64_t entry)
{
    char room[24];
    struct gw_arg args[] = {{"found", GW_STR("")}, {"file", str_of(file)}};
    struct diag d = {
        .severity = GW_ERROR, .code = code, .file = str_of(file), .byte = UINT64_MAX, .args = args, .nargs = 2};

    (void)snprintf(room, sizeof(room), "%lld", (long long)entry);
    args[0].value = str_of(room);
    c->faults++;
    c->sink->put(c->sink, &d);
}

static bool head_parse(struct gw_str body, struct head *ret)
{
    yyjson_doc *doc = yyjson_read(body.ptr, body.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    const char *digest = yyjson_get_str(yyjson_obj_get(root, "digest"));

    ret->entry = yyjson_get_sint(yyjson_obj_get(root, "entry"));
    (void)snprintf(ret->digest, sizeof(ret->digest), "%s", digest ? digest : "");
    yyjson_doc_free(doc);
    return ret->entry > 0 && digest;
}

static enum gw_result head_compare(struct comparing *c, const char *file, struct gw_str text)
{
    struct head told = {0}, found = {0};
    struct gw_str body;
    enum gw_result result = sign_check(c->shown, text, &body);

    if (result == GW_FAIL || (result == GW_OK && !head_parse(body, &told))) {
        fault(c, file, "audit.head_unsigned", 0);
        return GW_OK;
    }
    if (result == GW_OK)
        result = entry_find(c->store, told.entry, &found);
    if (result == GW_END)
        fault(c, file, "audit.head_cut", told.entry);
    else if (result == GW_OK && strcmp(told.digest, found.digest) != 0)
        fault(c, file, "audit.head_other", told.entry);
    return result == GW_END ? GW_OK : result;
}

static bool is_head(const char *name)
{
    size_t n = strlen(name);

    return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".json") == 0;
}

static enum gw_result head_read(struct comparing *c, const char *folder, const char *name)
{
    char path[4096];
    struct buf text;
    enum gw_result result;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return GW_RETRY;
    buf_init(&text, HEAD_MAX);
    result = buf_read_file(&text, path);
    if (result == GW_FAIL) {
        fault(c, path, "audit.head_unsigned", 0);
        result = GW_OK;
    } else if (result == GW_OK) {
        result = head_compare(c, path, buf_view(&text));
    }
    buf_done(&text);
    return result;
}

enum gw_result heads_check(struct store *s, const char *folder, const uint8_t shown[SIGN_PUBLIC],
                           struct sink *sink, uint64_t *ret_heads, uint64_t *ret_faults)
{
    struct comparing c = {.store = s, .shown = shown, .sink = sink};
    DIR *dir = opendir(folder);
    const struct dirent *d;
    enum gw_result result = dir ? GW_OK : GW_RETRY;

    *ret_heads = 0;
    while (dir && result == GW_OK && (d = readdir(dir)))
        if (is_head(d->d_name)) {
            ++*ret_heads;
            result = head_read(&c, folder, d->d_name);
        }
    if (dir)
        (void)closedir(dir);
    *ret_faults = c.faults;
    return result;
}
