/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Totals that stand before the records, through the executable: asked for by a plugin (GW_TOTALS) and by a
 * mapping. What is translated waits in a spool until it is counted.
 */
#include <string.h>

#include "bad/process.h"
#include "base/str.h"
#include "support/unit.h"

#define RESIDENT ((size_t)48 << 20)
#define HEADER   "nom;prenom;ne_le\n"
#define PEOPLE   HEADER "ESSAI;Ada;01/02/1990\ntrop;de;cellules;ici\nESSAI;Zo\xC3\xA9;\n"
#define COUNTED  "counted 2\nnom=ESSAI\tprenom=Ada\tne_le=01/02/1990\nnom=ESSAI\tprenom=Zo\xC3\xA9\n"

static void convert(struct run *r, const char *from, const char *to, const struct repeat *feed)
{
    const char *const argv[] = {BUILD_DIR "/passerelle",
                                "convert",
                                "--json",
                                "--schemas",
                                SCHEMAS,
                                "--plugins",
                                PLUGINS,
                                "--from",
                                from,
                                "--to",
                                to,
                                NULL};

    run_program(r, argv, feed, 120);
    if (r->signal || r->exit > 1)
        fail_msg("exit %d, signal %d\n%s", r->exit, r->signal, r->err.data);
}

static const struct translation {
    const char *name, *from, *to, *in, *out;
    int exit;
} translations[] = {
    {"a table to a count: a rejected row is not counted", "gens-csv", "gens-counted", PEOPLE, COUNTED, 1},
    {"and back", "gens-counted", "gens-csv", COUNTED, HEADER "ESSAI;Ada;01/02/1990\nESSAI;Zo\xC3\xA9;\n", 0},
    {"a count to itself", "gens-counted", "gens-counted", COUNTED, COUNTED, 0},
    {"nothing is counted", "gens-csv", "gens-counted", HEADER, "counted 0\n", 0},
    {"a mapping that counts at the head", "gens-csv", "gens-tete", PEOPLE,
     "{\"nombre\":2,\"gens\":[{\"nom\":\"ESSAI\",\"prenom\":\"Ada\"},{\"nom\":\"ESSAI\",\"prenom\":"
     "\"Zo\xC3\xA9\"}]}",
     1},
    {"and nothing there", "gens-csv", "gens-tete", HEADER, "{\"nombre\":0,\"gens\":[]}", 0},
};

static void is_translated(void **state)
{
    const struct translation *t = *state;
    struct repeat feed[] = {{str_of(t->in), 1}, {.times = 0}};
    struct run r;

    convert(&r, t->from, t->to, feed);
    if (strcmp(r.out.data, t->out) != 0 || r.exit != t->exit)
        fail_msg("exit %d\n%s\ninstead of:\n%s\n%s", r.exit, r.out.data, t->out, r.err.data);
    run_done(&r);
}

static void the_spool_is_not_in_memory(void **state)
{
    static const struct repeat feed[] = {
        {GW_STR_INIT(HEADER), 1}, {GW_STR_INIT("ESSAI;Ada;01/02/1990\n"), 300000}, {.times = 0}};
    struct run r;

    (void)state;
    convert(&r, "gens-csv", "gens-counted", feed);
    assert_memory_equal(r.out.data, "counted 300000\n", 15);
    if (BOUNDED && r.resident > RESIDENT)
        fail_msg("%zu KB", r.resident >> 10);
    run_done(&r);
}

int main(void)
{
    static struct CMUnitTest tests[16];
    size_t n = 0;

    for (; n < sizeof(translations) / sizeof(translations[0]); n++)
        tests[n] = (struct CMUnitTest){.name = translations[n].name,
                                       .test_func = is_translated,
                                       .initial_state = (void *)(uintptr_t)&translations[n]};
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_spool_is_not_in_memory);
    return _cmocka_run_group_tests("totals at the head", tests, n, NULL, NULL);
}
