/* SPDX-License-Identifier: EUPL-1.2 */
/* A sender's name of its file (RFC 6266, RFC 8187). It is kept as a text and never part of a path; still, what
 * could be taken for one is refused. */
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "base/str.h"

#define NAME_MOST 200

bool filename_take(struct gw_str text, char ret[FRONT_TEXT])
{
    if (text.len > NAME_MOST || !str_valid(text) || (text.len && (text.ptr[0] == '.' || text.ptr[0] == ' ')))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == '/' || text.ptr[i] == '\\' ||
            text.ptr[i] == 0x7f)
            return false;
    if (text.len)
        memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return true;
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* UTF-8''percent-encoded */
static bool take_extended(struct gw_str v, char ret[FRONT_TEXT])
{
    char room[FRONT_TEXT];
    size_t n = 0;

    if (v.len < 7 || strncasecmp(v.ptr, "UTF-8''", 7) != 0)
        return false;
    for (size_t i = 7; i < v.len && n < sizeof(room) - 1; i++) {
        bool escaped = v.ptr[i] == '%';

        if (escaped && (i + 2 >= v.len || hex(v.ptr[i + 1]) < 0 || hex(v.ptr[i + 2]) < 0))
            return false;
        room[n++] = escaped ? (char)(hex(v.ptr[i + 1]) << 4 | hex(v.ptr[i + 2])) : v.ptr[i];
        i += escaped ? 2 : 0;
    }
    return filename_take((struct gw_str){room, n}, ret);
}

/* A token or a quoted string at the beginning of *rest, which then is what follows. */
static struct gw_str value_take(struct gw_str *rest, char room[FRONT_TEXT])
{
    size_t i = 0, n = 0;
    bool quoted = rest->len && rest->ptr[0] == '"';

    for (i = quoted; i < rest->len && rest->ptr[i] != (quoted ? '"' : ';'); i++) {
        if (quoted && rest->ptr[i] == '\\' && i + 1 < rest->len)
            i++;
        if (n < FRONT_TEXT - 1)
            room[n++] = rest->ptr[i];
    }
    *rest = str_from(*rest, i < rest->len && quoted ? i + 1 : i);
    return quoted ? (struct gw_str){room, n} : str_trim((struct gw_str){room, n});
}

bool filename_disposition(struct gw_str header, char ret[FRONT_TEXT])
{
    struct gw_str rest = header;
    bool extended = false, good = true;

    ret[0] = '\0';
    while (rest.len && rest.ptr[0] != ';')
        rest = str_from(rest, 1);
    while (good && rest.len) {
        char room[FRONT_TEXT];
        struct gw_str name, text;
        size_t equals = 0;

        rest = str_trim(str_from(rest, 1));
        while (equals < rest.len && rest.ptr[equals] != '=' && rest.ptr[equals] != ';')
            equals++;
        name = str_trim((struct gw_str){rest.ptr, equals});
        rest = str_trim(str_from(rest, equals < rest.len && rest.ptr[equals] == '=' ? equals + 1 : equals));
        text = value_take(&rest, room);
        if (name.len == 9 && strncasecmp(name.ptr, "filename*", 9) == 0)
            extended = good = take_extended(text, ret);
        else if (name.len == 8 && strncasecmp(name.ptr, "filename", 8) == 0 && !extended)
            good = filename_take(text, ret);
        rest = str_trim(rest);
        good = good && (!rest.len || rest.ptr[0] == ';');
    }
    return good;
}
