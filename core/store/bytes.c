/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/row.h"

/* With what else is in its row it fits into a page of PostgreSQL, so it lies in the table itself: larger ones are
 * cut into pieces of 2 KB in a table beside, each with its place in an index. Rows of other sizes are read too. */
#define CHUNK 7680

/* The id is drawn: others who add beside us cannot see which we have. */
static enum gw_result put_chunk(struct store *s, struct gw_str spool, int64_t at, struct gw_str bytes)
{
    struct row row;
    int64_t id;
    enum gw_result r = seal_random((uint8_t *)&id, sizeof(id)) == GW_OK ? GW_OK : memory_fault(s);

    if (r != GW_OK)
        return r;
    id &= INT64_MAX;
    row_start(&row, TABLE_CHUNK);
    row_add_number(&row, id);
    row_add_text(&row, spool);
    row_add_number(&row, at);
    r = row_seal(s, &s->seal, &row, CHUNK_SEALED, bytes, &s->scratch);
    return r == GW_OK ? row_insert(s, &row) : r;
}

static enum gw_result put_all(struct store *s, struct gw_str spool, int fd)
{
    size_t mark = arena_mark(&s->scratch);
    char *room = arena_alloc(&s->scratch, CHUNK);
    size_t inner = arena_mark(&s->scratch);
    enum gw_result r = room ? bytes_forget(s, spool) : memory_fault(s);
    ssize_t n = 1;

    for (int64_t at = 0; r == GW_OK && n > 0; at += n) {
        n = pread(fd, room, CHUNK, at);
        if (n < 0)
            r = system_fault(s, s->path);
        else if (n > 0 || at == 0) /* an empty file has one */
            r = put_chunk(s, spool, at, (struct gw_str){room, (size_t)n});
        arena_release(&s->scratch, inner);
    }
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result bytes_put(struct store *s, struct gw_str spool, int fd)
{
    bool own = !s->in_tx;
    enum gw_result r;

    if (!s->driver->shared)
        return GW_OK;
    r = own ? store_begin_beside(s) : GW_OK;
    return r == GW_OK ? change_end(s, own, put_all(s, spool, fd)) : r;
}

enum gw_result bytes_there(struct store *s, struct gw_str spool)
{
    struct query q;
    int64_t id;
    enum gw_result r = query_open(s, "SELECT id FROM chunk WHERE spool=?1 AND at=0 LIMIT 1", &q);

    if (r != GW_OK)
        return r;
    query_text(&q, 1, spool);
    return query_one(&q, &id);
}

bool bytes_shared(const struct store *s)
{
    return s->driver->shared;
}

/* What begins at *at, unless we have that already: two may have kept the same file. */
static enum gw_result chunk_write(struct store *s, const struct row *row, int fd, int64_t *at)
{
    size_t mark = arena_mark(&s->scratch);
    struct gw_str bytes;
    enum gw_result r = GW_OK;

    if (row->cells[CHUNK_AT].number < *at)
        return GW_OK;
    if (row->cells[CHUNK_AT].number > *at)
        return row_fault(s, "chunk", row_id(row));
    r = row_open(s, row, CHUNK_SEALED, &s->scratch, &bytes);
    if (r == GW_OK && durable_write(fd, bytes.ptr, bytes.len) != GW_OK)
        r = system_fault(s, s->path);
    if (r == GW_OK)
        *at += (int64_t)bytes.len;
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result bytes_get(struct store *s, struct gw_str spool, int fd)
{
    struct query q;
    struct row row;
    bool there = false;
    int64_t at = 0;
    enum gw_result r =
        s->driver->shared
            ? query_open(s, "SELECT " CHUNK_COLUMNS ",sum FROM chunk WHERE spool=?1 ORDER BY at", &q)
            : GW_END;

    if (r != GW_OK)
        return r;
    query_text(&q, 1, spool);
    while ((r = query_step(&q)) == GW_OK) {
        there = true;
        r = row_take(&q, TABLE_CHUNK, &row);
        if (r == GW_OK)
            r = chunk_write(s, &row, fd, &at);
        if (r != GW_OK)
            break;
    }
    query_close(&q);
    return r == GW_END && there ? GW_OK : r;
}

static int copy_open(struct store *s, struct gw_str spool)
{
    int fd = s->driver->shared ? memfd_create("bytes", MFD_CLOEXEC) : -1;

    if (fd >= 0 && bytes_get(s, spool, fd) == GW_OK && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int bytes_open(struct store *s, int folder, struct gw_str spool)
{
    int fd = openat(folder, spool.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    return fd >= 0 ? fd : copy_open(s, spool);
}

enum gw_result bytes_forget(struct store *s, struct gw_str spool)
{
    struct query q;
    enum gw_result r = spool.ptr ? query_open(s, "DELETE FROM chunk WHERE spool=?1", &q) : GW_END;

    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    query_text(&q, 1, spool);
    return query_run(&q);
}
