/* SPDX-License-Identifier: EUPL-1.2 */
/* The xlsx plugin against what workbooks are in the wild. */
int test_texts(void);
int test_books(void);
int test_containers(void);

int main(void)
{
    return test_texts() + test_books() + test_containers() != 0;
}
