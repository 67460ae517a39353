/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A format plugin over the real host. First byte: the window's step; second: whose steps and options of the
 * conformance samples; third: bounds, and whether what was read is written back. Beyond not crashing: any
 * window gives the same, a failure is told, what was written is read as it was.
 */
#include "fuzz/fuzz.h"

#include <dlfcn.h>
#include <string.h>

#include "conformance/stage.h"

enum { SMALL = 1, DECLARED = 2, BACK = 4 };

static const struct gw_plugin *plugin;
static struct sample mine[64];
static size_t nmine;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    void *library = dlopen(FUZZ_PLUGIN, RTLD_NOW | RTLD_LOCAL);

    (void)argc;
    (void)argv;
    samples_make();
    MUST(library, "%s", dlerror());
    plugin = dlsym(library, "gw_plugin");
    MUST(plugin, "%s", dlerror());
    for (size_t i = 0; i < nsamples && nmine < 64; i++)
        if (strcmp(samples[i].plugin, plugin->name) == 0)
            mine[nmine++] = samples[i];
    return 0;
}

static void init(struct stage *st, const struct sample *sample, size_t flags, size_t step)
{
    MUST(stage_init(st, plugin, sample), "%s", sample->name);
    st->limits.step = step;
    if (!(flags & SMALL))
        return;
    st->limits.record_bytes = 96;
    st->limits.session_memory = (size_t)1 << 20;
    st->limits.depth = 5;
}

static void check_window(const struct stage *whole, const struct sample *sample, size_t flags, size_t step,
                         struct gw_str text)
{
    struct stage st;

    init(&st, sample, flags, step);
    (void)stage_read(&st, text);
    /* which of several faults a library names first may depend on the window, and so may its columns */
    if (!FUZZ_PLACES) {
        MUST(!st.reports == !whole->reports, "step %zu:\n%s\ninstead of:\n%s", step, st.out.data,
             whole->out.data);
        MUST(st.reports || strcmp(st.text.data, whole->text.data) == 0, "step %zu:\n%s\ninstead of:\n%s", step,
             st.text.data, whole->text.data);
    }
    MUST(!FUZZ_PLACES || strcmp(st.out.data, whole->out.data) == 0, "step %zu:\n%s\ninstead of:\n%s", step,
         st.out.data, whole->out.data);
    stage_done(&st);
}

/* What the writer takes is read without a fault, and written again it is the same. */
static void check_back(struct stage *st)
{
    struct buf out, again;
    unsigned good = st->good;

    buf_init(&out, (size_t)64 << 20);
    buf_init(&again, (size_t)64 << 20);
    if (stage_write(st, &out) == GW_OK) {
        enum gw_result r = stage_read(st, buf_view(&out));

        MUST(r == GW_END && st->bad == 0 && st->good == good, "written:\n%s\nread:\n%s", out.data,
             st->out.data);
        MUST(stage_write(st, &again) == GW_OK, "written:\n%s\nand not again:\n%s", out.data, st->out.data);
        MUST(strcmp(out.data, again.data) == 0, "written:\n%s\nand again:\n%s", out.data, again.data);
    }
    buf_done(&out);
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct sample sample;
    struct stage st;
    size_t step, which, flags;
    enum gw_result r;

    text = take_choice(text, 64, &step);
    text = take_choice(text, nmine, &which);
    text = take_choice(text, 8, &flags);
    sample = mine[which];
    if (flags & DECLARED)
        sample.encoding = "UTF-8";
    init(&st, &sample, flags, 0);
    st.keep = true;
    r = stage_read(&st, text);
    MUST(r == GW_END || st.reports, "%s, and nobody is told", result_word(r));
    if (step)
        check_window(&st, &sample, flags, step, text);
    if ((flags & (BACK | SMALL)) == BACK && r == GW_END && !st.reports && !sample.one_way && st.good)
        check_back(&st);
    stage_done(&st);
    return 0;
}
