/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each page of what a URL gives becomes a file. What did not change since (ETag, Last-Modified) is not fetched
 * again; what was cut is gone on with where the server vouches that it is still the same.
 *
 * Remembered: "http" URL -> ETag, Last-Modified, URL of the next page, a line each; "range" URL -> what was
 * begun: ETag, size, time, name; "name" NAME -> "", names that were given.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/http.h"
#include "transfer/http_page.h"
#include "transfer/http_text.h"

struct fetching {
    struct http h;
    struct run *r;
    const struct errand *errand;
    const char *url; /* of this page */
    uint64_t page;   /* 1 ... */
    uint64_t files;
    time_t now;

    struct incoming in;
    bool resuming; /* in is what an earlier run left */
    bool begun;
    uint64_t got;       /* bytes in the file */
    struct gw_str base; /* its name before a time was put into it */
    struct page last;
};

/* ---- what is remembered ---- */

static struct gw_str seen_line(struct fetching *f, unsigned line)
{
    struct gw_str rest = memory_get(&f->r->local.memory, "http", str_of(f->url)), one = {NULL, 0};

    for (unsigned i = 0; rest.ptr && i <= line; i++)
        one = str_cut(rest, '\n', &rest);
    return one;
}

/* What there is no room for is fetched again. */
static void remember(struct fetching *f, const char *section, struct gw_str key, struct gw_str value)
{
    enum gw_result ignored = memory_set(&f->r->local.memory, section, key, value);

    (void)ignored;
}

static void remember_page(struct fetching *f, const struct http_answer *answer, const char *next)
{
    const char *lines = arena_format(&f->r->arena, "%.*s\n%.*s\n%s", STR_ARG(answer->etag),
                                     STR_ARG(answer->modified), next ? next : "");
    bool known = answer->etag.len || answer->modified.len;

    remember(f, "http", str_of(f->url), known ? str_of(lines) : (struct gw_str){NULL, 0});
    remember(f, "range", str_of(f->url), (struct gw_str){NULL, 0});
}

/* ---- a page as it comes ---- */

/* A name that was given before has a time in it. */
static struct gw_str choose_name(struct fetching *f, const struct http_answer *answer)
{
    struct gw_str name = http_name(&f->r->arena, answer->disposition, str_of(f->url)), base = name;
    uint64_t n = f->errand->paging == PAGING_NONE ? 0 : f->page;

    if (!local_plain(base))
        base = name = GW_STR("file");
    f->base = base;
    if (memory_get(&f->r->local.memory, "name", base).ptr)
        name = http_name_at(&f->r->arena, base, f->now, n);
    while (local_has(&f->r->local, name))
        name = http_name_at(&f->r->arena, base, f->now, ++n);
    return name;
}

static uint64_t content_length(struct fetching *f)
{
    curl_off_t n = -1;

    (void)curl_easy_getinfo(f->h.w.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n);
    return n > 0 ? (uint64_t)n : 0;
}

static bool too_large(struct fetching *f, uint64_t size)
{
    if (!f->errand->size_max || size <= f->errand->size_max)
        return false;
    (void)wire_say(&f->h.w, END_FAIL, "read", "transfer.size");
    wire_arg(&f->h.w, "found", f->in.file.name.len ? f->in.file.name : str_of(f->url));
    wire_arg(&f->h.w, "size", str_of(arena_format(&f->r->arena, "%llu", (unsigned long long)size)));
    wire_arg(&f->h.w, "limit",
             str_of(arena_format(&f->r->arena, "%llu", (unsigned long long)f->errand->size_max)));
    return true;
}

/* Only a strong ETag vouches for bytes (RFC 9110, 13.1.5). */
static void remember_range(struct fetching *f, const struct http_answer *answer)
{
    const struct remote_file *file = &f->in.file;
    const char *lines =
        arena_format(&f->r->arena, "%.*s\n%llu\n%lld\n%.*s", STR_ARG(answer->etag),
                     (unsigned long long)file->size, (long long)file->mtime, STR_ARG(file->name));

    if (file->size && str_begins(answer->etag, GW_STR("\"")))
        remember(f, "range", str_of(f->url), str_of(lines));
}

static bool goes_on(const struct fetching *f, const struct http_answer *answer)
{
    char start[64];

    (void)snprintf(start, sizeof(start), "bytes %llu-", (unsigned long long)f->in.have);
    return f->resuming && answer->status == 206 && str_begins(answer->range, str_of(start));
}

static bool begin(struct fetching *f, const struct http_answer *answer)
{
    time_t modified =
        answer->modified.len ? curl_getdate(arena_text(&f->r->arena, answer->modified), NULL) : -1;

    f->begun = true;
    f->got = f->in.have;
    f->base = f->in.file.name;
    if (goes_on(f, answer))
        return !too_large(f, f->in.file.size);
    if (f->resuming)
        local_abandon(&f->r->local, &f->in);
    f->resuming = false;
    f->got = 0;
    f->in = (struct incoming){.d = {.fd = -1}};
    if (answer->status == 206) {
        (void)wire_tell(&f->h.w, END_RETRY, "read", "transfer.cut", str_of(f->url), GW_STR("206"));
        return false;
    }
    f->in.file = (struct remote_file){choose_name(f, answer), content_length(f), modified > 0 ? modified : 0};
    if (too_large(f, f->in.file.size))
        return false;
    remember_range(f, answer);
    if (local_begin(&f->r->local, &f->in.file, &f->in) != GW_OK || ftruncate(f->in.d.fd, 0) != 0 ||
        lseek(f->in.d.fd, 0, SEEK_SET) != 0) {
        run_disk(f->r, f->in.file.name.ptr);
        return false;
    }
    return true;
}

static bool take(void *context, const struct http_answer *answer, struct gw_str bytes)
{
    struct fetching *f = context;

    if (!bytes.len)
        return true;
    if (!f->begun && !begin(f, answer))
        return false;
    if (too_large(f, f->got + bytes.len))
        return false;
    if (durable_write(f->in.d.fd, bytes.ptr, bytes.len) != GW_OK) {
        run_disk(f->r, f->in.file.name.ptr);
        return false;
    }
    f->got += bytes.len;
    return true;
}

/* ---- a page ---- */

/* An earlier run's beginning, when an ETag can vouch for it. */
static bool take_up(struct fetching *f, const char **ret_etag)
{
    struct gw_str rest = memory_get(&f->r->local.memory, "range", str_of(f->url)), etag, size, time;
    struct remote_file file = {.size = 0};
    uint64_t seconds;

    etag = str_cut(rest, '\n', &rest);
    size = str_cut(rest, '\n', &rest);
    time = str_cut(rest, '\n', &rest);
    file.name = str_of(arena_text(&f->r->arena, rest));
    if (!rest.ptr || !str_number(size, &file.size) || !str_number(time, &seconds) ||
        local_has(&f->r->local, file.name))
        return false;
    file.mtime = (int64_t)seconds;
    if (local_begin(&f->r->local, &file, &f->in) == GW_OK && f->in.have && f->in.have < file.size) {
        *ret_etag = arena_text(&f->r->arena, etag);
        return true;
    }
    local_abandon(&f->r->local, &f->in);
    f->in = (struct incoming){.d = {.fd = -1}};
    return false;
}

static void add_conditions(struct fetching *f, struct http_request *r)
{
    struct gw_str etag = seen_line(f, 0), modified = seen_line(f, 1);
    const char *range_etag = NULL;
    size_t n = 0;

    f->resuming = take_up(f, &range_etag);
    if (f->resuming) {
        r->lines[n++] = arena_format(&f->r->arena, "Range: bytes=%llu-", (unsigned long long)f->in.have);
        r->lines[n++] = arena_format(&f->r->arena, "If-Range: %s", range_etag);
    } else if (etag.len)
        r->lines[n++] = arena_format(&f->r->arena, "If-None-Match: %.*s", STR_ARG(etag));
    else if (modified.len)
        r->lines[n++] = arena_format(&f->r->arena, "If-Modified-Since: %.*s", STR_ARG(modified));
    if (f->errand->body.len && f->errand->content_type.len)
        r->lines[n++] = arena_format(&f->r->arena, "Content-Type: %.*s", STR_ARG(f->errand->content_type));
}

static enum gw_result next_of(struct fetching *f, const struct http_answer *answer, const char **next)
{
    struct gw_str reference = {NULL, 0};

    *next = NULL;
    if (f->errand->paging == PAGING_LINK)
        reference = http_link_next(&f->r->arena, answer->link);
    else if (f->errand->paging == PAGING_NEXT)
        reference = f->last.next;
    else if (f->errand->paging == PAGING_PAGE)
        *next = page_after(&f->r->arena, f->url, f->errand->page_key);
    if (!reference.len)
        return GW_OK;
    *next = http_resolve(&f->r->arena, f->url, reference);
    if (*next && http_same_origin(*next, f->url))
        return GW_OK;
    return wire_tell(&f->h.w, END_FAIL, "read", "transfer.redirect", reference, GW_STR(""));
}

/* It is whole here: what it says of the next one, then its name. */
static enum gw_result keep(struct fetching *f, const struct http_answer *answer, const char **next)
{
    enum gw_result result = page_read(f->in.d.fd, f->errand, &f->r->arena, &f->last);

    if (result == GW_RETRY) {
        run_disk(f->r, f->in.file.name.ptr);
        return GW_FAIL;
    }
    if (result == GW_FAIL)
        return wire_tell(&f->h.w, END_FAIL, "read", "transfer.page", str_of(f->url), GW_STR(""));
    if (f->last.empty) {
        local_abandon(&f->r->local, &f->in);
        return GW_OK;
    }
    result = next_of(f, answer, next);
    if (result != GW_OK)
        return result;
    if (local_commit(&f->r->local, &f->in) != GW_OK) {
        run_disk(f->r, f->in.file.name.ptr);
        return GW_FAIL;
    }
    answer_file(f->in.file.name, f->got);
    f->files++;
    if (f->base.len)
        remember(f, "name", f->base, GW_STR("1"));
    remember_page(f, answer, *next);
    return GW_OK;
}

static enum gw_result not_modified(struct fetching *f, const char **next)
{
    struct gw_str url = seen_line(f, 2);

    if (f->errand->paging == PAGING_PAGE)
        *next = page_after(&f->r->arena, f->url, f->errand->page_key);
    else if (url.len)
        *next = arena_text(&f->r->arena, url);
    return GW_OK;
}

static enum gw_result judge(struct fetching *f, struct http_answer *answer, const char **next)
{
    if (answer->status / 100 == 2)
        return f->begun ? keep(f, answer, next) : GW_OK;
    if (answer->status == 304)
        return not_modified(f, next);
    if (answer->status == 404 && f->errand->paging == PAGING_PAGE && f->page > 1)
        return GW_OK;
    return http_refused(&f->h, "read", answer);
}

static enum gw_result one_page(struct fetching *f, const char **next)
{
    bool post = str_is(f->errand->method, "POST");
    struct http_request r = {.method = post ? "POST" : "GET",
                             .url = f->url,
                             .step = "read",
                             .more = &f->errand->headers,
                             .body = -1,
                             .text = f->errand->body,
                             .take = take,
                             .context = f};
    struct http_answer answer;
    enum gw_result result;

    *next = NULL;
    f->begun = false;
    f->base = (struct gw_str){NULL, 0};
    f->in = (struct incoming){.d = {.fd = -1}};
    add_conditions(f, &r);
    result = http_do(&f->h, &r, &answer);
    if (result == GW_OK && answer.status == 416 && f->resuming) {
        local_abandon(&f->r->local, &f->in);
        remember(f, "range", str_of(f->url), (struct gw_str){NULL, 0});
        result = wire_tell(&f->h.w, END_RETRY, "read", "transfer.cut", str_of(f->url), GW_STR("416"));
    } else if (result == GW_OK)
        result = judge(f, &answer, next);
    if (f->in.d.fd >= 0 && (answer.lost || (f->resuming && !f->begun)))
        local_suspend(&f->r->local, &f->in, f->begun ? f->got : f->in.have);
    if (f->in.d.fd >= 0)
        local_abandon(&f->r->local, &f->in);
    buf_done(&answer.text);
    return result;
}

/* ---- all of them ---- */

static enum gw_result pages(struct fetching *f)
{
    enum gw_result result = GW_OK;
    const char *next = NULL;

    if (f->errand->paging == PAGING_PAGE && f->url)
        f->url = page_first(&f->r->arena, f->url, f->errand->page_key);
    for (; result == GW_OK && f->url; f->url = next) {
        if (++f->page > f->errand->pages_max)
            return wire_tell(&f->h.w, END_FAIL, "read", "transfer.pages",
                             str_of(arena_format(&f->r->arena, "%llu", (unsigned long long)f->page - 1)),
                             GW_STR(""));
        result = one_page(f, &next);
    }
    if (result == GW_OK) {
        memory_keep_met(&f->r->local.memory, "http");
        memory_keep_met(&f->r->local.memory, "range");
        if (f->files)
            memory_keep_met(&f->r->local.memory, "name");
    }
    return result;
}

/* Nothing is to be undone at a web server: what the gateway has is forgotten here. */
static enum gw_result dismiss(struct run *r)
{
    struct remote_file *files;
    size_t n;

    if (local_taken(&r->local, &files, &n) != GW_OK)
        return GW_RETRY;
    for (size_t i = 0; i < n; i++) {
        if (local_dismiss(&r->local, files[i].name) != GW_OK)
            return GW_RETRY;
        answer_dismissed(files[i].name);
    }
    return GW_OK;
}

/* Nothing is fetched: what its head says. */
static enum gw_result list(struct fetching *f)
{
    struct http_request r = {
        .method = "HEAD", .url = f->url, .step = "list", .more = &f->errand->headers, .body = -1};
    struct http_answer answer;
    enum gw_result result = http_do(&f->h, &r, &answer);

    if (result == GW_OK && answer.status / 100 != 2 && answer.status != 405)
        result = http_refused(&f->h, "list", &answer);
    else if (result == GW_OK && answer.status != 405)
        answer_file(http_name(&f->r->arena, answer.disposition, str_of(f->url)), content_length(f));
    buf_done(&answer.text);
    return result;
}

void http_fetch(struct run *r)
{
    struct fetching f = {.r = r, .errand = &r->duty.errand, .now = time(NULL)};
    enum gw_result result = http_open(&f.h, r);

    if (result == GW_OK && !r->duty.dry && dismiss(r) != GW_OK)
        run_disk(r, LOCAL_TAKEN);
    else if (result == GW_OK) {
        f.url = wire_url(&f.h.w, r->duty.errand.path, true);
        result = r->duty.dry ? list(&f) : pages(&f);
    }
    wire_end(&f.h.w, result);
    http_close(&f.h);
}
