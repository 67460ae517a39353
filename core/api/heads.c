/* SPDX-License-Identifier: EUPL-1.2 */
/* Headers that say what the caller would like to have. */
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "base/str.h"

enum lang head_lang(const char *accept)
{
    struct gw_str rest = str_of(accept), one;
    enum lang best = LANG_FR;
    double most = 0;

    while (rest.len) {
        struct gw_str weight;
        double q = 1;
        size_t at;

        one = str_trim(str_cut(rest, ',', &rest));
        one = str_trim(str_cut(one, ';', &weight));
        if (weight.len && str_find(weight, GW_STR("q="), &at) && at + 2 < weight.len)
            q = weight.ptr[at + 2] == '1' ? 1
                : at + 4 < weight.len     ? (weight.ptr[at + 4] - '0') / 10.0 + 0.01
                                          : 0;
        if (one.len >= 2 && q > most && (!strncasecmp(one.ptr, "fr", 2) || !strncasecmp(one.ptr, "en", 2))) {
            most = q;
            best = strncasecmp(one.ptr, "en", 2) == 0 ? LANG_EN : LANG_FR;
        }
    }
    return best;
}

int head_range(const char *header, uint64_t size, uint64_t *from, uint64_t *len)
{
    struct gw_str last, first;
    uint64_t a = 0, b = 0;

    *from = 0;
    *len = size;
    if (!header || strncmp(header, "bytes=", 6) != 0 || strchr(header, ','))
        return 0;
    first = str_cut(str_of(header + 6), '-', &last);
    if (!last.ptr || (first.len && !str_number(first, &a)) || (last.len && !str_number(last, &b)) ||
        (!first.len && !last.len) || (first.len && last.len && b < a))
        return 0;
    if (first.len ? a >= size : !b || !size)
        return -1;
    *from = first.len ? a : size - (b < size ? b : size);
    *len = first.len && last.len && b < size - 1 ? b - a + 1 : size - *from;
    return 1;
}
