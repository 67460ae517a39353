/* SPDX-License-Identifier: EUPL-1.2 */
/* passerelle-sftp: one duty at a server of SFTP. */
#include "transfer/sftp.h"

int main(void)
{
    static const struct transport sftp = {.fetch = sftp_fetch, .send = sftp_send, .probe = sftp_probe};

    return serve(&sftp);
}
