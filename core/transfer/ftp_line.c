/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/ftp_line.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "base/str.h"

static int64_t utc_time(struct gw_str s)
{
    struct tm tm = {.tm_isdst = 0};
    char text[16];

    if (s.len < 14)
        return 0;
    (void)snprintf(text, sizeof(text), "%.14s", s.ptr);
    return strptime(text, "%Y%m%d%H%M%S", &tm) ? timegm(&tm) : 0;
}

/* "type=file;size=12;modify=20260301063000; NAME" (RFC 3659, 7.2); its facts in any case and order. */
static bool read_facts(struct gw_str line, struct remote_file *ret)
{
    struct gw_str facts = str_cut(line, ' ', &ret->name), value, fact;
    bool file = false;

    while (facts.ptr && facts.len) {
        fact = str_cut(str_cut(facts, ';', &facts), '=', &value);
        if (fact.len == 4 && strncasecmp(fact.ptr, "type", 4) == 0)
            file = value.len == 4 && strncasecmp(value.ptr, "file", 4) == 0;
        if (fact.len == 4 && strncasecmp(fact.ptr, "size", 4) == 0 && !str_number(value, &ret->size))
            return false;
        if (fact.len == 6 && strncasecmp(fact.ptr, "modify", 6) == 0)
            ret->mtime = utc_time(value);
    }
    return file;
}

/* Some servers put the folder before each name. */
static struct gw_str behind_slashes(struct gw_str line)
{
    size_t at = line.len;

    while (at > 0 && line.ptr[at - 1] != '/')
        at--;
    return str_from(line, at);
}

bool ftp_line(struct gw_str line, bool facts, struct remote_file *ret)
{
    if (!facts)
        ret->name = behind_slashes(line);
    else if (!read_facts(line, ret))
        return false;
    return local_plain(ret->name);
}
