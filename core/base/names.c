/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/names.h"

#include <string.h>
#include <utf8proc.h>

#include "base/str.h"

#define SLOTS 16384 /* a power of two, four times the symbols: loose names have several spellings */

enum gw_result names_init(struct names *n, struct arena *arena, bool loose)
{
    *n = (struct names){.arena = arena, .loose = loose};
    n->entries = arena_array(arena, SLOTS, sizeof(*n->entries));
    n->texts = arena_array(arena, NAMES_MAX + 1, sizeof(*n->texts));
    return n->entries && n->texts ? GW_OK : GW_FATAL;
}

static struct name_entry *slot_of(const struct names *n, uint64_t hash, const char *text, size_t len)
{
    size_t i = hash & (SLOTS - 1);

    for (;; i = (i + 1) & (SLOTS - 1)) {
        struct name_entry *e = &n->entries[i];

        if (!e->text || (e->hash == hash && e->len == len && memcmp(e->text, text, len) == 0))
            return e;
    }
}

size_t names_fold(const char *text, size_t len, char *out, size_t room)
{
    utf8proc_ssize_t at = 0;
    size_t used = 0;

    if (len && text[0] == '@') /* an attribute is not the element of that name */
        out[used++] = *text;
    while ((size_t)at < len) {
        utf8proc_int32_t c, parts[8];
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)len - at, &c);
        int count, class = 0;

        if (n <= 0 || used + 32 > room)
            return 0;
        at += n;
        count = (int)utf8proc_decompose_char(c, parts, 8,
                                             UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &class);
        for (int i = 0; i < count && i < 8; i++) {
            utf8proc_category_t kind = utf8proc_category(parts[i]);

            if (kind == UTF8PROC_CATEGORY_MN)
                continue;
            if ((kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) || kind == UTF8PROC_CATEGORY_ND)
                used += (size_t)utf8proc_encode_char(parts[i], (utf8proc_uint8_t *)out + used);
            else if (used && out[used - 1] != '-' && out[used - 1] != '@')
                out[used++] = '-';
        }
    }
    while (used && out[used - 1] == '-')
        used--;
    return used && out[used - 1] != '@' ? used : 0;
}

static uint16_t new_symbol(struct names *n, const char *text, size_t len)
{
    struct gw_str copy;

    if (n->count == NAMES_MAX)
        return 0;
    copy = arena_copy(n->arena, (struct gw_str){text, len});
    if (!copy.ptr)
        return 0;
    n->texts[++n->count] = copy;
    return n->count;
}

static uint16_t put(struct names *n, struct name_entry *e, uint64_t hash, const char *text, size_t len,
                    uint16_t symbol)
{
    const char *copy;

    if (!symbol || n->spellings == SLOTS / 2)
        return 0;
    copy = arena_text(n->arena, (struct gw_str){text, len});
    if (!copy)
        return 0;
    *e = (struct name_entry){hash, copy, (uint32_t)len, symbol};
    n->spellings++;
    return symbol;
}

uint16_t names_add(struct names *n, const char *text, size_t len)
{
    uint64_t hash = str_hash(text, len);
    struct name_entry *e = slot_of(n, hash, text, len);
    char folded[1024] = "\1"; /* a folded spelling never collides with a real one */
    size_t used;
    uint16_t symbol;

    if (e->text)
        return e->symbol;
    used = n->loose ? names_fold(text, len, folded + 1, sizeof(folded) - 1) : 0;
    if (!used)
        return put(n, e, hash, text, len, new_symbol(n, text, len));
    used++;
    symbol = names_find(n, folded, used);
    if (!symbol) {
        uint64_t h = str_hash(folded, used);

        symbol = put(n, slot_of(n, h, folded, used), h, folded, used, new_symbol(n, text, len));
    }
    return symbol ? put(n, slot_of(n, hash, text, len), hash, text, len, symbol) : 0;
}

uint16_t names_find(const struct names *n, const char *text, size_t len)
{
    const struct name_entry *e = slot_of(n, str_hash(text, len), text, len);

    return e->text ? e->symbol : 0;
}

struct gw_str names_text(const struct names *n, uint16_t symbol)
{
    return symbol <= n->count ? n->texts[symbol] : (struct gw_str){NULL, 0};
}
