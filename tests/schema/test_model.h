/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef SCHEMA_TEST_MODEL_H
#define SCHEMA_TEST_MODEL_H

int model_faults(void); /* the group of test_model_faults.c: how many failed */

#endif
