/* SPDX-License-Identifier: EUPL-1.2 */
/* Bounds and breakage: files cut anywhere, memory that fails, depth, length, sessions side by side, real files.
 */
#include "plugins_xml/fixture.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAMPLE                                                                                                 \
    "<?xml version='1.0' encoding='UTF-8'?>\n<!-- x -->\n<n:r xmlns:n='urn:x' a='&lt;1'>\n\t<h>é<i/></h>\n"   \
    "\t<f k='v'>\n\t\t<a>1 &amp; 2</a>\n\t</f\n>\n<f/><n:f><![CDATA[</g>]]><!-- </g> "                         \
    "--></n:f>\n\t<f>4</f><t/></n:r>\n"

/* The sanitizer keeps what the parser frees. */
#if defined(__SANITIZE_ADDRESS__)
#define HOLDS_FREED true
#else
#define HOLDS_FREED false
#endif

static void repeat(struct buf *b, const char *text, size_t n)
{
    while (n--)
        buf_text(b, text);
}

static size_t count(const struct buf *b, const char *what)
{
    struct gw_str rest = buf_view(b);
    size_t n = 0, at;

    for (; str_find(rest, str_of(what), &at); n++)
        rest = str_from(rest, at + strlen(what));
    return n;
}

static bool ends(const struct fixture *f, const char *with)
{
    return f->out.len >= strlen(with) && strcmp(f->out.data + f->out.len - strlen(with), with) == 0;
}

/* The records that end before the cut are given, and no more; the root's end makes the file whole. */
static void cut_anywhere(void **state)
{
    static const char *const tags[] = {"</f\n>", "<f/>", " --></n:f>", "<f>4</f>"};
    struct fixture *f = *state;
    struct gw_str whole = GW_STR(SAMPLE);
    size_t root_end;

    assert_true(str_find(whole, GW_STR("</n:r>"), &root_end));
    fixture_configure(f, "f[]", "");
    for (size_t len = 0; len < 2 * whole.len; len++) {
        struct gw_str text = {whole.ptr, len / 2};
        size_t records = 0, at;

        f->limits.step = len % 2;
        (void)fixture_read(f, text);
        for (size_t i = 0; i < 4; i++)
            records += str_find(text, str_of(tags[i]), &at);
        assert_int_equal(count(&f->out, "ok "), records);
        assert_int_equal(count(&f->out, "no "), 0);
        assert_true(ends(f, len / 2 < root_end + 6 ? "fail\n" : "end\n"));
        assert_int_equal(count(&f->out, "! "), len / 2 < root_end + 6);
    }
}

static void memory_fails(void **state)
{
    static const char text[] = "<r><h>1</h><f><a>x</a></f><f><</f><f k='1'>yes<b/>no</f><t/></r>";
    struct fixture *f = *state;
    struct buf good;
    size_t failures = 0;

    fixture_configure(f, "f[]", "");
    (void)fixture_read(f, str_of(text));
    buf_init(&good, 1 << 20);
    buf_str(&good, buf_view(&f->out));
    for (size_t nth = 1;; nth++) {
        enum gw_result r;

        arena_fail_at(nth);
        r = fixture_read(f, str_of(text));
        if (arena_fail_left())
            break;
        failures++;
        assert_int_equal(r, GW_FATAL);
        assert_int_equal(count(&f->out, "memory.out"), 1);
    }
    arena_fail_at(0);
    assert_string_equal(f->out.data, good.data);
    assert_true(failures > 2);
    buf_done(&good);
}

/* As a file of n such elements within one another, in the second of three records. */
static void nest(struct buf *b, size_t n)
{
    buf_text(b, "<r><f>1</f><f>");
    repeat(b, "<a>", n);
    repeat(b, "</a>", n);
    buf_text(b, "</f><f>3</f></r>");
}

static void depth(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    fixture_configure(f, "f[]", "");
    buf_init(&text, 16 << 20);
    f->limits.depth = 100;
    nest(&text, 98);
    assert_int_equal(fixture_read(f, buf_view(&text)), GW_END);
    assert_int_equal(count(&f->out, "ok "), 3);
    for (size_t n = 99; n < 2000000; n *= 100) {
        buf_clear(&text);
        nest(&text, n);
        assert_int_equal(fixture_read(f, buf_view(&text)), GW_END);
        assert_int_equal(count(&f->out, "ok f'1'\n! xml.depth 1:"), 1);
        assert_int_equal(count(&f->out, "</f>\nok f'3'\nend\n"), 1);
    }
    buf_done(&text);
}

static void all_deep(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    fixture_configure(f, "f[]", "");
    buf_init(&text, 16 << 20);
    buf_text(&text, "<r>\n<f>");
    repeat(&text, "<a>", 10000);
    assert_int_equal(fixture_read(f, buf_view(&text)), GW_FAIL);
    assert_string_equal(f->out.data, "! xml.depth 2:768\nfail\n");
    buf_done(&text);
}

struct large {
    const char *name, *before, *repeated, *after, *expected; /* what comes at last */
};

/* 200 KB of something, where a record may have 64 KB. */
static const struct large larges[] = {
    {"a text", "<r><f>1</f><f>", "abcdefgh", "</f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"an attribute", "<r><f>1</f><f><a k='", "abcdefgh", "'/></f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"a name", "<r><f>1</f><f><a", "bcdefghi", "/></f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"elements", "<r><f>1</f><f>", "<a/>\t\t\t\t", "</f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"a comment", "<r><f>1</f><f><!--", "abcdefgh", "--></f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"character data", "<r><f>1</f><f><![CDATA[", "abcdefgh", "]]></f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"mixed content", "<r><f>1</f><f>", "abcd<e/>", "</f><f>3</f></r>", "</f>\nok f'3'\nend\n"},
    {"blanks between records", "<r><f>1</f>", "       \n", "<f>3</f></r>", "ok f'1'\nok f'3'\nend\n"},
    {"comments between records", "<r><f>1</f>", "<!-- -->", "<f>3</f></r>", "ok f'1'\nok f'3'\nend\n"},
    {"blanks in an end tag", "<r><f>1</f", "  \t    \n", "><f>2</f><f>3</f></r>", ">\nok f'2'\nok f'3'\nend\n"},
    {"an item", "<r><f>1</f><h>", "abcdefgh", "</h><f>3</f></r>", "</h>\nok f'3'\nend\n"},
    {"the head", "<r><h>", "abcdefgh", "</h><f>3</f></r>", "! xml.too_large 1:4\nfail\n"},
    {"many heads", "<r>", "<h></h>\n", "<f>3</f></r>", "fail\n"},
    {"the root's tag", "<r k='", "abcdefgh", "'><f>3</f></r>", "! xml.too_large 1:1\nfail\n"},
    {"a comment before", "<!--", "abcdefgh", "--><r><f>3</f></r>", "! xml.too_large 1:1\nfail\n"},
    {"what follows", "<r><f>1</f></r><!--", "abcdefgh", "-->", "! xml.too_large 1:16\nfail\n"},
};

static void too_large(void **state)
{
    static const size_t steps[] = {0, 1000, 100000};
    const struct large *large = *state;
    struct fixture *f;
    struct buf text;

    (void)fixture_setup((void **)&f);
    fixture_configure(f, "f[]", "");
    f->limits.record_bytes = 65536;
    buf_init(&text, 1 << 20);
    buf_text(&text, large->before);
    repeat(&text, large->repeated, 25000);
    buf_text(&text, large->after);
    for (size_t i = 0; i < 3; i++) {
        f->limits.step = steps[i];
        (void)fixture_read(f, buf_view(&text));
        if (!ends(f, large->expected) && !count(&f->out, large->expected))
            print_error("%.300s\n...\n%s\n", f->out.data,
                        f->out.data + (f->out.len > 300 ? f->out.len - 300 : 0));
        assert_true(ends(f, large->expected) || count(&f->out, large->expected) == 1);
        assert_int_equal(count(&f->out, "! "), strstr(large->expected, "ok f'1'") ? 0 : 1);
    }
    buf_done(&text);
    (void)fixture_teardown((void **)&f);
}

/* Faults whose end the parser would wait for through all that follows. */
static const struct large endless[] = {
    {"an ampersand", "<r>\n<f>R&D</f>", "<f>2</f>\n", "</r>",
     "! xml.ampersand 2:5\nno 2 <f>R&D</f>\nok f'2'\n"},
    {"an entity", "<r>\n<f>&amp</f>", "<f>2</f>\n", "</r>", "! xml.ampersand 2:4\nno 2 <f>&amp</f>\nok f'2'\n"},
    {"a quote", "<r>\n<f><a k='1/></f>", "<f>2</f>\n", "</r>",
     "! xml.less_than 2:13\nno 2 <f><a k='1/></f>\nok f'2'\n"},
    {"a quote in a record's tag", "<r>\n<f>1</f><f k=\"1></f>", "<f>2</f>\n", "</r>",
     "ok f'1'\n! xml.less_than 2:17\nno 2 <f k=\"1></f>\nok f'2'\n"},
    {"a tag", "<r>\n<f><a </f>", "<f>2</f>\n", "</r>", "no 2 <f><a </f>\nok f'2'\n"},
    {"an end tag", "<r>\n<f><a></a</f>", "<f>2</f>\n", "</r>", "no 2 <f><a></a</f>\nok f'2'\n"},
    {"a comment", "<r>\n<f><!-- </f>", "<f>2</f>\n", "</r>",
     "! xml.too_large 2:1\nno 2 <f><!-- </f>\nok f'2'\n"},
    {"character data", "<r>\n<f><![CDATA[ </f>", "<f>2</f>\n", "</r>",
     "! xml.too_large 2:1\nno 2 <f><![CDATA[ </f>\nok f'2'\n"},
    {"a record", "<r>\n<f>", "<f>2</f>\n", "</r>", "! xml.too_large 2:1\nno 2 <f>\nok f'2'\n"},
};

static void never_closed(void **state)
{
    const struct large *large = *state;
    struct fixture *f;
    struct buf text;

    (void)fixture_setup((void **)&f);
    fixture_configure(f, "f[]", "");
    f->limits.record_bytes = 65536;
    buf_init(&text, 1 << 20);
    buf_text(&text, large->before);
    repeat(&text, large->repeated, 20000);
    buf_text(&text, large->after);
    assert_int_equal(fixture_read(f, buf_view(&text)), GW_END);
    if (!count(&f->out, large->expected))
        print_error("%.300s\n", f->out.data);
    assert_int_equal(count(&f->out, large->expected), 1);
    assert_int_equal(count(&f->out, "! "), 1);
    assert_int_equal(count(&f->out, "no "), 1);
    assert_int_equal(count(&f->out, "ok f'2'\n"), 20000);
    buf_done(&text);
    (void)fixture_teardown((void **)&f);
}

/* An end tag that cannot be seen whole at once brings several records into one feed. */
static void records_that_slip_by(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    fixture_configure(f, "f[]", "");
    f->places = true;
    buf_init(&text, 1 << 20);
    buf_text(&text, "<r a='\n'><f><a>1</a></f");
    repeat(&text, "\n", 70000);
    buf_text(&text, "><f>2</f><f>3</f>x<f");
    repeat(&text, " ", 70000);
    buf_text(&text, "/><f/><f>5</f></r>");
    assert_int_equal(fixture_read(f, buf_view(&text)), GW_END);
    assert_string_equal(f->out.data, "ok f2:3{a2:6'1'}\nok f70002:2'2'\nok f70002:10'3'\nok f70002:19''\n"
                                     "ok f70002:70023''\nok f70002:70027'5'\nend\n");
    buf_done(&text);
}

/* The record's name as the file spells it is not the one that the table has. */
static void folded_names(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    assert_int_equal(names_init(&f->names, &f->arena, true), GW_OK);
    fixture_configure(f, "fiche_salarie[]", "");
    buf_init(&text, 1 << 20);
    buf_text(&text, "<r>");
    repeat(&text, "<FicheSalarie><A>1</A></FicheSalarie><Fiche-Salarié/>", 1000);
    buf_text(&text, "</r>");
    assert_int_equal(fixture_read(f, buf_view(&text)), GW_END);
    assert_int_equal(count(&f->out, "ok "), 1000);
    buf_done(&text);
}

static void nul_bytes(void **state)
{
    static const struct {
        struct gw_str text;
        const char *expected;
    } cases[] = {
        {GW_STR_INIT("<r><f>1</f><f>a\0b</f><f>3</f></r>"), "ok f'1'\n! xml.nul 1:16\nno 1 <f>a"},
        {GW_STR_INIT("<r><f>1</f>\0\0<f>3</f></r>"), "ok f'1'\n! xml.nul 1:12\nno 1 "},
        {GW_STR_INIT("\0\0\0\0\0\0"), "! xml.nul 1:1\nfail\n"},
        {GW_STR_INIT("<\0r\0>\0<\0/\0r\0>\0"), "! xml.nul 1:2\nfail\n"},
    };
    struct fixture *f = *state;

    fixture_configure(f, "f[]", "");
    for (size_t i = 0; i < 3; i++) {
        (void)fixture_read(f, cases[i].text);
        assert_memory_equal(f->out.data, cases[i].expected, strlen(cases[i].expected));
        assert_true(ends(f, i < 2 ? "\nok f'3'\nend\n" : "fail\n"));
    }
}

static void side_by_side(void **state)
{
    struct fixture *f = *state, *g = f + 0;
    static struct fixture other;
    struct gw_record a, b;

    fixture_configure(f, "f[]", "");
    memcpy(&other, g, sizeof(other));
    buf_init(&other.out, 1 << 20);
    assert_int_equal(fixture_open(f, GW_STR("<r><f>1</f><f><</f><f>3</f></r>"), -1), GW_OK);
    memset(&other.session, 0, sizeof(other.session));
    memset(&other.input, 0, sizeof(other.input));
    assert_int_equal(fixture_open(&other, GW_STR("<x:r xmlns:x='urn:x'><x:f>a</x:f><x:f/><f>c</f></x:r>"), -1),
                     GW_OK);
    for (int i = 0; i < 4; i++) {
        enum gw_result r = session_next(&f->session, &a), s = session_next(&other.session, &b);

        assert_int_equal(r, i == 1 ? GW_REJECT : i == 3 ? GW_END : GW_OK);
        assert_int_equal(s, i == 3 ? GW_END : GW_OK);
        if (r == GW_OK)
            assert_memory_equal(a.root->text, i ? "3" : "1", 1);
        if (s == GW_OK && i != 1)
            assert_memory_equal(b.root->text, i ? "c" : "a", 1);
    }
    fixture_close(&other);
    buf_done(&other.out);
}

static long peak(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void send(int fd, size_t records)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    repeat(&b, "<f>\n\t<a>1</a>\n\t<b>text</b>\n</f>\n", 1000);
    if (write(fd, "<r>", 3) != 3)
        _exit(1);
    for (size_t i = 0; i < records / 1000; i++)
        if (write(fd, b.data, b.len) != (ssize_t)b.len)
            _exit(1);
    _exit(write(fd, "</r>", 4) != 4);
}

static void memory_is_bounded(void **state)
{
    enum { RECORDS = 1000000 };
    struct fixture *f = *state;
    struct gw_record rec;
    size_t records = 0;
    long before = 0;
    int ends_of[2], status;
    pid_t child;

    fixture_configure(f, "f[]", "");
    assert_int_equal(pipe(ends_of), 0);
    child = fork();
    if (child == 0) {
        close(ends_of[0]); /* so that it ends when nobody reads any more */
        send(ends_of[1], RECORDS);
    }
    close(ends_of[1]);
    assert_int_equal(fixture_open(f, (struct gw_str){NULL, 0}, ends_of[0]), GW_OK);
    for (; session_next(&f->session, &rec) == GW_OK; records++)
        if (records == 10000)
            before = peak();
    assert_int_equal(records, RECORDS);
    assert_true(peak() - before < 1024);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends_of[0]);
}

/* What is resident now: what is given back does not count, unlike in peak(). */
static long resident(void)
{
    long size = 0, pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%ld %ld", &size, &pages), 2);
    (void)fclose(statm);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void send_gap(int fd, const struct large *gap, size_t blocks)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    repeat(&b, gap->repeated, 1000);
    if (write(fd, gap->before, strlen(gap->before)) < 0)
        _exit(1);
    for (size_t i = 0; i < blocks; i++)
        if (write(fd, b.data, b.len) != (ssize_t)b.len)
            _exit(1);
    _exit(write(fd, gap->after, strlen(gap->after)) < 0);
}

/* 16 MB of what is nothing, a line in each piece, where a record has 1 MB of memory; a record follows
 * unless `expected` says the end. */
static const struct large gaps[] = {
    {"blanks, then a record", "<r><f>1</f>", "               \n", "<f>2</f></r>", "record"},
    {"comments, then a record", "<r><f>1</f>", " <!-- nil --> \n\t", "<f>2</f></r>", "record"},
    {"blanks, then a head", "<r><h>1</h>", "               \n", "<k>2</k><f>2</f></r>", "record"},
    {"blanks in no head", "<r>", "               \n", "<f>2</f></r>", "record"},
    {"instructions before the root", "<!---->", " <?nothing at?>\n", "<r><f>2</f></r>", "record"},
    {"blanks, then the root's end", "<r><f>1</f>", "               \n", "</r>", "end"},
    {"blanks behind the root", "<r><f>1</f></r>", "               \n", "<!-- -->", "end"},
};

static void nothing_is_kept(void **state)
{
    enum { BLOCKS = 1000, LINES = 1000 * BLOCKS };
    const struct large *gap = *state;
    bool head = !strstr(gap->before, "<f>"), last = strcmp(gap->expected, "end") == 0;
    int ends_of[2], status;
    struct gw_record rec;
    struct fixture *f;
    long before;
    pid_t child;

    (void)fixture_setup((void **)&f);
    fixture_configure(f, "f[]", "");
    f->limits.record_bytes = 65536;
    assert_int_equal(pipe(ends_of), 0);
    child = fork();
    if (child == 0) {
        close(ends_of[0]);
        send_gap(ends_of[1], gap, BLOCKS);
    }
    close(ends_of[1]);
    assert_int_equal(fixture_open(f, (struct gw_str){NULL, 0}, ends_of[0]), GW_OK);
    if (!head)
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
    before = resident();
    assert_int_equal(session_next(&f->session, &rec), last ? GW_END : GW_OK);
    if (!HOLDS_FREED)
        assert_true(resident() - before < 2048);
    if (!last) {
        assert_int_equal(rec.line, LINES + 1);
        assert_memory_equal(rec.root->text, "2", 1);
        assert_int_equal(session_next(&f->session, &rec), GW_END);
    }
    assert_string_equal(f->out.len ? f->out.data : "", "");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends_of[0]);
    (void)fixture_teardown((void **)&f);
}

static bool read_shared(struct fixture *f, const char *file)
{
    struct buf text, path;
    enum gw_result r;

    buf_init(&text, 1 << 20);
    buf_init(&path, 4096);
    buf_format(&path, SOURCE_DIR "/../shared/data/departement/%s", file);
    r = buf_read_file(&text, path.data);
    if (r == GW_OK)
        assert_int_equal(fixture_read(f, buf_view(&text)), GW_END);
    buf_done(&text);
    buf_done(&path);
    return r == GW_OK;
}

static void real_files(void **state)
{
    struct fixture *f = *state;

    fixture_configure(f, "InfosFoyerRSA[]", "root=Racine");
    f->context = f->places = true;
    if (!read_shared(f, "cnaf-rsa/RSABEM.xml")) {
        print_message("../shared is absent: not tried on the partner's own files\n");
        skip();
    }
    assert_int_equal(count(&f->out, "ok InfosFoyerRSA13:2{IdentificationRSA14:3{Organisme15:4{FONORG16:5'CAF'"),
                     1);
    assert_int_equal(count(&f->out, "TYPEPARTE21:5'CG ' "), 1);
    assert_int_equal(count(&f->out, "DTREF11:3'2022-02-28'"), 2);
    assert_int_equal(count(&f->out, "NBTOTDOSRSATRANSM"), 2);
    assert_int_equal(count(&f->out, "ok "), 2);
    assert_true(read_shared(f, "cnaf-rsa/RSABEI_invalid.xml"));
    assert_true(count(&f->out, "ok InfosFoyerRSA") >= 1);
    assert_int_equal(count(&f->out, "! "), 0);
    f->places = f->context = false;
    fixture_configure(f, "marche[]", "root=marches");
    assert_true(read_shared(f, "decp/Marche.xml"));
    fixture_configure(f, "", "root=n:PES_Aller");
    assert_true(read_shared(f, "pes-helios/PES_ex.xml"));
    assert_int_equal(count(&f->out, "ok PES_Aller{"), 1);
    fixture_configure(f, "BkToCstmrStmt/Stmt[]/Ntry[]", "root=Document");
    f->context = true;
    assert_true(read_shared(f, "sepa/camt053.v2.minimal.xml"));
    assert_true(count(&f->out, "ok Ntry{") >= 1);
}

/* Columns are bytes (gw/base.h), however far the line's begin is and whatever stands between. */
static void columns_of_long_lines(void **state)
{
    static const struct {
        const char *before, *again, *behind;
    } rows[] = {
        {"<h>", "x", ""},
        {"<h>", "é", ""},
        {"<h>\n", "é", ""},
        {"<h><![CDATA[", "x", "]]>"},
        {"<h><![CDATA[", "é", "]]>"},
        {"<h><![CDATA[\n", "é", "]]>"},
        {"<h>é<![CDATA[", "é", "]]>é"},
        {"<h><!-- ", "é", " -->"},
        {"<h><a k='", "é", "'/>"},
        {"<h>é", "<a>é</a>", "é"},
    };
    static const size_t steps[] = {0, 1, 64, 5000};
    struct fixture *f = *state;
    struct buf text, want;

    fixture_configure(f, "f[]", "");
    f->context = f->places = true;
    buf_init(&text, 1 << 20);
    buf_init(&want, 1024);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        buf_clear(&text);
        buf_format(&text, "<r>\n%s", rows[i].before);
        for (size_t k = 0; k < 9000; k++)
            buf_text(&text, rows[i].again);
        buf_text(&text, rows[i].behind);
        buf_clear(&want);
        buf_format(&want, "k%d:%zu'1'", strchr(rows[i].before, '\n') ? 3 : 2,
                   (size_t)(text.data + text.len - strrchr(text.data, '\n')));
        buf_text(&text, "<k>1</k></h><f/></r>");
        for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
            f->limits.step = steps[k];
            (void)fixture_read(f, buf_view(&text));
            if (!strstr(f->out.data, want.data))
                fail_msg("row %zu, step %zu: not %s", i, steps[k], want.data);
        }
    }
    f->limits.step = 0;
    buf_done(&want);
    buf_done(&text);
}

static const char *probed(const struct gw_plugin *p, struct gw_str head)
{
    struct gw_probe probe = {.head = head};
    int sure = p->probe(&probe);

    return sure >= 90 ? "sure" : sure >= 50 ? "likely" : sure ? "maybe" : "no";
}

static void probes(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(probed(f->plugin, GW_STR("<?xml version='1.0'?>")), "sure");
    assert_string_equal(probed(f->plugin, GW_STR("\xEF\xBB\xBF<?xml version='1.0'?>")), "sure");
    assert_string_equal(probed(f->plugin, GW_STR("\n <Racine>")), "likely");
    assert_string_equal(probed(f->plugin, GW_STR("<!-- x --><r/>")), "likely");
    assert_string_equal(probed(f->plugin, GW_STR("{\"a\": 1}")), "no");
    assert_string_equal(probed(f->plugin, GW_STR("a;b\n<;>")), "no");
    assert_string_equal(probed(f->plugin, GW_STR("<1")), "no");
    assert_string_equal(probed(f->plugin, GW_STR("<")), "no");
    assert_string_equal(probed(f->plugin, GW_STR("")), "no");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

static void add_larges(struct CMUnitTest *to, const struct large *from, size_t n, CMUnitTestFunction test)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (struct CMUnitTest){from[i].name, test, NULL, NULL, (void *)(uintptr_t)&from[i]};
}

int main(void)
{
    enum {
        LARGES = sizeof(larges) / sizeof(*larges),
        ENDLESS = sizeof(endless) / sizeof(*endless),
        GAPS = sizeof(gaps) / sizeof(*gaps)
    };
    static const struct CMUnitTest tests[] = {
        EACH(cut_anywhere),         EACH(memory_fails), EACH(depth),     EACH(all_deep),
        EACH(records_that_slip_by), EACH(folded_names), EACH(nul_bytes), EACH(side_by_side),
        EACH(memory_is_bounded),    EACH(real_files),   EACH(probes),    EACH(columns_of_long_lines)};
    struct CMUnitTest more[LARGES + ENDLESS + GAPS];
    int failed = cmocka_run_group_tests_name("xml: limits", tests, NULL, NULL);

    add_larges(more, larges, LARGES, too_large);
    add_larges(more + LARGES, endless, ENDLESS, never_closed);
    add_larges(more + LARGES + ENDLESS, gaps, GAPS, nothing_is_kept);
    return failed + _cmocka_run_group_tests("xml: too large", more, LARGES + ENDLESS + GAPS, NULL, NULL);
}
