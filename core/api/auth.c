/* SPDX-License-Identifier: EUPL-1.2 */
/* Who calls: a key, of which the configuration has the digest, or a signed token. All keys are compared, and
 * each to its end. */
#include <gnutls/gnutls.h>
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

static bool among(const struct conf_list *digests, const uint8_t digest[32])
{
    uint8_t known[32];
    bool found = false;

    for (size_t k = 0; k < digests->count; k++)
        found |= api_digest(digests->items[k], known) && same(known, digest);
    return found;
}

static const struct partner *by_key(const struct gateway_conf *conf, struct gw_str token)
{
    const struct partner *found = NULL;
    uint8_t digest[32];

    store_digest(token, digest);
    for (size_t i = 0; i < conf->npartners; i++)
        if (among(&conf->partners[i].api_keys, digest))
            found = &conf->partners[i];
    return among(&conf->revoked, digest) ? NULL : found;
}

/* The handshake has shown that the caller has the key of this certificate; which one it is the configuration
 * says. */
static const struct partner *by_certificate(const struct call *c)
{
    const struct gateway_conf *conf = c->api->conf;
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(c->c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    const struct partner *found = NULL;
    const gnutls_datum_t *certificates;
    uint8_t digest[32];
    unsigned n = 0;

    certificates = tls && tls->tls_session ? gnutls_certificate_get_peers(tls->tls_session, &n) : NULL;
    if (!certificates || !n)
        return NULL;
    store_digest((struct gw_str){(const char *)certificates[0].data, certificates[0].size}, digest);
    for (size_t i = 0; i < conf->npartners; i++)
        if (among(&conf->partners[i].api_certificates, digest))
            found = &conf->partners[i];
    return among(&conf->revoked, digest) ? NULL : found;
}

const struct partner *auth_partner(const struct call *c)
{
    struct gw_str token = bearer(c);

    if (!request_header(c, "Authorization"))
        return by_certificate(c);
    if (!token.len)
        return NULL;
    return memchr(token.ptr, '.', token.len) ? token_partner(c->api->conf, token) : by_key(c->api->conf, token);
}

void auth_begin(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    if (tls && tls->tls_session)
        gnutls_certificate_server_set_request(tls->tls_session, GNUTLS_CERT_REQUEST);
}
