/* SPDX-License-Identifier: EUPL-1.2 */
/* The keys of gateway.conf: one entry each {name, how it is taken, where it goes, what is expected}. */
#include "gateway/conf_keys.h"

#include <stddef.h>

#include "base/str.h"
#include "gateway/schedule.h"
#include "transfer/secret.h"

#define OF_FLOW(member)  offsetof(struct flow, member)
#define COUNT_OF_LIST    offsetof(struct conf_list, count)
#define OF_LIMIT(member) offsetof(struct job_limits, member)

const struct job_limits conf_limits = {
    .memory = (uint64_t)512 << 20,
    .cpu = 600,
    .wall = 3600,
    .record_wall = 10,
    .record_bytes = (uint64_t)4 << 20,
    .output_bytes = (uint64_t)16 << 30,
    .depth = 256,
};

struct gw_str conf_shown(struct conf_reading *r, const config_setting_t *s)
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_STRING:
        return str_of(config_setting_get_string(s));
    case CONFIG_TYPE_BOOL:
        return str_of(config_setting_get_bool(s) ? "true" : "false");
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return str_of(arena_format(r->arena, "%lld", (long long)config_setting_get_int64(s)));
    default:
        return GW_STR("");
    }
}

/* ---- scalars ---- */

bool conf_take_text(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct gw_str *ret = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return false;
    *ret = str_of(arena_text(r->arena, str_trim(str_of(config_setting_get_string(s)))));
    return ret->len > 0;
}

/* A path, of the folder of gateway.conf unless it is absolute. */
bool conf_take_folder(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct gw_str *ret = to;

    if (!conf_take_text(r, s, e, to))
        return false;
    while (ret->len > 1 && ret->ptr[ret->len - 1] == '/')
        ret->len--;
    *ret = str_of(ret->ptr[0] == '/' ? arena_text(r->arena, *ret)
                                     : arena_format(r->arena, "%.*s/%.*s", STR_ARG(r->base), STR_ARG(*ret)));
    return ret->ptr != NULL;
}

bool conf_take_number(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    int type = config_setting_type(s);
    long long n = config_setting_get_int64(s);

    (void)r, (void)e;
    if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || n < 0)
        return false;
    *(uint64_t *)to = (uint64_t)n;
    return true;
}

/* A number with a unit: the whole of the text. */
static bool measured(struct gw_str text, const char *const *units, const uint64_t *factors, size_t n,
                     uint64_t *ret)
{
    size_t digits = 0;
    struct gw_str unit;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!str_number((struct gw_str){text.ptr, digits}, ret))
        return false;
    unit = str_trim(str_from(text, digits));
    for (size_t i = 0; i < n; i++)
        if (str_is(unit, units[i]) && !__builtin_mul_overflow(*ret, factors[i], ret))
            return true;
    return false;
}

bool conf_take_seconds(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return conf_take_number(r, s, e, to);
    return schedule_seconds(str_trim(str_of(config_setting_get_string(s))), to);
}

bool conf_take_bytes(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    static const char *const units[] = {"", "kB", "MB", "GB"};
    static const uint64_t factors[] = {1, 1000, 1000000, 1000000000};

    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return conf_take_number(r, s, e, to);
    return measured(str_trim(str_of(config_setting_get_string(s))), units, factors, 4, to);
}

bool conf_days(struct gw_str text, uint64_t *ret)
{
    static const char *const units[] = {"d", "months", "years"};
    static const uint64_t factors[] = {1, 31, 366};

    return measured(text, units, factors, 3, ret);
}

bool conf_take_schedule(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct gw_str text;

    return conf_take_text(r, s, e, &text) && schedule_parse(text, to);
}

bool conf_take_bool(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    (void)r, (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_BOOL)
        return false;
    *(bool *)to = config_setting_get_bool(s) != 0;
    return true;
}

static bool take_percent(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                         void *to)
{
    uint64_t n;

    if (!conf_take_number(r, s, e, &n) || n > 100)
        return false;
    *(int *)to = (int)n;
    return true;
}

/* One of the words between bars, as its rank. */
bool conf_take_word(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct gw_str word, rest = str_of(e->expected);

    (void)r;
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return false;
    for (unsigned i = 0; rest.ptr; i++) {
        word = str_trim(str_cut(rest, '|', &rest));
        if (word.len < 2 ||
            !str_eq((struct gw_str){word.ptr + 1, word.len - 2}, str_of(config_setting_get_string(s))))
            continue;
        *(unsigned *)to = i;
        return true;
    }
    return false;
}

static bool take_direction(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                           void *to)
{
    unsigned rank = 0;

    if (!conf_take_word(r, s, e, &rank))
        return false;
    *(bool *)to = rank == 1;
    return true;
}

/* ---- lists and groups ---- */

bool conf_take_texts(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    int n = config_setting_length(s), type = config_setting_type(s);
    struct gw_str *items = n > 0 ? arena_array(r->arena, (size_t)n, sizeof(*items)) : NULL;

    if ((type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) || !items)
        return false;
    for (int i = 0; i < n; i++)
        if (!conf_take_text(r, config_setting_get_elem(s, (unsigned)i), e, &items[i]))
            return false;
    *(const struct gw_str **)to = items;
    *(size_t *)((char *)to + e->count) = (size_t)n;
    return true;
}

/* ---- keys of connectors and errands ---- */

/* "" is an answer here: a file that goes out straight under its name has no `aside`. */
static bool take_any_text(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to)
{
    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return false;
    *(struct gw_str *)to = str_of(arena_text(r->arena, str_trim(str_of(config_setting_get_string(s)))));
    return true;
}

/* What is none may be the secret itself: it is not shown. */
bool conf_take_secret(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    struct gw_str text, place, *ret = to;

    if (!conf_take_text(r, s, e, to) || !secret_reference(*ret)) {
        conf_report(r, s, "conf.secret", GW_STR(""), str_of(e->expected));
        *ret = (struct gw_str){NULL, 0};
        return true;
    }
    text = *ret;
    (void)str_cut(text, ':', &place);
    if (str_begins(text, GW_STR("file:")) && place.ptr[0] != '/')
        *ret = str_of(arena_format(r->arena, "file:%.*s/%.*s", STR_ARG(r->base), STR_ARG(place)));
    return ret->ptr != NULL;
}

struct conf_entry conf_entry_of(const struct key_row *k, size_t base)
{
    static bool (*const takes[])(struct conf_reading *, const config_setting_t *, const struct conf_entry *,
                                 void *) = {
        [VALUE_TEXT] = take_any_text,        [VALUE_TEXTS] = conf_take_texts,   [VALUE_FILE] = conf_take_folder,
        [VALUE_SECRET] = conf_take_secret,   [VALUE_NUMBER] = conf_take_number, [VALUE_BYTES] = conf_take_bytes,
        [VALUE_SECONDS] = conf_take_seconds, [VALUE_BOOL] = conf_take_bool,     [VALUE_WORD] = conf_take_word,
    };

    return (struct conf_entry){k->name, takes[k->kind], base + k->offset, k->expected,
                               offsetof(struct texts, count)};
}

bool conf_take_limits(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    static const char bytes[] = "\"512 MB\"", seconds[] = "\"10 s\" | \"10 min\"";
    static const struct conf_entry keys[] = {
        {"memory", conf_take_bytes, OF_LIMIT(memory), bytes, 0},
        {"cpu", conf_take_seconds, OF_LIMIT(cpu), seconds, 0},
        {"wall", conf_take_seconds, OF_LIMIT(wall), seconds, 0},
        {"record_wall", conf_take_seconds, OF_LIMIT(record_wall), seconds, 0},
        {"record", conf_take_bytes, OF_LIMIT(record_bytes), bytes, 0},
        {"output", conf_take_bytes, OF_LIMIT(output_bytes), bytes, 0},
        {"depth", conf_take_number, OF_LIMIT(depth), "256", 0},
    };

    (void)e;
    conf_group(r, s, keys, sizeof(keys) / sizeof(*keys), to);
    return true;
}

const struct conf_entry conf_partner_keys[] = {
    {"name", conf_take_text, offsetof(struct partner, name), "\"...\"", 0},
    {"label", conf_take_text, offsetof(struct partner, label), "\"...\"", 0},
    {"api_keys", conf_take_digests, offsetof(struct partner, api_keys), "( \"sha256:HEX\", ... )",
     COUNT_OF_LIST},
    {"api_certificates", conf_take_digests, offsetof(struct partner, api_certificates),
     "( \"sha256:HEX\", ... )", COUNT_OF_LIST},
    {"api_subjects", conf_take_texts, offsetof(struct partner, api_subjects), "( \"...\", ... )",
     COUNT_OF_LIST},
};
const size_t conf_npartner_keys = sizeof(conf_partner_keys) / sizeof(*conf_partner_keys);

const struct conf_entry conf_flow_keys[] = {
    {"name", conf_take_text, OF_FLOW(name), "\"...\"", 0},
    {"partner", conf_take_text, OF_FLOW(partner_name), "\"...\"", 0},
    {"direction", take_direction, OF_FLOW(out), "\"in\" | \"out\"", 0},
    {"format", conf_take_text, OF_FLOW(format), "\"...\"", 0},
    {"profile", conf_take_text, OF_FLOW(profile), "\"...\"", 0},
    {"folder", conf_take_folder, OF_FLOW(folder), "\"FOLDER\"", 0},
    {"api", conf_take_bool, OF_FLOW(api), "true | false", 0},
    {"purpose", conf_take_text, OF_FLOW(purpose), "\"...\"", 0},
    {"legal_basis", conf_take_text, OF_FLOW(legal_basis), "\"...\"", 0},
    {"retention", conf_take_retention, OF_FLOW(kept),
     "DAYS | \"90 d\" | \"6 months\" | \"5 years\" | { files = ...; rejects = ...; all = ...; }", 0},
    {"schedule", conf_take_schedule, OF_FLOW(schedule), SCHEDULE_EXPECTED, 0},
    {"expected", conf_take_schedule, OF_FLOW(expected), SCHEDULE_EXPECTED, 0},
    {"pattern", conf_take_text, OF_FLOW(pattern), "\"*.xml\"", 0},
    {"stable", conf_take_seconds, OF_FLOW(stable), "SECONDS | \"5 s\" | \"10 min\"", 0},
    {"marker", conf_take_text, OF_FLOW(marker), "\".ok\"", 0},
    {"unready", conf_take_text, OF_FLOW(unready), "\".tmp\"", 0},
    {"after", conf_take_word, OF_FLOW(after), "\"move\" | \"delete\" | \"leave\"", 0},
    {"connector", conf_take_text, OF_FLOW(connector_name), "\"...\"", 0},
    {"done", conf_take_folder, OF_FLOW(done), "\"FOLDER\"", 0},
    {"apply", conf_take_word, OF_FLOW(apply), "\"format\" | \"file\" | \"record\"", 0},
    {"duplicates", conf_take_word, OF_FLOW(duplicates), "\"name\" | \"last\" | \"ever\"", 0},
    {"order", conf_take_word, OF_FLOW(order), "\"received\" | \"modified\" | \"name\"", 0},
    {"rejects_max", take_percent, OF_FLOW(rejects_max), "0 ... 100", 0},
    {"records_min", conf_take_number, OF_FLOW(records_min), "0, 1, 2 ...", 0},
    {"openpgp", conf_take_openpgp, OF_FLOW(openpgp), "{ ... }", 0},
    {"receipt", conf_take_receipt, OF_FLOW(receipt), "{ ... }", 0},
    {"fields", conf_take_texts, OF_FLOW(fields), "( \"TYPE.FIELD\", \"TYPE.*\" )",
     OF_FLOW(nfields) - OF_FLOW(fields)},
    {"from", conf_take_texts, OF_FLOW(from), "( \"FLOW\", ... )", OF_FLOW(nfrom) - OF_FLOW(from)},
    {"every", conf_take_seconds, OF_FLOW(every), "SECONDS | \"5 s\" | \"10 min\"", 0},
    {"records_max", conf_take_number, OF_FLOW(records_max), "1, 2 ...", 0},
    {"deliver_within", conf_take_seconds, OF_FLOW(deliver_within), "SECONDS | \"10 min\" | \"4 h\" | \"1 d\"",
     0},
};
const size_t conf_nflow_keys = sizeof(conf_flow_keys) / sizeof(*conf_flow_keys);
