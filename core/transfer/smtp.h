/* SPDX-License-Identifier: EUPL-1.2 */
/* A file sent as a mail. Nothing is fetched by mail. */
#ifndef TRANSFER_SMTP_H
#define TRANSFER_SMTP_H

#include "transfer/serve.h"

void smtp_fetch(struct run *r);
void smtp_send(struct run *r);
void smtp_probe(struct run *r);

#endif
