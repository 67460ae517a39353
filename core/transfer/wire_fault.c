/* SPDX-License-Identifier: EUPL-1.2 */
/* What libcurl's codes mean to a person, and what of the way to the server can be said. */
#include <stdio.h>
#include <time.h>

#include "base/str.h"
#include "transfer/wire.h"

#define SOON    (30 * 86400)
#define LOOK_MS 40

struct fault {
    CURLcode code;
    enum ending end;
    const char *step, *diagnostic; /* step NULL: the one it happened in */
};

static const struct fault faults[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, END_FAIL, NULL, "transfer.errand"},
    {CURLE_URL_MALFORMAT, END_FAIL, NULL, "transfer.errand"},
    {CURLE_COULDNT_RESOLVE_HOST, END_RETRY, "resolve", "transfer.resolve"},
    {CURLE_COULDNT_RESOLVE_PROXY, END_RETRY, "resolve", "transfer.resolve"},
    {CURLE_COULDNT_CONNECT, END_RETRY, "connect", "transfer.connect"},
    {CURLE_OPERATION_TIMEDOUT, END_RETRY, NULL, "transfer.timeout"},
    {CURLE_FTP_ACCEPT_TIMEOUT, END_RETRY, NULL, "transfer.timeout"},
    {CURLE_SEND_ERROR, END_RETRY, NULL, "transfer.cut"},
    {CURLE_RECV_ERROR, END_RETRY, NULL, "transfer.cut"},
    {CURLE_GOT_NOTHING, END_RETRY, NULL, "transfer.cut"},
    {CURLE_PARTIAL_FILE, END_RETRY, NULL, "transfer.cut"},
    {CURLE_SEND_FAIL_REWIND, END_RETRY, NULL, "transfer.cut"},
    {CURLE_SSL_CONNECT_ERROR, END_FAIL, "tls", "transfer.tls"},
    {CURLE_SSL_CIPHER, END_FAIL, "tls", "transfer.tls"},
    {CURLE_SSL_CERTPROBLEM, END_FAIL, "tls", "transfer.certificate_own"},
    {CURLE_SSL_CACERT_BADFILE, END_FAIL, "tls", "transfer.certificate_file"},
    {CURLE_USE_SSL_FAILED, END_FAIL, "tls", "transfer.clear"},
    {CURLE_LOGIN_DENIED, END_FAIL, "login", "transfer.login"},
    {CURLE_AUTH_ERROR, END_FAIL, "login", "transfer.login"},
    {CURLE_REMOTE_ACCESS_DENIED, END_FAIL, "list", "transfer.folder"},
    {CURLE_REMOTE_DISK_FULL, END_RETRY, NULL, "transfer.full"},
    {CURLE_FILESIZE_EXCEEDED, END_FAIL, NULL, "transfer.size"},
    {CURLE_WRITE_ERROR, END_RETRY, NULL, "transfer.local"},
    {CURLE_READ_ERROR, END_RETRY, NULL, "transfer.local"},
    {CURLE_ABORTED_BY_CALLBACK, END_RETRY, NULL, "transfer.local"},
    {CURLE_OUT_OF_MEMORY, END_RETRY, NULL, "transfer.local"},
    {CURLE_FAILED_INIT, END_RETRY, NULL, "transfer.local"},
};
static const struct fault unknown = {CURLE_OK, END_RETRY, NULL, "transfer.server"};

bool wire_lost(CURLcode code)
{
    return code == CURLE_OPERATION_TIMEDOUT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
           code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE;
}

static bool error_has(const struct wire *w, const char *words)
{
    struct gw_str rest = str_of(words);
    size_t at;

    while (rest.ptr)
        if (str_find(str_of(w->error), str_cut(rest, '|', &rest), &at))
            return true;
    return false;
}

/* Numbers of OpenSSL's verification (X509_V_ERR_*), which its ABI keeps. */
static const char *certificate_code(struct wire *w)
{
    long verified = 0;

    (void)curl_easy_getinfo(w->curl, CURLINFO_SSL_VERIFYRESULT, &verified);
    if (error_has(w, "alternative certificate subject name|does not match target"))
        return "transfer.certificate_name";
    switch (verified) {
    case 62:
    case 64:
        return "transfer.certificate_name";
    case 9:
        return "transfer.certificate_early";
    case 10:
        return "transfer.certificate_expired";
    case 2:
    case 18:
    case 19:
    case 20:
    case 21:
        return "transfer.certificate_issuer";
    default:
        return "transfer.certificate";
    }
}

static struct fault of_code(struct wire *w, CURLcode code)
{
    struct fault f = unknown;
    long proxy = 0;

    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
        if (faults[i].code == code)
            f = faults[i];
    (void)curl_easy_getinfo(w->curl, CURLINFO_HTTP_CONNECTCODE, &proxy);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return (struct fault){code, END_FAIL, "certificate", certificate_code(w)};
    if (proxy >= 400)
        return (struct fault){code, END_FAIL, "connect", "transfer.proxy"};
    if (code == CURLE_OPERATION_TIMEDOUT && error_has(w, "Failed to connect|Connection tim"))
        f.step = "connect";
    if (code == CURLE_SSL_CONNECT_ERROR && error_has(w, "SYSCALL|reset|unexpected eof|Connection refused"))
        return (struct fault){code, END_RETRY, "tls", "transfer.cut"};
    if (error_has(w,
                  "alert certificate required|alert bad certificate|alert handshake failure|alert unknown ca"))
        return (struct fault){code, END_FAIL, "tls", "transfer.certificate_own"};
    return f;
}

enum gw_result wire_fault(struct wire *w, const char *step, CURLcode code)
{
    struct fault f = of_code(w, code);
    struct gw_str error;

    if (w->local)
        return GW_FAIL;
    error = str_trim(str_of(w->error[0] ? w->error : curl_easy_strerror(code)));
    return wire_tell(w, f.end, f.step ? f.step : step, f.diagnostic,
                     strcmp(f.diagnostic, "transfer.local") == 0 ? w->duty->local : w->subject, error);
}

/* ---- the steps of the way ---- */

static int64_t milliseconds(struct wire *w, CURLINFO info)
{
    curl_off_t us = 0;

    (void)curl_easy_getinfo(w->curl, info, &us);
    return us ? us / 1000 : -1;
}

static struct gw_str field(const struct curl_slist *of, const char *name)
{
    struct gw_str start = str_of(name);

    for (; of; of = of->next)
        if (str_begins(str_of(of->data), start))
            return str_from(str_of(of->data), start.len);
    return GW_STR("");
}

/* Whose it is, who signed it, until when; and a warning a month before. */
static void say_certificate(struct wire *w)
{
    struct curl_certinfo *info = NULL;
    struct gw_str until;
    time_t end;
    char day[32] = "";
    const char *detail;

    if (curl_easy_getinfo(w->curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info || info->num_of_certs < 1)
        return;
    until = field(info->certinfo[0], "Expire date:");
    end = curl_getdate(arena_text(w->arena, until), NULL);
    (void)strftime(day, sizeof(day), "%Y-%m-%d", gmtime(&end));
    detail = arena_format(w->arena, "%.*s; %.*s; %s", STR_ARG(field(info->certinfo[0], "Subject:")),
                          STR_ARG(field(info->certinfo[0], "Issuer:")), day);
    if (end != -1 && end - time(NULL) < SOON) {
        const struct gw_arg args[] = {{"partner", w->duty->connector.partner_name},
                                      {"connector", w->duty->connector.name},
                                      {"found", str_of(day)}};

        answer_warning("certificate", detail, "transfer.certificate_soon", args, 3);
    } else
        answer_step("certificate", true, 0, detail);
}

static void introduce(struct wire *w)
{
    static const struct {
        const char *step;
        CURLINFO info;
    } steps[] = {{"resolve", CURLINFO_NAMELOOKUP_TIME_T},
                 {"connect", CURLINFO_CONNECT_TIME_T},
                 {"tls", CURLINFO_APPCONNECT_TIME_T}};
    int64_t before = 0, ms = 0;
    const char *address = NULL;

    (void)curl_easy_getinfo(w->curl, CURLINFO_PRIMARY_IP, &address);
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        ms = milliseconds(w, steps[i].info);
        if (ms < 0 && steps[i].info == CURLINFO_CONNECT_TIME_T && address && *address)
            ms = before; /* libcurl counts the handshake in */
        if (ms < 0)
            continue;
        answer_step(steps[i].step, true, ms > before ? ms - before : 0, NULL);
        before = ms;
    }
    if (ms >= 0)
        say_certificate(w);
    w->introduced = ms >= 0 || before > 0;
}

/* As curl_easy_perform() does, but it looks again soon: an answer that came in one piece of TLS with the one
 * before it is not seen on the socket any more, and would wait for a second. */
static CURLcode perform(struct wire *w)
{
    CURLcode e = CURLE_FAILED_INIT;
    const CURLMsg *message;
    int running = 1, left;

    if (curl_multi_add_handle(w->multi, w->curl) != CURLM_OK)
        return e;
    while (running && curl_multi_perform(w->multi, &running) == CURLM_OK && running &&
           curl_multi_poll(w->multi, NULL, 0, LOOK_MS, NULL) == CURLM_OK)
        ;
    while ((message = curl_multi_info_read(w->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            e = message->data.result;
    (void)curl_multi_remove_handle(w->multi, w->curl);
    return e;
}

enum gw_result wire_perform(struct wire *w, const char *step, CURLcode *ret)
{
    *ret = perform(w);
    if (!w->introduced)
        introduce(w);
    return *ret == CURLE_OK ? GW_OK : wire_fault(w, step, *ret);
}
