/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who may do what. An operator is who the kernel says stands at the other end of the control socket, or runs
 * the verb; `operators` of gateway.conf gives roles to users and groups, and one table (roles.c) says which
 * roles each verb, and each word of the socket, is for.
 *
 * Who owns STATE, and root, can read all of it anyway: without `operators` there is nobody else, and they have
 * every role; with it they are administrateur, unless an entry names them.
 */
#ifndef GATEWAY_ROLES_H
#define GATEWAY_ROLES_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"

struct gateway_conf;

enum role { ROLE_LECTEUR, ROLE_GESTIONNAIRE, ROLE_ADMINISTRATEUR, ROLE_DPO, ROLES };
extern const char *const role_words[ROLES]; /* as gateway.conf has them */
#define ROLE(role) (1u << ROLE_##role)
#define ROLE_ANY   (ROLE(LECTEUR) | ROLE(GESTIONNAIRE) | ROLE(ADMINISTRATEUR) | ROLE(DPO))

#define OPERATORS_MAX 64

/* An entry of `operators`. */
struct operator_rule {
    struct gw_str user, group; /* one of them; a name, or its number */
    unsigned roles;            /* ROLE(...) | ... */
    struct gw_str file;
    uint32_t line;
};

struct operator
{
    uid_t uid;
    char name[64]; /* of the user, else the number */
    bool named;    /* it has one */
    unsigned roles;
};

#define OPERATOR_CALLED 72

#define DUTY_UNMASK "unmask" /* values are shown, not only where they are */

/* Is it a verb, or a word, that operates the daemon? Others need no role. */
bool duty_known(const char *duty);
/* The roles of which one is enough; ROLE(ADMINISTRATEUR) for what the table does not have. */
unsigned duty_roles(const struct gateway_conf *c, const char *duty);
bool operator_may(const struct gateway_conf *c, const struct operator* who, const char *duty);
/* Who is at the other end of a connected socket. GW_REJECT: the kernel does not say. */
GW_MUST_USE enum gw_result operator_of_peer(const struct gateway_conf *c, int socket, struct operator* ret);
/* Who runs this process. */
void operator_of_us(const struct gateway_conf *c, struct operator* ret);
/* As the trail has it: the user's name; "uid 1001" where there is none, or one that the daemon goes by. */
void operator_called(const struct operator* who, char ret[OPERATOR_CALLED]);
/* "lecteur, gestionnaire". */
void roles_text(unsigned roles, struct buf *out);

#endif
