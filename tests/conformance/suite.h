/* SPDX-License-Identifier: EUPL-1.2 */
/* The checks: of the plugin as a whole, and of each of its samples (state: the sample). */
#ifndef CONFORMANCE_SUITE_H
#define CONFORMANCE_SUITE_H

#include "conformance/faulty.h"
#include "conformance/stage.h"
#include "support/unit.h"

extern struct subject {
    const char *path;
    const struct gw_plugin *plugin;
    uint64_t stream_bytes; /* how long a stream must not need more memory */
} subject;

/* ---- of the plugin ---- */

void descriptor_is_sane(void **state);
void messages_are_whole(void **state);
void options_have_good_initials(void **state);
void probe_is_pure(void **state);
void one_symbol_is_exported(void **state);
void nothing_is_mutable(void **state);
void rules_are_sane(void **state);
void converters_are_pure(void **state);
void converters_survive_failing_memory(void **state);
void checks_are_silent_about_nothing(void **state);
void sessions_run_side_by_side(void **state);
void threads_do_not_meet(void **state);

/* ---- of a sample ---- */

void sample_is_read(void **state);
void any_window_gives_the_same(void **state);
void a_cut_is_never_silent(void **state);
void a_failing_input_is_told(void **state);
void failing_memory_ends_the_stream(void **state);
void failing_malloc_ends_the_stream(void **state);
void a_small_bound_is_told(void **state);
void closing_at_any_time_is_fine(void **state);
void written_and_read_is_the_same(void **state);
void failing_memory_ends_the_writing(void **state);
void a_failing_output_is_told(void **state);
void memory_does_not_grow(void **state);

/* The transcript of the sample read whole, for comparison; to be freed with buf_done(). */
void read_whole(struct stage *st, const struct sample *sample, const struct gw_plugin *plugin);

#endif
