/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The shared strings, kept while the sheet is read: it refers to them in any order. They are bounded by the
 * session's memory, eight bytes a text beside the text itself.
 */
#include "xlsx.h"

#define BLOCK  (1u << 20) /* texts; an offset is block and place */
#define INDEX  (1u << 14) /* texts a block of the index */
#define BLOCKS 4096u

struct strings_parse {
    struct xlsx_strings *to;
    size_t begin; /* of the text at hand in the last block: its length, four bytes, and itself */
    bool in_text;
    unsigned aside;
    const xmlChar *item, *t, *rph;
};

/* ---- keeping ---- */

static enum gw_result block_begin(struct xlsx_strings *s)
{
    if (s->nblocks == BLOCKS)
        return GW_FATAL;
    s->blocks[s->nblocks] = gw_keep(s->s, BLOCK);
    if (!s->blocks[s->nblocks])
        return GW_FATAL;
    s->nblocks++;
    s->used = 0;
    return GW_OK;
}

static enum gw_result too_long(const struct xlsx_strings *s)
{
    struct gw_arg arg = {"what", GW_STR("sharedStrings")};

    return gw_fail(s->s, (struct gw_place){0}, xlsx_codes.zip.damaged, &arg, 1);
}

/* More of the text that begins at *begin; it moves on to a new block when it does not fit. */
static enum gw_result text_add(struct xlsx_strings *s, size_t *begin, const void *text, size_t len)
{
    size_t done = s->used - *begin;

    if (s->used + len > BLOCK) {
        const char *old = s->blocks[s->nblocks - 1] + *begin;

        if (done + len > BLOCK)
            return too_long(s);
        if (block_begin(s) != GW_OK)
            return GW_FATAL;
        memcpy(s->blocks[s->nblocks - 1], old, done);
        s->used = done;
        *begin = 0;
    }
    memcpy(s->blocks[s->nblocks - 1] + s->used, text, len);
    s->used += len;
    return GW_OK;
}

static enum gw_result index_add(struct xlsx_strings *s, uint32_t offset)
{
    uint32_t block = s->count / INDEX;

    if (block == BLOCKS)
        return GW_FATAL;
    if (s->count % INDEX == 0)
        s->index[block] = gw_keep(s->s, INDEX * sizeof(**s->index));
    if (!s->index[block])
        return GW_FATAL;
    s->index[block][s->count++ % INDEX] = offset;
    return GW_OK;
}

bool xlsx_string(const struct xlsx_strings *s, uint32_t number, struct gw_str *ret)
{
    uint32_t offset, len;
    const char *at;

    if (number >= s->count)
        return false;
    offset = s->index[number / INDEX][number % INDEX];
    at = s->blocks[offset / BLOCK] + offset % BLOCK;
    memcpy(&len, at, sizeof(len));
    *ret = (struct gw_str){at + sizeof(len), len};
    return true;
}

/* ---- escapes ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character of "_xHHHH_" at p; 0: it is none, or one that no text may have. */
static unsigned escaped(const char *p, size_t left)
{
    unsigned code = 0;

    if (left < 7 || p[0] != '_' || (p[1] | 0x20) != 'x' || p[6] != '_')
        return 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);

        if (digit < 0)
            return 0;
        code = code << 4 | (unsigned)digit;
    }
    return code >= 0xD800 && code < 0xE000 ? 0 : code;
}

static size_t put_character(char *to, unsigned code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    to[0] = (char)(0xE0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 0x3F));
    to[2] = (char)(0x80 | (code & 0x3F));
    return 3;
}

size_t xlsx_unescape(char *text, size_t len)
{
    size_t to = 0;

    if (!len || !memchr(text, '_', len))
        return len;
    for (size_t from = 0; from < len;) {
        unsigned code = escaped(text + from, len - from);

        if (code) {
            to += put_character(text + to, code);
            from += 7;
        } else {
            text[to++] = text[from++];
        }
    }
    return to;
}

/* ---- the part ---- */

static void add(struct part *p, struct strings_parse *t, const void *text, size_t len)
{
    enum gw_result r = text_add(t->to, &t->begin, text, len);

    if (r != GW_OK)
        part_stop(p, r);
}

static void strings_start(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    static const uint32_t no_length;
    struct strings_parse *t = p->context;

    (void)attributes;
    (void)n;
    if (name == t->item) {
        t->begin = t->to->used;
        add(p, t, &no_length, sizeof(no_length));
    } else if (name == t->t) {
        t->in_text = t->aside == 0;
    } else if (name == t->rph) {
        t->aside++;
    }
}

static void strings_text(struct part *p, const char *text, size_t len)
{
    struct strings_parse *t = p->context;

    if (t->in_text && t->to->used > t->begin)
        add(p, t, text, len);
}

static void item_end(struct part *p, struct strings_parse *t)
{
    struct xlsx_strings *s = t->to;
    char *at = s->blocks[s->nblocks - 1] + t->begin;
    uint32_t len = (uint32_t)xlsx_unescape(at + sizeof(len), s->used - t->begin - sizeof(len));

    memcpy(at, &len, sizeof(len));
    s->used = t->begin + sizeof(len) + len;
    if (index_add(s, (s->nblocks - 1) * BLOCK + (uint32_t)t->begin) != GW_OK)
        part_stop(p, GW_FATAL);
    t->begin = s->used;
}

static void strings_end(struct part *p, const xmlChar *name)
{
    struct strings_parse *t = p->context;

    if (name == t->t)
        t->in_text = false;
    else if (name == t->rph && t->aside)
        t->aside--;
    else if (name == t->item && t->to->used > t->begin)
        item_end(p, t);
}

static const struct part_handlers handlers = {.start = strings_start, .end = strings_end, .text = strings_text};

enum gw_result xlsx_strings_read(struct xlsx_reader *x)
{
    struct sheet *sh = &x->sheet;
    struct strings_parse t = {.to = &x->strings};
    enum gw_result r;

    if (!x->book.strings.len)
        return GW_OK;
    x->strings = (struct xlsx_strings){.s = sh->s};
    x->strings.blocks = gw_keep(sh->s, BLOCKS * sizeof(char *));
    x->strings.index = gw_keep(sh->s, BLOCKS * sizeof(uint32_t *));
    if (!x->strings.blocks || !x->strings.index || block_begin(&x->strings) != GW_OK)
        return GW_FATAL;
    r = part_open(&sh->part, &sh->zip, x->book.strings, &sh->codes->part, &handlers, &t);
    if (r == GW_OK) {
        t.item = part_intern(&sh->part, "si");
        t.t = part_intern(&sh->part, "t");
        t.rph = part_intern(&sh->part, "rPh");
    }
    while (r == GW_OK)
        r = part_feed(&sh->part);
    part_close(&sh->part);
    return r == GW_END ? GW_OK : r;
}
