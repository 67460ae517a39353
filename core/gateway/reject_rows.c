/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/reject_rows.h"

#include <stdio.h>
#include <yyjson.h>

#include "base/str.h"

typedef void each_said(void *to, const struct gw_str cells[2][REJECT_CELLS]);

void reject_heads(enum lang lang, struct gw_str ret[REJECT_CELLS])
{
    static const char *const heads[REJECT_CELLS][2] = {{"échange", "exchange"}, {"enregistrement", "record"},
                                                       {"ligne", "line"},       {"champ", "field"},
                                                       {"valeur", "value"},     {"règle", "rule"},
                                                       {"message", "message"},  {"conseil", "advice"}};

    for (size_t i = 0; i < REJECT_CELLS; i++)
        ret[i] = str_of(heads[i][lang]);
}

static struct gw_str text_of(yyjson_val *diagnostic, const char *key)
{
    const char *text = yyjson_get_str(yyjson_obj_get(diagnostic, key));

    return str_of(text ? text : "");
}

static void fill(yyjson_val *d, struct gw_str cells[REJECT_CELLS])
{
    cells[SAID_PATH] = text_of(d, "path");
    cells[SAID_VALUE] = text_of(d, "value");
    cells[SAID_CODE] = text_of(d, "code");
    cells[SAID_MESSAGE] = text_of(d, "message");
    cells[SAID_ADVICE] = text_of(d, "advice");
}

size_t said_args(struct arena *a, struct yyjson_val *object, struct gw_arg ret[SAID_ARGS])
{
    yyjson_val *key, *value;
    yyjson_obj_iter each;
    size_t n = 0;

    yyjson_obj_iter_init(object, &each);
    while (n < SAID_ARGS && (key = yyjson_obj_iter_next(&each))) {
        value = yyjson_obj_iter_get_val(key);
        if (!yyjson_is_str(value))
            continue;
        ret[n++] =
            (struct gw_arg){arena_text(a, str_of(yyjson_get_str(key))),
                            arena_copy(a, (struct gw_str){yyjson_get_str(value), yyjson_get_len(value)})};
        n -= !ret[n - 1].name || !ret[n - 1].value.ptr;
    }
    return n;
}

/* The code's own words. */
static void said_by_code(struct gw_str code, yyjson_val *kept, const struct catalogue *words, each_said *each,
                         void *to)
{
    struct gw_str cells[2][REJECT_CELLS];
    struct buf texts[4];
    char name[64];
    const struct catalogue_entry *e;
    struct gw_arg args[SAID_ARGS];
    struct arena a;
    struct diag d = {.byte = UINT64_MAX, .args = args};

    arena_init(&a, 4096, 0);
    d.nargs = said_args(&a, kept, args);
    (void)snprintf(name, sizeof(name), "%.*s", STR_ARG(code));
    e = catalogue_find(words, name);
    for (size_t i = 0; i < 2 * REJECT_CELLS; i++)
        cells[i / REJECT_CELLS][i % REJECT_CELLS] = GW_STR("");
    for (size_t i = 0; i < 4; i++) {
        buf_init(&texts[i], 65536);
        if (e)
            diag_render(&texts[i], i / 2 ? e->advice[i % 2] : e->text[i % 2], &d, true);
        cells[i % 2][SAID_CODE] = code;
        cells[i % 2][i / 2 ? SAID_ADVICE : SAID_MESSAGE] = buf_view(&texts[i]);
    }
    each(to, (const struct gw_str(*)[REJECT_CELLS])cells);
    for (size_t i = 0; i < 4; i++)
        buf_done(&texts[i]);
    arena_done(&a);
}

void said_of(struct gw_str kept, struct gw_str code, const struct catalogue *words, each_said *each, void *to)
{
    yyjson_doc *doc = kept.len ? yyjson_read(kept.ptr, kept.len, 0) : NULL;
    yyjson_val *root = yyjson_doc_get_root(doc), *fr = yyjson_obj_get(root, "fr"), *d;
    bool some = false;
    size_t i, n;

    yyjson_arr_foreach(fr, i, n, d)
    {
        struct gw_str cells[2][REJECT_CELLS];
        char line[24];

        if (!str_is(text_of(d, "severity"), "error"))
            continue;
        (void)snprintf(line, sizeof(line), "%lld", (long long)yyjson_get_sint(yyjson_obj_get(d, "line")));
        fill(d, cells[LANG_FR]);
        fill(yyjson_arr_get(yyjson_obj_get(root, "en"), i), cells[LANG_EN]);
        for (enum lang lang = LANG_FR; lang <= LANG_EN; lang++) {
            cells[lang][SAID_EXCHANGE] = cells[lang][SAID_RECORD] = GW_STR("");
            cells[lang][SAID_LINE] = str_of(line);
        }
        each(to, (const struct gw_str(*)[REJECT_CELLS])cells);
        some = true;
    }
    if (!some && code.len)
        said_by_code(code, root, words, each, to);
    yyjson_doc_free(doc);
}

struct numbering {
    const struct reject_row *reject;
    each_said *row;
    void *to;
};

static void number(void *to, const struct gw_str said[2][REJECT_CELLS])
{
    const struct numbering *n = to;
    struct gw_str cells[2][REJECT_CELLS];
    char numbers[3][24];

    (void)snprintf(numbers[SAID_EXCHANGE], 24, "%lld", (long long)n->reject->exchange);
    (void)snprintf(numbers[SAID_RECORD], 24, "%llu", (unsigned long long)n->reject->record);
    (void)snprintf(numbers[SAID_LINE], 24, "%llu", (unsigned long long)n->reject->line);
    for (size_t i = 0; i < 2 * REJECT_CELLS; i++)
        cells[i / REJECT_CELLS][i % REJECT_CELLS] = said[i / REJECT_CELLS][i % REJECT_CELLS];
    for (enum lang lang = LANG_FR; lang <= LANG_EN; lang++) {
        cells[lang][SAID_EXCHANGE] = str_of(numbers[SAID_EXCHANGE]);
        cells[lang][SAID_RECORD] = str_of(numbers[SAID_RECORD]);
        if (!said[lang][SAID_LINE].len)
            cells[lang][SAID_LINE] = str_of(numbers[SAID_LINE]);
    }
    n->row(n->to, (const struct gw_str(*)[REJECT_CELLS])cells);
}

void reject_rows(const struct reject_row *r, const struct catalogue *words, each_said *row, void *to)
{
    struct numbering n = {r, row, to};

    said_of(r->diagnostics, r->code, words, number, &n);
}
