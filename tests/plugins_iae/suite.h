/* SPDX-License-Identifier: EUPL-1.2 */
/* The tests of the rules plugin, one file a subject, one program. */
#ifndef IAE_SUITE_H
#define IAE_SUITE_H

#include "plugins_iae/host.h"
#include "support/unit.h"

void test_converter_vectors(void **state);
void test_converter_absent(void **state);
void test_converter_memory(void **state);
void test_converter_args(void **state);
void test_nir_write_refuses(void **state);
void test_siret_or_rna(void **state);
void test_street_vectors(void **state);
void test_street_law(void **state);
void test_street_without_list(void **state);
void test_check_rows(void **state);
void test_check_without_lists(void **state);
void test_check_absent(void **state);
void test_annexe_arguments(void **state);
void test_annexe_real_file(void **state);
void test_messages(void **state);
void test_codes_heard(void **state);

#endif
