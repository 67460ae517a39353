/* SPDX-License-Identifier: EUPL-1.2 */
/* The schema of a pivot type. */
#include "fuzz/fuzz.h"

#include "schema/shape.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct counter c = counter_make();
    struct model m = {0};
    struct arena a;
    enum gw_result r;

    arena_init(&a, 0, (size_t)256 << 20);
    r = model_load_text(&m, &a, GW_STR("essai"), (struct gw_str){(const char *)data, size}, &c.sink);
    MUST(r == GW_OK || r == GW_FATAL || c.errors, "refused, and nobody is told");
    arena_done(&a);
    return 0;
}
