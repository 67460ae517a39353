/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One conversion a line, for a comparison with another program: "r|w TAB as TAB text" in, the
 * text, "(absent)" or "(refused)" out. With --bench: nanoseconds of the hot converters.
 */
#include <stdlib.h>
#include <time.h>

#include "convert/fixture.h"

static void answer_lines(struct fixture *f)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        struct gw_str rest, way = str_cut(str_of(line), '\t', &rest), as = str_cut(rest, '\t', &rest);
        const char *code, *got = "(refused)";
        struct convs convs;

        rest.len -= rest.len && rest.ptr[rest.len - 1] == '\n';
        if (!fixture_compile(f, arena_text(&f->stream, as), &convs, &code))
            got = code;
        else if (str_is(way, "r"))
            got = fixture_read(f, &convs, NULL, arena_text(&f->record, rest));
        else
            got = fixture_write(f, &convs, arena_text(&f->record, rest));
        puts(!got ? "(absent)" : got[0] == '(' && f->c.code ? "(refused)" : got);
        arena_reset(&f->record);
    }
    free(line);
}

static void bench(struct fixture *f, const char *as, const char *in, const struct field *field)
{
    enum { ROUNDS = 5000000 };
    struct timespec from, to;
    struct convs convs;
    const char *code;
    size_t good = 0;

    if (!fixture_compile(f, as, &convs, &code))
        return;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct gw_str v = {in, strlen(in)};

        good += convs_read(&f->c, &convs, field, &v) == GW_OK;
        if (i % 64 == 0)
            arena_reset(&f->record);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%-28s %-14s %6.1f ns%s\n", as, in,
           ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / ROUNDS,
           good == ROUNDS ? "" : " refused");
}

static void bench_all(struct fixture *f)
{
    struct field text = {.type = FIELD_TEXT, .scale = -1}, amount = {.type = FIELD_DECIMAL, .scale = 2};
    struct field date = {.type = FIELD_DATE, .scale = -1};

    fixture_list(f, "role", "native;pivot\nDEM;DEMANDEUR\nCJT;CONJOINT\nENF;ENFANT\nAUT;AUTRE\n");
    bench(f, "text(20)", "MARTIN", &text);
    bench(f, "pad(10,0) > decimal(2)", "0001675.00", &amount);
    bench(f, "date(DD/MM/YYYY)", "09/07/2026", &date);
    bench(f, "date", "2026-07-09", &date);
    bench(f, "bool(1|true,0|false)", "0", NULL);
    bench(f, "code(role)", "CJT", NULL);
}

int main(int argc, char **argv)
{
    struct fixture f;
    FILE *table = argc > 1 ? fopen(argv[1], "r") : NULL; /* fold-ascii.csv */
    static char text[65536];

    fixture_init(&f);
    if (table) {
        (void)!fread(text, 1, sizeof(text) - 1, table);
        fclose(table);
        fixture_list(&f, "fold-ascii", text);
    }
    if (argc > 1 && strcmp(argv[1], "--bench") == 0)
        bench_all(&f);
    else
        answer_lines(&f);
    fixture_done(&f);
    return 0;
}
