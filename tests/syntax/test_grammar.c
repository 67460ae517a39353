/* SPDX-License-Identifier: EUPL-1.2 */
/* The grammars of schemas/README.md: what is good gives this structure, what is bad is wrong there. */
#include "support/unit.h"

#include "base/str.h"
#include "syntax/written.h"

struct good {
    const char *text, *structure;
};

struct bad {
    const char *text, *code;
    size_t column;
};

static void expect_good(enum grammar g, const struct good *rows, size_t n)
{
    struct arena a = {0};
    struct buf out;

    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        struct fault fault;

        buf_clear(&out);
        if (parse_written(g, &a, str_of(rows[i].text), &out, &fault) != GW_OK)
            fail_msg("%s: %s at %zu: %.*s", rows[i].text, fault.code, fault.column, STR_ARG(fault.found));
        assert_string_equal(out.data, rows[i].structure);
    }
    buf_done(&out);
    arena_done(&a);
}

static void expect_bad(enum grammar g, const struct bad *rows, size_t n)
{
    struct arena a = {0};
    struct buf out;

    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        struct fault fault = {0};

        buf_clear(&out);
        if (parse_written(g, &a, str_of(rows[i].text), &out, &fault) != GW_FAIL)
            fail_msg("taken for good: %s: %s", rows[i].text, out.data);
        if (fault.column != rows[i].column || strcmp(fault.code, rows[i].code) != 0)
            fail_msg("%s: %s at %zu", rows[i].text, fault.code, fault.column);
        if (fault.column - 1 < strlen(rows[i].text))
            assert_int_equal(fault.found.ptr[0], rows[i].text[fault.column - 1]);
        else
            assert_int_equal(fault.found.len, 0);
    }
    buf_done(&out);
    arena_done(&a);
}

#define ROWS(array) array, sizeof(array) / sizeof((array)[0])

/* ---- paths ---- */

static void good_paths(void **state)
{
    static const struct good rows[] = {
        {"", ""},
        {"  ", ""},
        {".", "here"},
        {"/.", "/here"},
        {"*", "all"},
        {"siret", "<siret>"},
        {" siret ", "<siret>"},
        {"a/b/c", "<a>/<b>/<c>"},
        {"/a/b", "/<a>/<b>"},
        {"//DEB", "//<DEB>"},
        {"//A/B + //A/C", "//<A>/<B> + //<A>/<C>"},
        {"a?/b?[]/c[]", "<a>?/<b>?[]/<c>[]"},
        {"S21.G00.40[]", "<S21.G00.40>[]"},
        {"//S21.G00.06/001 + //S21.G00.11/001", "//<S21.G00.06>/<001> + //<S21.G00.11>/<001>"},
        {"Amt/InstdAmt/@Ccy", "<Amt>/<InstdAmt>/<@Ccy>"},
        {"Nom d'usage", "<Nom d'usage>"},
        {"N° CAF", "<N° CAF>"},
        {"Adresse + CP Ville + Complément adresse", "<Adresse> + <CP Ville> + <Complément adresse>"},
        {"A+B", "<A+B>"},
        {"A +B", "<A +B>"},
        {"A   +   B", "<A> + <B>"},
        {"Rôle|Role", "<Rôle>|<Role>"},
        {"ID Iodas | id iodas | 'a|b'", "<ID Iodas>|<id iodas>|<a|b>"},
        {"a/b|c", "<a>/<b>|<c>"},
        {"'RQTH / AAH'", "<RQTH / AAH>"},
        {"'af_nb_banques numeric'", "<af_nb_banques numeric>"},
        {"'it''s'/'x'", "<it's>/<x>"},
        {"'a' + 'b'", "<a> + <b>"},
        {"'a + b' + c", "<a + b> + <c>"},
        {"'.'", "<.>"},
        {"'*'", "<*>"},
        {"a*", "<a*>"},
        {"a.b", "<a.b>"},
        {"[]", "<>[]"},
        {"a[]/[]/b", "<a>[]/<>[]/<b>"},
        {"Prestations[][NATPREST=RSA]/ROLEPERS", "<Prestations>[]{<NATPREST>=RSA}/<ROLEPERS>"},
        {"situationSalarie[salarieBenefRSA=OUI-M|OUI-NM]",
         "<situationSalarie>{<salarieBenefRSA>=OUI-M|OUI-NM}"},
        {"a[k!=x|y]", "<a>{<k>!=x|y}"},
        {"a[2]", "<a>{#2}"},
        {"lignes[1]/type", "<lignes>{#1}/<type>"},
        {"a?[][b/c=1][2]/d", "<a>?[]{<b>/<c>=1}{#2}/<d>"},
        {"a[010=x]", "<a>{<010>=x}"},
        {"a[.=x]", "<a>{here=x}"},
        {"a[/b=x]", "<a>{/<b>=x}"},
        {"a[//b/c=x]", "<a>{//<b>/<c>=x}"},
        {"a[@id=x y]", "<a>{<@id>=x y}"},
        {"a[b[c=d]=e]", "<a>{<b>{<c>=d}=e}"},
        {"a['k=1'='x|]']", "<a>{<k=1>=x|]}"},
        {"a[k='']", "<a>{<k>=}"},
        {"a[k= x | y ]", "<a>{<k>=x|y}"},
        {"a[k=x + y]", "<a>{<k>=x + y}"},
        {"$name.lot", "$lot"},
        {"$name.lot + a", "$lot + <a>"},
        {"$schema", "<$schema>"},
        {"x.names", "<x.names>"},
    };

    (void)state;
    expect_good(PATHS, ROWS(rows));
}

static void bad_paths(void **state)
{
    static const struct bad rows[] = {
        {"/", "mapping.path", 2},
        {"//", "mapping.path", 3},
        {"///a", "mapping.path", 3},
        {"a/", "mapping.path", 3},
        {"a//b", "mapping.path", 3},
        {"./a", "mapping.path", 2},
        {".[]", "mapping.path", 1},
        {".|a", "mapping.path", 2},
        {"..", "mapping.path", 1},
        {"../a", "mapping.path", 1},
        {"a/.", "mapping.path", 3},
        {"a/*", "mapping.path", 3},
        {"*/a", "mapping.path", 2},
        {"@", "mapping.path", 1},
        {"a/@", "mapping.path", 3},
        {"?", "mapping.path", 1},
        {"+a", "mapping.path", 1},
        {"a + ", "mapping.path", 5},
        {"a +", "mapping.path", 4},
        {" + a", "mapping.path", 2},
        {"a + + b", "mapping.path", 5},
        {"|a", "mapping.path", 1},
        {"a|", "mapping.path", 3},
        {"a|b?", "mapping.path", 4},
        {"a|b/c", "mapping.path", 4},
        {"a]", "mapping.path", 2},
        {"a[]?", "mapping.path", 4},
        {"a[][]", "mapping.path", 5},
        {"a[", "mapping.path", 3},
        {"a[k", "mapping.path", 4},
        {"a[k=", "mapping.path", 5},
        {"a[k=x", "mapping.path", 6},
        {"a[k=]", "mapping.path", 5},
        {"a[k=x|]", "mapping.path", 7},
        {"a[=x]", "mapping.path", 3},
        {"a[0]", "mapping.path", 3},
        {"a[99999999999]", "mapping.path", 3},
        {"a[*=x]", "mapping.path", 3},
        {"a[$name.x=1]", "mapping.path", 3},
        {"a[k='x]", "mapping.quote", 5},
        {"a[k='x'y]", "mapping.path", 8},
        {"'a", "mapping.quote", 1},
        {"b/'a", "mapping.quote", 3},
        {"''", "mapping.path", 1},
        {"'a'b", "mapping.path", 4},
        {"'a'+ b", "mapping.path", 4},
        {"$name.", "mapping.path", 7},
        {"/$name.x", "mapping.path", 1},
        {"$name.x/a", "mapping.path", 8},
        {"$name.x.y", "mapping.path", 8},
    };

    (void)state;
    expect_bad(PATHS, ROWS(rows));
}

static void text_of_each_path_is_as_written(void **state)
{
    struct arena a = {0};
    struct paths p;
    struct fault fault;

    (void)state;
    assert_int_equal(paths_parse(&a, GW_STR(" //A/B +  'C d'[x=1] "), &p, &fault), GW_OK);
    assert_true(str_is(p.items[0].text, "//A/B"));
    assert_true(str_is(p.items[1].text, "'C d'[x=1]"));
    arena_done(&a);
}

/* ---- fields ---- */

static void good_fields(void **state)
{
    static const struct good rows[] = {
        {"", ""},
        {"nir", "<nir>"},
        {"adresse.commune", "<adresse>.<commune>"},
        {"mesure + milieu", "<mesure> + <milieu>"},
        {"membres[].role_rsa", "<membres>[].<role_rsa>"},
        {"membres[].parents[].lien", "<membres>[].<parents>[].<lien>"},
        {"membres[]", "<membres>[]"},
        {"suspensions[][objet=DROIT]", "<suspensions>[]{objet=DROIT}"},
        {"suspensions[][objet=DROIT].motif", "<suspensions>[]{objet=DROIT}.<motif>"},
        {"effectifs[categorie=TOTAL].nombre", "<effectifs>{categorie=TOTAL}.<nombre>"},
        {"f[theme= A b ].v", "<f>{theme=A b}.<v>"},
        {"x.reste", "x:<reste>"},
        {"x.asf[].ddasf", "x:<asf>[].<ddasf>"},
        {"x", "<x>"},
        {"xy.z", "<xy>.<z>"},
        {"a.x.b", "<a>.<x>.<b>"},
        {"numero_2", "<numero_2>"},
    };

    (void)state;
    expect_good(FIELDS, ROWS(rows));
}

static void bad_fields(void **state)
{
    static const struct bad rows[] = {
        {"a.", "mapping.grammar", 3},    {".a", "mapping.grammar", 1},       {"x.", "mapping.grammar", 3},
        {"a b", "mapping.grammar", 3},   {"a+b", "mapping.grammar", 2},      {"a + ", "mapping.grammar", 5},
        {"1a", "mapping.grammar", 1},    {"é", "mapping.grammar", 1},        {"a[", "mapping.grammar", 3},
        {"a[b]", "mapping.grammar", 4},  {"a[b=]", "mapping.grammar", 5},    {"a[b=c", "mapping.bracket", 2},
        {"a[=c]", "mapping.grammar", 3}, {"a[][]", "mapping.grammar", 5},    {"a[b=c]d", "mapping.grammar", 7},
        {"a/b", "mapping.grammar", 2},   {"a[b=c][]", "mapping.grammar", 7},
    };

    (void)state;
    expect_bad(FIELDS, ROWS(rows));
}

/* ---- converters ---- */

static void good_chains(void **state)
{
    static const struct good rows[] = {
        {"", ""},
        {"text", "text"},
        {"text(28) > fold(upper)", "text(<28>) > fold(<upper>)"},
        {"text(28)>fold(upper)", "text(<28>) > fold(<upper>)"},
        {"pad(15,0,right,7)", "pad(<15>,<0>,<right>,<7>)"},
        {"pad(4,' ',right) > code(partenaire)", "pad(<4>,< >,<right>) > code(<partenaire>)"},
        {"code(insee-com,at=$date)", "code(<insee-com>,<at=$date>)"},
        {"drop('()')", "drop(<()>)"},
        {"list(',')", "list(<,>)"},
        {"list(';') > code(nature)", "list(<;>) > code(<nature>)"},
        {"none('',Non)", "none(<>,<Non>)"},
        {"none('0,0') > decimal(2,comma)", "none(<0,0>) > decimal(<2>,<comma>)"},
        {"const(OUVERT|OUVERT_SUSPENDU)", "const(<OUVERT|OUVERT_SUSPENDU>)"},
        {"const(DE BLIDA)", "const(<DE BLIDA>)"},
        {"const(L'EAU)", "const(<L'EAU>)"},
        {"const('it''s')", "const(<it's>)"},
        {"const( a , b )", "const(<a>,<b>)"},
        {"const(a,)", "const(<a>,<>)"},
        {"const(a>b)", "const(<a>b>)"},
        {"now()", "now()"},
        {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", "date(<DD/MM/YYYY|YYYY-MM-DD|excel>)"},
        {"fits('a-zA-Z0-9@ ',32)", "fits(<a-zA-Z0-9@ >,<32>)"},
        {"find([0-9a-f]{30})", "find(<[0-9a-f]{30}>)"},
        {"find([,]{3,5}x)", "find(<[,]{3,5}x>)"},
        {"ref(etape:contrat.numero)", "ref(<etape:contrat.numero>)"},
        {"member(!FLE)", "member(<!FLE>)"},
        {"test(!diagnostic.sans_emploi_depuis)", "test(<!diagnostic.sans_emploi_depuis>)"},
        {"test(droit:rsa | (a=1,2 & @x))", "test(<droit:rsa | (a=1,2 & @x)>)"},
        {"test(a=')' & b=c,d)", "test(<a=')' & b=c>,<d>)"},
        {"bool(1|true,0|false)", "bool(<1|true>,<0|false>)"},
        {"fn(adresse_voie)", "fn(<adresse_voie>)"},
        {"join({*}A{#}M{#})", "join(H0* \"A\" H1# \"M\" H2#)"},
        {"split({*}_{code(milieu)})", "split(H0* \"_\" H1:code(<milieu>))"},
        {"join({date}T{time(HH:mm:ss.ffff)})", "join(H0:date \"T\" H1:time(<HH:mm:ss.ffff>))"},
        {"split({}[/{}]|{}_{})", "split(H0 [ \"/\" H1 ] | H0 \"_\" H1)"},
        {"split({5} {*})", "split(H0=5 \" \" H1*)"},
        {"split({*}{15:datetime(DDMMYYYY_HHmmss)})", "split(H0* H1=15:datetime(<DDMMYYYY_HHmmss>))"},
        {"join(99{3})", "join(\"99\" H0=3)"},
        {"join({9}{5})", "join(H0=9 H1=5)"},
        {"join({02}:{# int})", "join(H0=02 \":\" H1#:int)"},
        {"split(RIAE_FS_{14}.json)", "split(\"RIAE_FS_\" H0=14 \".json\")"},
        {"text(35) > sequence(MSG{date}-{04})", "text(<35>) > sequence(\"MSG\" H0:date \"-\" H1=04)"},
        {"join({a > b(x)} ({}))", "join(H0:a > b(<x>) \" (\" H1 \")\")"},
        {"join({}'{|'''{})", "join(H0 \"{|'\" H1)"},
        {"join([a[b]])", "join([ \"a\" [ \"b\" ] ])"},
        {"join({find([0-9]{3})})", "join(H0:find(<[0-9]{3}>))"},
    };

    (void)state;
    expect_good(CHAIN, ROWS(rows));
}

static void bad_chains(void **state)
{
    static const struct bad rows[] = {
        {"> text", "mapping.grammar", 1},       {"text >", "mapping.grammar", 7},
        {"text > > int", "mapping.grammar", 8}, {"text int", "mapping.grammar", 6},
        {"text(2", "mapping.bracket", 5},       {"text(2))", "mapping.grammar", 8},
        {"text)", "mapping.grammar", 5},        {"9", "mapping.grammar", 1},
        {"a > text(2", "mapping.bracket", 9},   {"text(2, b", "mapping.bracket", 5},
        {"const('a)", "mapping.quote", 7},      {"const('a'b)", "mapping.grammar", 10},
        {"join()", "mapping.template", 6},      {"join({}|)", "mapping.template", 9},
        {"join({)", "mapping.grammar", 7},      {"join({", "mapping.bracket", 6},
        {"join({}", "mapping.bracket", 5},      {"join(})", "mapping.template", 6},
        {"join([{})", "mapping.bracket", 6},    {"join({}])", "mapping.template", 8},
        {"join({0})", "mapping.template", 8},   {"join({99999})", "mapping.template", 7},
        {"join({x y})", "mapping.bracket", 6},  {"join({lot:14})", "mapping.bracket", 6},
        {"join('a)", "mapping.quote", 6},       {"split({code(x})", "mapping.bracket", 7},
    };

    (void)state;
    expect_bad(CHAIN, ROWS(rows));
}

static void columns_and_raw_arguments(void **state)
{
    struct arena a = {0};
    struct chain c;
    struct fault fault;

    (void)state;
    assert_int_equal(chain_parse(&a, GW_STR("text >  join({int}a) > fn( x, 'y')"), &c, &fault), GW_OK);
    assert_int_equal(c.count, 3);
    assert_int_equal(c.items[0].column, 1);
    assert_null(c.items[0].raw.ptr);
    assert_int_equal(c.items[1].column, 9);
    assert_true(str_is(c.items[1].raw, "{int}a"));
    assert_int_equal(c.items[1].patterns[0].pieces[0].chain.items[0].column, 15);
    assert_int_equal(c.items[2].column, 24);
    assert_true(str_is(c.items[2].raw, " x, 'y'"));
    arena_done(&a);
}

/* ---- names of files ---- */

static void good_patterns(void **state)
{
    static const struct good rows[] = {
        {"plain.json", "\"plain.json\""},
        {"RIAE_FS_{lot:14}_FichierRetour.json", "\"RIAE_FS_\" H0=14<lot> \"_FichierRetour.json\""},
        {"CG{departement:3}.RSABE{type:1}{reste:*}.xml",
         "\"CG\" H0=3<departement> \".RSABE\" H1=1<type> H2*<reste> \".xml\""},
        {"F_{now:datetime(YYYYMMDDhhmmss)}.csv", "\"F_\" H0<now>:datetime(<YYYYMMDDhhmmss>) \".csv\""},
        {"{lot}-{04}", "H0<lot> \"-\" H1=04"},
        {"{date(YYYY)}", "H0:date(<YYYY>)"},
        {"{lot:14:int}", "H0=14<lot>:int"},
        {"a(b)c", "\"a(b)c\""},
        {"a[_{x}]", "\"a\" [ \"_\" H0<x> ]"},
    };

    (void)state;
    expect_good(PATTERN, ROWS(rows));
}

static void bad_patterns(void **state)
{
    static const struct bad rows[] = {
        {"", "mapping.template", 1},        {"a|b", "mapping.template", 2}, {"{lot:14", "mapping.bracket", 1},
        {"{lot:0}", "mapping.template", 7}, {"a}", "mapping.template", 2},  {"[a", "mapping.bracket", 1},
    };

    (void)state;
    expect_bad(PATTERN, ROWS(rows));
}

/* ---- conditions ---- */

static void good_conditions(void **state)
{
    static const struct good rows[] = {
        {"a", "<a>"},
        {"!a", "not(<a>)"},
        {"!!a", "not(not(<a>))"},
        {"@eiti", "@eiti"},
        {"a & b & c", "and(<a> <b> <c>)"},
        {"a|b&c", "or(<a> and(<b> <c>))"},
        {"a & b | c", "or(and(<a> <b>) <c>)"},
        {"(a | b) & c", "and(or(<a> <b>) <c>)"},
        {"!(a | b)", "not(or(<a> <b>))"},
        {"! a & b", "and(not(<a>) <b>)"},
        {"droit:rsa | droit:ass", "or(<droit:rsa> <droit:ass>)"},
        {"personne.nir~7*,8*", "<personne.nir>~<7*>,<8*>"},
        {"nir ~ 1* , 3*", "<nir>~<1*>,<3*>"},
        {"$date<2026-07-09", "<$date><<2026-07-09>"},
        {"$date >= 2026-07-09", "<$date>>=<2026-07-09>"},
        {"$name.x=1", "<$name.x>=<1>"},
        {"a!=b", "<a>!=<b>"},
        {"a<=1 & b>2", "and(<a><=<1> <b>><2>)"},
        {"personne.adresse.type_voie", "<personne.adresse.type_voie>"},
        {"effectifs[categorie=TOTAL].nombre > 3", "<effectifs[categorie=TOTAL].nombre>><3>"},
        {"membres[].role=DEM", "<membres[].role>=<DEM>"},
        {"etape:contrat.numero=a b", "<etape:contrat.numero>=<a b>"},
        {"a='x,y & z', b", "<a>=<x,y & z>,<b>"},
        {"a='it''s'", "<a>=<it's>"},
        {"a=d'ici", "<a>=<d'ici>"},
        {"!personne.nir | ((!a | b~7*,8*) & !c)",
         "or(not(<personne.nir>) and(or(not(<a>) <b>~<7*>,<8*>) not(<c>)))"},
        {"@sans_etat_civil & !civilite=MME", "and(@sans_etat_civil not(<civilite>=<MME>))"},
        {"((((a))))", "<a>"},
    };

    (void)state;
    expect_good(COND, ROWS(rows));
}

static void bad_conditions(void **state)
{
    static const struct bad rows[] = {
        {"", "mapping.condition", 1},     {"a &", "mapping.condition", 4},
        {"& a", "mapping.condition", 1},  {"a | | b", "mapping.condition", 5},
        {"(a", "mapping.bracket", 1},     {"a)", "mapping.condition", 2},
        {"()", "mapping.condition", 2},   {"!", "mapping.condition", 2},
        {"@", "mapping.condition", 2},    {"@9", "mapping.condition", 2},
        {"$", "mapping.condition", 1},    {"a b", "mapping.condition", 3},
        {"a=", "mapping.condition", 3},   {"a=b,", "mapping.condition", 5},
        {"a=,b", "mapping.condition", 3}, {"a=x(y)", "mapping.condition", 4},
        {"a='x", "mapping.quote", 3},     {"a='x'y", "mapping.condition", 6},
        {"a.", "mapping.condition", 3},   {"a:", "mapping.condition", 3},
        {"9a", "mapping.condition", 1},   {"é=1", "mapping.condition", 1},
        {"a[b=c", "mapping.bracket", 2},  {"a & (b | c", "mapping.bracket", 5},
        {"a !b", "mapping.condition", 3}, {"a @b", "mapping.condition", 3},
    };

    (void)state;
    expect_bad(COND, ROWS(rows));
}

static void terms_know_their_column(void **state)
{
    struct arena a = {0};
    struct cond *c;
    struct fault fault;

    (void)state;
    assert_int_equal(cond_parse(&a, GW_STR("a & !b=1 | @c"), &c, &fault), GW_OK);
    assert_int_equal(c->column, 1);
    assert_int_equal(c->kids->kids->column, 1);
    assert_int_equal(c->kids->kids->next->column, 5);
    assert_int_equal(c->kids->kids->next->kids->column, 6);
    assert_int_equal(c->kids->next->column, 12);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_paths),
        cmocka_unit_test(bad_paths),
        cmocka_unit_test(text_of_each_path_is_as_written),
        cmocka_unit_test(good_fields),
        cmocka_unit_test(bad_fields),
        cmocka_unit_test(good_chains),
        cmocka_unit_test(bad_chains),
        cmocka_unit_test(columns_and_raw_arguments),
        cmocka_unit_test(good_patterns),
        cmocka_unit_test(bad_patterns),
        cmocka_unit_test(good_conditions),
        cmocka_unit_test(bad_conditions),
        cmocka_unit_test(terms_know_their_column),
    };

    return cmocka_run_group_tests_name("syntax_grammar", tests, NULL, NULL);
}
