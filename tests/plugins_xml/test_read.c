/* SPDX-License-Identifier: EUPL-1.2 */
/* What is read from good files: each case under every window step. */
#include "plugins_xml/fixture.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n"
#define XSI  "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""

#define CASE(n, s, o, t, e)                                                                                    \
    {                                                                                                          \
        .name = n, .steps = s, .options = o, .text = t, .expected = e                                          \
    }

static const struct reading readings[] = {
    CASE("a record a line", "f[]", "",
         HEAD "<r>\n\t<f>\n\t\t<a>1</a>\n\t\t<b>\xe9 &amp; &#233;</b>\n\t</f>\n\t<f><a>2</a></f>\n</r>\n",
         "ok f{a'1' b'é & é'}\nok f{a'2'}\nend\n"),
    CASE("the declared encoding is not the parser's affair", "f[]", "", "\xEF\xBB\xBF" HEAD "<r><f>é</f></r>",
         "ok f'é'\nend\n"),
    CASE("on one line", "f[]", "", "<r><f><a>1</a></f><f><a>2</a></f><f><a>3</a></f></r>",
         "ok f{a'1'}\nok f{a'2'}\nok f{a'3'}\nend\n"),
    CASE("blanks in end tags", "f[]", "", "<r><f>1</f\n ><f>2</f\t><f>3</f></r >",
         "ok f'1'\nok f'2'\nok f'3'\nend\n"),
    CASE("tiny records", "f[]", "", "<r><f/><f/><f /><f></f><f/></r>",
         "ok f''\nok f''\nok f''\nok f''\nok f''\nend\n"),
    CASE("empty records with attributes", "f[]", "", "<r><f a='1>'/>\n<f a=\"/>\"/><f a='f> f'/></r>",
         "ok f{@a'1>'}\nok f{@a'/>'}\nok f{@a'f> f'}\nend\n"),
    CASE("no records", "f[]", "", "<r>\n</r>\n", "end\n"),
    CASE("an empty root", "f[]", "", "<r/>", "end\n"),
    CASE("other names that begin alike", "f[]", "", "<r><fa>1</fa><f>2</f><f-b>3</f-b><f.c/><f>4</f></r>",
         "ok f'2'\nok f'4'\nend\n"),
    CASE("the record's name inside of it", "f[]", "", "<r><f><f>1</f><g><f/></g></f><f>2</f></r>",
         "ok f{f'1' g{f''}}\nok f'2'\nend\n"),
    CASE("the record's name in what encloses", "f[]", "", "<r><h><f>1</f></h><f>2</f></r>", "ok f'2'\nend\n"),
    CASE("tags in comments", "f[]", "",
         "<r><!-- <f>0</f> --><f>1<!-- </f> --></f><!-- </r> --><f>2</f></r><!-- <f> -->",
         "ok f'1'\nok f'2'\nend\n"),
    CASE("tags in character data", "f[]", "", "<r><f><![CDATA[</f><f>]]></f><f>a<![CDATA[<&]]>b</f></r>",
         "ok f'</f><f>'\nok f'a<&b'\nend\n"),
    CASE("processing instructions", "f[]", "", "<r><?x </f> ?><f>1<?y?></f></r><?z?>\n", "ok f'1'\nend\n"),
    CASE("text around comments is one", "f[]", "", "<r><f>ab<!-- c -->cd</f></r>", "ok f'abcd'\nend\n"),
    CASE("texts are put together", "f[]", "",
         "<r><f/><f>&amp;<a>&lt;1&gt;</a>&amp;2<b>&amp;&#38;3</b><c>4 &#xe9;<![CDATA[&]]>5<!-- --> 6</c></f>"
         "<f><a>7</a>8<b>9\r\n0</b></f></r>",
         "ok f''\nok f'&&2'{a'<1>' b'&&3' c'4 é&5 6'}\nok f'8'{a'7' b'9~0'}\nend\n"),
    CASE("a record that closes itself and one that seems to", "f[]", "",
         "<r><f>1</f><f/><!-- </f> --><f>2</f><f/>\n<f>3</f>4<f>5</f></r>",
         "ok f'1'\nok f''\nok f'2'\nok f''\nok f'3'\nok f'5'\nend\n"),
    CASE("blank leaves stay", "f[]", "", "<r><f><a>  </a><b>\n</b></f></r>", "ok f{a'  ' b'~'}\nend\n"),
    CASE("edges of a text stay", "f[]", "", "<r><f><a> x\n</a></f></r>", "ok f{a' x~'}\nend\n"),
    CASE("line ends are one byte", "f[]", "", "<r>\r\n<f>\r\n<a>1\r\n2</a>\r\n</f>\r\n</r>",
         "ok f{a'1~2'}\nend\n"),
    CASE("mixed content", "f[]", "", "<r><f>one <b>two</b> three <b/>four\n</f></r>",
         "ok f'one  three four~'{b'two' b''}\nend\n"),
    CASE("much mixed content", "f[]", "", "<r><f>a<b/>b<b/>c<b/>d<b/>e<b/>f<b/>g<b/>h</f></r>",
         "ok f'abcdefgh'{b'' b'' b'' b'' b'' b'' b''}\nend\n"),
    CASE("attributes", "f[]", "",
         "<r><f id='1' n=\"a &lt; &quot;b&quot; &amp;#38; c\"><a k='v'>t</a><b k='v'/><c k='v'> </c></f></r>",
         "ok f{@id'1' @n'a < \"b\" &#38; c' a't'{@k'v'} b{@k'v'} c{@k'v'}}\nend\n"),
    CASE("attribute values are normalised", "f[]", "", "<r><f a='1\n2\t3'/></r>", "ok f{@a'1 2 3'}\nend\n"),
    CASE("an attribute and elements", "f[]", "", "<r><f x='1'>\n<a>2</a>\n</f></r>", "ok f{@x'1' a'2'}\nend\n"),
    CASE("nil", "f[]", "",
         "<r " XSI
         "><f><a xsi:nil='true'/><b xsi:nil='1'></b><c xsi:nil='false'/><d xsi:nil='true' k='v'/></f></r>",
         "ok f{a! b! c'' d{@k'v'}}\nend\n"),
    CASE("undeclared prefix", "f[]", "", "<r><f><a xsi:nil='true'/><p:b/></f></r>",
         "! xml.prefix 1:7 prefix=xsi\nok f{a! p:b''}\nend\n"),
    CASE("a default namespace", "f[]", "", "<r xmlns='urn:x'><f><a>1</a></f></r>", "ok f{a'1'}\nend\n"),
    CASE("a prefixed namespace", "f[]", "root=r", "<n:r xmlns:n='urn:x'><n:f><n:a>1</n:a></n:f><n:f/></n:r>",
         "ok f{a'1'}\nok f''\nend\n"),
    CASE("only the root has it", "f[]", "root=n:r", "<n:r xmlns:n='urn:x'><f><a V='1'/></f></n:r>",
         "ok f{a{@V'1'}}\nend\n"),
    CASE("foreign namespaces", "f[]", "",
         "<r xmlns='urn:x' xmlns:o='urn:y'><f><o:a o:k='1' xml:lang='fr'>1</o:a><a>2</a></f><o:f/></r>",
         "ok f{o:a'1'{@o:k'1' @xml:lang'fr'} a'2'}\nend\n"),
    CASE("a record's name of another namespace", "f[]", "",
         "<r xmlns:o='urn:y'><f>1</f><o:f><a>0</a></o:f><f xmlns='urn:z'>2</f></r>", "ok f'1'\nok f'2'\nend\n"),
    CASE("two prefixes of one namespace", "f[]", "",
         "<a:r xmlns:a='urn:x' xmlns:b='urn:x'><b:f><a:c>1</a:c></b:f><a:f/></a:r>",
         "ok f{c'1'}\nok f''\nend\n"),
    CASE("the expected namespace", "f[]", "namespace=urn:x", "<r xmlns='urn:x'><f/></r>", "ok f''\nend\n"),
    CASE("none instead of it", "f[]", "namespace=urn:x", "<r><f/></r>",
         "! xml.no_namespace 1:1 expected=urn:x\nok f''\nend\n"),
    CASE("another", "f[]", "namespace=urn:x", "\n<r xmlns='urn:y'><f/></r>",
         "! xml.namespace 2:1 expected=urn:x found=urn:y\nfail\n"),
    CASE("another root", "f[]", "root=Racine", "<?xml version='1.0'?>\n<Document><f/></Document>",
         "! xml.root 2:1 expected=Racine found=Document\nfail\n"),
    CASE("the root is the record", "", "", "<r a='1'>\n<b>2</b>\n<b>3</b>\n</r>\n",
         "ok r{@a'1' b'2' b'3'}\nend\n"),
    CASE("deeper records", "a/g[]/f[]", "",
         "<r><a><g><f>1</f><f>2</f></g><g><f>3</f></g></a><g><f>no</f></g></r>",
         "ok f'1'\nok f'2'\nok f'3'\nend\n"),
    CASE(
        "long names and declarations", "f[]", "",
        "<?xml version='1.0' standalone='yes'?><rrrrrrrrrrrrrrrrrrrrrrrrrr>\n<f/></rrrrrrrrrrrrrrrrrrrrrrrrrr>",
        "ok f''\nend\n"),
};

int main(void)
{
    return fixture_run("xml: reading", readings, sizeof(readings) / sizeof(*readings));
}
