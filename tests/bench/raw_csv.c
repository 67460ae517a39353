/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * raw_csv memchr|libcsv FILE: two limits for CSV. Finding the ends of lines and nothing else; and libcsv
 * cutting rows into cells that nobody takes.
 */
#include <csv.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WINDOW ((size_t)1 << 18)

struct counts {
    size_t cells, rows;
};

static void cell(void *text, size_t len, void *to)
{
    struct counts *c = to;

    (void)text;
    (void)len;
    c->cells++;
}

static void row(int end, void *to)
{
    struct counts *c = to;

    (void)end;
    c->rows++;
}

static int tokenise(int fd, char *window, struct counts *c)
{
    struct csv_parser p;
    ssize_t got = 0;
    int bad = csv_init(&p, CSV_STRICT);

    while (!bad && (got = read(fd, window, WINDOW)) > 0)
        bad = csv_parse(&p, window, (size_t)got, cell, row, c) != (size_t)got;
    bad = bad || got < 0 || csv_fini(&p, cell, row, c);
    csv_free(&p);
    return bad;
}

static int lines(int fd, char *window, struct counts *c)
{
    ssize_t got;

    while ((got = read(fd, window, WINDOW)) > 0)
        for (char *p = window, *end = window + got; (p = memchr(p, '\n', (size_t)(end - p))); p++)
            c->rows++;
    return got < 0;
}

int main(int argc, char **argv)
{
    static char window[WINDOW];
    int fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
    struct counts c = {0};
    int bad = fd < 0 || (strcmp(argv[1], "libcsv") == 0 ? tokenise : lines)(fd, window, &c);

    if (bad)
        (void)fprintf(stderr, "raw_csv: %s cannot be read\n", argc == 3 ? argv[2] : "FILE");
    else
        (void)printf("%zu rows, %zu cells\n", c.rows, c.cells);
    return bad;
}
