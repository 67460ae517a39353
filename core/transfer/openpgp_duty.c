/* SPDX-License-Identifier: EUPL-1.2 */
#include <yyjson.h>

#include "base/str.h"
#include "transfer/duty.h"
#include "transfer/openpgp.h"

#define OF(m)      offsetof(struct openpgp, m)
#define OF_DUTY(m) offsetof(struct openpgp_duty, m)

static const char secret[] = "\"file:PATH\" | \"env:NAME\" | \"credential:NAME\"";

const struct key_row openpgp_keys[] = {
    {"decrypt", VALUE_SECRET, OF(decrypt), secret},
    {"password", VALUE_SECRET, OF(password), secret},
    {"verify", VALUE_FILE, OF(verify), "\"FILE\""},
    {"require_signature", VALUE_BOOL, OF(require_signature), "true | false"},
    {"encrypt", VALUE_TEXTS, OF(encrypt), "( \"FILE\", ... )"},
    {"sign", VALUE_SECRET, OF(sign), secret},
    {"sign_password", VALUE_SECRET, OF(sign_password), secret},
    {"armor", VALUE_BOOL, OF(armor), "true | false"},
};
const size_t openpgp_nkeys = sizeof(openpgp_keys) / sizeof(*openpgp_keys);

static const struct key_row duty_keys[] = {
    {"out", VALUE_BOOL, OF_DUTY(out), ""},     {"probe", VALUE_BOOL, OF_DUTY(probe), ""},
    {"flow", VALUE_TEXT, OF_DUTY(flow), ""},   {"partner", VALUE_TEXT, OF_DUTY(partner_name), ""},
    {"most", VALUE_NUMBER, OF_DUTY(most), ""},
};
static const size_t duty_nkeys = sizeof(duty_keys) / sizeof(*duty_keys);

void openpgp_defaults(struct openpgp *o)
{
    *o = (struct openpgp){.require_signature = true};
}

bool openpgp_given(const struct openpgp *o)
{
    return o->decrypt.len || o->verify.len || o->encrypt.count || o->sign.len;
}

void openpgp_write(struct buf *out, const struct openpgp_duty *d)
{
    buf_text(out, "{\"duty\":");
    keys_write(out, duty_keys, duty_nkeys, d);
    buf_text(out, ",\"openpgp\":");
    keys_write(out, openpgp_keys, openpgp_nkeys, &d->rules);
    buf_text(out, "}");
}

enum gw_result openpgp_read(struct arena *a, struct gw_str text, struct openpgp_duty *ret)
{
    yyjson_doc *doc = yyjson_read(text.ptr, text.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    bool good;

    *ret = (struct openpgp_duty){.out = false};
    openpgp_defaults(&ret->rules);
    good = keys_read(a, yyjson_obj_get(root, "duty"), duty_keys, duty_nkeys, ret) &&
           keys_read(a, yyjson_obj_get(root, "openpgp"), openpgp_keys, openpgp_nkeys, &ret->rules);
    yyjson_doc_free(doc);
    return good && openpgp_given(&ret->rules) ? GW_OK : GW_FAIL;
}
