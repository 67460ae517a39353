/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/columns.h"

#include <stdbool.h>
#include <string.h>

#define REPORTS     10  /* missing columns named one by one */
#define LIST_BYTES  400 /* of a list of names in one message */
#define NAME_LENGTH 48  /* of a name that is compared for resemblance */

static enum gw_result fail_number(struct gw_session *s, struct gw_place at, const char *code, const char *name,
                                  uint64_t number)
{
    char room[20];
    struct gw_arg arg = {name, gw_digits(number, room)};

    return gw_fail(s, at, code, &arg, 1);
}

enum gw_result columns_no_header(struct gw_session *s, const struct columns *c, struct gw_place at)
{
    return fail_number(s, at, c->codes->header, "line", at.line);
}

enum gw_result columns_make(struct gw_session *s, struct columns *c, uint32_t count, struct gw_place at)
{
    if (count > COLUMNS_MOST)
        return fail_number(s, at, c->codes->many, "found", count);
    c->names = gw_keep(s, (count + 1u) * sizeof(*c->names));
    if (!c->names)
        return GW_FATAL;
    memset(c->names, 0, (count + 1u) * sizeof(*c->names));
    c->count = 0;
    return GW_OK;
}

static uint32_t find_column(const struct columns *c, uint16_t name)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->names[i] == name)
            return i;
    return UINT32_MAX;
}

/* ---- names ---- */

/* "#3" is the third. */
static struct gw_str number_of(uint32_t index, char room[21])
{
    struct gw_str digits = gw_digits(index + 1u, room + 1);
    char *at = room + (digits.ptr - room) - 1;

    *at = '#';
    return (struct gw_str){at, digits.len + 1};
}

static uint16_t name_of(struct gw_session *s, uint32_t index, struct gw_str text)
{
    char room[21];

    if (!text.len)
        text = number_of(index, room);
    return gw_name(s, text.ptr, text.len);
}

struct gw_str columns_title(struct gw_session *s, uint32_t index, uint16_t name)
{
    char room[21];
    struct gw_str text = gw_name_text(s, name), number = number_of(index, room);

    if (text.len == number.len && memcmp(text.ptr, number.ptr, text.len) == 0)
        text.len = 0;
    return text;
}

enum gw_result columns_add(struct gw_session *s, struct columns *c, struct gw_str text, struct gw_place at)
{
    uint16_t name = name_of(s, c->count, text);
    uint32_t first = find_column(c, name);

    if (!name)
        return GW_FATAL;
    if (first != UINT32_MAX) {
        char rooms[2][20];
        struct gw_arg args[3] = {{"column", gw_name_text(s, name)},
                                 {"first", gw_digits(first + 1u, rooms[0])},
                                 {"second", gw_digits(c->count + 1u, rooms[1])}};

        return gw_fail(s, at, c->codes->twice, args, 3);
    }
    c->names[c->count++] = name;
    return GW_OK;
}

/* ---- the nearest ---- */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many letters must change to make one of the other. */
static size_t distance(struct gw_str a, struct gw_str b)
{
    uint8_t row[NAME_LENGTH + 1];
    size_t n = a.len < NAME_LENGTH ? a.len : NAME_LENGTH, m = b.len < NAME_LENGTH ? b.len : NAME_LENGTH;

    for (size_t j = 0; j <= m; j++)
        row[j] = (uint8_t)j;
    for (size_t i = 1; i <= n; i++) {
        uint8_t before = row[0];

        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= m; j++) {
            uint8_t above = row[j];
            bool other = (a.ptr[i - 1] | 0x20) != (b.ptr[j - 1] | 0x20);

            row[j] = (uint8_t)min3(above + 1u, row[j - 1] + 1u, before + (size_t)other);
            before = above;
        }
    }
    return row[m];
}

bool columns_known(const struct gw_session *s, uint16_t name)
{
    for (size_t i = 0; i < s->stream->ncolumns; i++)
        if (s->stream->columns[i].name == name)
            return true;
    for (size_t i = 0; i < s->stream->naliases; i++)
        if (s->stream->aliases[i].name == name)
            return true;
    return false;
}

/* By its name or by another that it goes by. */
static bool has_column(const struct gw_session *s, const struct columns *c, uint16_t name)
{
    bool found = find_column(c, name) != UINT32_MAX;

    for (size_t i = 0; !found && i < s->stream->naliases; i++)
        found =
            s->stream->aliases[i].column == name && find_column(c, s->stream->aliases[i].name) != UINT32_MAX;
    return found;
}

/* Of the file's columns the one most like `name`, rather one that nothing else claims. */
static struct gw_str nearest_column(struct gw_session *s, const struct columns *c, uint16_t name)
{
    struct gw_str wanted = gw_name_text(s, name), best = {NULL, 0};
    size_t least = SIZE_MAX;

    for (uint32_t i = 0; i < c->count; i++) {
        struct gw_str text = gw_name_text(s, c->names[i]);
        size_t far = distance(wanted, text) + (columns_known(s, c->names[i]) ? NAME_LENGTH : 0);

        if (far < least) {
            least = far;
            best = text;
        }
    }
    return best;
}

/* ---- what must be there ---- */

static void report_missing(struct gw_session *s, const struct columns *c, struct gw_place at, uint16_t name)
{
    struct gw_arg args[2] = {{"column", gw_name_text(s, name)}, {"nearest", nearest_column(s, c, name)}};

    gw_report(s, GW_ERROR, at, c->codes->missing, args, 2);
}

/* All optional columns that are not there, in one warning. */
static void report_optional(struct gw_session *s, const struct columns *c, struct gw_place at)
{
    char list[LIST_BYTES + 8], room[20];
    size_t len = 0, count = 0;
    struct gw_arg args[2];

    for (size_t i = 0; i < s->stream->ncolumns; i++) {
        struct gw_str name = gw_name_text(s, s->stream->columns[i].name);

        if (s->stream->columns[i].required || has_column(s, c, s->stream->columns[i].name))
            continue;
        if (len + name.len + 2 <= LIST_BYTES) {
            memcpy(list + len, ", ", len ? 2 : 0);
            len += len ? 2 : 0;
            memcpy(list + len, name.ptr, name.len);
            len += name.len;
        }
        count++;
    }
    if (count == 0)
        return;
    args[0] = (struct gw_arg){"columns", {list, len}};
    args[1] = (struct gw_arg){"count", gw_digits(count, room)};
    gw_report(s, GW_WARNING, at, c->codes->optional, args, 2);
}

enum gw_result columns_check(struct gw_session *s, const struct columns *c, struct gw_place at)
{
    const struct gw_stream *stream = s->stream;
    size_t known = 0, missing = 0;

    for (size_t i = 0; i < stream->ncolumns; i++)
        known += has_column(s, c, stream->columns[i].name);
    if (stream->ncolumns && known == 0)
        return columns_no_header(s, c, at);
    for (size_t i = 0; i < stream->ncolumns; i++) {
        const struct gw_column *wanted = &stream->columns[i];

        if (wanted->required && !has_column(s, c, wanted->name) && missing++ < REPORTS)
            report_missing(s, c, at, wanted->name);
    }
    if (missing)
        return GW_FAIL;
    report_optional(s, c, at);
    return GW_OK;
}
