/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading: each case at every window step, cut at every byte, with every allocation failing once. */
#include "plugins_json/fixture.h"

#include <stdio.h>

struct reading {
    const char *name, *steps, *options, *text, *expected;
};

#define ROWS "rows[]", ""

/* clang-format off */
static const struct reading good[] = {
    {"array at a name", ROWS, "{\"a\":1,\"rows\":[{\"x\":\"u\"},{\"x\":\"v\"}],\"z\":null}",
     "ok {x:'u'}\nok {x:'v'}\ncontext {a:#1 z:null}\nend\n"},
    {"blanks everywhere", ROWS, " \r\n{ \"rows\" :\t[ { \"x\" : 1 } ,\n { } ] , \"b\" : [ ] }\n\n",
     "ok {x:#1}\nok {}\ncontext {b:[]}\nend\n"},
    {"no records", ROWS, "{\"rows\":[]}", "context {}\nend\n"},
    {"records are null", ROWS, "{\"rows\":null,\"b\":2}", "context {b:#2}\nend\n"},
    {"an object where a list was expected", ROWS, "{\"rows\":{\"x\":1}}", "ok {x:#1}\ncontext {}\nend\n"},
    {"context keeps everything", ROWS,
     "{\"a\":{\"b\":[1,{\"c\":true}],\"d\":\"\\u00e9\"},\"rows\":[{\"x\":1}],\"e\":-1.50E+2}",
     "ok {x:#1}\ncontext {a:{b:[#1 {c:true}] d:'\xc3\xa9'} e:#-1.50E+2}\nend\n"},
    {"deeper path", "a/b[]", "", "{\"k\":1,\"a\":{\"l\":2,\"b\":[{\"x\":1}],\"m\":3},\"n\":4}",
     "ok {x:#1}\ncontext {k:#1 a:{l:#2 m:#3} n:#4}\nend\n"},
    {"one record at a path", "a/b", "", "{\"a\":{\"b\":{\"x\":1}}}", "ok {x:#1}\ncontext {a:{}}\nend\n"},
    {"groups", "g[]/r[]", "", "{\"g\":[{\"n\":1,\"r\":[{\"x\":1},{\"x\":2}]},{\"r\":[{\"x\":3}],\"n\":2}],\"z\":0}",
     "ok {x:#1}\nok {x:#2}\nok {x:#3}\ncontext {z:#0}\nend\n"},
    {"root list of groups", "[]/r[]", "", "[{\"n\":1,\"r\":[{\"x\":1}]},{\"n\":2,\"r\":[]}]", "ok {x:#1}\nend\n"},
    {"top-level list", "[]", "", "[{\"x\":1},{\"y\":[[],{}]}]", "ok {x:#1}\nok {y:[[] {}]}\nend\n"},
    {"empty top-level list", "[]", "", " [ ] ", "end\n"},
    {"top-level object for a list", "[]", "", "{\"x\":1}", "ok {x:#1}\nend\n"},
    {"document", "", "", "{\"x\":{\"y\":[1,2]}}", "ok {x:{y:[#1 #2]}}\nend\n"},
    {"numbers keep their text", "", "", "{\"a\":1234.10,\"b\":-0,\"c\":1e400,\"d\":123456789012345678901234567890}",
     "ok {a:#1234.10 b:#-0 c:#1e400 d:#123456789012345678901234567890}\nend\n"},
    {"texts are unescaped", "", "", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\ud834\\udd1e\"}",
     "ok {a:'\"\\/\b\f\n\r\t\xe2\x82\xac\xf0\x9d\x84\x9e'}\nend\n"},
    {"an escaped key is its name", ROWS, "{\"\\u0072ows\":[{\"\\u0078\":1}]}", "ok {x:#1}\ncontext {}\nend\n"},
    {"same key in another object", "", "", "{\"a\":{\"a\":1,\"b\":2},\"b\":[{\"a\":1},{\"a\":2}]}",
     "ok {a:{a:#1 b:#2} b:[{a:#1} {a:#2}]}\nend\n"},
    {"brackets in texts", ROWS, "{\"rows\":[{\"x\":\"}]\\\"{\"},{\"x\":\"[\\\\\"}]}",
     "ok {x:'}]\"{'}\nok {x:'[\\'}\ncontext {}\nend\n"},
    {"keys nearly those of the record before", "[]", "",
     "[{\"abcdefghi\":1,\"zz\":1,\"k\":0},{\"abcdefghj\":2,\"z\":1,\"l\":0},{\"Xbcdefghj\":3},{\"abcdefghjabcdefghj\":4},"
     "{\"abcdefgXjabcdefghj\":5},{\"abcdefghjabcdefghj\":6,\"\":7},{\"abcdefgh\":8}]",
     "ok {abcdefghi:#1 zz:#1 k:#0}\nok {abcdefghj:#2 z:#1 l:#0}\nok {Xbcdefghj:#3}\nok {abcdefghjabcdefghj:#4}\n"
     "ok {abcdefgXjabcdefghj:#5}\nok {abcdefghjabcdefghj:#6 :#7}\nok {abcdefgh:#8}\nend\n"},
    {"keys of sixteen bytes behind the same one", "[]", "",
     "[{\"k\":0,\"aaaaaaaaaaaaaaaa\":1},{\"k\":0,\"bbbbbbbbbbbbbbbb\":2},{\"k\":0,\"cccccccccccccccc\":3}]",
     "ok {k:#0 aaaaaaaaaaaaaaaa:#1}\nok {k:#0 bbbbbbbbbbbbbbbb:#2}\nok {k:#0 cccccccccccccccc:#3}\nend\n"},
    {"empty key", "", "", "{\"\":1}", "ok {:#1}\nend\n"},
    {"byte order mark", ROWS, "\xef\xbb\xbf{\"rows\":[{\"x\":1}]}", "ok {x:#1}\ncontext {}\nend\n"},
};

static const struct reading lines[] = {
    {"lines", "", "lines=true", "{\"x\":1}\n{\"x\":2}\n", "ok {x:#1}\nok {x:#2}\nend\n"},
    {"a bad line that ends in CR LF", "", "lines=true", "{\"x\":}\r\n{\"x\":1}\r\n", "! json.syntax 1:6 }\nno {\"x\":}\nok {x:#1}\nend\n"},
    {"no last line end", "", "lines=true", "{\"x\":1}\n{\"x\":2}", "ok {x:#1}\nok {x:#2}\nend\n"},
    {"CRLF and blank lines", "", "lines=true", "\r\n{\"x\":1}\r\n  \n\n{\"x\":2}\r\n \r\n", "ok {x:#1}\nok {x:#2}\nend\n"},
    {"no line", "", "lines=true", "", "end\n"},
    {"bad lines", "", "lines=true", "{\"x\":1}\n{\"x\":}\n[1]\n7\n{\"x\":2} {}\n{\"x\"\n{\"x\":3}\n",
     "ok {x:#1}\n! json.syntax 2:6 }\nno {\"x\":}\n! json.not_object 3:1 [\nno [1]\n! json.not_object 4:1 7\nno 7\n"
     "! json.trailing 5:9 {\nno {\"x\":2} {}\n! json.syntax 6:4 \"\nno {\"x\"\nok {x:#3}\nend\n"},
    {"last line bad, complete", "", "lines=true", "{\"x\":1}\n{\"x\":1,}",
     "ok {x:#1}\n! json.syntax 2:7 ,\nno {\"x\":1,}\nend\n"},
    {"last line broken off", "", "lines=true", "{\"x\":1}\n{\"x\":[1", "ok {x:#1}\n! json.truncated 2:8\nfail\n"},
    {"a raw CR is a blank", "", "lines=true", "{\"x\":\r1}\n", "ok {x:#1}\nend\n"},
};

/* What is wrong, where, and what is kept of the rest. */
static const struct reading bad[] = {
    {"a record of bad syntax", ROWS, "{\"rows\":[{\"x\":1},\n {\"x\":tru},\n{\"x\":2}]}",
     "ok {x:#1}\n! json.syntax 2:7 t\nno {\"x\":tru}\nok {x:#2}\ncontext {}\nend\n"},
    {"a comma too many in a record", ROWS, "{\"rows\":[{\"x\":1,},{\"x\":2}]}",
     "! json.syntax 1:16 ,\nno {\"x\":1,}\nok {x:#2}\ncontext {}\nend\n"},
    {"a list left open in a record", ROWS, "{\"rows\":[{\"x\":[1,2},{\"x\":2}]}",
     "! json.syntax 1:19 }\nno {\"x\":[1,2}\nok {x:#2}\ncontext {}\nend\n"},
    {"a stray bracket in a record", ROWS, "{\"rows\":[{\"x\":1]},{\"x\":2}]}",
     "! json.syntax 1:16 ]\nno {\"x\":1]}\nok {x:#2}\ncontext {}\nend\n"},
    {"brackets and quotes in the texts of a bad record", "[]", "", "[{\"x\":\"a\\\"}\\\\\",\"y\":tru},{\"z\":1}]",
     "! json.syntax 1:20 t\nno {\"x\":\"a\\\"}\\\\\",\"y\":tru}\nok {z:#1}\nend\n"},
    {"a control character", "[]", "", "[{\"x\":\"a\tb\"},{}]", "! json.syntax 1:9 U+0009\nno {\"x\":\"a\tb\"}\nok {}\nend\n"},
    {"a raw line end in a text", "[]", "", "[{\"x\":\"a\nb\"},{}]", "! json.syntax 1:9 U+000A\nno {\"x\":\"a\nb\"}\nok {}\nend\n"},
    {"a lone high surrogate", "[]", "", "[{\"x\":\"\\ud83d\"},{}]",
     "! json.syntax 1:14 \"\nno {\"x\":\"\\ud83d\"}\nok {}\nend\n"},
    {"a lone low surrogate", "[]", "", "[{\"x\":\"\\ude00\"},{}]",
     "! json.syntax 1:8 \\\nno {\"x\":\"\\ude00\"}\nok {}\nend\n"},
    {"NUL in a text", "[]", "", "[{\"y\":1,\"x\":\"a\\u0000\"},{}]",
     "! json.nul 1:13 \"\nno {\"y\":1,\"x\":\"a\\u0000\"}\nok {}\nend\n"},
    {"NUL in a key", "[]", "", "[{\"\\u0000\":1}]", "! json.nul 1:3 \"\nno {\"\\u0000\":1}\nend\n"},
    {"a key twice", "[]", "", "[{\"a\":1,\n\"b\":{},\"a\":2},{\"a\":3}]",
     "! json.duplicate_key 2:8 \" a\nno {\"a\":1,\n\"b\":{},\"a\":2}\nok {a:#3}\nend\n"},
    {"a key twice, a level down", "[]", "", "[{\"a\":[{\"b\":1,\"b\":null}]},{\"a\":3}]",
     "! json.duplicate_key 1:15 \" b\nno {\"a\":[{\"b\":1,\"b\":null}]}\nok {a:#3}\nend\n"},
    {"a key twice, around another", "[]", "", "[{\"a\":{\"a\":1},\"a\":2},{}]",
     "! json.duplicate_key 1:15 \" a\nno {\"a\":{\"a\":1},\"a\":2}\nok {}\nend\n"},
    {"a key twice, once escaped", "[]", "", "[{\"a\":1,\"\\u0061\":2}]",
     "! json.duplicate_key 1:9 \" a\nno {\"a\":1,\"\\u0061\":2}\nend\n"},
    {"no objects", "[]", "", "[1,\"s\",null,[{}],{\"x\":1},true]",
     "! json.not_object 1:2 1\nno 1\n! json.not_object 1:4 \"\nno \"s\"\n! json.not_object 1:8 n\nno null\n"
     "! json.not_object 1:13 [\nno [{}]\nok {x:#1}\n! json.not_object 1:26 t\nno true\nend\n"},
    {"a document that is a list", "", "", "[{}]", "! json.not_object 1:1 [\nno [{}]\nend\n"},
    {"no comma between records", ROWS, "{\"rows\":[{\"x\":1}\n{\"x\":2}]}", "ok {x:#1}\n! json.syntax 2:1 {\nfail\n"},
    {"a comma before the end", ROWS, "{\"rows\":[{\"x\":1},]}", "ok {x:#1}\n! json.syntax 1:18 ]\nfail\n"},
    {"a comma before the first", ROWS, "{\"rows\":[,{\"x\":1}]}", "! json.syntax 1:10 ,\nfail\n"},
    {"the wrong bracket", ROWS, "{\"rows\":[{\"x\":1}}", "ok {x:#1}\n! json.syntax 1:17 }\nfail\n"},
    {"no value", ROWS, "{\"rows\":}", "! json.no_records 1:9\nfail\n"},
    {"no colon", ROWS, "{\"a\" 1,\"rows\":[]}", "! json.syntax 1:6 1\nfail\n"},
    {"no key", ROWS, "{a:1}", "! json.syntax 1:2 a\nfail\n"},
    {"a key twice outside", ROWS, "{\"a\":1,\n\"a\":2}", "! json.duplicate_key 2:1 a\nfail\n"},
    {"records twice", ROWS, "{\"rows\":[{\"x\":1}],\"rows\":[]}", "ok {x:#1}\n! json.duplicate_key 1:19 rows\nfail\n"},
    {"a bad value outside", ROWS, "{\"a\":{\"b\":01},\"rows\":[]}", "! json.syntax 1:11 0\nfail\n"},
    {"a bad word outside", ROWS, "{\"a\":nul,\"rows\":[]}", "! json.syntax 1:6 n\nfail\n"},
    {"something after the end", ROWS, "{\"rows\":[{}]}\n x", "ok {}\n! json.trailing 2:2 x\nfail\n"},
    {"two documents", "", "", "{}{}", "ok {}\n! json.trailing 1:3 {\nfail\n"},
    {"no such name", ROWS, "{\"row\":[{}]}", "! json.no_records 1:13\nfail\n"},
    {"a text where records should be", ROWS, "{\"rows\":\"x\"}", "! json.no_records 1:9\nfail\n"},
    {"a list where an object should be", ROWS, "[{\"rows\":[]}]", "! json.no_records 1:1\nfail\n"},
    {"nothing", ROWS, "", "! json.truncated 1:1\nfail\n"},
    {"blanks", ROWS, " \n ", "! json.truncated 2:2\nfail\n"},
    {"another syntax", ROWS, "<rows/>", "! json.no_records 1:1\nfail\n"},
    {"an unclosed text", "[]", "", "[{\"x\":1},{\"x\":\"abc}, {\"x\":2}]",
     "ok {x:#1}\n! json.syntax 1:24 x\nfail\n"},
    {"a byte that is no UTF-8", "[]", "", "[{\"x\":\"\xe9\"},{}]", "! charset.invalid 1:8\nno {\"x\":\"\xe9\"}\nok {}\nend\n"},
};
/* clang-format on */

static void run_at_steps(struct fixture *f, const struct reading *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct reading *c = &cases[i];

        fixture_configure(f, c->steps, c->options);
        for (size_t step = 0; step <= strlen(c->text) + 1; step++) {
            f->limits.step = step;
            (void)fixture_read(f, str_of(c->text), true);
            if (strcmp(f->out.data, c->expected) != 0)
                print_error("%s, step %zu\n", c->name, step);
            assert_string_equal(f->out.data, c->expected);
        }
    }
    f->limits.step = 0;
}

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static void reads_good(void **state)
{
    run_at_steps(*state, good, COUNT(good));
}

static void reads_lines(void **state)
{
    run_at_steps(*state, lines, COUNT(lines));
}

static void tells_bad(void **state)
{
    run_at_steps(*state, bad, COUNT(bad));
}

/* Cut anywhere but in the blanks after its end, a document is said to be truncated, and the records before the
 * cut are the first of the whole. */
static void truncated(void **state)
{
    struct fixture *f = *state;
    char whole[512];
    size_t end, records;

    for (size_t i = 0; i < COUNT(good); i++) {
        struct gw_str text = str_of(good[i].text);

        end = str_trim(text).len + (size_t)(str_trim(text).ptr - text.ptr);
        fixture_configure(f, good[i].steps, good[i].options);
        for (size_t cut = 0; cut < end; cut++) {
            if (cut < 3 && text.ptr[0] == '\xef' && cut > 0)
                continue; /* not UTF-8 then: the host's */
            assert_int_equal(fixture_read(f, (struct gw_str){text.ptr, cut}, true), GW_FAIL);
            if (!strstr(f->out.data, "! json.truncated "))
                print_error("%s, cut at %zu: %s", good[i].name, cut, f->out.data);
            snprintf(whole, sizeof(whole), "%s", good[i].expected);
            records = (size_t)(strstr(f->out.data, "! ") - f->out.data);
            assert_memory_equal(f->out.data, whole, records);
            assert_non_null(strstr(f->out.data, "! json.truncated "));
        }
    }
}

static void truncated_lines(void **state)
{
    static const char text[] = "{\"x\":1}\n{\"x\":\"a\\u00e9\"}\n{\"y\":[true]}\n";
    static const char all[] = "ok {x:#1}\nok {x:'a\xc3\xa9'}\nok {y:[true]}\n";
    struct fixture *f = *state;
    enum gw_result r;

    fixture_configure(f, "", "lines=true");
    for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
        bool between = cut == 0 || text[cut - 1] == '\n' || text[cut] == '\n';
        size_t records;

        r = fixture_read(f, (struct gw_str){text, cut}, false);
        assert_int_equal(r, between ? GW_END : GW_FAIL);
        records = (size_t)(strstr(f->out.data, between ? "end" : "! json.truncated") - f->out.data);
        assert_memory_equal(f->out.data, all, records);
    }
}

/* Memory that ends at any moment is told as such, never as something about the data. */
static void failing_allocations(void **state)
{
    struct fixture *f = *state;
    char expected[1024];
    size_t n;
    bool more;

    for (size_t i = 0; i < COUNT(good); i++) {
        for (n = 1, more = true; more; n++) {
            struct arena own = {0};
            struct names names = f->names, fresh = {0};

            arena_init(&own, 0, 0);
            assert_int_equal(names_init(&fresh, &own, false), GW_OK);
            f->names = fresh;
            fixture_configure(f, good[i].steps, good[i].options);
            arena_fail_at(n);
            (void)fixture_read(f, str_of(good[i].text), true);
            more = arena_fail_left() == 0;
            arena_fail_at(0);
            snprintf(expected, sizeof(expected), "%s", good[i].expected);
            if (more) {
                assert_non_null(strstr(f->out.data, "! memory.out 0:0\nfatal\n"));
                assert_memory_equal(f->out.data, expected, (size_t)(strchr(f->out.data, '!') - f->out.data));
            } else {
                assert_string_equal(f->out.data, expected);
            }
            fixture_close(f);
            f->names = names;
            arena_done(&own);
        }
        assert_true(n > 4);
    }
}

/* Each node knows its place; of what encloses the records, until the first of them. */
static void places(void **state)
{
    static const char text[] = "{\"a\":\n  [1,true],\"rows\":[\n{\"x\":  \"t\",\n "
                               "\"y\":[12,null,{\"z\":3}],\"w\":true}]\n,\"after\":1}";
    struct fixture *f = *state;
    struct gw_record rec;
    const struct gw_node *x, *y, *item, *list;
    uint32_t line, column;

    fixture_configure(f, ROWS);
    assert_int_equal(fixture_open(f, GW_STR(text), -1), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_OK);
    assert_int_equal(rec.line, 0);
    assert_int_equal(rec.begin, strstr(text, "{\"x\"") - text);
    assert_int_equal(rec.end, strstr(text, "]\n,\"after") - text);
    x = rec.root->first;
    y = x->next;
#define AT(node, l, c)                                                                                         \
    session_place(&f->session, &rec, node, &line, &column);                                                    \
    assert_int_equal(line, l);                                                                                 \
    assert_int_equal(column, c)
    AT(NULL, 3, 1);
    AT(x, 3, 8);
    AT(y, 4, 2);
    item = y->first;
    AT(item, 4, 7);
    AT(item->next, 4, 7);               /* null: the item before it */
    AT(item->next->next, 4, 7);         /* an object: the same */
    AT(item->next->next->first, 4, 20); /* its number */
    AT(y->next, 4, 24);                 /* true: its key */
    list = rec.context->first;
    AT(list, 2, 3);
    AT(list->first, 2, 4);
    assert_int_equal(rec.changes, 2);
    assert_int_equal(session_next(&f->session, &rec), GW_END);
    assert_int_equal(rec.context->first->next->line, 0);
    assert_int_equal(rec.context->first->next->column, 0);
#undef AT
}

static struct gw_node *copy_tree(struct fixture *f, const struct gw_node *n)
{
    struct gw_node *copy;

    if (!n)
        return NULL;
    copy = arena_zero(&f->arena, sizeof(*copy));
    *copy = *n;
    copy->text = arena_text(&f->arena, (struct gw_str){n->text, n->len});
    copy->first = copy_tree(f, n->first);
    copy->next = copy_tree(f, n->next);
    return copy;
}

/* Text, name, kind and place of each. */
static void same_nodes(const struct gw_node *a, const struct gw_node *b)
{
    for (; a; a = a->next, b = b->next) {
        assert_non_null(b);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->name, b->name);
        assert_int_equal(a->column, b->column);
        assert_int_equal(a->len, b->len);
        if (a->len)
            assert_memory_equal(a->text, b->text, a->len);
        same_nodes(a->first, b->first);
    }
}

/* A record whose keys are known and plain is read in one pass, another by yyjson: to one tree. */
static void one_pass_or_two(void **state)
{
    static const char *const records[] = {
        "{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":true,\"e\":false",
        "{\"e\":[],\"d\":{},\"c\":[[]],\"b\":[{}],\"a\":{\"a\":{\"a\":{}}}",
        " \t{ \"c\" : [ 1 , null , true , \"x\" , false ,-0.5e+3 ] ,\r\n \"a\" : { \"b\" : { } , \"a\":[ ]\n} ",
        "{\"a\":\"\",\"c\":\"0123456789abcde\",\"b\":\"0123456789abcdef\",\"d\":\"0123456789abcdef0\"",
        "{\"a key of fifteen\":1,\"a key of sixteen!\":2,\"the longest of the keys that are remembered, it "
        "is\":3",
        "{\"the longest of the keys that are remembered, it isn't\":3,\"a key of "
        "fiftee\":\"\xc3\xa9\xe2\x82\xac\"",
        "{\"a\":\"\\u00e9t\\u00e9 \\/ \",\"b\":[\"\\\\\",\"\\\"\",\"\\ud83d\\ude00, and more\",\"x\"]",
        "{\"e\":[{\"a\":1,\"b\":2},{\"b\":1,\"a\":2},{\"a\":[true,false]},null,{\"a\":null}]",
    };
    struct fixture *f = *state;
    struct gw_record rec;
    struct gw_node *keep;
    struct buf text;

    fixture_configure(f, "[]", "");
    buf_init(&text, 4096);
    for (size_t i = 0; i < COUNT(records); i++) {
        buf_clear(&text);
        for (int n = 0; n < 3; n++) /* the first, since its keys are new, and the last by yyjson */
            buf_format(&text, "%s%s%s", n ? "," : "[", records[i], n == 2 ? ",\"\\u007a\":1}" : "}");
        buf_text(&text, "]");
        assert_int_equal(fixture_open(f, buf_view(&text), -1), GW_OK);
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
        keep = copy_tree(f, rec.root->first);
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
        same_nodes(keep, rec.root->first);
        assert_int_equal(session_next(&f->session, &rec), GW_END);
    }
    buf_done(&text);
}

/* A NUL begins no value. */
static void nul_bytes(void **state)
{
    struct fixture *f = *state;

    fixture_configure(f, "[]", "");
    assert_int_equal(fixture_read(f, GW_STR("[{},\0{}]"), false), GW_FAIL);
    assert_string_equal(f->out.data, "ok {}\n! json.syntax 1:5 U+0000\nfail\n");
    assert_int_equal(fixture_read(f, GW_STR("[{\"a\":\0},{}]"), false), GW_END);
    assert_non_null(strstr(f->out.data, "! json.syntax 1:7 U+0000\nno "));
}

static void context_grows(void **state)
{
    static const char text[] = "{\"a\":1,\"g\":[{\"b\":2,\"r\":[{},{}],\"c\":3},{\"b\":4,\"r\":[{}]}],\"d\":5}";
    static const char *const expected[] = {"{a:#1 g:{b:#2}}", "{a:#1 g:{b:#2}}", "{a:#1 g:{b:#4}}",
                                           "{a:#1 d:#5}"};
    static const uint64_t changes[] = {4, 4, 8, 10};
    struct fixture *f = *state;
    struct gw_record rec;

    fixture_configure(f, "g[]/r[]", "");
    assert_int_equal(fixture_open(f, GW_STR(text), -1), GW_OK);
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(session_next(&f->session, &rec), i == 3 ? GW_END : GW_OK);
        buf_clear(&f->out);
        fixture_tree(f, rec.context, &f->out);
        assert_string_equal(f->out.data, expected[i]);
        assert_int_equal(rec.changes, changes[i]);
    }
}

static void probes(void **state)
{
    static const struct {
        const char *head;
        int least, most;
    } cases[] = {
        {"{\"a\":1", 80, 100}, {" \n{ \"a\" : [", 80, 100},
        {"[{\"a\"", 80, 100},  {"[1,2]", 40, 70},
        {"[]", 40, 70},        {"{}", 40, 70},
        {"{\"a\\\"", 40, 70},  {"<a/>", 0, 0},
        {"a;b;c", 0, 0},       {"", 0, 0},
        {"{a:1}", 0, 0},       {"[x]", 0, 0},
        {"{\"a\";1}", 0, 0},   {"\"a\"", 0, 0},
        {"1", 0, 0},
    };
    struct fixture *f = *state;
    struct gw_probe nul = {GW_STR("\0\0\"a\":"), {NULL, 0}};

    assert_int_equal(f->plugin->probe(&nul), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct gw_probe p = {str_of(cases[i].head), {NULL, 0}};
        int sure = f->plugin->probe(&p);

        assert_true(sure >= cases[i].least && sure <= cases[i].most);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(reads_good),      TEST(reads_lines),         TEST(tells_bad), TEST(truncated),
        TEST(truncated_lines), TEST(failing_allocations), TEST(places),    TEST(one_pass_or_two),
        TEST(context_grows),   TEST(nul_bytes),           TEST(probes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
