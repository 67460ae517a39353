/* SPDX-License-Identifier: EUPL-1.2 */
/* The csv plugin against its specification: reading, writing, both. */
#include "support/unit.h"

int test_read(void);
int test_write(void);
int test_host(void);

int main(void)
{
    return test_read() + test_write() + test_host() != 0;
}
