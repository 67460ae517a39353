/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A format as its folder and its ancestors' say it: the layers are opened from the child up, their
 * keys and tables put together from the ancestor down. Faults are collected, not stopped at.
 */
#include "mapping/format.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "mapping/cursor.h"

/* ---- what is wrong ---- */

void loader_complain(struct loader *l, const struct complaint *what)
{
    struct gw_arg args[] = {
        {"found", what->found},
        {"expected", str_of(what->expected ? what->expected : "")},
        {"cell", str_of(what->in ? what->in : "")},
        {"key", str_of(what->in ? what->in : "")},
        {"reason", what->found},
    };
    struct diag d = {
        .severity = GW_ERROR,
        .code = what->code,
        .file = what->file,
        .line = what->line,
        .column = (uint32_t)what->column,
        .byte = UINT64_MAX,
        .rule = what->where,
        .value = what->found,
        .args = args,
        .nargs = sizeof(args) / sizeof(*args),
    };

    l->failed = true;
    if (l->sink && !l->out_of_memory) /* without memory, what seems wrong may not be */
        l->sink->put(l->sink, &d);
}

enum gw_result loader_result(const struct loader *l)
{
    if (l->out_of_memory)
        return GW_FATAL;
    return l->failed ? GW_FAIL : GW_OK;
}

void loader_parsed(struct loader *l, enum gw_result r, const struct fault *fault, const struct complaint *place)
{
    struct complaint what = *place;

    if (r == GW_OK)
        return;
    if (r == GW_FATAL) {
        l->out_of_memory = true;
        return;
    }
    what.code = fault->code;
    what.column = fault->column;
    what.found = fault->found;
    loader_complain(l, &what);
}

/* ---- files and names ---- */

static enum gw_result read_all(struct arena *a, FILE *f, size_t max, struct gw_str *ret)
{
    struct stat st;
    char *text;

    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > max)
        return GW_FAIL;
    text = arena_alloc(a, (size_t)st.st_size + 1);
    if (!text)
        return GW_FATAL;
    *ret = (struct gw_str){text, fread(text, 1, (size_t)st.st_size, f)};
    text[ret->len] = '\0';
    return ferror(f) ? GW_FAIL : GW_OK;
}

/* Bytes of ASCII from `at`, by 32: there may be more of them. Large lists are little else. */
static size_t ascii_run(struct gw_str text, size_t at)
{
    size_t from = at;

    for (; text.len - at >= 32; at += 32) {
        uint64_t w[4];

        memcpy(w, text.ptr + at, sizeof(w));
        if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080u)
            break;
    }
    return at - from;
}

/* The first byte that is no UTF-8, or the length. */
static size_t bad_byte(struct gw_str text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t n = ascii_run(text, at);

        if (!n)
            n = str_utf8(text, at);
        if (!n)
            break;
        at += n;
    }
    return at;
}

uint32_t text_line(struct gw_str text, size_t at)
{
    uint32_t line = 1;

    for (size_t i = 0; i < at; i++)
        line += text.ptr[i] == '\n';
    return line;
}

enum gw_result file_text(struct arena *a, struct gw_str path, size_t max, struct gw_str *ret,
                         uint32_t *ret_line)
{
    FILE *f = fopen(path.ptr, "rb");
    enum gw_result r;
    size_t bad;

    *ret_line = 0;
    if (!f)
        return errno == ENOENT || errno == ENOTDIR ? GW_END : GW_FAIL;
    r = read_all(a, f, max, ret);
    fclose(f);
    if (r != GW_OK)
        return r;
    bad = bad_byte(*ret);
    if (bad == ret->len)
        return GW_OK;
    *ret_line = text_line(*ret, bad);
    return GW_REJECT;
}

struct gw_str path_join(struct arena *a, struct gw_str folder, const char *name)
{
    return str_of(arena_format(a, "%.*s/%s", STR_ARG(folder), name));
}

bool name_is_plain(struct gw_str name, bool codes)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' &&
            !(codes && ((c >= 'A' && c <= 'Z') || c == '_')))
            return false;
    }
    return name.len > 0 && name.len <= 64;
}

struct gw_str word_next(struct gw_str *rest)
{
    struct gw_str s = *rest, word;
    size_t n = 0;

    while (s.len && is_blank((unsigned char)s.ptr[0]))
        s = str_from(s, 1);
    while (n < s.len && !is_blank((unsigned char)s.ptr[n]))
        n++;
    word = (struct gw_str){s.ptr, n};
    *rest = str_from(s, n);
    return word;
}

bool words_have(struct gw_str words, const char *word)
{
    struct gw_str one;

    while ((one = word_next(&words)).len)
        if (str_is(one, word))
            return true;
    return false;
}

/* ---- which formats there are ---- */

static bool is_format(struct gw_str formats, struct gw_str name)
{
    char path[PATH_MAX];
    struct stat st;
    int len = snprintf(path, sizeof(path), "%.*s/%.*s/format.conf", STR_ARG(formats), STR_ARG(name));

    return name_is_plain(name, false) && len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0 &&
           S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
    return str_compare(*(const struct gw_str *)a, *(const struct gw_str *)b);
}

static enum gw_result list_folder(struct arena *a, DIR *dir, struct gw_str formats, struct gw_str **ret,
                                  size_t *ret_n)
{
    for (const struct dirent *e; (e = readdir(dir));) {
        struct gw_str name = str_of(e->d_name);

        if (!is_format(formats, name))
            continue;
        *ret = array_more(a, *ret, *ret_n, sizeof(**ret));
        name = arena_copy(a, name);
        if (!*ret || !name.ptr)
            return GW_FATAL;
        (*ret)[(*ret_n)++] = name;
    }
    if (*ret_n)
        qsort(*ret, *ret_n, sizeof(**ret), by_name);
    return GW_OK;
}

enum gw_result formats_list(struct arena *a, struct gw_str formats, struct gw_str **ret, size_t *ret_n)
{
    const char *path = arena_text(a, formats);
    DIR *dir = path ? opendir(path) : NULL;
    enum gw_result r;

    *ret = NULL;
    *ret_n = 0;
    if (!path)
        return GW_FATAL;
    if (!dir)
        return GW_FAIL;
    r = list_folder(a, dir, formats, ret, ret_n);
    closedir(dir);
    return r;
}

/* ---- the chain of layers ---- */

static const char *nearest(struct loader *l, struct gw_str name)
{
    struct gw_str *names;
    const char **texts;
    size_t n;

    if (formats_list(l->arena, l->formats, &names, &n) != GW_OK || n == 0)
        return NULL;
    texts = arena_array(l->arena, n, sizeof(*texts));
    for (size_t i = 0; texts && i < n; i++)
        texts[i] = names[i].ptr;
    return texts ? str_nearest(name, texts, n) : NULL;
}

/* Said of the name that was asked for, or where a child extends it. */
static void complain_of_name(struct loader *l, const char *code, struct gw_str name, const char *expected)
{
    const struct layer *child = l->nlayers ? &l->layers[l->nlayers - 1] : NULL;
    struct complaint what = {.code = code, .file = l->formats, .found = name, .expected = expected};

    if (child)
        conf_complain(l, child, config_lookup(&child->config, "extends"), code, name, expected);
    else
        loader_complain(l, &what);
}

static bool may_open(struct loader *l, struct gw_str name)
{
    if (!is_format(l->formats, name)) {
        complain_of_name(l, l->nlayers ? "format.extends" : "format.unknown", name, nearest(l, name));
        return false;
    }
    for (size_t i = 0; i < l->nlayers; i++)
        if (str_eq(l->layers[i].name, name)) {
            complain_of_name(l, "format.extends", name, NULL);
            return false;
        }
    if (l->nlayers < CHAIN_MAX)
        return true;
    complain_of_name(l, "format.extends", name, NULL);
    return false;
}

static bool layer_open(struct loader *l, struct gw_str name, struct gw_str *ret_extends)
{
    struct layer *layer = &l->layers[l->nlayers];
    enum gw_result r;

    *layer = (struct layer){.name = arena_copy(l->arena, name)};
    layer->folder = path_join(l->arena, l->formats, layer->name.ptr ? layer->name.ptr : "");
    if (layer->folder.ptr) {
        layer->conf_file = path_join(l->arena, layer->folder, "format.conf");
        layer->table_file = path_join(l->arena, layer->folder, "fields.csv");
    }
    l->out_of_memory |= !layer->name.ptr || !layer->conf_file.ptr || !layer->table_file.ptr;
    if (l->out_of_memory)
        return false;
    l->nlayers++;
    r = conf_open(l, layer, ret_extends);
    l->out_of_memory |= r == GW_FATAL;
    l->failed |= r != GW_OK;
    return r == GW_OK;
}

static bool layers_open(struct loader *l, struct gw_str name)
{
    struct gw_str extends = name;

    while (extends.ptr)
        if (!may_open(l, extends) || !layer_open(l, extends, &extends))
            return false;
    return true;
}

static void layers_close(struct loader *l)
{
    for (size_t i = 0; i < l->nlayers; i++)
        if (l->layers[i].opened)
            config_destroy(&l->layers[i].config);
}

/* ---- putting together ---- */

static void table_read(struct loader *l, struct layer *layer, bool needed)
{
    struct complaint what = {.code = "format.file", .file = layer->table_file};
    struct gw_str text;
    enum gw_result r = file_text(l->arena, layer->table_file, TABLE_MAX, &text, &what.line);

    if (r == GW_OK)
        rows_read(l, layer, text);
    else if (r == GW_FATAL)
        l->out_of_memory = true;
    else if (r != GW_END || needed) {
        what.code = r == GW_REJECT ? "format.utf8" : "format.file";
        loader_complain(l, &what);
    }
}

/* A format of pivot resources needs no table, a child may have none. */
static void tables_read(struct loader *l)
{
    struct rows rows = {0};

    for (size_t i = l->nlayers; i-- > 0 && !l->out_of_memory;) {
        table_read(l, &l->layers[i], i + 1 == l->nlayers && !l->format->pivot);
        rows_inherit(l, &rows, &l->layers[i].rows);
    }
    if (!l->out_of_memory)
        lines_parse(l, &rows, &l->format->lines);
}

static struct format *format_new(struct loader *l)
{
    struct format *f = arena_zero(l->arena, sizeof(*f));

    if (!f)
        return NULL;
    f->name = l->layers[0].name;
    f->root_name = l->layers[l->nlayers - 1].name;
    f->folder = l->layers[0].folder;
    f->conf_file = l->layers[0].conf_file;
    f->formats = arena_copy(l->arena, l->formats);
    for (size_t i = l->nlayers; i-- > 0;)
        f->chain[f->nchain++] = l->layers[i].name;
    f->trim = true;
    f->absent = GW_STR("omit");
    f->absent_use = USE_OMIT;
    return f->formats.ptr ? f : NULL;
}

enum gw_result format_load(struct arena *a, struct gw_str formats, struct gw_str name, struct sink *sink,
                           struct format **ret)
{
    struct loader l = {.arena = a, .sink = sink, .formats = formats};

    *ret = NULL;
    if (layers_open(&l, name)) {
        l.format = format_new(&l);
        l.out_of_memory |= !l.format;
        if (l.format)
            conf_fill(&l);
        if (l.format && !l.out_of_memory)
            tables_read(&l);
    }
    layers_close(&l);
    if (loader_result(&l) == GW_OK)
        *ret = l.format;
    return loader_result(&l);
}

/* ---- what is asked of a format ---- */

static struct gw_str setting_text(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_is(s->items[i].name, name))
            return s->items[i].text;
    return (struct gw_str){NULL, 0};
}

struct gw_str format_option(const struct format *f, const struct profile *p, const char *name)
{
    struct gw_str text = p ? setting_text(&p->settings, name) : (struct gw_str){NULL, 0};

    return text.ptr ? text : setting_text(&f->options, name);
}

#define OPTION_FILE_MAX ((size_t)1 << 20)

/* In the folder of the format.conf that has the options: that of an ancestor when they are inherited. */
enum gw_result format_option_file(struct arena *a, const struct format *f, struct gw_str name,
                                  struct gw_str *ret)
{
    struct gw_str folder = f->options_file, ending, stem = str_cut(name, '.', &ending);
    const char *path;
    uint32_t line;
    enum gw_result r;

    while (folder.len && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    if (!str_is(ending, "csv") || !stem.len || !name_is_plain(stem, false))
        return GW_FAIL;
    path = arena_format(a, "%.*s%.*s", STR_ARG(folder), STR_ARG(name));
    r = path ? file_text(a, str_of(path), OPTION_FILE_MAX, ret, &line) : GW_FATAL;
    return r == GW_OK || r == GW_FATAL ? r : GW_FAIL;
}

static void print_cell(struct buf *out, struct gw_str cell)
{
    bool bare = true;

    for (size_t i = 0; i < cell.len; i++)
        bare = bare && !strchr("\";\r\n", cell.ptr[i]);
    if (bare) {
        buf_str(out, cell);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            buf_char(out, '"');
        buf_char(out, cell.ptr[i]);
    }
    buf_char(out, '"');
}

void format_print(const struct format *f, struct buf *out)
{
    buf_text(out, "resource;field;path;as;use;when;note;origin\n");
    for (size_t i = 0; i < f->lines.count; i++) {
        const struct line *line = &f->lines.items[i];

        for (size_t k = 0; k < CELLS; k++) {
            print_cell(out, line->cells[k]);
            buf_char(out, ';');
        }
        print_cell(out, line->where);
        buf_char(out, '\n');
    }
}
