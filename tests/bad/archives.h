/* SPDX-License-Identifier: EUPL-1.2 */
/* A folder of archives that are made when the tests begin: good, cut, damaged, and far larger inside. */
#ifndef BAD_ARCHIVES_H
#define BAD_ARCHIVES_H

int archives_setup(void **state);
int archives_teardown(void **state);
const char *archives_folder(void);

#endif
