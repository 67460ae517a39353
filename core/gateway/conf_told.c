/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is told when something is amiss. */
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

void conf_recipients(struct conf_reading *r, struct gateway_conf *c)
{
    for (const struct recipient *p = c->recipients; p < c->recipients + c->nrecipients; p++) {
        if (!p->name.len)
            conf_fault_at(r, p->file, p->line, "conf.missing", GW_STR("name"), GW_STR("notices"));
        if (!p->folder.len == !p->connector.len)
            conf_fault_at(r, p->file, p->line, "conf.one_of", GW_STR("folder"), GW_STR("connector"));
        for (const struct recipient *q = c->recipients; q < p; q++)
            if (p->name.len && str_eq(p->name, q->name))
                conf_fault_at(r, p->file, p->line, "conf.twice", p->name, GW_STR(""));
    }
}
