/* SPDX-License-Identifier: EUPL-1.2 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/containers.h"

static void put_part(struct archive *a, const struct sample_part *part)
{
    struct archive_entry *e = archive_entry_new();
    size_t len = strlen(part->text);

    archive_entry_set_pathname(e, part->name);
    archive_entry_set_mode(e, AE_IFREG | 0644);
    archive_entry_set_size(e, (la_int64_t)len);
    if (archive_write_header(a, e) != ARCHIVE_OK || archive_write_data(a, part->text, len) != (la_ssize_t)len)
        abort();
    archive_entry_free(e);
}

void container_make(const struct sample_part *parts, size_t n, const char *options, struct buf *out)
{
    struct archive *a = archive_write_new();
    size_t used = 0;
    char *room = buf_room(out, CONTAINER_ROOM);

    if (!room || !a || archive_write_set_format_zip(a) != ARCHIVE_OK ||
        archive_write_set_options(a, options) != ARCHIVE_OK ||
        archive_write_set_passphrase(a, "x") != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
        archive_write_open_memory(a, room, CONTAINER_ROOM, &used) != ARCHIVE_OK)
        abort();
    for (size_t i = 0; i < n && parts[i].name; i++)
        put_part(a, &parts[i]);
    if (archive_write_close(a) != ARCHIVE_OK)
        abort();
    archive_write_free(a);
    out->len += used;
}
