/* SPDX-License-Identifier: EUPL-1.2 */
/* Who calls: a key, of which the configuration has the digest, or a signed token. All keys are compared, and
 * each to its end. */
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/token.h"
#include "base/str.h"
#include "store/store.h"

#define TOKEN_MOST 8192

static bool same(const uint8_t a[32], const uint8_t b[32])
{
    volatile unsigned differs = 0;

    for (size_t i = 0; i < 32; i++)
        differs |= (unsigned)(a[i] ^ b[i]);
    return differs == 0;
}

/* The token of "Bearer TOKEN"; absent: none. */
static struct gw_str bearer(const struct call *c)
{
    const char *header = request_header(c, "Authorization");

    if (!header || strncasecmp(header, "Bearer ", 7) != 0 || strlen(header) > TOKEN_MOST)
        return (struct gw_str){NULL, 0};
    return str_trim(str_of(header + 7));
}

static const struct partner *by_digest(const struct gateway_conf *conf, const uint8_t digest[32])
{
    const struct partner *found = NULL;
    uint8_t known[32];

    for (size_t i = 0; i < conf->npartners; i++)
        for (size_t k = 0; k < conf->partners[i].api_keys.count; k++)
            if (api_digest(conf->partners[i].api_keys.items[k], known) && same(known, digest))
                found = &conf->partners[i];
    return found;
}

const struct partner *auth_partner(const struct call *c)
{
    struct gw_str token = bearer(c);
    uint8_t digest[32];

    if (!token.len)
        return NULL;
    store_digest(token, digest);
    return memchr(token.ptr, '.', token.len) ? token_partner(c->api->conf, token)
                                             : by_digest(c->api->conf, digest);
}
