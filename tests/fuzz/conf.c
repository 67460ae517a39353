/* SPDX-License-Identifier: EUPL-1.2 */
/* format.conf of a format, loaded and compiled. */
#include "fuzz/folder.h"
#include "fuzz/fuzz.h"

const char *__lsan_default_suppressions(void);

/* The library forgets the text of a quote that is never closed. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    folder_make();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    folder_try("format.conf", (struct gw_str){(const char *)data, size});
    return 0;
}
