/* SPDX-License-Identifier: EUPL-1.2 */
/* A request's body goes into one of the files that were handed over, as it comes; memory does not grow with it.
 */
#include <errno.h>
#include <unistd.h>

#include "api/api.h"
#include "base/str.h"
#include "store/digest.h"
#include "store/durable.h"

#define BEYOND ((uint64_t)1 << 20) /* that is still read so that the client hears why */

static bool fault(struct call *c, unsigned status, const char *code)
{
    c->body.status = status;
    c->body.code = code;
    return false;
}

static bool file_take(struct api *a, struct body *b)
{
    pthread_mutex_lock(&a->lock);
    for (int i = 0; b->fd < 0 && i < FRONT_FILES; i++) {
        if (a->files[i] < 0)
            continue;
        b->slot = i;
        b->fd = a->files[i];
        a->files[i] = -1;
    }
    pthread_mutex_unlock(&a->lock);
    return b->fd >= 0;
}

bool body_begin(struct call *c)
{
    const char *length = request_header(c, "Content-Length");
    uint64_t n = 0;

    if (length && (!str_number(str_of(length), &n) || n > c->api->conf->api.body_max))
        return fault(c, 413, "api.body_size");
    if (!file_take(c->api, &c->body))
        return fault(c, 503, "api.busy");
    c->body.digester = store_digest_begin();
    if (!c->body.digester)
        return fault(c, 503, "api.busy");
    store_digest_start(c->body.digester);
    return true;
}

enum gw_result body_add(struct call *c, const char *data, size_t len)
{
    struct body *b = &c->body;
    uint64_t most = c->api->conf->api.body_max;

    b->size += len;
    link_came(c, len);
    if (b->size > most)
        (void)fault(c, 413, "api.body_size");
    if (b->code)
        return b->size > most + BEYOND ? GW_FAIL : GW_OK;
    store_digest_add(b->digester, (struct gw_str){data, len});
    if (durable_write(b->fd, data, len) != GW_OK)
        (void)fault(c, 507, "api.disk");
    return GW_OK;
}

bool body_end(struct call *c, uint8_t ret_digest[32])
{
    struct body *b = &c->body;

    if (b->code)
        return false;
    store_digest_end(b->digester, ret_digest);
    return durable_sync(b->fd) == GW_OK || fault(c, 507, "api.disk");
}

/* What the supervisor took, or may have taken, is not touched any more: it hands over another. */
void body_free(struct call *c)
{
    struct body *b = &c->body;
    struct api *a = c->api;

    store_digest_free(b->digester);
    b->digester = NULL;
    if (b->fd < 0)
        return;
    pthread_mutex_lock(&a->lock);
    if (!b->given && ftruncate(b->fd, 0) == 0 && lseek(b->fd, 0, SEEK_SET) == 0)
        a->files[b->slot] = b->fd;
    else
        (void)close(b->fd);
    pthread_mutex_unlock(&a->lock);
    b->fd = -1;
}
