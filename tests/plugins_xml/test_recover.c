/* SPDX-License-Identifier: EUPL-1.2 */
/* Context and places; what is kept around a syntax error. Each case under every window step. */
#include "plugins_xml/fixture.h"

#define GROUPS "A/G[]/R[]"

static const struct reading readings[] = {
    {.name = "places",
     .steps = "f[]",
     .options = "",
     .places = true,
     .text = "<r>\n <f>\n  <a\n k='v'\n >1</a>é<b/>\n </f><f><c>2</c></f>\n</r>",
     .expected = "ok f2:2'é'{a3:3'1'{@k3:3'v'} b5:10''}\nok f6:6{c6:9'2'}\nend\n"},
    {.name = "places in what encloses",
     .steps = "g/f[]",
     .options = "",
     .places = true,
     .context = true,
     .text = "<r\n a='1'>\n\t<h><k>1</k></h>\n<g><f/></g></r>",
     .expected = "context r1:1{@a1:1'1' h3:2{k3:5'1'} g4:1''}\nok f4:4''\n"
                 "context r1:1{@a1:1'1' h3:2{k3:5'1'} g4:1''}\nend\n"},
    {.name = "places in what encloses, behind records",
     .steps = "f[]",
     .options = "",
     .places = true,
     .context = true,
     .text = "<r><f>\n</f><f>\n\n2</f><t><u>1</u></t>\n<t/></r>",
     .expected = "context r1:1''\nok f1:4'~'\nok f2:5'~~2'\ncontext r1:1{t4:6{u4:9'1'} t5:1''}\nend\n"},
    {.name = "places on one line",
     .steps = "f[]",
     .options = "",
     .places = true,
     .context = true,
     .text = "<r><f>1</f> <f>2</f><f><a>3</a></f> <t><u>1</u></t></r>",
     .expected = "context r1:1''\nok f1:4'1'\nok f1:13'2'\nok f1:21{a1:24'3'}\ncontext r1:1{t1:37{u1:40'1'}}\n"
                 "end\n"},
    {.name = "places behind an error, the root's tag being of two lines",
     .steps = "f[]",
     .options = "",
     .places = true,
     .context = true,
     .text = "<r\n a='1'><f>1</b></f><f>2</f><t/></r>",
     .expected = "! xml.tag 2:12 open=f found=b\nno 2 <f>1</b></f>\n"
                 "context r1:1{@a1:1'1'}\nok f2:20'2'\ncontext r1:1{@a1:1'1' t2:28''}\nend\n"},
    {.name = "head and tail",
     .steps = "f[]",
     .options = "",
     .context = true,
     .text = "<r><h><d>1</d></h><f>1</f><f>2</f><x>mid</x><f>3</f><t n='4'/></r>",
     .expected = "context r{h{d'1'}}\nok f'1'\nok f'2'\ncontext r{h{d'1'} x'mid'}\nok f'3'\n"
                 "context r{h{d'1'} x'mid' t{@n'4'}}\nend\n"},
    {.name = "text in what encloses",
     .steps = "f[]",
     .options = "",
     .context = true,
     .text = "<r>a<f/>b<h> c </h>d</r>",
     .expected = "context r'a'\nok f''\ncontext r'abd'{h' c '}\nend\n"},
    {.name = "text in what encloses, and nothing else",
     .steps = "f[]",
     .options = "",
     .context = true,
     .text = "<r>a<f/>b<f/>c</r>",
     .expected = "context r'a'\nok f''\nok f''\ncontext r'abc'\nend\n"},
    {.name = "white space beside records is no text of what encloses",
     .steps = "g/f[]",
     .options = "",
     .context = true,
     .text = "<r>\n\t<g>\n\t\t<f/>\n\t</g>\n</r>\n",
     .expected = "context r{g''}\nok f''\ncontext r{g''}\nend\n"},
    {.name = "what encloses is null, or said to be",
     .steps = "g[]/f[]",
     .options = "",
     .context = true,
     .text = "<r xsi:nil='1' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
             "<g xsi:nil='true'>\n<f/>\n</g><g xsi:nil='true'>a<f/>b</g></r>",
     .expected = "context r{g!}\nok f''\ncontext r{g'a'}\nok f''\ncontext r''\nend\n"},
    {.name = "groups come and go",
     .steps = GROUPS,
     .options = "",
     .context = true,
     .text = "<D><H>h</H><A><N>2</N><G i='1'><d>x</d><R>1</R><R>2</R><s>9</s></G>\n<G "
             "i='2'><d>y</d><R>3</R></G></A><T/></D>",
     .expected = "context D{H'h' A{N'2' G{@i'1' d'x'}}}\nok R'1'\nok R'2'\n"
                 "context D{H'h' A{N'2' G{@i'2' d'y'}}}\nok R'3'\n"
                 "context D{H'h' A{N'2'} T''}\nend\n"},
    {.name = "empty groups",
     .steps = GROUPS,
     .options = "",
     .context = true,
     .text = "<D><A><G/><G></G><G><R/></G></A><A/></D>",
     .expected = "context D{A{G''}}\nok R''\ncontext D{A'' A''}\nend\n"},

    {.name = "a wrong end tag",
     .steps = "f[]",
     .options = "",
     .text = "<r>\n<f>1</f>\n<f><a>2</b></f>\n<f>3</f>\n</r>",
     .expected = "ok f'1'\n! xml.tag 3:8 open=a found=b\nno 3 <f><a>2</b></f>\nok f'3'\nend\n"},
    {.name = "a missing end tag",
     .steps = "f[]",
     .options = "",
     .text = "<r>\n<f>1</f>\n<f><a>2</f>\n<f>3</f>\n</r>",
     .expected = "ok f'1'\n! xml.tag 3:8 open=a found=f\nno 3 <f><a>2</f>\nok f'3'\nend\n"},
    {.name = "the record's own is missing",
     .steps = "f[]",
     .options = "",
     .text = "<r>\n<f>1</f>\n<f><a>2</a>\n<f>3</f>\n<f>4</f>\n</r>",
     .expected = "ok f'1'\n! xml.tag 6:1 open=f found=r\nno 3 <f><a>2</a>~\nok f'3'\nok f'4'\nend\n"},
    {.name = "a lone ampersand",
     .steps = "f[]",
     .options = "",
     .text = "<r>\n<f>R & D</f>\n<f>R&D</f><f>R&D;</f>\n<f>3</f></r>",
     .expected = "! xml.ampersand 2:6\nno 2 <f>R & D</f>\n! xml.ampersand 3:5\nno 3 <f>R&D</f>\n"
                 "! xml.entity 3:15 name=D\nno 3 <f>R&D;</f>\nok f'3'\nend\n"},
    {.name = "a lone less-than",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1 < 2</f><f>3</f></r>",
     .expected = "! xml.syntax 1:10\nno 1 <f>1 < 2</f>\nok f'3'\nend\n"},
    {.name = "attributes",
     .steps = "f[]",
     .options = "",
     .text = "<r><f><a k=1/></f><f><a k='1' k='2'/></f><f><a k/></f><f>4</f></r>",
     .expected = "! xml.syntax 1:12\nno 1 <f><a k=1/></f>\n! xml.attribute 1:22 name=k\n"
                 "no 1 <f><a k='1' k='2'/></f>\n! xml.syntax 1:49\nno 1 <f><a k/></f>\nok f'4'\nend\n"},
    {.name = "a control character",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>a\001b</f><f>&#2;</f><f>3</f></r>",
     .expected =
         "! xml.character 1:8\nno 1 <f>a\001b</f>\n! xml.character 1:21\nno 1 <f>&#2;</f>\nok f'3'\nend\n"},
    {.name = "the first and the last record",
     .steps = "f[]",
     .options = "",
     .context = true,
     .text = "<r><h>1</h><f><a></f><f>2</f><f></a></f><t>3</t></r>",
     .expected = "! xml.tag 1:18 open=a found=f\nno 1 <f><a></f>\ncontext r{h'1'}\nok f'2'\n"
                 "! xml.tag 1:33 open=f found=a\nno 1 <f></a></f>\ncontext r{h'1' t'3'}\nend\n"},
    {.name = "all records",
     .steps = "f[]",
     .options = "",
     .text = "<r><f><</f><f><</f><f><</f></r>",
     .expected = "! xml.syntax 1:8\nno 1 <f><</f>\n! xml.syntax 1:16\nno 1 <f><</f>\n! xml.syntax 1:24\n"
                 "no 1 <f><</f>\nend\n"},
    {.name = "the first record's own tag",
     .steps = "f[]",
     .options = "",
     .text = "<r><h>1</h><f k=1>1</f><f>2</f></r>",
     .expected = "! xml.syntax 1:17\nno 1 <f k=1>1</f>\nok f'2'\nend\n"},
    {.name = "between records",
     .steps = "f[]",
     .options = "",
     .context = true,
     .text = "<r><f>1</f> & <f>2</f></x><f>3</f><y><z></y><f>4</f></r>",
     .expected =
         "context r''\nok f'1'\n! xml.ampersand 1:13\nno 1 & \nok f'2'\n! xml.tag 1:23 open=r found=x\n"
         "no 1 </x>\nok f'3'\n! xml.tag 1:41 open=z found=y\nno 1 <y><z></y>\nok f'4'\ncontext r''\nend\n"},
    {.name = "an end tag too many",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1</f></f><f>2</f></r>",
     .expected = "ok f'1'\n! xml.tag 1:12 open=r found=f\nno 1 </f>\nok f'2'\nend\n"},
    {.name = "a start tag that is none",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1</f><f k><f>2</f></r>",
     .expected = "ok f'1'\n! xml.syntax 1:16\nno 1 <f k>\nok f'2'\nend\n"},
    {.name = "a comment never closed",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1</f><f><!-- 2</f><f>3</f></r>",
     .expected = "ok f'1'\n! xml.syntax 1:37\nno 1 <f><!-- 2</f>\nok f'3'\nend\n"},
    {.name = "character data never closed",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1</f><f><![CDATA[ 2</f><f>3</f></r>",
     .expected = "ok f'1'\n! xml.syntax 1:24\nno 1 <f><![CDATA[ 2</f>\nok f'3'\nend\n"},
    {.name = "a quote never closed",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1</f><f><a k='>2</a></f><f>3</f></r>",
     .expected = "ok f'1'\n! xml.less_than 1:23\nno 1 <f><a k='>2</a></f>\nok f'3'\nend\n"},
    {.name = "lines behind an error",
     .steps = "f[]",
     .options = "",
     .places = true,
     .text = "<r>\n<f>\n1</f\n>\n<f>\n<a>\n</f>\n\n\n<f>\n <b/></f>\n<f>\n</a></f><f/></r>",
     .expected = "ok f2:1'~1'\n! xml.tag 7:1 open=a found=f\nno 5 <f>~<a>~</f>\nok f10:1{b11:2''}\n"
                 "! xml.tag 13:1 open=f found=a\nno 12 <f>~</a></f>\nok f13:9''\nend\n"},
    {.name = "names with prefixes",
     .steps = "f[]",
     .options = "",
     .context = true,
     .text = "<n:r xmlns:n='urn:x' k='&lt;'>\n<n:f><a></n:f><n:f><n:b/></n:f></n:r>",
     .expected = "! xml.tag 2:9 open=a found=n:f\nno 2 <n:f><a></n:f>\ncontext r{@k'<'}\nok f{b''}\n"
                 "context r{@k'<'}\nend\n"},
    {.name = "in a group",
     .steps = GROUPS,
     .options = "",
     .context = true,
     .text = "<D><A><G><d>x</d><R><</R><R>2</R><s/></G><G><d>y</d><R>3</R></G></A></D>",
     .expected = "! xml.syntax 1:22\nno 1 <R><</R>\ncontext D{A{G{d'x'}}}\nok R'2'\n"
                 "context D{A{G{d'y'}}}\nok R'3'\ncontext D{A''}\nend\n"},
    {.name = "the group ends before a record does",
     .steps = GROUPS,
     .options = "",
     .context = true,
     .text = "<D><A><G><d>x</d><R>1</R><R><a></G><G><d>y</d><R>3</R></G></A></D>",
     .expected = "context D{A{G{d'x'}}}\nok R'1'\n! xml.tag 1:32 open=a found=G\nno 1 <R><a>\n"
                 "context D{A{G{d'y'}}}\nok R'3'\ncontext D{A''}\nend\n"},
    {.name = "a group has lost its end",
     .steps = GROUPS,
     .options = "",
     .context = true,
     .text = "<D><A><G><d>x</d><R>1</R><R><<G><d>y</d><R>3</R></G></A></D>",
     .expected = "context D{A{G{d'x'}}}\nok R'1'\n! xml.syntax 1:30\nno 1 <R><\n"
                 "context D{A{G{d'y'}}}\nok R'3'\ncontext D{A''}\nend\n"},
    {.name = "a group lost its end and swallowed another",
     .steps = GROUPS,
     .options = "",
     .text = "<D><A><G><R>1</R><G><R>2</R></G></A></D>",
     .expected = "ok R'1'\n! xml.tag 1:33 open=G found=A\nfail\n"},
    {.name = "what a group begins with",
     .steps = GROUPS,
     .options = "",
     .text = "<D><A><G><R>1</R></G><G><d></G><G><R>3</R></G></A></D>",
     .expected = "ok R'1'\n! xml.tag 1:28 open=d found=G\nfail\n"},
    {.name = "before all records",
     .steps = "f[]",
     .options = "",
     .text = "<r><h>&</h><f>1</f></r>",
     .expected = "! xml.ampersand 1:7\nfail\n"},
    {.name = "behind the root",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>1</f></r>\n<x/>",
     .expected = "ok f'1'\n! xml.syntax 2:1\nfail\n"},
    {.name = "behind the root that is the record",
     .steps = "",
     .options = "",
     .text = "<r>1</r>\n<!-- --><x/>",
     .expected = "ok r'1'\n! xml.syntax 2:9\nfail\n"},
    {.name = "the root is the record",
     .steps = "",
     .options = "",
     .text = "<r><a></r>",
     .expected = "! xml.tag 1:7 open=a found=r\nfail\n"},

    {.name = "the end is missing",
     .steps = "f[]",
     .options = "",
     .text = "<r>\n<f>1</f>\n<f><a>2",
     .expected = "ok f'1'\n! xml.truncated 3:8 element=a\nfail\n"},
    {.name = "the root's end is missing",
     .steps = "f[]",
     .options = "",
     .text = "<r>\n<f>1</f>\n",
     .expected = "ok f'1'\n! xml.truncated 3:1 element=r\nfail\n"},
    {.name = "nothing", .steps = "f[]", .options = "", .text = "", .expected = "! xml.empty 1:1\nfail\n"},
    {.name = "a declaration",
     .steps = "f[]",
     .options = "",
     .text = "<?xml version='1.0'?>\n",
     .expected = "! xml.empty 2:1\nfail\n"},
    {.name = "blanks", .steps = "f[]", .options = "", .text = " \n ", .expected = "! xml.empty 2:2\nfail\n"},
    {.name = "JSON",
     .steps = "f[]",
     .options = "",
     .text = "{\"a\": [1, 2]}\n",
     .expected = "! xml.syntax 1:1\nfail\n"},
    {.name = "very short JSON",
     .steps = "f[]",
     .options = "",
     .text = "{}",
     .expected = "! xml.syntax 1:1\nfail\n"},
    {.name = "CSV",
     .steps = "f[]",
     .options = "",
     .text = "a;b\n1;2\n",
     .expected = "! xml.syntax 1:1\nfail\n"},
    {.name = "a DTD",
     .steps = "f[]",
     .options = "",
     .text = "<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY a 'b'>]>\n<r><f>&a;</f></r>",
     .expected = "! xml.doctype 2:1 name=r\nfail\n"},
    {.name = "an external DTD",
     .steps = "f[]",
     .options = "",
     .text = "<!DOCTYPE r SYSTEM 'http://localhost/x.dtd'><r><f/></r>",
     .expected = "! xml.doctype 1:1 name=r\nfail\n"},
    {.name = "an undefined entity",
     .steps = "f[]",
     .options = "",
     .text = "<r><f>&eacute;</f><f k='&x;'/><f>2</f></r>",
     .expected = "! xml.entity 1:7 name=eacute\nno 1 <f>&eacute;</f>\n! xml.entity 1:25 name=x\n"
                 "no 1 <f k='&x;'/>\nok f'2'\nend\n"},
};

/* ---- the input fails once ---- */

static struct {
    const struct gw_host *host;
    size_t left; /* looks until the one that fails */
} failing;

static enum gw_result peek(struct gw_session *s, size_t min, struct gw_str *ret)
{
    if (failing.left && --failing.left == 0)
        return GW_RETRY;
    return failing.host->peek(s, min, ret);
}

/* Wherever the plugin looks, it says so, and goes on saying so. */
static void assert_told(struct fixture *f, const struct reading *reading)
{
    struct gw_host wrapped;
    struct gw_record rec;
    enum gw_result r;

    for (size_t nth = 1;; nth++) {
        buf_clear(&f->out);
        assert_int_equal(fixture_open(f, str_of(reading->text), -1), GW_OK);
        failing.host = f->session.gw.host;
        failing.left = nth;
        wrapped = *failing.host;
        wrapped.peek = peek;
        f->session.gw.host = &wrapped;
        r = fixture_read_all(f);
        if (failing.left)
            break;
        if (r != GW_RETRY)
            print_error("%s: look %zu\n%s", reading->name, nth, f->out.data);
        assert_int_equal(r, GW_RETRY);
        assert_int_equal(session_next(&f->session, &rec), GW_RETRY);
    }
    assert_string_equal(f->out.data, reading->expected);
}

static void input_fails_once(void **state)
{
    static const size_t steps[] = {0, 5};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(readings) / sizeof(*readings); i++) {
        fixture_configure(f, readings[i].steps, readings[i].options);
        f->places = readings[i].places;
        f->context = readings[i].context;
        for (size_t k = 0; k < 2; k++) {
            f->limits.step = steps[k];
            assert_told(f, &readings[i]);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(input_fails_once, fixture_setup, fixture_teardown)};
    int failed = cmocka_run_group_tests_name("xml: input that fails", tests, NULL, NULL);

    return failed + fixture_run("xml: context and recovery", readings, sizeof(readings) / sizeof(*readings));
}
