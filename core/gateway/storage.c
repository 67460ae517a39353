/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/storage.h"

#include "base/str.h"
#include "transfer/secret.h"

bool storage_url(struct gw_str text)
{
    struct gw_str place, user;
    size_t at;

    if (!text.ptr || !store_at_server(text.ptr) || str_find(text, GW_STR("password="), &at))
        return false;
    (void)str_find(text, GW_STR("://"), &at);
    place = (struct gw_str){text.ptr + at + 3, text.len - at - 3};
    if (!str_find(place, GW_STR("@"), &at))
        return true;
    user = (struct gw_str){place.ptr, at};
    return !str_find(user, GW_STR(":"), &at);
}

static enum gw_result secret_fault(const struct store_options *o, const char *code, struct gw_str reference)
{
    struct gw_arg found = {"found", reference};
    struct diag d = {.severity = GW_ERROR, .code = code, .byte = UINT64_MAX, .args = &found, .nargs = 1};

    if (o->sink)
        o->sink->put(o->sink, &d);
    return GW_FAIL;
}

enum gw_result storage_open(struct arena *a, const struct gateway_conf *c, const struct store_options *o,
                            struct store **ret)
{
    struct store_options all = *o;
    struct secret password = {0};
    const char *code = NULL;
    enum gw_result r = secret_read(c->store_password, &password, &code);

    if (r != GW_OK)
        return secret_fault(o, code, c->store_password);
    all.path = c->store.ptr;
    all.password = password.data;
    all.key_path = c->key.ptr;
    r = store_open(a, &all, ret);
    secret_wipe(&password);
    return r;
}
