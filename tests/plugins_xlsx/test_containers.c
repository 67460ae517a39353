/* SPDX-License-Identifier: EUPL-1.2 */
/* Zips of all kinds, and those that are meant to hurt. */
#include "book.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <unistd.h>

int test_containers(void);

static const struct book usual = {.rows = "<row><c t=\"str\"><v>a</v></c></row><row><c><v>1</v></c></row>"};

static void however_it_is_packed(void **state)
{
    static const char *const ways[] = {"", "zip:compression=store", "zip:zip64", "zip:compression=deflate"};

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        struct buf out;

        assert_int_equal(book_read(&usual, ways[i], &out), GW_END);
        assert_string_equal(out.data, "{a#'1'}\n");
        buf_done(&out);
    }
}

static void with_a_password_it_is_refused(void **state)
{
    struct buf out;

    (void)state;
    assert_int_equal(book_read(&usual, "zip:encryption=zipcrypt", &out), GW_FAIL);
    assert_string_equal(out.data, "! xlsx.encrypted 2 0:0 #0\n");
    buf_done(&out);
}

/* Behind other bytes there may be a comment, and in a comment what looks like an end. */
static void a_comment_is_no_end(void **state)
{
    struct buf bytes, out;

    (void)state;
    buf_init(&bytes, 4 * CONTAINER_ROOM);
    buf_init(&out, 1 << 20);
    book_make(&usual, "", &bytes);
    bytes.data[bytes.len - 2] = 40;
    buf_add(&bytes, "PK\5\6 is what an end of a directory is like", 40);
    assert_int_equal(book_bytes(&usual, buf_view(&bytes), &out), GW_END);
    assert_string_equal(out.data, "{a#'1'}\n");
    buf_done(&out);
    buf_done(&bytes);
}

/* Each byte in turn is another: told or read, never a crash. */
static void a_wrong_byte_anywhere(void **state)
{
    struct buf bytes;

    (void)state;
    buf_init(&bytes, 4 * CONTAINER_ROOM);
    book_make(&usual, "zip:compression=store", &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        struct buf out;
        char was = bytes.data[i];
        enum gw_result r;

        buf_init(&out, 1 << 20);
        bytes.data[i] = (char)(was ^ 0x55);
        r = book_bytes(&usual, buf_view(&bytes), &out);
        bytes.data[i] = was;
        if (r != GW_END && !strchr(out.data, '!'))
            fail_msg("byte %zu: nobody is told", i);
        if (r == GW_END && strcmp(out.data, "{a#'1'}\n") != 0 && !strchr(out.data, '!'))
            fail_msg("byte %zu: %s", i, out.data);
        buf_done(&out);
    }
    buf_done(&bytes);
}

/* A sheet of nothing, a thousand times smaller than it unpacks to. */
static void a_bomb_is_stopped(void **state)
{
    static char blanks[1 << 20];
    struct buf bytes, out;
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    size_t used = 0;

    (void)state;
    buf_init(&bytes, 4 * CONTAINER_ROOM);
    buf_init(&out, 1 << 20);
    memset(blanks, ' ', sizeof(blanks));
    assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(a, 1);
    archive_write_open_memory(a, buf_room(&bytes, CONTAINER_ROOM), CONTAINER_ROOM, &used);
    archive_entry_set_pathname(e, "_rels/.rels");
    archive_entry_set_mode(e, AE_IFREG | 0644);
    archive_entry_set_size(e, 32 << 20);
    archive_write_header(a, e);
    blanks[0] = '<';
    for (int i = 0; i < 32; i++, blanks[0] = ' ')
        archive_write_data(a, i ? blanks : memcpy(blanks, "<a>", 3), sizeof(blanks));
    archive_entry_free(e);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    bytes.len = used;
    assert_int_equal(book_bytes(&usual, buf_view(&bytes), &out), GW_FAIL);
    assert_string_equal(out.data, "! xlsx.bomb 2 0:0 #0 limit=250\n");
    buf_done(&out);
    buf_done(&bytes);
}

/* ---- memory ---- */

static size_t resident(void)
{
    unsigned long pages = 0, whole = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &whole, &pages), 2);
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static struct gw_node cell(struct stage *st, const char *name, const char *text)
{
    return (struct gw_node){.name = names_add(&st->names, name, strlen(name)),
                            .text = text,
                            .len = (uint32_t)strlen(text),
                            .kind = GW_TEXT};
}

/* A workbook of many rows, written by the plugin into a file. */
static void write_many(struct stage *st, const char *path, unsigned rows)
{
    struct gw_node b = cell(st, "b", "une phrase qui se r\xC3\xA9p\xC3\xA8te"), a = cell(st, "a", ""),
                   root = {.first = &a, .kind = GW_MAP};
    struct session_stream stream = {.columns = st->columns, .ncolumns = st->ncolumns, .records = UINT64_MAX};

    assert_int_equal(output_open_path(&st->output, path, 0, &st->sink), GW_OK);
    assert_int_equal(session_open_writer(&st->session, book_plugin(), st->config, &st->names, NULL, &stream,
                                         &st->output, &st->sink),
                     GW_OK);
    for (unsigned i = 1; i <= rows; i++) {
        struct gw_record rec = {.root = &root};
        char digits[16];

        a.next = &b;
        a.text = digits;
        a.len = (uint32_t)snprintf(digits, sizeof(digits), "%u", i * 7919);
        assert_int_equal(session_write(&st->session, &rec, i), GW_OK);
    }
    assert_int_equal(session_finish(&st->session, NULL), GW_OK);
    session_close(&st->session);
    assert_int_equal(output_close(&st->output, true), GW_OK);
}

static void memory_does_not_grow_with_rows(void **state)
{
    struct sample sample = {.plugin = "xlsx", .name = "long", .columns = "a b"};
    char path[] = "/tmp/gw-xlsx-XXXXXX";
    int fd = mkstemp(path);
    struct input_options io = {.plugin = book_plugin()};
    struct session_stream stream = {.encoding = {NULL, 0}};
    struct gw_record rec;
    struct stage st;
    size_t base = 0, most = 0, n = 0;

    (void)state;
    assert_true(fd >= 0);
    assert_true(stage_init(&st, book_plugin(), &sample));
    write_many(&st, path, 120000);
    assert_int_equal(input_open_path(&st.input, path, &io), GW_OK);
    assert_int_equal(input_next_member(&st.input), GW_OK);
    assert_int_equal(session_open_reader(&st.session, book_plugin(), st.config, &st.names, NULL, &stream,
                                         &st.input, &st.sink),
                     GW_OK);
    while (session_next(&st.session, &rec) == GW_OK) {
        n++;
        if (n == 20000)
            base = resident();
        if (n % 20000 == 0 && resident() > most)
            most = resident();
    }
    assert_int_equal(n, 120000);
    assert_true(most <= base + ((size_t)256 << 10) || GW_SANITIZED);
    stage_done(&st);
    close(fd);
    unlink(path);
}

int test_containers(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_it_is_packed), cmocka_unit_test(with_a_password_it_is_refused),
        cmocka_unit_test(a_comment_is_no_end),  cmocka_unit_test(a_wrong_byte_anywhere),
        cmocka_unit_test(a_bomb_is_stopped),    cmocka_unit_test(memory_does_not_grow_with_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
