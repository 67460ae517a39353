/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/smtp.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "store/durable.h"
#include "store/store.h"
#include "transfer/wire.h"

#define LINE_ROOM 4096u

struct mail {
    struct wire w;
    struct curl_slist *to;
    curl_mime *mime;
    bool whole; /* the file was read to its end: what follows is the server's answer */
};

/* ---- texts of a header ---- */

/* An address as it stands between < and >: nothing that would end it, or the header. */
static bool is_address(struct gw_str s)
{
    size_t at;

    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || (unsigned char)s.ptr[i] > 126 || strchr("<>,;:\\\"()", s.ptr[i]))
            return false;
    return s.len > 2 && str_find(s, GW_STR("@"), &at) && at > 0 && at + 1 < s.len;
}

static bool one_line(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 127)
            return false;
    return str_valid(s);
}

/* Encoded words of RFC 2047, 45 bytes a word, cut between characters. */
static void add_encoded(struct buf *out, struct gw_str s)
{
    static const char digits[] = "0123456789ABCDEF";

    if (str_ascii(s)) {
        buf_str(out, s);
        return;
    }
    while (s.len) {
        size_t n = 0, more;

        while (n < s.len && n + (more = str_utf8(s, n)) <= 18)
            n += more;
        buf_text(out, "=?UTF-8?Q?");
        for (size_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)s.ptr[i];

            buf_char(out, '=');
            buf_char(out, digits[c >> 4]);
            buf_char(out, digits[c & 15]);
        }
        s = str_from(s, n);
        buf_text(out, s.len ? "?=\r\n " : "?=");
    }
}

static enum gw_result add_line(struct mail *m, struct curl_slist **to, struct buf *line)
{
    struct curl_slist *longer = line->failed ? NULL : curl_slist_append(*to, line->data);

    buf_clear(line);
    if (!longer)
        return wire_fault(&m->w, "write", CURLE_OUT_OF_MEMORY);
    *to = longer;
    return GW_OK;
}

/* The same for each attempt at this file, so that two of one mail can be told. */
static void add_message_id(struct buf *line, struct mail *m, const uint8_t *of_file)
{
    const struct duty *d = m->w.duty;
    struct gw_str domain, zero = {"", 1};
    uint8_t of_all[32];
    const struct gw_str parts[] = {d->flow, zero, d->name, zero, {(const char *)of_file, 32}};

    store_digest(arena_join(m->w.arena, parts, sizeof(parts) / sizeof(*parts)), of_all);
    (void)str_cut(d->errand.from, '@', &domain);
    buf_format(line, "Message-ID: <%s@%.*s>", wire_hex(&m->w, of_all, 16), STR_ARG(domain));
}

static enum gw_result headers(struct mail *m, const uint8_t *of_file)
{
    const struct errand *e = &m->w.duty->errand;
    time_t now = time(NULL);
    char date[64];
    struct tm tm;
    struct buf line;
    enum gw_result r;

    buf_init(&line, LINE_ROOM * 16);
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&now, &tm));
    buf_format(&line, "Date: %s", date);
    r = add_line(m, &m->w.lines, &line);
    buf_format(&line, "From: <%.*s>", STR_ARG(e->from));
    r = r != GW_OK ? r : add_line(m, &m->w.lines, &line);
    buf_text(&line, "To: ");
    for (size_t i = 0; i < e->to.count; i++)
        buf_format(&line, "%s<%.*s>", i ? ",\r\n " : "", STR_ARG(e->to.items[i]));
    r = r != GW_OK ? r : add_line(m, &m->w.lines, &line);
    buf_text(&line, "Subject: ");
    add_encoded(&line, e->subject.len ? e->subject : m->w.duty->name);
    r = r != GW_OK ? r : add_line(m, &m->w.lines, &line);
    add_message_id(&line, m, of_file);
    r = r != GW_OK ? r : add_line(m, &m->w.lines, &line);
    buf_text(&line, "Auto-Submitted: auto-generated"); /* RFC 3834: nobody's holiday notice answers it */
    r = r != GW_OK ? r : add_line(m, &m->w.lines, &line);
    buf_done(&line);
    return r;
}

/* ---- the file ---- */

static size_t on_read(char *data, size_t size, size_t n, void *context)
{
    struct mail *m = context;
    ssize_t got;

    do
        got = read(TRANSFER_FILE, data, size * n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return CURL_READFUNC_ABORT;
    m->whole = got == 0 || (uint64_t)lseek(TRANSFER_FILE, 0, SEEK_CUR) == m->w.duty->size;
    return (size_t)got;
}

static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct mail *m = context;

    m->whole = false;
    return lseek(TRANSFER_FILE, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

/* RFC 2183, its name as RFC 2231 has it: any character. */
static CURLcode name_part(struct mail *m, curl_mimepart *part)
{
    struct curl_slist *lines;
    struct buf line;
    CURLcode e;

    buf_init(&line, LINE_ROOM);
    buf_text(&line, "Content-Disposition: attachment; filename*=UTF-8''");
    wire_escape(&line, m->w.duty->name, "");
    lines = line.failed ? NULL : curl_slist_append(NULL, line.data);
    buf_done(&line);
    e = lines ? curl_mime_headers(part, lines, 1) : CURLE_OUT_OF_MEMORY;
    return e;
}

static CURLcode attach(struct mail *m)
{
    const struct errand *e = &m->w.duty->errand;
    struct gw_str type = e->content_type.len ? e->content_type : GW_STR("application/octet-stream");
    curl_mimepart *text, *file;
    CURLcode r;

    m->mime = curl_mime_init(m->w.curl);
    text = m->mime ? curl_mime_addpart(m->mime) : NULL;
    file = text ? curl_mime_addpart(m->mime) : NULL;
    if (!file)
        return CURLE_OUT_OF_MEMORY;
    r = curl_mime_data(text, e->body.len ? e->body.ptr : "", e->body.len);
    r = r ? r : curl_mime_type(text, "text/plain; charset=utf-8");
    r = r ? r : curl_mime_encoder(text, "quoted-printable");
    r = r ? r : curl_mime_data_cb(file, (curl_off_t)m->w.duty->size, on_read, on_seek, NULL, m);
    r = r ? r : curl_mime_type(file, arena_text(m->w.arena, type));
    r = r ? r : curl_mime_encoder(file, "base64");
    r = r ? r : name_part(m, file);
    return r ? r : curl_easy_setopt(m->w.curl, CURLOPT_MIMEPOST, m->mime);
}

static enum gw_result recipients(struct mail *m)
{
    const struct errand *e = &m->w.duty->errand;
    bool good = is_address(e->from) && e->to.count && one_line(e->subject) && one_line(e->content_type);
    enum gw_result r = GW_OK;
    struct buf line;

    for (size_t i = 0; i < e->to.count; i++)
        good = good && is_address(e->to.items[i]);
    if (!good)
        return wire_say(&m->w, END_FAIL, "write", "transfer.errand");
    buf_init(&line, LINE_ROOM);
    for (size_t i = 0; r == GW_OK && i < e->to.count; i++) {
        buf_format(&line, "<%.*s>", STR_ARG(e->to.items[i]));
        r = add_line(m, &m->to, &line);
    }
    buf_done(&line);
    return r;
}

/* ---- the talk ---- */

/* What the server's number means (RFC 5321, 4.2.1): 4yz later, 5yz never. */
static enum gw_result refused(struct mail *m, enum gw_result result, CURLcode code)
{
    long status = 0;
    struct gw_str error = arena_copy(m->w.arena, str_trim(str_of(m->w.error)));

    (void)curl_easy_getinfo(m->w.curl, CURLINFO_RESPONSE_CODE, &status);
    if (m->whole && wire_lost(code) && status / 100 < 4) {
        result = wire_tell(&m->w, END_DOUBT, "write", "transfer.doubt", m->w.duty->name, GW_STR(""));
        wire_arg(&m->w, "complete", GW_STR("no"));
        return result;
    }
    if (status / 100 < 4 || code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED)
        return result;
    result = wire_say(&m->w, status / 100 == 4 ? END_RETRY : END_FAIL, "write", "transfer.mail");
    wire_arg(&m->w, "status", str_of(arena_format(m->w.arena, "%ld", status)));
    wire_arg(&m->w, "text", error);
    return result;
}

static size_t no_body(char *data, size_t size, size_t n, void *context)
{
    (void)data;
    (void)context;
    return size * n;
}

/* Up to where a mail would be sent: connected, secured, logged in. */
static enum gw_result look(struct mail *m)
{
    CURLcode e;
    enum gw_result r = wire_ready(&m->w, arena_text(m->w.arena, m->w.duty->connector.url));

    if (r != GW_OK)
        return r;
    e = curl_easy_setopt(m->w.curl, CURLOPT_CUSTOMREQUEST, "NOOP");
    e = e ? e : curl_easy_setopt(m->w.curl, CURLOPT_WRITEFUNCTION, no_body);
    if (e)
        return wire_fault(&m->w, "login", e);
    r = wire_perform(&m->w, "login", &e);
    if (r == GW_OK)
        answer_step("login", true, 0, NULL);
    return r == GW_OK ? r : refused(m, r, e);
}

static enum gw_result mail(struct mail *m)
{
    uint8_t of_file[32];
    uint64_t size;
    CURLcode e = CURLE_OK;
    enum gw_result r = recipients(m);

    if (r == GW_OK &&
        (durable_digest(TRANSFER_FILE, of_file, &size) != GW_OK || lseek(TRANSFER_FILE, 0, SEEK_SET))) {
        run_disk(m->w.run, "");
        return GW_RETRY;
    }
    r = r != GW_OK ? r : wire_ready(&m->w, arena_text(m->w.arena, m->w.duty->connector.url));
    r = r != GW_OK ? r : headers(m, of_file);
    if (r != GW_OK)
        return r;
    e = attach(m);
    e = e ? e : curl_easy_setopt(m->w.curl, CURLOPT_HTTPHEADER, m->w.lines);
    e = e ? e : curl_easy_setopt(m->w.curl, CURLOPT_MAIL_RCPT, m->to);
    e = e ? e
          : curl_easy_setopt(m->w.curl, CURLOPT_MAIL_FROM,
                             arena_format(m->w.arena, "<%.*s>", STR_ARG(m->w.duty->errand.from)));
    if (e)
        return wire_fault(&m->w, "write", e);
    r = wire_perform(&m->w, "write", &e);
    return r == GW_OK ? r : refused(m, r, e);
}

static void talk(struct run *r, enum gw_result (*what)(struct mail *m))
{
    struct mail m = {.whole = false};
    enum gw_result result = wire_open(&m.w, r);

    if (result == GW_OK)
        result = what(&m);
    wire_end(&m.w, result);
    wire_close(&m.w);
    curl_mime_free(m.mime);
    curl_slist_free_all(m.to);
}

void smtp_fetch(struct run *r)
{
    run_end(r, END_FAIL, "transfer.errand", NULL, 0);
}

void smtp_send(struct run *r)
{
    talk(r, r->duty.dry ? look : mail);
}

void smtp_probe(struct run *r)
{
    talk(r, look);
}
