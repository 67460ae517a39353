/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/cause.h"

#include <stdio.h>

#include "base/str.h"

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
