/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/purge.h"

#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "store/durable.h"
#include "store/store.h"

void purge_note(struct buf *report, struct gw_str flow, enum keep_kind kind, uint64_t gone)
{
    if (!report->max)
        buf_init(report, (size_t)1 << 20);
    buf_format(report, "{\"at\":%lld,\"flow\":", (long long)store_now());
    buf_json(report, flow);
    buf_format(report, ",\"kind\":\"%s\",\"gone\":%llu}\n", kept_words[kind], (unsigned long long)gone);
}

enum gw_result purge_report(struct buf *report, const char *state)
{
    enum gw_result result = GW_OK;
    char path[4096], name[64];
    int folder = -1;

    if (report->len) {
        (void)snprintf(path, sizeof(path), "%s/purges", state);
        result = durable_folder(path, 0700, &folder);
        (void)snprintf(name, sizeof(name), "%lld.json", (long long)store_now());
        if (result == GW_OK)
            result = durable_put(folder, name, 0600, report->data, report->len);
        if (folder >= 0)
            (void)close(folder);
    }
    buf_done(report);
    *report = (struct buf){.max = 0};
    return result;
}
