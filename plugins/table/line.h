/* SPDX-License-Identifier: EUPL-1.2 */
/* A row of XML on its way out, in memory that the caller reckoned before: nothing is checked here. */
#ifndef TABLE_LINE_H
#define TABLE_LINE_H

#include <string.h>

struct line {
    char *text;
    size_t len;
};

static inline void put(struct line *l, const char *text, size_t len)
{
    if (len)
        memcpy(l->text + l->len, text, len);
    l->len += len;
}

static inline void put_word(struct line *l, const char *word)
{
    put(l, word, strlen(word));
}

#endif
