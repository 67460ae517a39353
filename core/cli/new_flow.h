/* SPDX-License-Identifier: EUPL-1.2 */
/* What `new flow` is told, by options or by answers, and the steps from there to conf.d/NAME.conf. For new*.c
 * only. */
#ifndef CLI_NEW_FLOW_H
#define CLI_NEW_FLOW_H

#include "cli/operate.h"

/* In the order in which they are asked. */
enum wish {
    WISH_SAMPLE,
    WISH_DIRECTION,
    WISH_FORMAT,
    WISH_PROFILE,
    WISH_NAME,
    WISH_PARTNER,
    WISH_LABEL,
    WISH_FOLDER,
    WISH_URL,
    WISH_CONNECTOR,
    WISH_USER,
    WISH_KEY,
    WISH_HOST_KEYS,
    WISH_PASSWORD,
    WISH_TOKEN,
    WISH_TOKEN_URL,
    WISH_CLIENT_ID,
    WISH_CLIENT_SECRET,
    WISH_SCOPE,
    WISH_CERTIFICATE,
    WISH_CERTIFICATE_KEY,
    WISH_CA,
    WISH_PATH,
    WISH_AFTER,
    WISH_AFTER_PATH,
    WISH_SCHEDULE,
    WISH_EXPECTED,
    WISH_MAIL_TO,
    WISH_MAIL_BY,
    WISH_MAIL_FROM,
    WISH_FIELDS,
    WISH_PURPOSE,
    WISH_LEGAL_BASIS,
    WISH_RETENTION,
    WISHES
};

struct new_flow {
    struct invocation *in;
    struct operating *o;
    const char *values[WISHES];                /* NULL: not said; of the invocation or of o->arena */
    bool asks;                                 /* somebody is there to answer */
    struct gw_str found_format, found_profile; /* of the sample */
    const char *conf_d, *target;               /* the folder, and the file in it */
    enum exit_code code;                       /* why it ends here */
};

enum answer { ANSWER_GOOD, ANSWER_AGAIN, ANSWER_STOP };

/* All wishes by options, answers and what is usual. False: why was said, n->code is the exit code. */
bool new_gather(struct new_flow *n);
bool new_is_out(const struct new_flow *n);
bool new_is_ssh(const struct new_flow *n);

/* ---- new_sample.c ---- */

/* Which format the sample is of; what none knows gets a proposal beside conf.d. */
enum answer new_sample_good(struct new_flow *n, const char *path);
/* The profile whose sign it has, of the format that was said; NULL: none. */
const char *new_sample_profile(const struct new_flow *n);
/* Reads it as the flow will. */
enum exit_code new_sample_try(struct new_flow *n);

/* ---- new_write.c ---- */

void new_text(const struct new_flow *n, struct buf *out);
/* The whole configuration with that text in it, looked at in a folder of its own: nobody else sees it yet. */
bool new_checked(struct new_flow *n, struct gw_str text, struct buf *ret_sentence);
/* Whole and kept, or not there; never over a file. */
bool new_write(struct new_flow *n, struct gw_str text);

#endif
