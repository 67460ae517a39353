/* SPDX-License-Identifier: EUPL-1.2 */
/* What comes through the pipe from a reader that was taken over: lines, their keys, and back for a destination.
 */
#include "gateway/lines.h"
#include "fuzz/fuzz.h"

#include <string.h>

static struct model model;
static struct store *store;
static struct pivot_lines lines;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct arena a;
    static struct counter c;
    static char folder[] = "/tmp/fuzz-lines-XXXXXX", path[64], key[64];
    struct store_options o = {.path = path, .key_path = key, .create = true};

    (void)argc;
    (void)argv;
    c = counter_make();
    o.sink = &c.sink;
    arena_init(&a, 0, 0);
    MUST(mkdtemp(folder), "no folder");
    (void)snprintf(path, sizeof(path), "%s/store.db", folder);
    (void)snprintf(key, sizeof(key), "%s/key", folder);
    MUST(model_load(&model, &a, SOURCE_DIR "/schemas/pivot", &c.sink) == GW_OK, "no model");
    MUST(store_open(&a, &o, &store) == GW_OK, "no store");
    MUST(lines_open(&lines, &model, store, GW_STR("giver")) == GW_OK, "no lines");
    return 0;
}

static void rebuild(const struct pivot_line *l)
{
    static const struct gw_str fields[] = {GW_STR_INIT("personne.*"), GW_STR_INIT("foyer.membres"),
                                           GW_STR_INIT("droit.nature"), GW_STR_INIT("etape.ext")};
    struct lines_filter filter = {fields, sizeof(fields) / sizeof(*fields)};
    struct buf out;

    buf_init(&out, (size_t)16 << 20);
    (void)line_rebuild(&lines, l->payload, l->key, l->nir, 1, &filter, &out);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str rest = {(const char *)data, size};

    lines_clear(&lines);
    while (rest.len) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        struct gw_str line = {rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len};

        rest = end ? (struct gw_str){end + 1, rest.len - line.len - 1} : (struct gw_str){NULL, 0};
        if (lines_add(&lines, line) == GW_FATAL)
            break;
    }
    if (lines_settle(&lines) == GW_OK)
        for (const struct pivot_line *l = lines.at.first; l; l = l->next) {
            MUST(l->keying == 2, "a line without a key");
            rebuild(l);
        }
    return 0;
}
