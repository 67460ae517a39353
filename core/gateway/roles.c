/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/roles.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/conf.h"

#define GROUPS_MAX 256

const char *const role_words[ROLES] = {"lecteur", "gestionnaire", "administrateur", "dpo"};

#define WORK  (ROLE(GESTIONNAIRE) | ROLE(ADMINISTRATEUR))
#define ADMIN ROLE(ADMINISTRATEUR)

/* Verbs and words of the control socket, and who may. */
static const struct {
    const char *name;
    unsigned roles;
} duties[] = {
    {"status", ROLE_ANY},
    {"exchanges", ROLE_ANY},
    {"show", ROLE_ANY},
    {"rejects", ROLE_ANY},
    {"diff", WORK},
    {"replay", WORK},
    {"release", WORK},
    {"fetch", WORK},
    {"send", WORK},
    {"wake", WORK},
    {"flows", ROLE_ANY},
    {"audit", ADMIN | ROLE(DPO)},
    {"person", ROLE(DPO)},
    {"purge", ADMIN | ROLE(DPO)},
    {"fsck", ADMIN},
    {"key", ADMIN},
    {"backup", ADMIN},
    {"reload", ADMIN},
    {"stop", ADMIN},
    {DUTY_UNMASK, ROLE(DPO)}, /* unless `unmask` says otherwise */
};

bool duty_known(const char *duty)
{
    for (size_t i = 0; i < sizeof(duties) / sizeof(*duties); i++)
        if (strcmp(duties[i].name, duty) == 0)
            return true;
    return false;
}

unsigned duty_roles(const struct gateway_conf *c, const char *duty)
{
    if (c->unmask && strcmp(duty, DUTY_UNMASK) == 0)
        return c->unmask;
    for (size_t i = 0; i < sizeof(duties) / sizeof(*duties); i++)
        if (strcmp(duties[i].name, duty) == 0)
            return duties[i].roles;
    return ADMIN;
}

bool operator_may(const struct gateway_conf *c, const struct operator* who, const char *duty)
{
    return (who->roles & duty_roles(c, duty)) != 0;
}

/* ---- who ---- */

static bool is_number(struct gw_str text, uint64_t number)
{
    uint64_t n;

    return str_number(text, &n) && n == number;
}

static bool in_group(struct gw_str group, const gid_t *groups, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct group *g = is_number(group, groups[i]) ? NULL : getgrgid(groups[i]);

        if (g ? str_is(group, g->gr_name) : is_number(group, groups[i]))
            return true;
    }
    return false;
}

/* The owner of STATE; before there is one, who would make it. */
static uid_t owner_of(const struct gateway_conf *c)
{
    struct stat st;

    return c->state.len && stat(c->state.ptr, &st) == 0 ? st.st_uid : geteuid();
}

static unsigned roles_of(const struct gateway_conf *c, const struct operator* who, const gid_t *groups,
                         size_t n)
{
    unsigned roles = 0;

    for (size_t i = 0; i < c->noperators; i++) {
        const struct operator_rule *r = &c->operators[i];

        if (r->user.len ? str_is(r->user, who->name) || is_number(r->user, who->uid)
                        : in_group(r->group, groups, n))
            roles |= r->roles;
    }
    if (!roles && (who->uid == 0 || who->uid == owner_of(c)))
        roles = c->noperators ? ADMIN : ROLE_ANY;
    return roles;
}

static void settle(const struct gateway_conf *c, uid_t uid, const gid_t *groups, size_t n, struct operator* ret)
{
    const struct passwd *p = getpwuid(uid);

    *ret = (struct operator){.uid = uid, .named = p != NULL};
    if (p)
        (void)snprintf(ret->name, sizeof(ret->name), "%s", p->pw_name);
    else
        (void)snprintf(ret->name, sizeof(ret->name), "%u", (unsigned)uid);
    ret->roles = roles_of(c, ret, groups, n);
}

enum gw_result operator_of_peer(const struct gateway_conf *c, int socket, struct operator* ret)
{
    gid_t groups[GROUPS_MAX + 1];
    socklen_t room = GROUPS_MAX * sizeof(*groups);
    struct ucred who;
    socklen_t len = sizeof(who);
    size_t n;

    *ret = (struct operator){.uid = (uid_t)-1};
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 || who.uid == (uid_t)-1)
        return GW_REJECT;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &room) != 0)
        room = 0; /* more of them than we count: it is then of its first group alone */
    n = room / sizeof(*groups);
    groups[n++] = who.gid;
    settle(c, who.uid, groups, n, ret);
    return GW_OK;
}

void operator_of_us(const struct gateway_conf *c, struct operator* ret)
{
    gid_t groups[GROUPS_MAX + 1];
    int n = getgroups(GROUPS_MAX, groups);
    size_t count = n > 0 ? (size_t)n : 0;

    groups[count++] = getgid();
    settle(c, getuid(), groups, count, ret);
}

void operator_called(const struct operator* who, char ret[OPERATOR_CALLED])
{
    if (who->named && strcmp(who->name, "gateway") != 0)
        (void)snprintf(ret, OPERATOR_CALLED, "%s", who->name);
    else
        (void)snprintf(ret, OPERATOR_CALLED, "uid %u", (unsigned)who->uid);
}

void roles_text(unsigned roles, struct buf *out)
{
    bool first = true;

    for (unsigned i = 0; i < ROLES; i++) {
        if (!(roles >> i & 1))
            continue;
        if (!first)
            buf_text(out, ", ");
        buf_text(out, role_words[i]);
        first = false;
    }
}
