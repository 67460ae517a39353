/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Character sets: a partner's bytes to UTF-8 and back, by table, so that no iconv runs (it is
 * slow and opens files after the sandbox is shut).
 *
 * A byte b that means nothing in its character set is decoded as U+EF00 + b. What a parser
 * sees is always well-formed, nothing is lost, and the bytes can be given back exactly. That
 * range is private; should it stand in a file as such, it counts as invalid bytes too.
 */
#ifndef PIPELINE_CHARSET_H
#define PIPELINE_CHARSET_H

#include <stdbool.h>

#include "base/buf.h"

enum charset {
    CHARSET_UTF8,
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
    CHARSET_WINDOWS_1252,
    CHARSET_ISO_8859_1,
    CHARSET_ISO_8859_15,
};

/* A decoded chunk is at most this many times as long as its bytes (plus 8). */
#define CHARSET_GROWTH 3

/* By any of its usual names, case and punctuation aside. */
bool charset_find(struct gw_str name, enum charset *ret);
const char *charset_name(enum charset c);

/* How a stream is to be decoded. */
struct charset_choice {
    enum charset charset;
    bool detect;      /* UTF-8 until the first byte beyond ASCII decides: UTF-8 or windows-1252 */
    size_t bom;       /* bytes to leave out at the start */
    struct gw_str of; /* GW_REJECT: the name that nobody knows */
};

/* From the first bytes: BOM, else XML declaration, else `configured`: a name, "detect", or
 * "declared" (as absent: UTF-8). GW_REJECT: a name that is not known. */
GW_MUST_USE enum gw_result charset_choose(struct gw_str head, struct gw_str configured,
                                          struct charset_choice *ret);

/* Length of the start of `s` that is well-formed UTF-8 without U+EF00..U+EFFF. */
size_t charset_utf8_valid(struct gw_str s);
size_t charset_ascii(struct gw_str s); /* length of the start that is ASCII */

/* All of it? In overlapping reads: most texts are short. */
static inline bool charset_is_ascii(struct gw_str s)
{
    uint64_t all = 0, eight;
    uint32_t low = 0, high;

    if (s.len >= 8) {
        memcpy(&all, s.ptr + s.len - 8, 8);
        for (size_t at = 0; at + 8 < s.len; at += 8) {
            memcpy(&eight, s.ptr + at, 8);
            all |= eight;
        }
    } else if (s.len >= 4) {
        memcpy(&low, s.ptr, 4);
        memcpy(&high, s.ptr + s.len - 4, 4);
        all = low | high;
    } else if (s.len) {
        all = (unsigned char)(s.ptr[0] | s.ptr[s.len / 2] | s.ptr[s.len - 1]);
    }
    return !(all & 0x8080808080808080u);
}

/* Well-formed up to its end, or up to a last character that is torn. */
bool charset_detects_utf8(struct gw_str s);

struct charset_step {
    size_t used;     /* bytes of input */
    size_t made;     /* bytes of output */
    size_t last_bad; /* in the output, where the last invalid byte was put; SIZE_MAX: none */
};

/* Decodes as much as fits. An incomplete character at the end is left, unless `last`. */
struct charset_step charset_decode(enum charset c, struct gw_str in, bool last, char *out, size_t room);

/* The whole of a head: for a probe. An incomplete last character is left out. */
void charset_decode_head(const struct charset_choice *choice, struct gw_str head, struct buf *out);

/* Where in decoded text the first invalid byte stands, SIZE_MAX if nowhere; *ret_byte: which it was. */
size_t charset_find_bad(struct gw_str text, unsigned char *ret_byte);

/* What to write in place of a character that the target lacks: UTF-8 appended to `out`; false: nothing. */
struct charset_fold {
    bool (*fold)(void *context, struct gw_str character, struct buf *out);
    void *context;
};

/* Appends to `out`. GW_REJECT: a character cannot be encoded, *ret_bad is it (in `text`).
 * `raw`: U+EF00 + b is the byte b, as it came; else it is unencodable like any other. */
GW_MUST_USE enum gw_result charset_encode(enum charset c, struct gw_str text, bool raw,
                                          const struct charset_fold *fold, struct buf *out,
                                          struct gw_str *ret_bad);

#endif
