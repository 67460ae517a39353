/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Answers of an SFTP server: the bytes of a channel that is ours, and everything that is asked of it. First
 * byte: how many bytes come at once. Beyond not crashing: what is handed on lies in what came, words are a line
 * of text, and who talked nonsense is not asked again.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/str.h"
#include "transfer/sftp_wire.h"

static struct gw_str left; /* of what the server says */
static size_t most;
static struct wire w;

/* The library's; nothing else of it is needed. */
int ssh_channel_read(ssh_channel channel, void *dest, uint32_t count, int is_stderr)
{
    size_t n = count < left.len ? count : left.len;

    (void)channel;
    MUST(!is_stderr && !w.broken, "read after the end");
    n = n < most ? n : most;
    memcpy(dest, left.ptr, n);
    left = str_from(left, n);
    return (int)n;
}

int ssh_channel_write(ssh_channel channel, const void *data, uint32_t len)
{
    (void)channel;
    (void)data;
    MUST(!w.broken, "written after the end");
    return (int)len;
}

static bool take(void *of, struct gw_str name, const struct wire_attrs *attrs)
{
    size_t *names = of;

    MUST(name.ptr >= w.in && name.ptr + name.len <= w.in + w.len, "a name from elsewhere");
    MUST(attrs->has_size || !attrs->size, "a size that was not told");
    MUST(attrs->mtime >= 0 && attrs->mtime <= UINT32_MAX, "a time beyond the protocol");
    return ++*names < 50;
}

static void words_are_a_line(void)
{
    MUST(memchr(w.said, '\0', sizeof(w.said)), "no end");
    for (const char *p = w.said; *p; p++)
        MUST((unsigned char)*p >= ' ', "a control character");
}

static void ask_many(const struct wire_handle *h)
{
    struct wire_answer answer;
    struct gw_str data;

    for (uint64_t at = 0; at < 4 && !w.broken; at++) {
        MUST(wire_ask_read(&w, h, at * WIRE_BLOCK, WIRE_BLOCK), "no number");
        if (!wire_take_answer(&w, &answer))
            break;
        MUST(answer.body.len <= WIRE_PACKET, "%zu", answer.body.len);
        if (answer.type == FXP_STATUS)
            (void)wire_status(&w, &answer);
        else if (wire_data(&w, &answer, &data))
            MUST(data.ptr >= w.in && data.ptr + data.len <= w.in + w.len, "data from elsewhere");
        words_are_a_line();
    }
}

static void ask_all(void)
{
    static const struct gw_str name = GW_STR_INIT("name");
    struct wire_handle h = {.len = 0};
    struct wire_attrs attrs;
    size_t names = 0;

    (void)wire_stat(&w, name, &attrs);
    words_are_a_line();
    if (wire_opendir(&w, name, &h) == FX_OK) {
        MUST(h.len <= sizeof(h.bytes), "%u", h.len);
        (void)wire_readdir(&w, &h, take, &names);
        MUST(names <= 50, "told after it was enough");
    }
    if (wire_open(&w, name, FXF_READ, &h) == FX_OK && wire_fstat(&w, &h, &attrs) == FX_OK)
        ask_many(&h);
    (void)wire_fsync(&w, &h);
    (void)wire_rename(&w, name, name);
    (void)wire_remove(&w, name);
    (void)wire_close(&w, &h);
    words_are_a_line();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    left = take_choice((struct gw_str){(const char *)data, size}, 256, &most);
    most++;
    w.broken = false;
    if (wire_begin(&w, NULL) == FX_OK)
        ask_all();
    wire_end(&w);
    return 0;
}
