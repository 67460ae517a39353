/* SPDX-License-Identifier: EUPL-1.2 */
/* Members of archives made here: plain, encrypted, damaged, far too large; from memory, file and pipe. */
#include "pipeline/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "gw/plugin.h"
#include "pipeline/told.h"
#include "support/unit.h"

enum way { MEMORY, FILE_, PIPE, WAYS };

struct pack {
    const char *kind;     /* "zip", "aes", "zipcrypt", "gz" */
    const char *names[4]; /* a name that ends in / is a folder */
    const char *texts[4];
};

static la_ssize_t keep(struct archive *a, void *context, const void *data, size_t len)
{
    (void)a;
    buf_add(context, data, len);
    return (la_ssize_t)len;
}

static struct archive *writer(const char *kind, struct buf *out)
{
    struct archive *a = archive_write_new();

    if (strcmp(kind, "gz") == 0) {
        archive_write_add_filter_gzip(a);
        archive_write_set_format_raw(a);
    } else {
        archive_write_set_format_zip(a);
    }
    if (strcmp(kind, "aes") == 0)
        assert_int_equal(archive_write_set_options(a, "zip:encryption=aes256"), ARCHIVE_OK);
    if (strcmp(kind, "zipcrypt") == 0)
        assert_int_equal(archive_write_set_options(a, "zip:encryption=zipcrypt"), ARCHIVE_OK);
    archive_write_set_passphrase(a, "sésame");
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open(a, out, NULL, keep, NULL), ARCHIVE_OK);
    return a;
}

static void add(struct archive *a, const char *name, const void *data, size_t len, size_t times)
{
    struct archive_entry *e = archive_entry_new();
    size_t n = strlen(name);

    archive_entry_set_pathname(e, name);
    archive_entry_set_mode(e, n && name[n - 1] == '/' ? AE_IFDIR | 0755 : AE_IFREG | 0644);
    archive_entry_set_size(e, (la_int64_t)(len * times));
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    for (size_t i = 0; i < times; i++)
        assert_int_equal(archive_write_data(a, data, len), len);
    archive_entry_free(e);
}

static void make(const struct pack *p, struct buf *out)
{
    struct archive *a;

    buf_clear(out);
    if (strcmp(p->kind, "plain") == 0) {
        buf_text(out, p->texts[0]);
        return;
    }
    a = writer(p->kind, out);
    for (size_t i = 0; i < 4 && p->names[i]; i++)
        add(a, p->names[i], p->texts[i], strlen(p->texts[i]), 1);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

/* A descriptor of those bytes that can seek, or the end of a pipe that a child fills. */
static int descriptor(struct gw_str bytes, enum way way, pid_t *child)
{
    char name[] = "/tmp/gw-input-XXXXXX";
    int ends[2] = {-1, -1};

    *child = 0;
    if (way == FILE_) {
        ends[0] = mkstemp(name);
        unlink(name);
        assert_int_equal(write(ends[0], bytes.ptr, bytes.len), bytes.len);
        lseek(ends[0], 0, SEEK_SET);
        return ends[0];
    }
    assert_int_equal(pipe(ends), 0);
    *child = fork();
    if (*child == 0) {
        for (size_t at = 0; at < bytes.len; at++) /* one byte at a time: short reads everywhere */
            if (write(ends[1], bytes.ptr + at, at < 4096 ? 1 : bytes.len - at) < 0 || at >= 4096)
                break;
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

/* "[member|inner]bytes" of each member. */
static enum gw_result read_all(struct input *in, struct buf *out, bool look)
{
    enum gw_result r;
    struct gw_str head;
    char data[1000];
    size_t got;

    while ((r = input_next_member(in)) == GW_OK) {
        buf_format(out, "[%.*s|%.*s]", STR_ARG(in->member), STR_ARG(in->inner));
        if (look)
            r = input_head(in, &head);
        while (r == GW_OK && (r = input_read(in, data, sizeof(data), &got)) == GW_OK)
            buf_add(out, data, got);
        if (r != GW_END)
            return r;
    }
    return r;
}

static enum gw_result run(struct gw_str bytes, enum way way, const char *name, struct input_options *o,
                          bool look, struct buf *out)
{
    struct input in;
    enum gw_result r;
    pid_t child = 0;
    int fd = -1;

    if (way == MEMORY) {
        r = input_open_memory(&in, bytes, str_of(name), o);
    } else {
        fd = descriptor(bytes, way, &child);
        r = input_open_fd(&in, fd, str_of(name), o);
    }
    buf_clear(out);
    if (r == GW_OK)
        r = read_all(&in, out, look);
    input_close(&in);
    if (fd >= 0)
        close(fd);
    if (child)
        waitpid(child, NULL, 0);
    return r;
}

static void members(void **state)
{
    static const struct {
        struct pack pack;
        const char *password, *name, *out, *told;
        enum gw_result result;
    } cases[] = {
        {{"plain", {NULL}, {"a;b\n"}}, NULL, "x.csv", "[x.csv|x.csv]a;b\n", "", GW_END},
        {{"plain", {NULL}, {""}}, NULL, "x.csv", "[x.csv|x.csv]", "", GW_END},
        {{"plain", {NULL}, {"PK\3\4"}}, NULL, "x.zip", "", "input.damaged", GW_FAIL},
        {{"gz", {"data"}, {"a;b\n"}}, NULL, "x.csv.gz", "[x.csv.gz|x.csv]a;b\n", "", GW_END},
        {{"gz", {"data"}, {""}}, NULL, "x.gz", "[x.gz|x]", "", GW_END},
        {{"zip", {"one.csv", "d/", "d/two.csv"}, {"1", "", "22"}},
         NULL,
         "x.zip",
         "[x.zip/one.csv|one.csv]1[x.zip/d/two.csv|d/two.csv]22",
         "",
         GW_END},
        {{"zip", {"../../etc/passwd"}, {"data"}},
         NULL,
         "x.zip",
         "[x.zip/../../etc/passwd|../../etc/passwd]data",
         "",
         GW_END},
        {{"zip", {NULL}, {NULL}}, NULL, "x.zip", "", "", GW_END},
        {{"aes", {"one.txt", "two.txt"}, {"été", "hiver"}},
         "sésame",
         "x.zip",
         "[x.zip/one.txt|one.txt]été[x.zip/two.txt|two.txt]hiver",
         "",
         GW_END},
        {{"zipcrypt", {"one.txt"}, {"été"}}, "sésame", "x.zip", "[x.zip/one.txt|one.txt]été", "", GW_END},
        {{"aes", {"one.txt"}, {"été"}}, "other", "x.zip", "[x.zip/one.txt|one.txt]", "input.password", GW_FAIL},
        {{"aes", {"one.txt"}, {"été"}}, NULL, "x.zip", "", "input.password", GW_FAIL},
    };
    struct told told;
    struct buf bytes, out;

    (void)state;
    told_init(&told);
    buf_init(&bytes, 1 << 20);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned way = 0; way < 2 * WAYS; way++) {
            struct input_options o = {.sink = &told.sink, .password = str_of(cases[i].password)};

            if (strncmp(cases[i].pack.kind, "aes", 3) == 0 && way % WAYS == PIPE)
                continue;
            make(&cases[i].pack, &bytes);
            buf_clear(&told.text);
            assert_int_equal(run(buf_view(&bytes), way % WAYS, cases[i].name, &o, way >= WAYS, &out),
                             cases[i].result);
            assert_string_equal(out.data, cases[i].out);
            assert_true(str_begins(buf_view(&told.text), str_of(cases[i].told)));
            assert_int_equal(told.text.len == 0, cases[i].told[0] == '\0');
        }
    }
    buf_done(&told.text);
    buf_done(&bytes);
    buf_done(&out);
}

static void make_text(struct buf *b, size_t len)
{
    for (unsigned i = 0; b->len < len; i++)
        buf_format(b, "%u;%x;ligne\n", i * 2654435761u, i * 40503u);
}

/* Larger than every buffer, and cut at many places: never more than the truth, never a false end. */
static void truncated(void **state)
{
    static const char *const kinds[] = {"gz", "zip"};
    struct told told;
    struct buf text, bytes, out;

    (void)state;
    told_init(&told);
    buf_init(&text, 1 << 20);
    buf_init(&bytes, 1 << 20);
    buf_init(&out, 1 << 20);
    make_text(&text, 300000);
    for (size_t k = 0; k < 2; k++) {
        struct pack p = {kinds[k], {"t.csv"}, {text.data}};

        make(&p, &bytes);
        for (size_t cut = 9; cut < bytes.len; cut += cut < 100 || cut + 300 > bytes.len ? 1 : 9973) {
            struct input_options o = {.sink = &told.sink};
            enum gw_result r = run((struct gw_str){bytes.data, cut}, MEMORY, "t", &o, false, &out);
            size_t head = out.len ? (size_t)((char *)memchr(out.data, ']', out.len) - out.data) + 1 : 0;

            assert_true(r == GW_FAIL || (r == GW_END && out.len == head + text.len));
            assert_memory_equal(out.data + head, text.data, out.len - head);
        }
        {
            struct input_options o = {.sink = &told.sink};

            assert_int_equal(run(buf_view(&bytes), PIPE, "t", &o, true, &out), GW_END);
            assert_memory_equal(out.data + out.len - text.len, text.data, text.len);
        }
    }
    buf_done(&told.text);
    buf_done(&text);
    buf_done(&bytes);
    buf_done(&out);
}

/* Whatever byte behind the header of gzip is another: it is said. */
static void damaged_bytes(void **state)
{
    struct pack p = {"gz", {"t.csv"}, {"nom;ne_le\nESSAI;01/02/1990\nESSAI;03/04/1991\n"}};
    struct told told;
    struct input_options o = {.sink = &told.sink};
    struct buf bytes, out;

    (void)state;
    told_init(&told);
    buf_init(&bytes, 1 << 20);
    buf_init(&out, 1 << 20);
    make(&p, &bytes);
    assert_true(bytes.len > 40 && bytes.data[3] == 0); /* no name: the header is 10 bytes */
    for (size_t i = 10; i < bytes.len; i++) {
        bytes.data[i] ^= 0x55;
        buf_clear(&told.text);
        assert_int_equal(run(buf_view(&bytes), i % WAYS, "t", &o, i % 2, &out), GW_FAIL);
        assert_true(str_begins(buf_view(&told.text), GW_STR("input.damaged 0:0 #0 error=")));
        bytes.data[i] ^= 0x55;
    }
    assert_int_equal(run(buf_view(&bytes), MEMORY, "t", &o, false, &out), GW_END);
    assert_string_equal(out.data + 5, p.texts[0]);
    buf_done(&told.text);
    buf_done(&bytes);
    buf_done(&out);
}

/* Texts of gzip one behind the other, and what else may stand there. */
static void several_gzips(void **state)
{
    static const struct pack parts[] = {{"gz", {"1"}, {"one"}}, {"gz", {"2"}, {""}}, {"gz", {"3"}, {"three"}}};
    static const struct {
        struct gw_str behind;
        size_t cut;
        const char *told;
    } cases[] = {
        {GW_STR_INIT(""), 0, ""},
        {GW_STR_INIT("\0"), 0, ""},
        {GW_STR_INIT("\0\0\0\0\0\0\0\0\0\0\0\0"), 0, ""},
        {GW_STR_INIT("\0\0x"), 0, "input.damaged 0:0 #0 error=data behind the padding\n"},
        {GW_STR_INIT("xy"), 0, "input.damaged 0:0 #0 error=incorrect header check\n"},
        {GW_STR_INIT("\x1f"), 0, "input.damaged 0:0 #0 error=truncated gzip file\n"},
        {GW_STR_INIT(""), 1, "input.damaged 0:0 #0 error=truncated gzip file\n"},
    };
    struct told told;
    struct input_options o = {.sink = &told.sink};
    struct buf bytes, one, out;

    (void)state;
    told_init(&told);
    buf_init(&bytes, 1 << 20);
    buf_init(&one, 1 << 20);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) * WAYS; i++) {
        const char *expected = cases[i / WAYS].told;

        buf_clear(&bytes);
        buf_clear(&told.text);
        for (size_t k = 0; k < 3; k++) {
            make(&parts[k], &one);
            buf_str(&bytes, buf_view(&one));
        }
        bytes.len -= cases[i / WAYS].cut;
        buf_str(&bytes, cases[i / WAYS].behind);
        assert_int_equal(run(buf_view(&bytes), i % WAYS, "x.gz", &o, false, &out),
                         expected[0] ? GW_FAIL : GW_END);
        assert_string_equal(told.text.data, expected);
        assert_string_equal(out.data, "[x.gz|x]onethree");
    }
    buf_done(&told.text);
    buf_done(&bytes);
    buf_done(&one);
    buf_done(&out);
}

static uint64_t drain(struct gw_str bytes, const struct input_options *o)
{
    static char data[65536];
    struct input in;
    uint64_t total = 0;
    size_t got;

    assert_int_equal(input_open_memory(&in, bytes, GW_STR("b"), o), GW_OK);
    assert_int_equal(input_next_member(&in), GW_OK);
    while (input_read(&in, data, sizeof(data), &got) == GW_OK)
        total += got;
    input_close(&in);
    return total;
}

static void bombs(void **state)
{
    static const char *const kinds[] = {"gz", "zip"};
    static char zeros[1 << 20];
    struct told told;
    struct buf bytes;

    (void)state;
    told_init(&told);
    buf_init(&bytes, 4 << 20);
    for (size_t k = 0; k < 2; k++) {
        struct archive *a;
        struct input_options o = {.sink = &told.sink};

        buf_clear(&bytes);
        a = writer(kinds[k], &bytes);
        add(a, "z", zeros, sizeof(zeros), 100);
        archive_write_close(a);
        archive_write_free(a);
        buf_clear(&told.text);
        assert_true(drain(buf_view(&bytes), &o) < 30u << 20);
        assert_string_equal(told.text.data, "input.bomb 0:0 #0 bound=ratio limit=250\n");
        o.max_ratio = 2000;
        assert_int_equal(drain(buf_view(&bytes), &o), 100u << 20);
        o.max_unpacked = 5000000;
        buf_clear(&told.text);
        assert_true(drain(buf_view(&bytes), &o) <= 5000000);
        assert_string_equal(told.text.data, "input.bomb 0:0 #0 bound=bytes limit=5000000\n");
    }
    buf_done(&told.text);
    buf_done(&bytes);
}

static void too_many_members(void **state)
{
    struct pack p = {"zip", {"a", "b", "c", "d"}, {"1", "2", "3", "4"}};
    struct told told;
    struct input_options o = {.sink = &told.sink, .max_members = 2};
    struct buf bytes, out;

    (void)state;
    told_init(&told);
    buf_init(&bytes, 1 << 20);
    buf_init(&out, 1 << 20);
    make(&p, &bytes);
    assert_int_equal(run(buf_view(&bytes), FILE_, "x", &o, false, &out), GW_FAIL);
    assert_string_equal(out.data, "[x/a|a]1[x/b|b]2");
    assert_string_equal(told.text.data, "input.bomb 0:0 #0 bound=members limit=2\n");
    buf_done(&told.text);
    buf_done(&bytes);
    buf_done(&out);
}

static int knows_a(const struct gw_probe *p)
{
    return p->head.len > 31 && p->head.ptr[30] == 'a' ? 90 : 0; /* the name of the first member */
}

static const struct gw_plugin seeker = {.flags = GW_SEEKS, .probe = knows_a};

/* What the plugin does not know as its own is an archive, whose members have positions too. */
static void position_in_a_member(void **state)
{
    static const char *const kinds[] = {"zip", "gz"};
    struct told told;
    struct input_options o = {.sink = &told.sink, .plugin = &seeker};
    struct buf bytes;

    (void)state;
    told_init(&told);
    buf_init(&bytes, 1 << 20);
    for (size_t i = 0; i < 2; i++) {
        struct pack p = {kinds[i], {"b", i ? NULL : "c"}, {"12345", "678"}};
        struct input in;
        char data[3];

        make(&p, &bytes);
        assert_int_equal(input_open_memory(&in, buf_view(&bytes), GW_STR("m"), &o), GW_OK);
        assert_int_equal(input_next_member(&in), GW_OK);
        assert_int_equal(input_read_at(&in, 2, data, 3), GW_OK);
        assert_memory_equal(data, "345", 3);
        assert_int_equal(input_read_at(&in, 0, data, 1), GW_OK);
        assert_memory_equal(data, "1", 1);
        assert_int_equal(input_read_at(&in, 3, data, 3), GW_END);
        assert_int_equal(input_next_member(&in), i ? GW_END : GW_OK);
        if (i == 0) {
            assert_int_equal(input_read_at(&in, 0, data, 3), GW_OK);
            assert_memory_equal(data, "678", 3);
        }
        input_close(&in);
    }
    assert_string_equal(told.text.data, "");
    buf_done(&told.text);
    buf_done(&bytes);
}

static void by_position(void **state)
{
    struct pack p = {"zip", {"a"}, {"1"}};
    struct told told;
    struct input_options o = {.sink = &told.sink, .plugin = &seeker};
    struct input in;
    struct buf bytes;
    char data[8];

    (void)state;
    told_init(&told);
    buf_init(&bytes, 1 << 20);
    make(&p, &bytes);
    for (unsigned way = 0; way < WAYS; way++) {
        pid_t child = 0;
        int fd = way == MEMORY ? -1 : descriptor(buf_view(&bytes), way, &child);
        enum gw_result r = way == MEMORY ? input_open_memory(&in, buf_view(&bytes), GW_STR("m"), &o)
                                         : input_open_fd(&in, fd, GW_STR("m"), &o);

        assert_int_equal(r, GW_OK);
        assert_int_equal(input_next_member(&in), GW_OK);
        assert_int_equal(input_read_at(&in, 2, data, 2), GW_OK);
        assert_memory_equal(data, "\3\4", 2);
        assert_int_equal(input_read_at(&in, bytes.len - 2, data, 8), GW_END);
        input_close(&in);
        if (child) {
            close(fd);
            waitpid(child, NULL, 0);
        } else if (fd >= 0) {
            close(fd);
        }
    }
    buf_done(&told.text);
    buf_done(&bytes);
}

static void what_cannot_be_opened(void **state)
{
    struct told told;
    struct input_options o = {.sink = &told.sink};
    struct input in;

    (void)state;
    told_init(&told);
    assert_int_equal(input_open_path(&in, "/nonexistent/file", &o), GW_RETRY);
    assert_string_equal(told.text.data, "input.open 0:0 #0 error=No such file or directory\n");
    input_close(&in);
    buf_clear(&told.text);
    assert_int_equal(input_open_path(&in, "/", &o), GW_RETRY);
    assert_string_equal(told.text.data, "input.read 0:0 #0 error=Is a directory\n");
    input_close(&in);
    buf_done(&told.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),
        cmocka_unit_test(truncated),
        cmocka_unit_test(damaged_bytes),
        cmocka_unit_test(several_gzips),
        cmocka_unit_test(bombs),
        cmocka_unit_test(too_many_members),
        cmocka_unit_test(by_position),
        cmocka_unit_test(position_in_a_member),
        cmocka_unit_test(what_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
