/* SPDX-License-Identifier: EUPL-1.2 */
#include "syntax/folder.h"

#include "support/unit.h"

#include <ftw.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/str.h"

/* libconfig 1.5 forgets the text at which a syntax error stands. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig\n";
}

static void hear(struct sink *sink, const struct diag *d)
{
    struct folder *f = (struct folder *)((char *)sink - offsetof(struct folder, sink));
    struct gw_str file = d->file, below = str_of(f->path);

    assert_int_equal(d->severity, GW_ERROR);
    if (str_begins(file, below) && file.len > below.len)
        file = str_from(file, below.len + 1);
    buf_format(&f->heard, "%.*s:%u:%u %s", STR_ARG(file), d->line, d->column, d->code);
    for (size_t i = 0; i < 2; i++)
        buf_format(&f->heard, " <%.*s>", STR_ARG(d->args[i].value));
    buf_char(&f->heard, '\n');
}

void folder_open(struct folder *f)
{
    *f = (struct folder){.sink = {hear}};
    snprintf(f->path, sizeof(f->path), "%s/syntax-XXXXXX", BUILD_DIR);
    assert_non_null(mkdtemp(f->path));
    buf_init(&f->heard, 1 << 20);
}

static int take_away(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void folder_close(struct folder *f)
{
    nftw(f->path, take_away, 16, FTW_DEPTH | FTW_PHYS);
    buf_done(&f->heard);
    arena_done(&f->arena);
}

void folder_write(struct folder *f, const char *name, struct gw_str text)
{
    char path[512];
    FILE *out;

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof(path), "%s/%.*s", f->path, (int)(slash - name), name);
        mkdir(path, 0700);
    }
    snprintf(path, sizeof(path), "%s/%s", f->path, name);
    out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text.ptr, 1, text.len, out), text.len);
    assert_int_equal(fclose(out), 0);
}

void folder_format(struct folder *f, const char *name, const char *conf, const char *table)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/format.conf", name);
    folder_write(f, path, str_of(conf));
    snprintf(path, sizeof(path), "%s/fields.csv", name);
    if (table)
        folder_write(f, path, str_of(table));
}

enum gw_result folder_load(struct folder *f, const char *name)
{
    buf_clear(&f->heard);
    return format_load(&f->arena, str_of(f->path), str_of(name), &f->sink, &f->format);
}

void folder_load_good(struct folder *f, const char *name)
{
    enum gw_result r = folder_load(f, name);

    assert_string_equal(f->heard.data, "");
    assert_int_equal(r, GW_OK);
}
