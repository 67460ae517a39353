/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A whole translation: JSON as asp-fiche-salarie writes it, to the pivot, and back. Beyond not crashing:
 * every record is accounted for, and what was written without a reject is written again as it is.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/str.h"
#include "pipeline/convert.h"

#define CODECS_EVERY 1000 /* opening reads tables of 40 000 rows; names of the inputs fill the codec's */

static struct engine engine;
static struct codec from, to;
static struct counter counter;
static unsigned uses;

static void open_codec(struct codec *c)
{
    MUST(codec_open(c, &engine, GW_STR("asp-fiche-salarie"), (struct gw_str){NULL, 0}, &counter.sink) == GW_OK,
         "the format does not open");
}

static void renew_codecs(void)
{
    if (uses++ % CODECS_EVERY)
        return;
    codec_close(&from);
    codec_close(&to);
    open_codec(&from);
    open_codec(&to);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct home home = {.plugins = GW_STR(BUILD_DIR "/plugins"), .schemas = GW_STR(SOURCE_DIR "/schemas")};

    (void)argc;
    (void)argv;
    counter = counter_make();
    MUST(engine_open(&engine, &home, &counter.sink) == GW_OK, "the engine does not open");
    return 0;
}

static enum gw_result translate(struct gw_str text, struct buf *out, struct law *law)
{
    struct reject_options options = {.catalogue = &engine.catalogue, .next = &counter.sink};
    struct input_options io = {.sink = &counter.sink};
    struct arena a;
    struct input in = {0};
    struct conversion_job job = {.from = &from, .to = &to};
    enum gw_result r;

    arena_init(&a, 0, 0);
    job.source.date = GW_STR("2026-06-15");
    job.outlet = (struct outlet_options){.date = GW_STR("2026-06-15"), .memory = out};
    MUST(rejects_open(&a, NULL, &options, &job.rejects) == GW_OK, "rejects");
    r = input_open_memory(&in, text, GW_STR("input"), &io);
    if (r == GW_OK)
        r = convert_run(&job, &in, law);
    input_close(&in);
    MUST(rejects_close(job.rejects, false) == GW_OK, "rejects");
    arena_done(&a);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct law first = {0}, second = {0};
    struct buf out, again;
    enum gw_result r;

    buf_init(&out, (size_t)64 << 20);
    buf_init(&again, (size_t)64 << 20);
    renew_codecs();
    counter.errors = counter.reports = 0;
    r = translate((struct gw_str){(const char *)data, size}, &out, &first);
    MUST(r == GW_OK || counter.errors, "%d, and nobody is told", (int)r);
    MUST(law_holds(&first), "the law does not hold");
    if (r == GW_OK && first.written) {
        r = translate(buf_view(&out), &again, &second);
        MUST(r == GW_OK && second.rejected == 0 && second.written == first.natives,
             "written, but not read:\n%s", out.data);
        MUST(strcmp(out.data, again.data) == 0, "written:\n%s\nand again:\n%s", out.data, again.data);
    }
    buf_done(&out);
    buf_done(&again);
    return 0;
}
