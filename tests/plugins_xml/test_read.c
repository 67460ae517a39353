/* SPDX-License-Identifier: EUPL-1.2 */
/* What is read from good files: each case under every window step. */
#include "plugins_xml/fixture.h"

#include <stdlib.h>

struct reading {
    const char *name, *steps, *options, *text, *expected;
};

#define HEAD "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n"
#define XSI  "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""

static const struct reading readings[] = {
    {"a record a line", "f[]", "",
     HEAD "<r>\n\t<f>\n\t\t<a>1</a>\n\t\t<b>\xe9 &amp; &#233;</b>\n\t</f>\n\t<f><a>2</a></f>\n</r>\n",
     "ok f{a'1' b'é & é'}\nok f{a'2'}\nend\n"},
    {"the declared encoding is not the parser's affair", "f[]", "", "\xEF\xBB\xBF" HEAD "<r><f>é</f></r>",
     "ok f'é'\nend\n"},
    {"on one line", "f[]", "", "<r><f><a>1</a></f><f><a>2</a></f><f><a>3</a></f></r>",
     "ok f{a'1'}\nok f{a'2'}\nok f{a'3'}\nend\n"},
    {"blanks in end tags", "f[]", "", "<r><f>1</f\n ><f>2</f\t><f>3</f></r >",
     "ok f'1'\nok f'2'\nok f'3'\nend\n"},
    {"tiny records", "f[]", "", "<r><f/><f/><f /><f></f><f/></r>",
     "ok f''\nok f''\nok f''\nok f''\nok f''\nend\n"},
    {"empty records with attributes", "f[]", "", "<r><f a='1>'/>\n<f a=\"/>\"/><f a='f> f'/></r>",
     "ok f{@a'1>'}\nok f{@a'/>'}\nok f{@a'f> f'}\nend\n"},
    {"no records", "f[]", "", "<r>\n</r>\n", "end\n"},
    {"an empty root", "f[]", "", "<r/>", "end\n"},
    {"other names that begin alike", "f[]", "", "<r><fa>1</fa><f>2</f><f-b>3</f-b><f.c/><f>4</f></r>",
     "ok f'2'\nok f'4'\nend\n"},
    {"the record's name inside of it", "f[]", "", "<r><f><f>1</f><g><f/></g></f><f>2</f></r>",
     "ok f{f'1' g{f''}}\nok f'2'\nend\n"},
    {"the record's name in what encloses", "f[]", "", "<r><h><f>1</f></h><f>2</f></r>", "ok f'2'\nend\n"},
    {"tags in comments", "f[]", "",
     "<r><!-- <f>0</f> --><f>1<!-- </f> --></f><!-- </r> --><f>2</f></r><!-- <f> -->",
     "ok f'1'\nok f'2'\nend\n"},
    {"tags in character data", "f[]", "", "<r><f><![CDATA[</f><f>]]></f><f>a<![CDATA[<&]]>b</f></r>",
     "ok f'</f><f>'\nok f'a<&b'\nend\n"},
    {"processing instructions", "f[]", "", "<r><?x </f> ?><f>1<?y?></f></r><?z?>\n", "ok f'1'\nend\n"},
    {"text around comments is one", "f[]", "", "<r><f>ab<!-- c -->cd</f></r>", "ok f'abcd'\nend\n"},
    {"blank leaves stay", "f[]", "", "<r><f><a>  </a><b>\n</b></f></r>", "ok f{a'  ' b'~'}\nend\n"},
    {"edges of a text stay", "f[]", "", "<r><f><a> x\n</a></f></r>", "ok f{a' x~'}\nend\n"},
    {"line ends are one byte", "f[]", "", "<r>\r\n<f>\r\n<a>1\r\n2</a>\r\n</f>\r\n</r>", "ok f{a'1~2'}\nend\n"},
    {"mixed content", "f[]", "", "<r><f>one <b>two</b> three <b/>four\n</f></r>",
     "ok f'one  three four~'{b'two' b''}\nend\n"},
    {"much mixed content", "f[]", "", "<r><f>a<b/>b<b/>c<b/>d<b/>e<b/>f<b/>g<b/>h</f></r>",
     "ok f'abcdefgh'{b'' b'' b'' b'' b'' b'' b''}\nend\n"},
    {"attributes", "f[]", "",
     "<r><f id='1' n=\"a &lt; &quot;b&quot; &amp;#38; c\"><a k='v'>t</a><b k='v'/><c k='v'> </c></f></r>",
     "ok f{@id'1' @n'a < \"b\" &#38; c' a't'{@k'v'} b{@k'v'} c{@k'v'}}\nend\n"},
    {"attribute values are normalised", "f[]", "", "<r><f a='1\n2\t3'/></r>", "ok f{@a'1 2 3'}\nend\n"},
    {"an attribute and elements", "f[]", "", "<r><f x='1'>\n<a>2</a>\n</f></r>", "ok f{@x'1' a'2'}\nend\n"},
    {"nil", "f[]", "",
     "<r " XSI
     "><f><a xsi:nil='true'/><b xsi:nil='1'></b><c xsi:nil='false'/><d xsi:nil='true' k='v'/></f></r>",
     "ok f{a! b! c'' d{@k'v'}}\nend\n"},
    {"undeclared prefix", "f[]", "", "<r><f><a xsi:nil='true'/><p:b/></f></r>",
     "! xml.prefix 1:7 prefix=xsi\nok f{a! p:b''}\nend\n"},
    {"a default namespace", "f[]", "", "<r xmlns='urn:x'><f><a>1</a></f></r>", "ok f{a'1'}\nend\n"},
    {"a prefixed namespace", "f[]", "root=r", "<n:r xmlns:n='urn:x'><n:f><n:a>1</n:a></n:f><n:f/></n:r>",
     "ok f{a'1'}\nok f''\nend\n"},
    {"only the root has it", "f[]", "root=n:r", "<n:r xmlns:n='urn:x'><f><a V='1'/></f></n:r>",
     "ok f{a{@V'1'}}\nend\n"},
    {"foreign namespaces", "f[]", "",
     "<r xmlns='urn:x' xmlns:o='urn:y'><f><o:a o:k='1' xml:lang='fr'>1</o:a><a>2</a></f><o:f/></r>",
     "ok f{o:a'1'{@o:k'1' @xml:lang'fr'} a'2'}\nend\n"},
    {"two prefixes of one namespace", "f[]", "",
     "<a:r xmlns:a='urn:x' xmlns:b='urn:x'><b:f><a:c>1</a:c></b:f><a:f/></a:r>", "ok f{c'1'}\nok f''\nend\n"},
    {"the expected namespace", "f[]", "namespace=urn:x", "<r xmlns='urn:x'><f/></r>", "ok f''\nend\n"},
    {"none instead of it", "f[]", "namespace=urn:x", "<r><f/></r>",
     "! xml.no_namespace 1:1 expected=urn:x\nok f''\nend\n"},
    {"another", "f[]", "namespace=urn:x", "\n<r xmlns='urn:y'><f/></r>",
     "! xml.namespace 2:1 expected=urn:x found=urn:y\nfail\n"},
    {"another root", "f[]", "root=Racine", "<?xml version='1.0'?>\n<Document><f/></Document>",
     "! xml.root 2:1 expected=Racine found=Document\nfail\n"},
    {"the root is the record", "", "", "<r a='1'>\n<b>2</b>\n<b>3</b>\n</r>\n", "ok r{@a'1' b'2' b'3'}\nend\n"},
    {"deeper records", "a/g[]/f[]", "", "<r><a><g><f>1</f><f>2</f></g><g><f>3</f></g></a><g><f>no</f></g></r>",
     "ok f'1'\nok f'2'\nok f'3'\nend\n"},
    {"long names and declarations", "f[]", "",
     "<?xml version='1.0' standalone='yes'?><rrrrrrrrrrrrrrrrrrrrrrrrrr>\n<f/></rrrrrrrrrrrrrrrrrrrrrrrrrr>",
     "ok f''\nend\n"},
};

static void assert_reading(struct fixture *f, const char *text, const char *expected)
{
    size_t len = strlen(text), steps[] = {0, 1, 2, 3, 5, 7, 13, 64};

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        f->limits.step = steps[i];
        (void)fixture_read(f, (struct gw_str){text, len});
        if (strcmp(f->out.data, expected) != 0)
            print_error("step %zu\n", steps[i]);
        assert_string_equal(f->out.data, expected);
    }
}

static void reads(void **state)
{
    struct fixture *f;
    const struct reading *r = *state;

    (void)fixture_setup((void **)&f);
    fixture_configure(f, r->steps, r->options);
    assert_reading(f, r->text, r->expected);
    (void)fixture_teardown((void **)&f);
}

int main(void)
{
    enum { N = sizeof(readings) / sizeof(*readings) };
    struct CMUnitTest tests[N];

    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){readings[i].name, reads, NULL, NULL, (void *)(uintptr_t)&readings[i]};
    return _cmocka_run_group_tests("xml: reading", tests, N, NULL, NULL);
}
