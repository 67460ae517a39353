/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/show_resource.h"

#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/str.h"
#include "cli/unmask.h"
#include "store/resources.h"

struct telling {
    struct operating *o;
    yyjson_doc *before;
    uint64_t versions;
    bool unmask;
};

static yyjson_val *fields_of(yyjson_doc *doc)
{
    return yyjson_obj_get(yyjson_doc_get_root(doc), "fields");
}

/* Names of the fields that one has otherwise than the other, or that the other lacks. */
static void names_put(struct buf *out, yyjson_val *one, yyjson_val *other, bool both)
{
    yyjson_val *key, *v;
    size_t i, n;

    if (!yyjson_is_obj(one))
        return;
    yyjson_obj_foreach(one, i, n, key, v)
    {
        yyjson_val *o = yyjson_obj_get(other, yyjson_get_str(key));

        if (o && (!both || yyjson_equals(v, o)))
            continue;
        if (out->len && out->data[out->len - 1] != '[')
            buf_char(out, ',');
        buf_json(out, (struct gw_str){yyjson_get_str(key), yyjson_get_len(key)});
    }
}

static void show_json(const struct resource_row *r, const char *changed, bool unmask)
{
    printf("{\"resource\":%lld,\"type\":\"%.*s\",\"partner\":\"%.*s\",\"version\":%u,\"exchange\":%lld,"
           "\"record\":%llu,"
           "\"said_at\":%lld,\"received_at\":%lld,\"closed_at\":%lld,\"changed\":[%s]%s%.*s}\n",
           (long long)r->id, STR_ARG(r->type), STR_ARG(r->partner), r->version, (long long)r->exchange,
           (unsigned long long)r->record, (long long)r->said_at, (long long)r->received_at,
           (long long)r->closed_at, changed, unmask ? ",\"payload\":" : "",
           unmask ? (int)r->payload.len : 0, r->payload.ptr);
}

static bool each(void *to, const struct resource_row *r)
{
    struct telling *t = to;
    const struct invocation *in = t->o->in;
    yyjson_doc *now = yyjson_read(r->payload.ptr, r->payload.len, YYJSON_READ_NUMBER_AS_RAW);
    struct buf changed;
    char at[32];

    buf_init(&changed, 65536);
    names_put(&changed, fields_of(now), fields_of(t->before), true);
    names_put(&changed, fields_of(t->before), fields_of(now), false);
    if (in->json)
        show_json(r, changed.data, t->unmask);
    else
        printf("%s%.*s v%u  %s  %s %lld:%llu  %s\n", t->versions ? "  " : "", STR_ARG(r->type), r->version,
               instant(r->received_at, at), say(in, "échange", "exchange"), (long long)r->exchange,
               (unsigned long long)r->record, changed.data);
    if (t->unmask && !in->json)
        printf("    %.*s\n", STR_ARG(r->payload));
    t->versions++;
    yyjson_doc_free(t->before);
    t->before = now;
    buf_done(&changed);
    return true;
}

enum exit_code show_resource(struct operating *o, const char *id)
{
    struct telling t = {.o = o, .unmask = option_value(o->in, "unmask")};
    enum gw_result result;
    int64_t number;

    if (!number_parse(id, &number)) {
        complain(o->in, "le numéro d'une ressource est attendu", "the number of a resource is expected", id);
        return EXIT_USAGE;
    }
    if (t.unmask && !unmask_begin(o, "resource", id))
        return o->code;
    result = resource_versions(o->store, number, &o->arena, each, &t);
    if (result == GW_END)
        complain(o->in, "aucune ressource de ce numéro", "no resource of that number", id);
    yyjson_doc_free(t.before);
    return result == GW_END ? EXIT_USAGE : exit_of(result, false);
}
