/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is told when something is amiss, and what became of a file. */
#include <stddef.h>

#include "base/str.h"
#include "gateway/conf_keys.h"

#define OF_RECIPIENT(member) offsetof(struct recipient, member)

static const struct conf_entry recipient_keys[] = {
    {"name", conf_take_text, OF_RECIPIENT(name), "\"...\"", 0},
    {"folder", conf_take_folder, OF_RECIPIENT(folder), "\"FOLDER\"", 0},
    {"connector", conf_take_text, OF_RECIPIENT(connector), "\"...\"", 0},
    {"path", conf_take_text, OF_RECIPIENT(path), "\"/PATH\"", 0},
    {"subject", conf_take_text, OF_RECIPIENT(subject), "\"...\"", 0},
    {"from", conf_take_text, OF_RECIPIENT(from), "\"NAME@HOST\"", 0},
    {"to", conf_take_texts, OF_RECIPIENT(to), "( \"NAME@HOST\", ... )", OF_RECIPIENT(nto) - OF_RECIPIENT(to)},
    {"format", conf_take_word, OF_RECIPIENT(form), "\"text\" | \"json\"", 0},
    {"lang", conf_take_word, OF_RECIPIENT(lang), "\"fr\" | \"en\"", 0},
    {"pause", conf_take_seconds, OF_RECIPIENT(pause), "SECONDS | \"10 min\" | \"1 h\"", 0},
};

bool conf_take_recipients(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to)
{
    struct gateway_conf *c = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_LIST ||
        c->nrecipients + (size_t)config_setting_length(s) > RECIPIENTS_MAX)
        return false;
    for (int i = 0; i < config_setting_length(s); i++) {
        const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
        struct recipient *p = &c->recipients[c->nrecipients++];

        *p = (struct recipient){.pause = 600, .file = r->file, .line = config_setting_source_line(one)};
        conf_group(r, one, recipient_keys, sizeof(recipient_keys) / sizeof(*recipient_keys), p);
    }
    return true;
}

#define OF_RECEIPT(member) offsetof(struct receipt_rule, member)

bool conf_take_receipt(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    static const struct conf_entry keys[] = {
        {"format", conf_take_word, OF_RECEIPT(form), "\"json\" | \"csv\" | \"xlsx\"", 0},
        {"when", conf_take_word, OF_RECEIPT(when), "\"always\" | \"rejects\"", 0},
        {"lang", conf_take_word, OF_RECEIPT(lang), "\"fr\" | \"en\"", 0},
        {"folder", conf_take_folder, OF_RECEIPT(folder), "\"FOLDER\"", 0},
        {"connector", conf_take_text, OF_RECEIPT(connector), "\"...\"", 0},
        {"path", conf_take_text, OF_RECEIPT(path), "\"/PATH\"", 0},
        {"subject", conf_take_text, OF_RECEIPT(subject), "\"...\"", 0},
        {"from", conf_take_text, OF_RECEIPT(from), "\"NAME@HOST\"", 0},
        {"to", conf_take_texts, OF_RECEIPT(to), "( \"NAME@HOST\", ... )", OF_RECEIPT(nto) - OF_RECEIPT(to)},
    };
    struct receipt_rule *rule = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_GROUP)
        return false;
    conf_group(r, s, keys, sizeof(keys) / sizeof(*keys), rule);
    rule->given = true;
    if (!rule->folder.len == !rule->connector.len)
        conf_report(r, s, "conf.one_of", GW_STR("folder"), GW_STR("connector"));
    return true;
}

/* Of whom it is: where that stands. */
struct whose {
    struct gw_str file;
    uint32_t line;
};

static void need(struct conf_reading *r, const struct whose *w, const char *key, bool given)
{
    if (!given)
        conf_fault_at(r, w->file, w->line, "conf.missing", str_of(key), GW_STR(""));
}

/* What goes by mail says from whom and to whom. */
static void connector_settle(struct conf_reading *r, const struct gateway_conf *c, struct gw_str name,
                             const struct whose *w, struct gw_str from, size_t nto)
{
    const struct connector *k = conf_connector(c, name);

    if (name.len && !k)
        conf_fault_at(r, w->file, w->line, "conf.connector", name, GW_STR(""));
    if (k && str_begins(k->url, GW_STR("smtp"))) {
        need(r, w, "from", from.len > 0);
        need(r, w, "to", nto > 0);
    }
}

static void recipient_settle(struct conf_reading *r, const struct gateway_conf *c, const struct recipient *p)
{
    const struct whose w = {p->file, p->line};

    need(r, &w, "name", p->name.len > 0);
    connector_settle(r, c, p->connector, &w, p->from, p->nto);
    if (!p->folder.len == !p->connector.len)
        conf_fault_at(r, p->file, p->line, "conf.one_of", GW_STR("folder"), GW_STR("connector"));
    for (const struct recipient *q = c->recipients; q < p; q++)
        if (p->name.len && str_eq(p->name, q->name))
            conf_fault_at(r, p->file, p->line, "conf.twice", p->name, GW_STR(""));
}

void conf_told_settle(struct conf_reading *r, const struct gateway_conf *c)
{
    for (size_t i = 0; i < c->nrecipients; i++)
        recipient_settle(r, c, &c->recipients[i]);
    for (const struct flow *f = c->flows; f < c->flows + c->nflows; f++)
        connector_settle(r, c, f->receipt.connector, &(struct whose){f->file, f->line}, f->receipt.from,
                         f->receipt.nto);
}
