/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One request, said once. Where two readers of the same bytes could see two different requests (RFC 9112, 6.3
 * and 11.2) it is refused and the connection closed, whatever the library made of it.
 */
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "base/str.h"

static const char *const single[] = {"Content-Length", "Transfer-Encoding",   "Host",
                                     "Authorization",  "Content-Type",        "Idempotency-Key",
                                     "Range",          "Content-Disposition", "Content-Encoding",
                                     "X-File-Name",    "Accept-Language"};
#define SINGLE (sizeof(single) / sizeof(*single))

#define FRAMING 2 /* the first: how long the body is */

struct heads {
    unsigned count[SINGLE];
    bool bad;
};

static enum MHD_Result see(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct heads *h = cls;

    (void)kind;
    for (size_t i = 0; i < SINGLE; i++)
        h->count[i] += strcasecmp(name, single[i]) == 0;
    for (size_t i = 0; i < FRAMING; i++) /* a folded value comes from the library as the end of the name */
        h->bad = h->bad || (strncasecmp(name, single[i], strlen(single[i])) == 0 && name[strlen(single[i])]);
    for (const char *p = name; *p; p++)
        h->bad = h->bad || *p <= ' ' || *p == 0x7f || strchr("()<>@,;:\\\"/[]?={}", *p);
    for (const char *p = value ? value : ""; *p; p++)
        h->bad = h->bad || (*p > 0 && *p < ' ' && *p != '\t') || *p == 0x7f;
    h->bad = h->bad || !*name;
    return MHD_YES;
}

static const char *value(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static const char *body_fault(struct MHD_Connection *c, const struct route *r)
{
    const char *length = value(c, "Content-Length"), *coding = value(c, "Transfer-Encoding");
    const char *type = value(c, "Content-Type"), *packed = value(c, "Content-Encoding");
    uint64_t n = 0;

    if ((length && coding) || (coding && strcasecmp(coding, "chunked") != 0) ||
        (length && (!str_digits(str_of(length)) || !str_number(str_of(length), &n))))
        return "api.request";
    if (r && (r->body ? !length && !coding : coding || n))
        return "api.request";
    if (r && r->body &&
        ((type && strncasecmp(type, "multipart/", 10) == 0) || (packed && strcasecmp(packed, "identity") != 0)))
        return "api.media";
    return NULL;
}

const char *strict_fault(struct MHD_Connection *c, const struct route *r)
{
    struct heads h = {.bad = false};

    MHD_get_connection_values(c, MHD_HEADER_KIND, see, &h);
    for (size_t i = 0; i < SINGLE; i++)
        h.bad = h.bad || h.count[i] > 1;
    return h.bad || !h.count[2] ? "api.request" : body_fault(c, r);
}
