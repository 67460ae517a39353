/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/cause.h"

#include <stdio.h>
#include <yyjson.h>

#include "base/str.h"

size_t cause_args(struct arena *a, struct yyjson_val *object, struct gw_arg ret[CAUSE_ARGS])
{
    yyjson_val *key, *value;
    yyjson_obj_iter each;
    size_t n = 0;

    yyjson_obj_iter_init(object, &each);
    while (n < CAUSE_ARGS && (key = yyjson_obj_iter_next(&each))) {
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

void cause_print(void *file, const struct catalogue *c, enum lang lang, enum gw_severity severity,
                 struct gw_str about, const char *code, const struct gw_arg *args, size_t nargs)
{
    struct diag d = {
        .severity = severity, .code = code, .file = about, .byte = UINT64_MAX, .args = args, .nargs = nargs};
    struct buf text;

    if (!code || !*code)
        return;
    buf_init(&text, 65536);
    diag_text(&text, c, lang, &d, true);
    if (text.len && text.data[text.len - 1] != '\n')
        buf_char(&text, '\n');
    fwrite(text.data, 1, text.len, file);
    buf_done(&text);
}
