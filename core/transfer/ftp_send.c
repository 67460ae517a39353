/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Under another name, then renamed: what the partner sees under its name is whole. A name that is there is
 * looked into: the same file is ours of an earlier attempt, another one is the partner's and stays.
 */
#include <unistd.h>

#include "base/str.h"
#include "store/digest.h"
#include "transfer/ftp.h"

#define TRIAL ".passerelle"

struct sending {
    struct ftp f;
    const struct duty *duty;
    struct store_digester *digester;
    uint64_t seen;
};

static size_t take(char *data, size_t size, size_t n, void *context)
{
    struct sending *s = context;

    store_digest_add(s->digester, (struct gw_str){data, size * n});
    s->seen += size * n;
    s->f.w.local = s->seen > s->duty->size;
    return s->f.w.local ? 0 : size * n;
}

static enum gw_result name_taken(struct sending *s)
{
    return wire_tell(&s->f.w, END_FAIL, "write", "transfer.name_taken", s->duty->name, GW_STR(""));
}

/* GW_END: it is our file, whole. */
static enum gw_result compare(struct sending *s, const char *path)
{
    uint8_t ours[32], theirs[32];
    uint64_t size;
    CURLcode e;
    enum gw_result r;

    s->digester = store_digest_begin();
    if (!s->digester || durable_digest(TRANSFER_FILE, ours, &size) != GW_OK ||
        lseek(TRANSFER_FILE, 0, SEEK_SET) != 0) {
        store_digest_free(s->digester);
        run_disk(s->f.run, "");
        return GW_FAIL;
    }
    store_digest_start(s->digester);
    s->seen = 0;
    r = ftp_get(&s->f, path, 0, take, s, &e);
    store_digest_end(s->digester, theirs);
    store_digest_free(s->digester);
    if (r != GW_OK)
        return s->f.w.local ? name_taken(s) : r;
    return memcmp(ours, theirs, sizeof(ours)) == 0 ? GW_END : name_taken(s);
}

/* GW_OK: the name is free; GW_END: the file is there already. */
static enum gw_result look_for(struct sending *s, const char *path)
{
    struct remote_file there = {.size = 0};
    enum gw_result r = ftp_head(&s->f, path, &there);

    if (r == GW_END)
        return GW_OK;
    if (r != GW_OK)
        return r;
    return there.size == s->duty->size ? compare(s, path) : name_taken(s);
}

static enum gw_result doubt(struct sending *s, bool complete)
{
    enum gw_result r =
        wire_tell(&s->f.w, END_DOUBT, "write", complete ? "transfer.unconfirmed" : "transfer.doubt",
                  s->duty->name, GW_STR(""));

    wire_arg(&s->f.w, "complete", complete ? GW_STR("yes") : GW_STR("no"));
    return r;
}

static enum gw_result in_part(struct sending *s)
{
    return wire_tell(&s->f.w, END_RETRY, "write", "transfer.short", s->duty->name, GW_STR(""));
}

/* A server without room ends the connection of the data, and libcurl does not wait for its reason. That it
 * still answers tells it from a line that was cut. */
static enum gw_result stopped(struct sending *s, const char *aside, CURLcode e)
{
    struct remote_file there = {.size = 0};
    enum gw_result r;

    if (e == CURLE_OPERATION_TIMEDOUT || strcmp(s->f.w.said.code, "transfer.cut") != 0)
        return GW_RETRY;
    r = ftp_head(&s->f, aside, &there);
    return r == GW_OK || r == GW_END ? in_part(s) : r;
}

static enum gw_result upload(struct sending *s, const char *path, const char *aside)
{
    bool blind = s->duty->errand.blind, direct = strcmp(path, aside) == 0;
    struct remote_file there = {.size = 0};
    CURLcode e;
    enum gw_result r = ftp_put(&s->f, aside, TRANSFER_FILE, s->duty->size, &e);

    if (r != GW_OK)
        return blind && direct && wire_lost(e) && (uint64_t)lseek(TRANSFER_FILE, 0, SEEK_CUR) == s->duty->size
                   ? doubt(s, false)
               : r == GW_RETRY && !blind ? stopped(s, aside, e)
                                         : r;
    r = blind ? GW_OK : ftp_head(&s->f, aside, &there);
    if (r == GW_END || (r == GW_OK && !blind && there.size != s->duty->size))
        r = in_part(s);
    if (r == GW_OK && !direct) {
        r = ftp_rename(&s->f, aside, path);
        if (r == GW_RETRY && blind)
            return doubt(s, false); /* it may have its name, and nobody can look */
    }
    return r == GW_OK && blind ? doubt(s, true) : r;
}

static enum gw_result send_file(struct sending *s)
{
    const struct errand *e = s->f.errand;
    const char *path = ftp_path(&s->f, e->path, s->duty->name, GW_STR("")),
               *aside = ftp_path(&s->f, e->path, s->duty->name, e->aside);
    enum gw_result r = e->blind ? GW_OK : look_for(s, path);

    if (r == GW_OK && !s->duty->dry)
        r = upload(s, path, aside);
    return r == GW_END ? GW_OK : r;
}

void ftp_send(struct run *r)
{
    struct sending s = {.f = {.run = r, .errand = &r->duty.errand}, .duty = &r->duty};
    enum gw_result result = wire_open(&s.f.w, r);

    if (result == GW_OK)
        result = send_file(&s);
    wire_end(&s.f.w, result);
    wire_close(&s.f.w);
}

/* ---- probe ---- */

/* An empty file comes and goes. */
static enum gw_result try_write(struct ftp *f)
{
    const char *path = ftp_path(f, f->errand->path, GW_STR(TRIAL), f->errand->aside);
    int nothing = -1, ends[2];
    CURLcode e;
    enum gw_result r;

    if (pipe(ends) != 0)
        return wire_fault(&f->w, "write", CURLE_OUT_OF_MEMORY);
    (void)close(ends[1]);
    nothing = ends[0];
    r = ftp_put(f, path, nothing, 0, &e);
    (void)close(nothing);
    if (r == GW_OK)
        answer_step("write", true, 0, NULL);
    r = r != GW_OK || f->errand->blind ? r : ftp_remove(f, path);
    if (r == GW_OK && !f->errand->blind)
        answer_step("delete", true, 0, NULL);
    return r;
}

void ftp_probe(struct run *r)
{
    struct ftp f = {.run = r, .errand = &r->duty.errand};
    struct remote_file *files;
    size_t n;
    bool told;
    enum gw_result result = wire_open(&f.w, r);

    if (result == GW_OK && !(r->duty.out && f.errand->blind))
        result = ftp_list(&f, &files, &n, &told);
    if (result == GW_OK) {
        answer_step("login", true, 0, NULL);
        result = r->duty.out ? try_write(&f) : GW_OK;
    }
    if (result == GW_OK && !r->duty.out)
        answer_step("list", true, 0, arena_format(&r->arena, "%zu", n));
    wire_end(&f.w, result);
    wire_close(&f.w);
}
