/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may do what: the list `operators` and the list `unmask` of gateway.conf. */
#include <stddef.h>

#include "base/str.h"
#include "gateway/conf_keys.h"

#define OF_RULE(member) offsetof(struct operator_rule, member)

static bool role_add(struct conf_reading *r, const config_setting_t *s, unsigned *roles)
{
    struct gw_str word = str_of(config_setting_get_string(s));

    for (unsigned i = 0; i < ROLES; i++)
        if (str_is(word, role_words[i])) {
            *roles |= 1u << i;
            return true;
        }
    conf_report(r, s, "conf.role", conf_shown(r, s),
                str_of(str_nearest(word, (const char *const *)role_words, ROLES)));
    return true;
}

bool conf_take_roles(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to)
{
    int type = config_setting_type(s), n = config_setting_length(s);

    (void)e;
    if ((type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) || n < 1)
        return false;
    for (int i = 0; i < n; i++) {
        const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);

        if (config_setting_type(one) != CONFIG_TYPE_STRING || !role_add(r, one, to))
            return false;
    }
    return true;
}

static const struct conf_entry rule_keys[] = {
    {"user", conf_take_text, OF_RULE(user), "\"NAME\"", 0},
    {"group", conf_take_text, OF_RULE(group), "\"NAME\"", 0},
    {"roles", conf_take_roles, OF_RULE(roles), "( \"lecteur\", \"gestionnaire\", \"administrateur\", \"dpo\" )",
     0},
};

bool conf_take_operators(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                         void *to)
{
    struct gateway_conf *c = to;

    (void)e;
    if (config_setting_type(s) != CONFIG_TYPE_LIST ||
        c->noperators + (size_t)config_setting_length(s) > OPERATORS_MAX)
        return false;
    for (int i = 0; i < config_setting_length(s); i++) {
        const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
        struct operator_rule *rule = &c->operators[c->noperators++];
        size_t faults = r->faults;

        *rule = (struct operator_rule){.file = r->file, .line = config_setting_source_line(one)};
        conf_group(r, one, rule_keys, sizeof(rule_keys) / sizeof(*rule_keys), rule);
        if (r->faults == faults && !rule->user.len == !rule->group.len)
            conf_report(r, one, "conf.operator", GW_STR("user"), GW_STR("group"));
        if (r->faults == faults && !rule->roles)
            conf_report(r, one, "conf.missing", GW_STR("roles"), GW_STR(""));
    }
    return true;
}
