/* SPDX-License-Identifier: EUPL-1.2 */
/* Pages of a web interface: where the next one is, and when there is none. */
#ifndef TRANSFER_HTTP_PAGE_H
#define TRANSFER_HTTP_PAGE_H

#include "base/arena.h"
#include "transfer/connector.h"

struct page {
    uint8_t digest[32]; /* of the page before, to know a server that gives the same one for ever */
    bool any;
    bool empty;         /* PAGING_PAGE: holds nothing: it is the end, and no file */
    struct gw_str next; /* PAGING_NEXT: what stands there; ptr NULL: nothing */
};

/* What a page says, read from its file. GW_FAIL: not what the errand says that pages are, or the one before
 * again; GW_RETRY: not readable, errno says why. `page` goes from page to page, {0} before the first. */
GW_MUST_USE enum gw_result page_read(int fd, const struct errand *e, struct arena *a, struct page *page);
/* The URL with the number of its page in the parameter: the one it has or 1; one more. */
const char *page_first(struct arena *a, const char *url, struct gw_str key);
const char *page_after(struct arena *a, const char *url, struct gw_str key);

#endif
