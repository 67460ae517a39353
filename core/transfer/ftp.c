/* SPDX-License-Identifier: EUPL-1.2 */
/* What is asked of a server, one thing a function. */
#include "transfer/ftp.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/ftp_line.h"

#define LIST_MAX (16u << 20)

const char *ftp_path(struct ftp *f, struct gw_str folder, struct gw_str name, struct gw_str end)
{
    while (folder.len > 1 && folder.ptr[folder.len - 1] == '/')
        folder.len--;
    return arena_format(f->w.arena, "%.*s%s%.*s%.*s", STR_ARG(folder),
                        folder.len && folder.ptr[folder.len - 1] != '/' ? "/" : "", STR_ARG(name),
                        STR_ARG(end));
}

/* The server's number says more than libcurl's (RFC 959, 4.2). */
static enum gw_result fault(struct ftp *f, const char *step, CURLcode code)
{
    static const struct {
        long status;
        enum ending end;
        const char *code;
    } known[] = {
        {421, END_RETRY, "transfer.server"}, {425, END_RETRY, "transfer.cut"},
        {426, END_RETRY, "transfer.cut"},    {450, END_RETRY, "transfer.server"},
        {452, END_RETRY, "transfer.full"},   {552, END_RETRY, "transfer.full"},
        {550, END_FAIL, "transfer.rights"},  {553, END_FAIL, "transfer.rights"},
        {532, END_FAIL, "transfer.rights"},
    };
    bool by_status = code == CURLE_UPLOAD_FAILED || code == CURLE_QUOTE_ERROR ||
                     code == CURLE_FTP_COULDNT_RETR_FILE || code == CURLE_REMOTE_FILE_NOT_FOUND ||
                     code == CURLE_FTP_WEIRD_SERVER_REPLY || code == CURLE_REMOTE_DISK_FULL;
    long status = 0;
    enum gw_result r = wire_fault(&f->w, step, code);
    struct gw_str error = str_trim(str_of(f->w.error));

    (void)curl_easy_getinfo(f->w.curl, CURLINFO_RESPONSE_CODE, &status);
    for (size_t i = 0; by_status && i < sizeof(known) / sizeof(*known); i++)
        if (known[i].status == status) {
            r = wire_tell(&f->w, known[i].end, step, known[i].code, f->w.subject, error);
        }
    return r;
}

static size_t ignore(char *data, size_t size, size_t n, void *context)
{
    (void)data;
    (void)context;
    return size * n;
}

static enum gw_result ready(struct ftp *f, const char *path, const char *step)
{
    enum gw_result r = path ? wire_ready(&f->w, wire_url(&f->w, str_of(path), false))
                            : wire_fault(&f->w, step, CURLE_OUT_OF_MEMORY);
    CURLcode e;

    if (path && *path)
        f->w.subject = str_of(path);
    if (r != GW_OK)
        return r;
    e = curl_easy_setopt(f->w.curl, CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_WRITEFUNCTION, ignore);
    return e ? wire_fault(&f->w, step, e) : GW_OK;
}

static enum gw_result command(struct ftp *f, const char *step, const char *first, const char *second)
{
    enum gw_result r = ready(f, "", step);
    CURLcode e;

    r = r != GW_OK ? r : wire_line(&f->w, first);
    r = r != GW_OK || !second ? r : wire_line(&f->w, second);
    if (r != GW_OK)
        return r;
    e = curl_easy_setopt(f->w.curl, CURLOPT_NOBODY, 1L);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_QUOTE, f->w.lines);
    if (e)
        return wire_fault(&f->w, step, e);
    r = wire_perform(&f->w, step, &e);
    return r == GW_OK ? r : fault(f, step, e);
}

/* ---- lists ---- */

static size_t on_list(char *data, size_t size, size_t n, void *context)
{
    return buf_put(context, data, size * n) ? size * n : 0;
}

static enum gw_result read_list(struct ftp *f, struct gw_str text, bool facts, struct remote_file **ret,
                                size_t *n)
{
    size_t lines = 1;
    struct gw_str line;

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    *ret = arena_array(f->w.arena, lines, sizeof(**ret));
    if (!*ret)
        return wire_fault(&f->w, "list", CURLE_OUT_OF_MEMORY);
    while (text.ptr) {
        struct remote_file file = {.size = 0};

        line = str_cut(text, '\n', &text);
        line.len -= line.len && line.ptr[line.len - 1] == '\r';
        if (!ftp_line(line, facts, &file))
            continue;
        file.name = str_of(arena_text(f->w.arena, file.name));
        if (!file.name.ptr)
            return wire_fault(&f->w, "list", CURLE_OUT_OF_MEMORY);
        (*ret)[(*n)++] = file;
    }
    return GW_OK;
}

static enum gw_result list_by(struct ftp *f, const char *command, struct buf *text, long *ret_status)
{
    enum gw_result r = ready(f, ftp_path(f, f->errand->path, GW_STR(""), GW_STR("")), "list");
    CURLcode e;

    if (r != GW_OK)
        return r;
    e = command ? curl_easy_setopt(f->w.curl, CURLOPT_CUSTOMREQUEST, command)
                : curl_easy_setopt(f->w.curl, CURLOPT_DIRLISTONLY, 1L);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_WRITEFUNCTION, on_list);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_WRITEDATA, text);
    if (e)
        return wire_fault(&f->w, "list", e);
    r = wire_perform(&f->w, "list", &e);
    (void)curl_easy_getinfo(f->w.curl, CURLINFO_RESPONSE_CODE, ret_status);
    return r == GW_OK ? r : fault(f, "list", e);
}

/* Of a folder that is not there, some servers give an empty list of names. */
static enum gw_result enter_and_leave(struct ftp *f)
{
    const char *home = NULL;

    (void)curl_easy_getinfo(f->w.curl, CURLINFO_FTP_ENTRY_PATH, &home);
    if (!f->errand->path.len || !home)
        return GW_OK;
    return command(f, "list", arena_format(f->w.arena, "CWD %.*s", STR_ARG(f->errand->path)),
                   arena_format(f->w.arena, "CWD %s", home));
}

enum gw_result ftp_list(struct ftp *f, struct remote_file **ret, size_t *ret_count, bool *ret_told)
{
    struct buf text;
    long status = 0;
    enum gw_result r;

    *ret_count = 0;
    buf_init(&text, LIST_MAX);
    r = list_by(f, "MLSD", &text, &status);
    *ret_told = r == GW_OK;
    if (r != GW_OK && (status / 10 == 50 || status == 522)) {
        buf_clear(&text);
        r = list_by(f, NULL, &text, &status);
    }
    if (r == GW_OK && !text.len) {
        r = enter_and_leave(f);
        (void)curl_easy_getinfo(f->w.curl, CURLINFO_RESPONSE_CODE, &status);
    }
    if (r != GW_OK && status == 550 && !f->run->ended)
        f->w.said.code = "transfer.folder";
    r = r != GW_OK ? r : read_list(f, buf_view(&text), *ret_told, ret, ret_count);
    buf_done(&text);
    return r;
}

/* ---- one file ---- */

enum gw_result ftp_head(struct ftp *f, const char *path, struct remote_file *ret)
{
    enum gw_result r = ready(f, path, "list");
    curl_off_t size = 0, time = 0;
    CURLcode e;

    if (r != GW_OK)
        return r;
    e = curl_easy_setopt(f->w.curl, CURLOPT_NOBODY, 1L);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_FILETIME, 1L);
    if (e)
        return wire_fault(&f->w, "list", e);
    r = wire_perform(&f->w, "list", &e);
    if (e == CURLE_REMOTE_FILE_NOT_FOUND)
        return GW_END;
    (void)curl_easy_getinfo(f->w.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    (void)curl_easy_getinfo(f->w.curl, CURLINFO_FILETIME_T, &time);
    ret->size = size > 0 ? (uint64_t)size : 0;
    ret->mtime = time > 0 ? time : 0;
    return r == GW_OK && size < 0 ? GW_END : r == GW_OK ? r : fault(f, "list", e);
}

enum gw_result ftp_remove(struct ftp *f, const char *path)
{
    return command(f, "delete", arena_format(f->w.arena, "DELE %s", path), NULL);
}

enum gw_result ftp_rename(struct ftp *f, const char *from, const char *to)
{
    return command(f, "rename", arena_format(f->w.arena, "RNFR %s", from),
                   arena_format(f->w.arena, "RNTO %s", to));
}

enum gw_result ftp_get(struct ftp *f, const char *path, uint64_t offset, curl_write_callback take,
                       void *context, CURLcode *ret)
{
    enum gw_result r = ready(f, path, "read");
    CURLcode e;

    *ret = CURLE_OK;
    if (r != GW_OK)
        return r;
    e = curl_easy_setopt(f->w.curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)offset);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_WRITEFUNCTION, take);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_WRITEDATA, context);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_BUFFERSIZE, 262144L);
    if (e)
        return wire_fault(&f->w, "read", e);
    r = wire_perform(&f->w, "read", ret);
    return r == GW_OK ? r : fault(f, "read", *ret);
}

static size_t on_send(char *data, size_t size, size_t n, void *context)
{
    const int *fd = context;
    ssize_t got;

    do
        got = read(*fd, data, size * n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static int on_seek(void *context, curl_off_t offset, int origin)
{
    const int *fd = context;

    return lseek(*fd, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

enum gw_result ftp_put(struct ftp *f, const char *path, int fd, uint64_t size, CURLcode *ret)
{
    enum gw_result r = ready(f, path, "write");
    CURLcode e;

    *ret = CURLE_OK;
    if (r != GW_OK)
        return r;
    e = curl_easy_setopt(f->w.curl, CURLOPT_UPLOAD, 1L);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_READFUNCTION, on_send);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_READDATA, &fd);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_SEEKFUNCTION, on_seek);
    e = e ? e : curl_easy_setopt(f->w.curl, CURLOPT_SEEKDATA, &fd);
    if (e)
        return wire_fault(&f->w, "write", e);
    r = wire_perform(&f->w, "write", ret);
    return r == GW_OK ? r : fault(f, "write", *ret);
}
