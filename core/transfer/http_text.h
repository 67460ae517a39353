/* SPDX-License-Identifier: EUPL-1.2 */
/* What a web server says in its headers, read without trusting it. Texts are copied into the arena; ptr NULL:
 * none.
 */
#ifndef TRANSFER_HTTP_TEXT_H
#define TRANSFER_HTTP_TEXT_H

#include <stdbool.h>
#include <time.h>

#include "base/arena.h"

/* A plain name for what came: of Content-Disposition (RFC 6266), else the last part of the URL's path, else
 * "file"; no folder, no dot in front, nothing unprintable, at most 200 bytes. */
struct gw_str http_name(struct arena *a, struct gw_str disposition, struct gw_str url);
/* That name with a time, and a page when it is not 0, before its end: "list-20260301T063000Z-p2.json". */
struct gw_str http_name_at(struct arena *a, struct gw_str name, time_t when, uint64_t page);
/* The target of rel="next" in a header Link (RFC 8288). */
struct gw_str http_link_next(struct arena *a, struct gw_str link);
/* The reference made absolute; NULL: not a URL, or with a user in it. */
const char *http_resolve(struct arena *a, const char *base, struct gw_str reference);
/* Scheme, host and port (RFC 6454). */
bool http_same_origin(const char *a, const char *b);
/* With `name=value` in its query, in place of one that is there. */
const char *http_with(struct arena *a, const char *url, struct gw_str name, uint64_t value);
/* What a server says about a failure (RFC 9457, {"message": ...}, a title, plain text), a line of at most 200
 * bytes. */
struct gw_str http_problem(struct arena *a, struct gw_str type, struct gw_str body);

#endif
