/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * zip by libarchive, gzip by gunzip.c. What they read goes through us, so that a pipe's first
 * bytes, already taken to see what it is, are not lost, and so that what goes in can be set
 * against what comes out: a bomb is stopped while it unpacks.
 */
#include "pipeline/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/late.h"
#include "base/str.h"
#include "gw/session.h"
#include "pipeline/gunzip.h"

#define LIBARCHIVE_CALLS(X) \
    X(archive_entry_filetype) X(archive_entry_is_encrypted) X(archive_entry_pathname) \
    X(archive_entry_pathname_utf8) X(archive_error_string) X(archive_read_add_passphrase) \
    X(archive_read_data) X(archive_read_free) X(archive_read_new) X(archive_read_next_header) \
    X(archive_read_open1) X(archive_read_set_callback_data) X(archive_read_set_read_callback) \
    X(archive_read_set_seek_callback) X(archive_read_support_format_zip) X(archive_set_error)

static struct {
    LIBARCHIVE_CALLS(LATE_MEMBER)
    bool tried;
    char missing[200]; /* why it could not be loaded; a copy, as the loader's own text does not last */
} libarchive;

#define RATIO_FROM ((uint64_t)16 << 20) /* small files may be as empty as they like */

bool unpack_knows(struct gw_str head, bool *ret_zip)
{
    *ret_zip = str_begins(head, GW_STR("PK\3\4")) || str_begins(head, GW_STR("PK\5\6")) ||
               str_begins(head, GW_STR("PK\7\10PK"));
    return *ret_zip || str_begins(head, GW_STR("\x1f\x8b\x08"));
}

/* ---- callbacks ---- */

static la_ssize_t give(struct archive *a, void *context, const void **ret)
{
    struct input *in = context;
    char *p = buf_room(&in->block, INPUT_HEAD);
    enum gw_result r;
    size_t got;

    if (!p) {
        libarchive.archive_set_error(a, EIO, "out of memory");
        return ARCHIVE_FATAL;
    }
    r = input_take(in, p, INPUT_HEAD, &got);
    if (r != GW_OK && r != GW_END) {
        in->fault = r;
        libarchive.archive_set_error(a, EIO, "read error");
        return ARCHIVE_FATAL;
    }
    in->taken += got;
    *ret = p;
    return (la_ssize_t)got;
}

static la_int64_t move(struct archive *a, void *context, la_int64_t offset, int whence)
{
    struct input *in = context;
    la_int64_t from = whence == SEEK_CUR ? (la_int64_t)in->at : whence == SEEK_END ? (la_int64_t)in->size : 0;

    if (from + offset < 0) {
        libarchive.archive_set_error(a, EIO, "seek before the start");
        return ARCHIVE_FATAL;
    }
    in->at = (uint64_t)(from + offset) < in->size ? (uint64_t)(from + offset) : in->size; /* the end, at most */
    return (la_int64_t)in->at;
}

/* ---- what went wrong ---- */

static enum gw_result bomb(struct input *in, const char *bound, uint64_t limit)
{
    char room[20];
    struct gw_arg args[] = {{"bound", str_of(bound)}, {"limit", gw_digits(limit, room)}};

    in->ended = true;
    return input_fault(in, GW_FAIL, "input.bomb", args, 2);
}

static enum gw_result damaged(struct input *in)
{
    const char *why = libarchive.archive_error_string(in->archive);
    struct gw_arg arg = {"error", str_of(why ? why : "truncated header")};

    in->ended = true;
    if (in->fault != GW_OK)
        return in->fault;
    if (why && strstr(why, "assphrase"))
        return input_fault(in, GW_FAIL, "input.password", NULL, 0);
    return input_fault(in, GW_FAIL, "input.damaged", &arg, 1);
}

static enum gw_result no_library(struct input *in)
{
    struct gw_arg arg = {"reason", str_of(libarchive.missing)};

    return input_fault(in, GW_FAIL, "input.library", &arg, 1);
}

/* ---- members ---- */

void input_prepare(void)
{
#define CALL(name) LATE_CALL(libarchive, name)
    static const struct late_call calls[] = {LIBARCHIVE_CALLS(CALL)};
#undef CALL
    const char *why;

    if (libarchive.tried)
        return;
    libarchive.tried = true;
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (!late_load("libarchive.so.13", calls, sizeof(calls) / sizeof(*calls), &why))
        (void)snprintf(libarchive.missing, sizeof(libarchive.missing), "%s", why);
}

enum gw_result unpack_open(struct input *in)
{
    struct archive *a;

    if (!in->zip)
        return gunzip_open(in);
    input_prepare();
    if (libarchive.missing[0])
        return no_library(in);
    a = libarchive.archive_read_new();
    if (!a)
        return input_fault(in, GW_FATAL, "memory.out", NULL, 0);
    in->archive = a;
    libarchive.archive_read_support_format_zip(a);
    if (in->options.password.len) {
        char text[256];

        if (in->options.password.len >= sizeof(text))
            return input_fault(in, GW_FAIL, "input.password", NULL, 0);
        memcpy(text, in->options.password.ptr, in->options.password.len);
        text[in->options.password.len] = '\0';
        libarchive.archive_read_add_passphrase(a, text);
        explicit_bzero(text, sizeof(text));
    }
    libarchive.archive_read_set_read_callback(a, give);
    libarchive.archive_read_set_callback_data(a, in);
    if (in->seeks) {
        /* it seeks in the whole file, so the bytes taken to see what it is are read again */
        in->at -= in->sniff.len;
        buf_clear(&in->sniff);
        libarchive.archive_read_set_seek_callback(a, move);
    }
    return libarchive.archive_read_open1(a) == ARCHIVE_OK ? GW_OK : damaged(in);
}

static void name_member(struct input *in, struct archive_entry *e)
{
    const char *name = libarchive.archive_entry_pathname_utf8(e);

    if (!name)
        name = libarchive.archive_entry_pathname(e);
    if (!name || !str_valid(str_of(name)) || strlen(name) > 1024)
        name = "?";
    buf_clear(&in->label);
    buf_str(&in->label, in->name);
    buf_char(&in->label, '/');
    buf_text(&in->label, name);
    in->member = buf_view(&in->label);
    in->inner = str_from(in->member, in->label.failed ? 0 : in->name.len + 1);
}

enum gw_result unpack_next(struct input *in)
{
    struct archive_entry *e;
    int r;

    buf_clear(&in->head);
    in->head_at = 0;
    if (!in->zip)
        return gunzip_next(in);
    if (in->ended && in->members)
        return GW_END;
    do {
        r = libarchive.archive_read_next_header(in->archive, &e);
        if (r == ARCHIVE_EOF) {
            in->ended = true;
            return GW_END;
        }
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return damaged(in);
    } while (libarchive.archive_entry_filetype(e) != AE_IFREG);
    name_member(in, e);
    if (++in->members > in->options.max_members)
        return bomb(in, "members", in->options.max_members);
    if (libarchive.archive_entry_is_encrypted(e) && !in->options.password.len)
        return input_fault(in, GW_FAIL, "input.password", NULL, 0);
    return GW_OK;
}

static enum gw_result unzip(struct input *in, void *data, size_t room, size_t *ret_got)
{
    la_ssize_t got = libarchive.archive_read_data(in->archive, data, room);

    if (got < 0)
        return damaged(in);
    *ret_got = (size_t)got;
    return got ? GW_OK : GW_END;
}

enum gw_result unpack_read(struct input *in, void *data, size_t room, size_t *ret_got)
{
    uint64_t packed;
    enum gw_result r;

    *ret_got = 0;
    if (in->ended)
        return GW_END;
    r = in->zip ? unzip(in, data, room, ret_got) : gunzip_read(in, data, room, ret_got);
    if (r != GW_OK)
        return r;
    packed = in->seeks && in->size && in->taken > in->size ? in->size : in->taken;
    in->unpacked += *ret_got;
    if (in->unpacked > in->options.max_unpacked)
        r = bomb(in, "bytes", in->options.max_unpacked);
    else if (in->unpacked > RATIO_FROM && in->unpacked / in->options.max_ratio > packed)
        r = bomb(in, "ratio", in->options.max_ratio);
    if (r != GW_OK)
        *ret_got = 0;
    return r;
}

void unpack_close(struct input *in)
{
    if (in->archive)
        libarchive.archive_read_free(in->archive);
    in->archive = NULL;
    gunzip_close(in);
}
