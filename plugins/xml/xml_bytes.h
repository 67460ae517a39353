/* SPDX-License-Identifier: EUPL-1.2 */
/* What one does with bytes of XML: compare, tell blanks, find the begin of a line. */
#ifndef PLUGINS_XML_BYTES_H
#define PLUGINS_XML_BYTES_H

#include <stdbool.h>
#include <string.h>

#include "gw/base.h"

static inline struct gw_str xml_text(const void *text)
{
    return text ? (struct gw_str){text, strlen(text)} : GW_STR("");
}

static inline bool xml_same(struct gw_str a, struct gw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool xml_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Below the blank there is nothing else that XML allows. A bit is set for each byte above it. */
static inline uint64_t xml_above_blank(const char *p)
{
    uint64_t eight;

    memcpy(&eight, p, 8);
    return ((eight + 0x5f5f5f5f5f5f5f5fu) | eight) & 0x8080808080808080u;
}

static inline bool xml_all_blank(const char *p, size_t len)
{
    for (; len >= 8; p += 8, len -= 8)
        if (xml_above_blank(p))
            return false;
    while (len && (unsigned char)*p <= ' ') {
        p++;
        len--;
    }
    return len == 0;
}

/* Where the line of `to` begins, when that of `from` does at `begin`; `p`: what stands at `from`. */
static inline uint64_t xml_line_begin(const char *p, uint64_t from, uint64_t to, uint64_t begin)
{
    const char *end = to > from ? memrchr(p, '\n', (size_t)(to - from)) : NULL;

    return end ? from + (uint64_t)(end - p) + 1 : begin;
}

#endif
