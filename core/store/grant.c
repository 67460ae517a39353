/* SPDX-License-Identifier: EUPL-1.2 */
/* The rights of a daemon's role, table by table: what retention and the forgetting of a person take may go,
 * exchanges, rejects and the audit trail never. */
#include <stdio.h>

#include "store/inside.h"

static const struct {
    const char *table, *rights;
} rights[] = {
    {"store_version", "SELECT"},
    {"meta", "SELECT, UPDATE"},
    {"name", "SELECT, INSERT"},
    {"exchange", "SELECT, INSERT, UPDATE"},
    {"resource", "SELECT, INSERT, UPDATE, DELETE"},
    {"payload", "SELECT, INSERT, UPDATE, DELETE"},
    {"unit", "SELECT, INSERT, UPDATE, DELETE"},
    {"reject", "SELECT, INSERT, UPDATE"},
    {"delivery", "SELECT, INSERT, UPDATE, DELETE"},
    {"cursor", "SELECT, INSERT, UPDATE"},
    {"bearer", "SELECT, INSERT, UPDATE, DELETE"},
    {"departed", "SELECT, INSERT, UPDATE, DELETE"},
    {"person", "SELECT, INSERT, UPDATE, DELETE"},
    {"chunk", "SELECT, INSERT, UPDATE, DELETE"},
    {"sight", "SELECT, INSERT, UPDATE, DELETE"},
    {"audit", "SELECT, INSERT"},
};

/* It stands in SQL: letters, digits and _ only. */
static bool is_name(struct gw_str role)
{
    for (size_t i = 0; i < role.len; i++)
        if (!str_find(GW_STR("abcdefghijklmnopqrstuvwxyz0123456789_"), (struct gw_str){role.ptr + i, 1},
                      &(size_t){0}))
            return false;
    return role.len > 0 && role.len < 64;
}

static enum gw_result grant(struct store *s, size_t i, struct gw_str role)
{
    char sql[256];

    snprintf(sql, sizeof(sql), "REVOKE ALL ON %s FROM %.*s;GRANT %s ON %s TO %.*s", rights[i].table,
             STR_ARG(role), rights[i].rights, rights[i].table, STR_ARG(role));
    return s->driver->script(s, sql);
}

enum gw_result store_grant(struct store *s, struct gw_str role)
{
    struct gw_arg found = {"found", role};
    bool own;
    enum gw_result r;

    if (!s->driver->shared || !is_name(role))
        return store_fault(s, GW_FAIL, "store.role", &found, 1);
    r = change_begin(s, &own);
    for (size_t i = 0; r == GW_OK && i < sizeof(rights) / sizeof(rights[0]); i++)
        r = grant(s, i, role);
    return change_end(s, own, r);
}
