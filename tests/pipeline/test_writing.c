/* SPDX-License-Identifier: EUPL-1.2 */
/* Output and a writing session: what is rejected leaves no byte, what is cut short stays aside. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "pipeline/lines.h"
#include "pipeline/session.h"
#include "pipeline/told.h"
#include "support/unit.h"

/* ---- output ---- */

static char folder[] = "/tmp/gw-output-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[2][128];
    static unsigned turn;

    turn ^= 1;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static void assert_file(const char *name, const char *expected)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    if (!expected) {
        assert_int_equal(access(in_folder(name), F_OK), -1);
    } else {
        assert_int_equal(buf_read_file(&b, in_folder(name)), GW_OK);
        assert_string_equal(b.data, expected);
    }
    buf_done(&b);
}

static void write_file(const char *name, bool keep)
{
    struct output o;

    assert_int_equal(output_open_path(&o, in_folder(name), 0, NULL), GW_OK);
    output_add(&o, "kept,", 5);
    assert_int_equal(output_commit(&o), GW_OK);
    output_add(&o, "lost", 4);
    output_rollback(&o);
    output_add(&o, "and this", 8);
    assert_int_equal(output_commit(&o), GW_OK);
    output_add(&o, "not committed", 13);
    assert_int_equal(output_close(&o, keep), GW_OK);
    assert_int_equal(o.written, 13);
}

static void aside(void **state)
{
    struct stat st;

    (void)state;
    write_file("a", false);
    assert_file("a", NULL);
    assert_file("a.partial", "kept,and this");
    write_file("a", true);
    assert_file("a", "kept,and this");
    assert_file("a.partial", NULL);
    assert_int_equal(chmod(in_folder("a"), 0640), 0);
    assert_int_equal(symlink("a", in_folder("link")), 0);
    write_file("link", true);
    assert_int_equal(lstat(in_folder("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(in_folder("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    write_file("a", false); /* a failure leaves what was there */
    assert_file("a", "kept,and this");
    unlink(in_folder("a"));
    unlink(in_folder("a.partial"));
    unlink(in_folder("link"));
}

static void the_world_fails(void **state)
{
    static char block[OUTPUT_BLOCK];
    struct told told;
    struct output o;
    int ends[2];

    (void)state;
    told_init(&told);
    assert_int_equal(output_open_path(&o, "/nonexistent/x", 0, &told.sink), GW_RETRY);
    assert_int_equal(output_close(&o, true), GW_OK);
    assert_int_equal(output_open_path(&o, "/dev/full", 0, &told.sink), GW_OK);
    output_add(&o, block, sizeof(block));
    assert_int_equal(output_commit(&o), GW_RETRY);
    output_add(&o, block, 10);
    assert_int_equal(output_commit(&o), GW_RETRY);
    assert_int_equal(output_close(&o, true), GW_RETRY);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(output_open_fd(&o, ends[1], GW_STR("pipe"), 0, &told.sink), GW_OK);
    output_add(&o, "x", 1);
    assert_int_equal(output_commit(&o), GW_OK);
    assert_int_equal(output_close(&o, true), GW_RETRY);
    close(ends[1]);
    assert_string_equal(told.text.data, "output.open 0:0 #0 error=No such file or directory\n"
                                        "output.write 0:0 #0 error=No space left on device\n"
                                        "output.write 0:0 #0 error=Broken pipe\n");
    buf_done(&told.text);
}

static void too_much_at_once(void **state)
{
    static char block[OUTPUT_BLOCK];
    struct output o;
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    output_open_memory(&o, &b, GW_STR("m"), 1000, NULL);
    output_add(&o, "first", 5);
    assert_int_equal(output_commit(&o), GW_OK);
    output_add(&o, block, sizeof(block));
    output_add(&o, block, sizeof(block));
    assert_int_equal(output_commit(&o), GW_FATAL);
    output_add(&o, "second", 6);
    assert_int_equal(output_commit(&o), GW_OK);
    assert_int_equal(output_close(&o, true), GW_OK);
    assert_string_equal(b.data, "firstsecond");
    buf_done(&b);
}

/* ---- sessions ---- */

static bool fold_euro(void *context, struct gw_str character, struct buf *out)
{
    (void)context;
    if (!str_is(character, "€"))
        return false;
    buf_text(out, "EUR");
    return true;
}

static void sessions(void **state)
{
    static const struct {
        const char *encoding;
        bool fold;
        const char *root, *kid;
        enum gw_result result;
        struct gw_str out;
        const char *told;
    } cases[] = {
        {NULL, false, "été", "€", GW_OK, GW_STR_INIT("été,€\nend\n"), ""},
        {"UTF-8", false, "!x", "y", GW_REJECT, GW_STR_INIT("end\n"), "lines.bad 0:0 #9\n"},
        {"windows-1252", false, "été", "€", GW_OK, GW_STR_INIT("\xe9t\xe9,\x80\nend\n"), ""},
        {"windows-1252", false, "!x", "y", GW_REJECT, GW_STR_INIT("end\n"), "lines.bad 0:0 #9\n"},
        {"windows-1252", false, "ok", "naïve Ł", GW_REJECT, GW_STR_INIT("end\n"),
         "charset.unencodable 0:0 #9 value=Ł charset=windows-1252 path=root/kid\n"},
        {"ISO-8859-1", true, "3 €", "", GW_OK, GW_STR_INIT("3 EUR,\nend\n"), ""},
        {"ISO-8859-1", true, "3 Ł", "", GW_REJECT, GW_STR_INIT("end\n"),
         "charset.unencodable 0:0 #9 value=Ł charset=ISO-8859-1 path=root\n"},
        {"UTF-16LE", false, "é", "", GW_OK, GW_STR_INIT("\xe9\0,\0\n\0e\0n\0d\0\n\0"), ""},
    };
    static const struct charset_fold fold = {fold_euro, NULL};
    struct told told;
    struct arena arena;
    struct names names;
    struct buf b;

    (void)state;
    told_init(&told);
    arena_init(&arena, 0, 0);
    buf_init(&b, 1 << 20);
    assert_int_equal(names_init(&names, &arena, false), GW_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session_stream stream = {.encoding = str_of(cases[i].encoding),
                                        .fold = cases[i].fold ? &fold : NULL};
        struct gw_node kid = {.text = cases[i].kid, .len = (uint32_t)strlen(cases[i].kid), .kind = GW_TEXT};
        struct gw_node root = {
            .text = cases[i].root, .len = (uint32_t)strlen(cases[i].root), .first = &kid, .kind = GW_MAP};
        struct gw_record rec = {.root = &root};
        struct session s;
        struct output o;

        root.name = names_add(&names, "root", 4);
        kid.name = names_add(&names, "kid", 3);
        buf_clear(&b);
        buf_clear(&told.text);
        output_open_memory(&o, &b, GW_STR("out"), 0, &told.sink);
        assert_int_equal(session_open_writer(&s, &lines_plugin, NULL, &names, NULL, &stream, &o, &told.sink),
                         GW_OK);
        assert_int_equal(session_write(&s, &rec, 9), cases[i].result);
        assert_int_equal(session_finish(&s, NULL), GW_OK);
        session_close(&s);
        assert_int_equal(output_close(&o, true), GW_OK);
        assert_int_equal(b.len, cases[i].out.len);
        assert_memory_equal(b.data, cases[i].out.ptr, b.len);
        assert_string_equal(told.text.data, cases[i].told);
    }
    buf_done(&b);
    buf_done(&told.text);
    arena_done(&arena);
}

static void the_wrong_way(void **state)
{
    struct gw_plugin plugin = {.name = "none"};
    struct session_stream stream = {.records = 1};
    struct told told;
    struct session s;
    struct output o;
    struct input in;
    struct buf b;

    (void)state;
    told_init(&told);
    buf_init(&b, 100);
    output_open_memory(&o, &b, GW_STR("out"), 0, &told.sink);
    assert_int_equal(session_open_writer(&s, &plugin, NULL, NULL, NULL, &stream, &o, &told.sink), GW_FAIL);
    session_close(&s);
    assert_int_equal(output_close(&o, false), GW_OK);
    assert_int_equal(input_open_memory(&in, GW_STR("x"), GW_STR("in"), NULL), GW_OK);
    assert_int_equal(input_next_member(&in), GW_OK);
    assert_int_equal(session_open_reader(&s, &plugin, NULL, NULL, NULL, &stream, &in, &told.sink), GW_FAIL);
    session_close(&s);
    input_close(&in);
    assert_string_equal(told.text.data,
                        "plugin.cannot_write 0:0 #0 plugin=none\nplugin.cannot_read 0:0 #0 plugin=none\n");
    buf_done(&b);
    buf_done(&told.text);
}

static int begin(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aside),    cmocka_unit_test(the_world_fails), cmocka_unit_test(too_much_at_once),
        cmocka_unit_test(sessions), cmocka_unit_test(the_wrong_way),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
