/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Between the files of the csv plugin: its options, and the cutting of one row into cells.
 * A row is cut where it lies, in the host's window; nothing is copied.
 */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>

#include "gw/plugin.h"

enum csv_newline { CSV_LF, CSV_CRLF };
enum csv_bom { CSV_BOM_ACCEPT, CSV_BOM_WRITE };

struct csv_config {
    struct gw_str delimiter_read;
    struct gw_str first_line;
    struct gw_str last_line;
    uint64_t header_line;
    char delimiter;
    char quote; /* 0: no quotes at all */
    uint8_t newline;
    uint8_t bom;
    bool quote_all;
    bool join_lines;
    bool pad_lines;
    bool last_line_required;
    bool line_cells;
    bool end_delimiter;
    bool guard;
};

/* Whether a CR alone ends a line is seen on the first row; until then it does. */
enum csv_cr { CSV_CR_UNKNOWN, CSV_CR_ENDS, CSV_CR_DATA };

struct csv_dialect {
    char delimiter;
    char quote;
    bool join;
    bool padded; /* rows end with a delimiter behind their last cell */
    enum csv_cr cr;
};

enum csv_cut {
    CSV_ROW,  /* whole */
    CSV_MORE, /* the window ends before the row does */
    CSV_OPEN, /* `quote` was never closed */
    CSV_LONG, /* larger than a record may be: the caller's */
};

struct csv_row {
    /* given */
    const char *begin; /* its first byte; it is not a line end */
    const char *limit; /* end of what may be looked at */
    bool last;         /* nothing comes behind limit */
    struct gw_node *cells;
    const uint16_t *names; /* of the cells */
    uint32_t room;         /* how many cells are kept; all are counted */
    uint32_t expected;     /* for the joining of lines; 0: not known */
    uint32_t first_line;   /* line of begin */
    uint64_t at;           /* byte of begin */

    /* found */
    uint32_t count;
    uint32_t line;          /* of the row's last line */
    const char *line_begin; /* its first byte */
    const char *end;        /* behind the line end */
    bool ended;             /* there was a line end */
    bool escaped;           /* some cells have doubled quotes: these have flags 1 */
    const char *quote;      /* the one that is open, if any */
    struct gw_place quote_at;
    const char *fault; /* code of the first thing wrong, or NULL */
    struct gw_place fault_at;
};

enum csv_cut csv_cut_row(const struct csv_dialect *d, struct csv_row *r);
/* The first line end at or behind p; *ret_end is behind it. NULL: none before `limit`. */
const char *csv_line_end(const struct csv_dialect *d, const char *p, const char *limit, const char **ret_end);
/* A delimiter that could not be told from the rest. */
bool csv_bad_delimiter(const struct csv_config *c, char delimiter);
int csv_probe(const struct gw_probe *p);

/* With `guard`: whether an apostrophe stands, or has to stand, before the text, so that no spreadsheet runs it.
 */
bool csv_is_guarded(struct gw_str text);
bool csv_needs_guard(struct gw_str text);

extern const struct gw_reader csv_reader;
extern const struct gw_writer csv_writer;

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* A bit for each of the first 16 bytes that is a, b, or one of the control characters up to
 * CR (NUL, LF and CR matter, the few others cost a second look). */
static inline uint32_t csv_marks(const char *p, size_t left, char a, char b)
{
    uint32_t mask = 0;
    size_t n = left < 16 ? left : 16;

#if defined(__SSE2__)
    if (left >= 16) {
        __m128i x = _mm_loadu_si128((const void *)p);
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8('\r')), x);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(a)), _mm_cmpeq_epi8(x, _mm_set1_epi8(b)));
        return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, hit));
    }
#endif
    for (size_t i = 0; i < n; i++)
        mask |= (uint32_t)(p[i] == a || p[i] == b || (unsigned char)p[i] <= '\r') << i;
    return mask;
}

#endif
