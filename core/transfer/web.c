/* SPDX-License-Identifier: EUPL-1.2 */
/* passerelle-http: what libcurl reaches. */
#include "base/str.h"
#include "transfer/ftp.h"
#include "transfer/http.h"
#include "transfer/smtp.h"

static const struct scheme {
    struct gw_str start;
    struct transport transport;
} schemes[] = {
    {GW_STR_INIT("http"), {http_fetch, http_send, http_probe}},
    {GW_STR_INIT("ftp"), {ftp_fetch, ftp_send, ftp_probe}},
    {GW_STR_INIT("smtp"), {smtp_fetch, smtp_send, smtp_probe}},
};

static const struct transport *of(const struct run *r)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
        if (str_begins(r->duty.connector.url, schemes[i].start))
            return &schemes[i].transport;
    return NULL;
}

static void fetch_files(struct run *r)
{
    const struct transport *t = of(r);

    if (t)
        t->fetch(r);
    else
        run_end(r, END_FAIL, "transfer.errand", NULL, 0);
}

static void send_file(struct run *r)
{
    const struct transport *t = of(r);

    if (t)
        t->send(r);
    else
        run_end(r, END_FAIL, "transfer.errand", NULL, 0);
}

static void look(struct run *r)
{
    const struct transport *t = of(r);

    if (t)
        t->probe(r);
    else
        run_end(r, END_FAIL, "transfer.errand", NULL, 0);
}

int main(void)
{
    static const struct transport web = {fetch_files, send_file, look};

    return serve(&web);
}
