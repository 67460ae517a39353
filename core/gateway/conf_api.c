/* SPDX-License-Identifier: EUPL-1.2 */
/* The group `api` of gateway.conf, and what of it must agree. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/str.h"
#include "gateway/conf_keys.h"
#include "gateway/front.h"
#include "transfer/secret.h"

#define OF_API(member) offsetof(struct api_conf, member)

const struct api_conf conf_api = {
    .body_max = (uint64_t)4 << 30, .connections = 128, .per_ip = 32, .rate = 600, .timeout = 30};

bool api_address(struct gw_str text, struct sockaddr_storage *ret, socklen_t *ret_len, bool *ret_loopback)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    char host[64];
    uint64_t port = 0;
    size_t colon = text.len;

    while (colon && text.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2 || colon > sizeof(host) || !str_number(str_from(text, colon), &port) || !port || port > 65535)
        return false;
    memcpy(host, text.ptr, colon - 1);
    host[colon - 1] = '\0';
    *ret = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    v4.sin_port = v6.sin6_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(ret, &v4, *ret_len = sizeof(v4));
        *ret_loopback = ntohl(v4.sin_addr.s_addr) >> 24 == 127;
        return true;
    }
    if (host[0] != '[' || host[colon - 2] != ']')
        return false;
    host[colon - 2] = '\0';
    memcpy(ret, &v6, *ret_len = sizeof(v6));
    if (inet_pton(AF_INET6, host + 1, &((struct sockaddr_in6 *)(void *)ret)->sin6_addr) != 1)
        return false;
    *ret_loopback = IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)(void *)ret)->sin6_addr);
    return true;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool api_digest(struct gw_str text, uint8_t ret[32])
{
    struct gw_str hex = str_begins(text, GW_STR("sha256:")) ? str_from(text, 7) : GW_STR("");

    if (hex.len != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int high = nibble(hex.ptr[2 * i]), low = nibble(hex.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool conf_take_digests(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    const struct conf_list *t = to;
    uint8_t digest[32];

    if (!conf_take_texts(r, s, e, to))
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (!api_digest(t->items[i], digest))
            conf_report(r, s, "conf.api_digest", GW_STR(""), GW_STR(""));
    return true;
}

/* Each file may have some: they add up. */
bool conf_take_revoked(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct conf_list *all = to, more = {NULL, 0};
    struct conf_entry one = *e;
    struct gw_str *items;

    one.count = offsetof(struct conf_list, count);
    if (!conf_take_digests(r, s, &one, &more))
        return false;
    items = arena_array(r->arena, all->count + more.count, sizeof(*items));
    if (!items)
        return false;
    for (size_t i = 0; i < all->count + more.count; i++)
        items[i] = i < all->count ? all->items[i] : more.items[i - all->count];
    *all = (struct conf_list){items, all->count + more.count};
    return true;
}

static void agree(struct conf_reading *r, const config_setting_t *s, const struct api_conf *c)
{
    struct sockaddr_storage at;
    socklen_t len;
    bool loopback = false;

    if (!c->address.len || !api_address(c->address, &at, &len, &loopback))
        conf_report(r, s, "conf.api_address", c->address, GW_STR("127.0.0.1:8480"));
    else if (!loopback && !c->certificate.len && !c->behind_proxy)
        conf_report(r, s, "conf.api_open", c->address, GW_STR(""));
    if (!c->certificate.len != !c->key.len)
        conf_report(r, s, "conf.missing", c->key.len ? GW_STR("certificate") : GW_STR("key"), GW_STR(""));
    if (c->key.len && !secret_reference(c->key))
        conf_report(r, s, "conf.api_secret", GW_STR(""), GW_STR("file:CHEMIN"));
    if (c->jwks.len && (!c->issuer.len || !c->audience.len))
        conf_report(r, s, "conf.missing", c->issuer.len ? GW_STR("audience") : GW_STR("issuer"), GW_STR(""));
    if (!c->connections || c->connections > FRONT_FILES || !c->per_ip || !c->rate || !c->timeout ||
        !c->body_max)
        conf_report(r, s, "conf.api_limit", GW_STR(""), GW_STR("1 ... 256"));
}

bool conf_take_api(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    static const struct conf_entry keys[] = {
        {"address", conf_take_text, OF_API(address), "\"127.0.0.1:8480\"", 0},
        {"certificate", conf_take_folder, OF_API(certificate), "\"FILE\"", 0},
        {"key", conf_take_text, OF_API(key), "\"file:PATH\" | \"env:NAME\" | \"credential:NAME\"", 0},
        {"behind_proxy", conf_take_bool, OF_API(behind_proxy), "true | false", 0},
        {"body_max", conf_take_bytes, OF_API(body_max), "\"4 GB\"", 0},
        {"connections", conf_take_number, OF_API(connections), "1 ... 256", 0},
        {"connections_per_ip", conf_take_number, OF_API(per_ip), "1, 2 ...", 0},
        {"rate", conf_take_number, OF_API(rate), "1, 2 ...", 0},
        {"timeout", conf_take_seconds, OF_API(timeout), "SECONDS | \"30 s\"", 0},
        {"jwks", conf_take_folder, OF_API(jwks), "\"FILE\"", 0},
        {"issuer", conf_take_text, OF_API(issuer), "\"https://...\"", 0},
        {"audience", conf_take_text, OF_API(audience), "\"...\"", 0},
    };

    (void)e;
    conf_group(r, s, keys, sizeof(keys) / sizeof(*keys), to);
    if (config_setting_type(s) == CONFIG_TYPE_GROUP)
        agree(r, s, to);
    return true;
}
