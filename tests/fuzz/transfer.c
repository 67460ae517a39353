/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a transfer process is told by servers and by its duty, what it says to the gateway, what it remembers.
 * First byte: which.
 */
#include "fuzz/fuzz.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/courier.h"
#include "transfer/ftp_line.h"
#include "transfer/http_page.h"
#include "transfer/http_text.h"

static int folder;

static int file_of(struct gw_str text)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    MUST(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && lseek(fd, 0, SEEK_SET) == 0, "memfd");
    return fd;
}

static bool is_line(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ')
            return false;
    return str_valid(s);
}

/* Read and told again, a duty is the same. */
static void try_duty(struct arena *a, struct gw_str text)
{
    struct duty d, again;
    struct buf first, second;

    if (duty_read(a, text, &d) != GW_OK)
        return;
    buf_init(&first, (size_t)16 << 20);
    buf_init(&second, (size_t)16 << 20);
    duty_write(&first, &d);
    MUST(duty_read(a, buf_view(&first), &again) == GW_OK, "not read again:\n%s", first.data);
    duty_write(&second, &again);
    MUST(strcmp(first.data, second.data) == 0, "told:\n%s\nand again:\n%s", first.data, second.data);
    buf_done(&first);
    buf_done(&second);
}

static void hear(void *to, const struct courier_said *said)
{
    size_t *ends = to;

    MUST(!*ends, "heard after its end");
    MUST(said->kind != SAID_END || said->end == END_OK || said->code.len, "no reason");
    MUST(said->code.len < 64 && said->nargs <= COURIER_ARGS, "%zu", said->nargs);
    MUST(said->kind == SAID_END || (said->kind == SAID_STEP ? said->step.len : said->name.len), "of nothing");
    *ends += said->kind == SAID_END;
}

/* A process that says this and is gone. */
static void try_courier(struct gw_str text)
{
    struct courier c = {.answers = -1};
    size_t ends = 0;
    int pair[2];

    MUST(pipe2(pair, O_CLOEXEC | O_NONBLOCK) == 0 && write(pair[1], text.ptr, text.len) == (ssize_t)text.len,
         "pipe");
    (void)close(pair[1]);
    c.answers = pair[0];
    buf_init(&c.line, 65536);
    c.pid = vfork();
    if (c.pid == 0)
        _exit(0);
    while (!courier_step(&c, hear, &ends))
        ;
    MUST(!c.pid && c.answers < 0, "not reaped");
    MUST(c.ended == (ends == 1), "%zu ends", ends);
    MUST(!c.ended || !c.code || str_is(str_of(courier_fate(&c)), "transfer.answers"), "%s", c.code);
}

/* "DISPOSITION\nURL" */
static void try_name(struct arena *a, struct gw_str text)
{
    struct gw_str url, disposition = str_cut(text, '\n', &url), name;

    name = http_name(a, disposition, url.ptr ? url : GW_STR(""));
    MUST(name.len && name.len <= 200 && is_line(name), "%zu", name.len);
    MUST(name.ptr[0] != '.' && !memchr(name.ptr, '/', name.len) && !memchr(name.ptr, '\\', name.len) &&
             !memchr(name.ptr, 127, name.len),
         "%.*s", STR_ARG(name));
    if (local_plain(name))
        MUST(local_plain(http_name_at(a, name, 1772346600, text.len)), "%.*s", STR_ARG(name));
}

/* "BASE\nREFERENCE" */
static void try_url(struct arena *a, struct gw_str text)
{
    struct gw_str reference;
    const char *base = arena_text(a, str_cut(text, '\n', &reference)), *next, *first;
    char *user = NULL;
    CURLU *u = curl_url();

    first = page_first(a, base, GW_STR("page"));
    if (first)
        MUST(page_after(a, base, GW_STR("page")), "%s", base);
    next = http_resolve(a, base, reference.ptr ? reference : GW_STR(""));
    if (next) {
        MUST(curl_url_set(u, CURLUPART_URL, next, 0) == CURLUE_OK, "no URL: %s", next);
        MUST(curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER, "a user in %s", next);
        MUST(!strpbrk(next, "\r\n"), "%s", next);
        MUST(http_same_origin(next, base) == http_same_origin(base, next), "%s and %s", next, base);
    }
    curl_url_cleanup(u);
}

static void try_link(struct arena *a, struct gw_str text)
{
    struct gw_str next = http_link_next(a, text);
    size_t at;

    if (!next.ptr || memchr(text.ptr, '\0', text.len)) /* no header has one */
        return;
    MUST(!memchr(next.ptr, '>', next.len), "%.*s", STR_ARG(next));
    MUST(str_find(text, next, &at) && strcasestr(arena_text(a, text), "next"), "%.*s", STR_ARG(next));
}

/* "TYPE\nBODY" */
static void try_problem(struct arena *a, struct gw_str text)
{
    struct gw_str body, type = str_cut(text, '\n', &body), said;

    said = http_problem(a, type, body.ptr ? body : GW_STR(""));
    MUST(said.len <= 200 && is_line(said), "%.*s", STR_ARG(said));
}

static void try_page(struct arena *a, struct gw_str text, unsigned paging)
{
    struct errand e;
    struct page page = {.any = false};
    int fd = file_of(text);
    enum gw_result r;

    errand_defaults(&e);
    e.paging = paging;
    e.page_key = GW_STR("links.next");
    r = page_read(fd, &e, a, &page);
    MUST(r == GW_OK || r == GW_FAIL, "%d", (int)r);
    if (r != GW_OK)
        MUST(paging == PAGING_NEXT, "refused");
    MUST(page_read(fd, &e, a, &page) == GW_FAIL, "the same page for ever");
    (void)close(fd);
}

static void try_list(struct gw_str text, bool facts)
{
    while (text.ptr) {
        struct gw_str line = str_cut(text, '\n', &text);
        struct remote_file file = {.size = 0};

        if (!ftp_line(line, facts, &file))
            continue;
        MUST(local_plain(file.name), "%.*s", STR_ARG(file.name));
        MUST(file.name.ptr >= line.ptr && file.name.ptr + file.name.len == line.ptr + line.len, "not its end");
    }
}

/* Whatever is read is written and read again as it is. */
static void try_memory(struct arena *a, struct gw_str text)
{
    struct memory m, again;
    int fd = openat(folder, MEMORY_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    MUST(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len, "memory");
    (void)close(fd);
    if (memory_load(&m, a, folder) != GW_OK)
        return;
    m.changed = true;
    MUST(memory_save(&m, folder) == GW_OK && memory_load(&again, a, folder) == GW_OK, "not saved");
    MUST(m.count == again.count, "%zu and %zu", m.count, again.count);
    for (size_t i = 0; i < m.count; i++) {
        const struct memory_entry *x = &m.entries[i], *y = &again.entries[i];

        MUST(str_eq(x->section, y->section) && str_eq(x->key, y->key) && str_eq(x->value, y->value), "%zu", i);
        MUST(!i || str_compare(x[-1].section, x->section) < 0 || str_compare(x[-1].key, x->key) < 0, "order");
    }
}

static char path[] = "/dev/shm/fuzz-transfer-XXXXXX";

static void forget(void)
{
    (void)unlinkat(folder, MEMORY_FILE, 0);
    (void)rmdir(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    MUST(mkdtemp(path), "%s", path);
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(folder >= 0, "%s", path);
    atexit(forget);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct arena a;
    size_t which;

    text = take_choice(text, 11, &which);
    if (!text.len)
        return 0;
    arena_init(&a, 0, (size_t)256 << 20);
    switch (which) {
    case 0:
        try_duty(&a, text);
        break;
    case 1:
        try_courier(text);
        break;
    case 2:
        try_name(&a, text);
        break;
    case 3:
        try_url(&a, text);
        break;
    case 4:
        try_link(&a, text);
        break;
    case 5:
        try_problem(&a, text);
        break;
    case 6:
    case 7:
        try_page(&a, text, which == 6 ? PAGING_NEXT : PAGING_PAGE);
        break;
    case 8:
    case 9:
        try_list(text, which == 8);
        break;
    default:
        try_memory(&a, text);
    }
    arena_done(&a);
    return 0;
}
