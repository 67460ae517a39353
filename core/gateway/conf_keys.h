/* SPDX-License-Identifier: EUPL-1.2 */
/* How the keys of gateway.conf are taken; for conf.c and conf_keys.c only. */
#ifndef GATEWAY_CONF_KEYS_H
#define GATEWAY_CONF_KEYS_H

#include <libconfig.h>

#include "gateway/conf.h"

struct conf_reading {
    struct arena *arena;
    struct sink *sink;
    struct gw_str base; /* folder that relative paths are of */
    struct gw_str file; /* being read */
    uint32_t line;      /* for what has no setting */
    size_t faults;
};

struct conf_entry {
    const char *name;
    /* False: not of this kind. */
    bool (*take)(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
    size_t offset;
    const char *expected;
    size_t count; /* offset of the count of a list, behind `offset` */
};

bool conf_take_text(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_folder(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_number(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_seconds(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
/* One of the words between bars of `expected`, as its rank. */
bool conf_take_word(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_secret(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_texts(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_recipients(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to);
bool conf_take_receipt(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_bytes(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_bool(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_digests(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_revoked(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_api(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_openpgp(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_operators(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                         void *to);
bool conf_take_roles(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_schedule(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                        void *to);
bool conf_take_backup(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);
bool conf_take_retention(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                         void *to);
void conf_retention_settle(struct conf_reading *r, const struct flow *f);
bool conf_take_limits(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e, void *to);

void conf_report(struct conf_reading *r, const config_setting_t *at, const char *code, struct gw_str found,
                 struct gw_str expected);
/* What must agree among those who are told. */
void conf_told_settle(struct conf_reading *r, const struct gateway_conf *c);
void conf_group(struct conf_reading *r, const config_setting_t *group, const struct conf_entry *keys, size_t n,
                void *to);
void conf_fault_at(struct conf_reading *r, struct gw_str file, uint32_t line, const char *code,
                   struct gw_str found, struct gw_str expected);
struct gw_str conf_shown(struct conf_reading *r, const config_setting_t *s); /* a value, for a message */

/* The key of a connector or an errand, whose members begin at `base`, as an entry. */
struct conf_entry conf_entry_of(const struct key_row *k, size_t base);

/* ---- conf_connector.c ---- */
#define CONF_CONNECTORS 256 /* of all files */

bool conf_take_connectors(struct conf_reading *r, const config_setting_t *s, const struct conf_entry *e,
                          void *to);
/* A flow's own keys and those of its errand at a connector; which of both kinds go together. */
void conf_take_flow(struct conf_reading *r, const config_setting_t *s, struct flow *f);
void conf_connector_settle(struct conf_reading *r, const struct gateway_conf *c, const struct connector *k);
/* Its connector is found, and where its files are meanwhile is settled. */
void conf_errand_settle(struct conf_reading *r, const struct gateway_conf *c, struct flow *f);

extern const struct conf_entry conf_partner_keys[], conf_flow_keys[];
extern const size_t conf_npartner_keys, conf_nflow_keys;
extern const struct api_conf conf_api;
extern const struct job_limits conf_limits; /* what holds when nothing is said */

#endif
