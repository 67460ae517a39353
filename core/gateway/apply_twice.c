/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Two records of one file with one key and other content: the last stands, and the exchange tells of it. A unit
 * remembers which record wrote it, and records come in order: so one that an attempt before the last replay
 * left is no earlier one, and what is applied again after a death is counted once, with its batch.
 */
#include <yyjson.h>

#include "base/str.h"
#include "gateway/applying.h"

void twice_count(struct applying *p, const struct pending_record *r, const struct unit *known)
{
    if (known->exchange != p->e.id || known->record >= r->record)
        return;
    if (!p->twice.records++) {
        p->twice.first = r->record;
        p->twice.of = known->record;
    }
}

static uint64_t number_of(yyjson_val *root, const char *key)
{
    const char *text = yyjson_get_str(yyjson_obj_get(root, key));
    uint64_t n = 0;

    return text && str_number(str_of(text), &n) ? n : 0;
}

void twice_take(struct applying *p)
{
    struct gw_str args = p->e.reason_args;
    yyjson_doc *doc = args.len ? yyjson_read(args.ptr, args.len, 0) : NULL;
    yyjson_val *root = yyjson_doc_get_root(doc);

    p->twice = (struct twice){number_of(root, "twice"), number_of(root, "first"), number_of(root, "of")};
    yyjson_doc_free(doc);
}

void twice_keep(struct applying *p)
{
    const struct twice *t = &p->twice;

    p->e.reason_args = (struct gw_str){NULL, 0};
    if (t->records)
        p->e.reason_args = str_of(arena_format(
            &p->a->job, "{\"twice\":\"%llu\",\"first\":\"%llu\",\"of\":\"%llu\"}",
            (unsigned long long)t->records, (unsigned long long)t->first, (unsigned long long)t->of));
}
