/* SPDX-License-Identifier: EUPL-1.2 */
/* The shape of a line and of the names in it. */
#include <string.h>

#include "dsn.h"

static bool digits(const char *p, size_t n, uint32_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        *ret = *ret * 10 + (uint32_t)(p[i] - '0');
    }
    return true;
}

bool dsn_block_key(struct gw_str name, uint32_t *ret)
{
    const char *p = name.ptr;
    uint32_t structure, group, block;

    if (name.len != DSN_NAME || p[0] != 'S' || p[3] != '.' || p[4] != 'G' || p[7] != '.' ||
        !digits(p + 1, 2, &structure) || !digits(p + 5, 2, &group) || !digits(p + 8, 2, &block))
        return false;
    *ret = structure * 10000 + group * 100 + block;
    return true;
}

bool dsn_rubric_number(struct gw_str name, uint16_t *ret)
{
    uint32_t number;

    if (name.len != 3 || !digits(name.ptr, 3, &number))
        return false;
    *ret = (uint16_t)number;
    return true;
}

bool dsn_number(struct gw_str text, uint64_t *ret)
{
    uint64_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = n;
    return text.len > 0 && text.len < 19;
}

/* The value goes to the last quote: there is no sign that escapes one. */
bool dsn_line_parse(struct gw_str text, struct dsn_line *ret)
{
    const size_t before = DSN_NAME + 6; /* S21.G00.40.001,' */

    while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    if (text.len <= before || text.ptr[DSN_NAME] != '.' || memcmp(text.ptr + before - 2, ",'", 2) != 0 ||
        text.ptr[text.len - 1] != '\'')
        return false;
    ret->block = (struct gw_str){text.ptr, DSN_NAME};
    ret->value = (struct gw_str){text.ptr + before, text.len - before - 1};
    return dsn_block_key(ret->block, &ret->key) &&
           dsn_rubric_number((struct gw_str){text.ptr + DSN_NAME + 1, 3}, &ret->rubric);
}
