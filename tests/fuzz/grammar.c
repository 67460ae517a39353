/* SPDX-License-Identifier: EUPL-1.2 */
/* The texts of the mapping language, each by its parser. First byte: which. */
#include "fuzz/fuzz.h"

#include "base/str.h"
#include "mapping/grammar.h"

static enum gw_result parse(struct arena *a, size_t which, struct gw_str text, struct fault *fault)
{
    struct paths paths;
    struct field_refs fields;
    struct chain chain;
    struct pattern pattern;
    struct cond *cond;

    switch (which) {
    case 0:
        return paths_parse(a, text, &paths, fault);
    case 1:
        return fields_parse(a, text, &fields, fault);
    case 2:
        return chain_parse(a, text, &chain, fault);
    case 3:
        return pattern_parse(a, text, &pattern, fault);
    }
    return cond_parse(a, text, &cond, fault);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct fault fault = {NULL, 0, {NULL, 0}};
    struct arena a;
    enum gw_result r;
    size_t which;

    text = take_choice(text, 5, &which);
    if (!str_valid(text)) /* as the files of a format are, before any parser sees them */
        return 0;
    arena_init(&a, 0, (size_t)64 << 20);
    r = parse(&a, which, text, &fault);
    if (r == GW_FATAL)
        MUST(a.full, "out of memory");
    else if (r != GW_OK)
        MUST(fault.code && fault.column >= 1 && fault.column <= text.len + 1, "%s %zu", fault.code,
             fault.column);
    arena_done(&a);
    return 0;
}
