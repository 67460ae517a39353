/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_iae/suite.h"

#include "base/str.h"

/* Each code has both languages, as whole sentences, and an advice. */
void test_messages(void **state)
{
    (void)state;
    for (const struct gw_message *m = host_plugin()->messages; m->code; m++) {
        const char *const texts[] = {m->fr, m->en, m->advice_fr, m->advice_en};

        assert_true(str_begins(host_text(m->code), GW_STR("iae.")));
        for (size_t i = 0; i < 4; i++) {
            assert_non_null(texts[i]);
            assert_true(str_valid(host_text(texts[i])));
            if (texts[i][strlen(texts[i]) - 1] != '.')
                fail_msg("%s: \"%s\" is not a sentence", m->code, texts[i]);
        }
        for (const struct gw_message *other = m + 1; other->code; other++)
            assert_string_not_equal(m->code, other->code);
    }
}

/* Runs last: each message was said by some row, so none is dead and none is untested. */
void test_codes_heard(void **state)
{
    (void)state;
    for (const struct gw_message *m = host_plugin()->messages; m->code; m++)
        if (!host_heard(m->code))
            fail_msg("%s was never said", m->code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_converter_vectors),
        cmocka_unit_test(test_converter_absent),
        cmocka_unit_test(test_converter_memory),
        cmocka_unit_test(test_converter_args),
        cmocka_unit_test(test_nir_write_refuses),
        cmocka_unit_test(test_siret_or_rna),
        cmocka_unit_test(test_street_vectors),
        cmocka_unit_test(test_street_law),
        cmocka_unit_test(test_street_without_list),
        cmocka_unit_test(test_check_rows),
        cmocka_unit_test(test_check_without_lists),
        cmocka_unit_test(test_check_absent),
        cmocka_unit_test(test_annexe_arguments),
        cmocka_unit_test(test_annexe_real_file),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_codes_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
