/* SPDX-License-Identifier: EUPL-1.2 */
/* How long each kind of thing is kept: one time for all, or a group that says each. */
#include <stddef.h>

#include "base/str.h"
#include "gateway/conf_keys.h"

const char *const kept_words[KEPT_KINDS] = {"files", "rejects", "versions", "sources", "receipts", "resources"};

struct times {
    uint64_t kinds[KEPT_KINDS], all;
};

#define EXPECTED "DAYS | \"90 d\" | \"6 months\" | \"5 years\""

static bool take_days(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return conf_take_number(r, s, e, to);
    return conf_days(str_trim(str_of(config_setting_get_string(s))), to);
}

static void take_group(struct conf_reading *r, const config_setting_t *s, struct times *t)
{
    struct conf_entry keys[KEPT_KINDS + 1];

    for (size_t i = 0; i < KEPT_KINDS; i++)
        keys[i] = (struct conf_entry){kept_words[i], take_days,
                                      offsetof(struct times, kinds) + i * sizeof(uint64_t), EXPECTED, 0};
    keys[KEPT_KINDS] = (struct conf_entry){"all", take_days, offsetof(struct times, all), EXPECTED, 0};
    conf_group(r, s, keys, KEPT_KINDS + 1, t);
}

bool conf_take_retention(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                         void *to)
{
    uint64_t *kept = to;
    struct times t = {.all = KEPT_UNSAID};

    for (size_t i = 0; i < KEPT_KINDS; i++)
        t.kinds[i] = KEPT_UNSAID;
    if (config_setting_type(s) == CONFIG_TYPE_GROUP)
        take_group(r, s, &t);
    else if (!take_days(r, s, e, &t.all))
        return false;
    for (size_t i = 0; i < KEPT_KINDS; i++)
        kept[i] = t.kinds[i] != KEPT_UNSAID ? t.kinds[i] : t.all;
    return true;
}

/* The longest that anything is kept. */
void conf_retention_settle(struct conf_reading *r, const struct flow *f)
{
    bool any = false;

    for (size_t i = 0; i < KEPT_KINDS; i++)
        any = any || f->kept[i] != KEPT_UNSAID;
    for (size_t i = 0; i < KEPT_KINDS; i++)
        if (any && f->kept[i] == KEPT_UNSAID)
            conf_fault_at(r, f->file, f->line, "conf.missing",
                          str_of(arena_format(r->arena, "retention.%s", kept_words[i])), f->name);
    if (!any)
        conf_fault_at(r, f->file, f->line, "conf.missing", GW_STR("retention"), f->name);
}

/* A flow out has nothing of that kind. */
static size_t kinds_of(const struct flow *f)
{
    return f->out ? KEPT_RESOURCES : KEPT_KINDS;
}

static void kind_sentence(struct buf *out, const struct flow *f, size_t kind, enum lang lang)
{
    static const char *const words[2][KEPT_KINDS] = {{"fichiers", "rejets", "versions passées", "sources",
                                                      "accusés", "ressources dont aucun fichier ne parle plus"},
                                                     {"files", "rejects", "past versions", "sources",
                                                      "receipts", "resources that no file speaks of any more"}};

    buf_text(out, words[lang][kind]);
    if (f->kept[kind] > KEPT_MOST)
        buf_text(out, lang == LANG_FR ? " sans terme" : " without end");
    else
        buf_format(out, lang == LANG_FR ? " %llu jours" : " %llu days", (unsigned long long)f->kept[kind]);
}

void conf_retention_sentence(struct buf *out, const struct flow *f, enum lang lang)
{
    bool same = f->kept[0] <= KEPT_MOST;

    for (size_t i = 1; i < kinds_of(f); i++)
        same = same && f->kept[i] == f->kept[0];
    if (same) {
        buf_format(out, lang == LANG_FR ? "gardé %llu jours" : "kept %llu days",
                   (unsigned long long)f->kept[0]);
        if (!f->out)
            buf_text(out, lang == LANG_FR ? ", ressources dont aucun fichier ne parle plus comprises"
                                          : ", resources that no file speaks of any more included");
        return;
    }
    buf_text(out, lang == LANG_FR ? "gardé : " : "kept: ");
    for (size_t i = 0; i < kinds_of(f); i++) {
        buf_text(out, i ? ", " : "");
        kind_sentence(out, f, i, lang);
    }
}
