/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One connection, found among several hosts, made again when it is lost. What a server says is told without its
 * details, which hold values. Of a commit whose answer is lost nobody knows: it is GW_RETRY like all of the
 * world, and who tries again asks the store first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres.h"

#define SERVER_LEAST 150000

/* ---- faults ---- */

/* By SQLSTATE, or by its class; the first line that fits. */
static const struct {
    const char *state;
    enum gw_result result;
    const char *code;
} faults[] = {
    {"53100", GW_RETRY, "store.full"},   {"53200", GW_RETRY, "store.busy"},   {"53", GW_RETRY, "store.busy"},
    {"40", GW_RETRY, "store.busy"},      {"55P03", GW_RETRY, "store.busy"},   {"57014", GW_RETRY, "store.busy"},
    {"57P", GW_RETRY, "store.lost"},     {"25006", GW_RETRY, "store.lost"}, /* a standby by now */
    {"25P03", GW_RETRY, "store.lost"},   {"08", GW_RETRY, "store.lost"},      {"58", GW_RETRY, "store.io"},
    {"XX001", GW_FAIL, "store.damaged"}, {"XX002", GW_FAIL, "store.damaged"}, {"28", GW_FAIL, "store.login"},
    {"3D000", GW_FAIL, "store.login"},   {"42501", GW_FAIL, "store.rights"},  {"", GW_FAIL, "store.query"},
};

static size_t fault_of(const char *state)
{
    size_t i = 0;

    while (strncmp(state, faults[i].state, strlen(faults[i].state)) != 0)
        i++;
    return i;
}

static struct gw_str one_line(const char *text)
{
    struct gw_str rest;

    return str_trim(str_cut(str_of(text ? text : ""), '\n', &rest));
}

static enum gw_result told(struct store *s, enum gw_result r, const char *code, struct gw_str found)
{
    struct gw_arg arg = {"found", found};

    if (!postgres_of(s)->quiet)
        return store_fault(s, r, code, &arg, 1);
    return r;
}

enum gw_result postgres_lost(struct store *s)
{
    return told(s, GW_RETRY, "store.lost", one_line(libpq.PQerrorMessage(postgres_of(s)->conn)));
}

enum gw_result postgres_fault(struct store *s, const PGresult *answer)
{
    const char *state = libpq.PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const char *message = libpq.PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    size_t i;

    if (!state)
        return postgres_lost(s);
    if (s->beside && (strcmp(state, "23505") == 0 || strcmp(state, "40P01") == 0))
        return GW_RETRY; /* somebody else was first: who went ahead begins again behind them */
    i = fault_of(state);
    return told(s, faults[i].result, faults[i].code, str_of(message ? message : state));
}

/* ---- answers ---- */

/* What was to be prepared is there, or not known to be. */
static void settle_unsure(struct postgres *p, bool good)
{
    struct statement *next;

    for (struct statement *t = p->unsure; t; t = next) {
        next = t->next;
        t->next = NULL;
        if (!good)
            t->link = 0;
    }
    p->unsure = NULL;
}

/* The answer, looked at; it is in *last or cleared. */
static enum gw_result take_answer(struct store *s, PGresult *answer, PGresult **last)
{
    ExecStatusType status = libpq.PQresultStatus(answer);
    enum gw_result r = GW_OK;

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        libpq.PQclear(*last);
        *last = answer;
        return GW_OK;
    }
    if (status != PGRES_PIPELINE_ABORTED && status != PGRES_PIPELINE_SYNC)
        r = postgres_fault(s, answer);
    libpq.PQclear(answer);
    return r;
}

static enum gw_result take_answers(struct store *s, PGresult **last)
{
    PGconn *conn = postgres_of(s)->conn;
    enum gw_result r = GW_OK, one;
    bool synced = false;

    while (!synced) {
        PGresult *answer = libpq.PQgetResult(conn);

        synced = answer && libpq.PQresultStatus(answer) == PGRES_PIPELINE_SYNC;
        one = answer ? take_answer(s, answer, last) : GW_OK;
        if (r == GW_OK)
            r = one;
        if (!synced && libpq.PQstatus(conn) != CONNECTION_OK)
            return r == GW_OK ? postgres_lost(s) : GW_RETRY;
    }
    return r;
}

enum gw_result postgres_sync(struct store *s, PGresult **ret_last)
{
    struct postgres *p = postgres_of(s);
    PGresult *last = NULL;
    enum gw_result r = libpq.PQpipelineSync(p->conn) ? take_answers(s, &last) : postgres_lost(s);

    settle_unsure(p, r == GW_OK);
    p->pending = 0;
    if (r == GW_OK && last)
        p->changed = strtoll(libpq.PQcmdTuples(last), NULL, 10);
    if (r == GW_OK && ret_last) {
        *ret_last = last;
        return r;
    }
    libpq.PQclear(last);
    return r;
}

enum gw_result postgres_do(struct store *s, const char *sql)
{
    struct postgres *p = postgres_of(s);

    if (!libpq.PQsendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 1))
        return postgres_lost(s);
    return postgres_sync(s, NULL);
}

/* ---- connections ---- */

static void say_nothing(void *to, const char *message)
{
    (void)to;
    (void)message;
}

struct libpq libpq;

static bool library_load(const char **ret_why)
{
#define CALL(name) LATE_CALL(libpq, name)
    static const struct late_call calls[] = {LIBPQ_CALLS(CALL)};
#undef CALL

    return libpq.PQconnectdbParams || late_load("libpq.so.5", calls, sizeof(calls) / sizeof(*calls), ret_why);
}

static PGconn *connect_to(const struct postgres *p)
{
    /* Before the URL: what it may say otherwise. Behind it: what it may not. */
    const char *const words[][2] = {
        {"connect_timeout", "5"},
        {"target_session_attrs", "read-write"},
        {"keepalives_idle", "10"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "20000"},
        {"fallback_application_name", "passerelle"},
        {"dbname", p->url},
        {"client_encoding", "UTF8"},
        {"password", p->password},
    };
    const char *names[sizeof(words) / sizeof(words[0]) + 1] = {NULL}, *values[sizeof(names) / sizeof(names[0])];

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        names[i] = words[i][0];
        values[i] = words[i][1];
    }
    return libpq.PQconnectdbParams(names, values, 1);
}

/* A host that is gone must not hold what others wait for; what is committed is durable, on the standby too. A
 * plan that was made while a table was empty must not read all of it later: every question has its index. */
static const char session[] =
    "SET lock_timeout = 30000; SET jit = off; SET enable_seqscan = off; SET tcp_keepalives_idle = 10; SET "
    "tcp_keepalives_interval = 5;"
    "SET tcp_keepalives_count = 3; SET default_transaction_isolation = 'read committed';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');";

static enum gw_result prepare_session(struct store *s)
{
    struct postgres *p = postgres_of(s);
    const char *encoding = libpq.PQparameterStatus(p->conn, "server_encoding");
    enum gw_result r = GW_OK;
    PGresult *answer;

    if (libpq.PQserverVersion(p->conn) < SERVER_LEAST)
        return told(s, GW_FAIL, "store.server", GW_STR("PostgreSQL < 15"));
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return told(s, GW_FAIL, "store.server", str_of(encoding ? encoding : "?"));
    answer = libpq.PQexec(p->conn, session);
    if (libpq.PQresultStatus(answer) != PGRES_TUPLES_OK)
        r = postgres_fault(s, answer);
    libpq.PQclear(answer);
    if (r == GW_OK && s->read_only) {
        answer = libpq.PQexec(p->conn, "SET default_transaction_read_only = on");
        r = libpq.PQresultStatus(answer) == PGRES_COMMAND_OK ? GW_OK : postgres_fault(s, answer);
        libpq.PQclear(answer);
    }
    return r == GW_OK && !libpq.PQenterPipelineMode(p->conn) ? postgres_lost(s) : r;
}

/* ---- connections that are refused ---- */

/* The SQLSTATE that the line has, of a server's answer as libpq shows it: "...: FATAL:  28P01: ..." */
static bool has_state(struct gw_str line, char ret[6])
{
    size_t at;

    while (str_find(line, GW_STR(":  "), &at)) {
        line = (struct gw_str){line.ptr + at + 3, line.len - at - 3};
        if (line.len > 6 && strspn(line.ptr, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
            line.ptr[5] == ':') {
            (void)snprintf(ret, 6, "%s", line.ptr);
            return true;
        }
    }
    return false;
}

/* What libpq refuses by itself: its own words are English here, as no locale is set for messages. */
static bool libpq_refuses(struct gw_str line)
{
    static const char *const forever[] = {"password", "authentication", "does not exist", "invalid"};
    bool found = false;
    size_t at;

    for (size_t i = 0; i < sizeof(forever) / sizeof(forever[0]); i++)
        found = found || str_find(line, str_of(forever[i]), &at);
    return found && !str_find(line, GW_STR("No such file"), &at);
}

/* What was said of all hosts, a line each: that which will be said again is GW_FAIL, however others fared. */
static enum gw_result verdict(const char *message, struct gw_str *ret_line)
{
    struct gw_str line, rest = str_of(message);
    enum gw_result result = GW_RETRY;
    char state[6];

    *ret_line = one_line(message);
    while (rest.len && result != GW_FAIL) {
        line = str_cut(rest, '\n', &rest);
        if (has_state(line, state))
            result = faults[fault_of(state)].result;
        else if (libpq_refuses(line))
            result = GW_FAIL;
        else
            continue;
        *ret_line = str_trim(line);
    }
    return result;
}

/* Who is refused for who he is will be refused again. A server says that in its own language, and by a
 * SQLSTATE, which libpq shows only when it was asked to before: so a first connection is tried once more. */
static enum gw_result connect_again(struct store *s)
{
    PGconn *conn = postgres_of(s)->conn;
    const char *message;
    enum gw_result result;
    struct gw_str line;
    char first[512]; /* of an URL that cannot be, libpq tells but once */

    if (s->generation)
        return postgres_lost(s);
    (void)snprintf(first, sizeof(first), "%s", libpq.PQerrorMessage(conn));
    (void)libpq.PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    libpq.PQreset(conn);
    (void)libpq.PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
    if (libpq.PQstatus(conn) == CONNECTION_OK)
        return GW_OK;
    message = libpq.PQerrorMessage(conn);
    result = verdict(*message ? message : first, &line);
    return told(s, result, result == GW_FAIL ? "store.login" : "store.lost", line);
}

static enum gw_result connect_now(struct store *s)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = GW_OK;

    libpq.PQfinish(p->conn);
    p->conn = connect_to(p);
    p->link++;
    p->pending = 0;
    p->copying = NULL;
    settle_unsure(p, false);
    names_forget(s); /* another host may have less */
    if (!p->conn)
        return memory_fault(s);
    if (libpq.PQstatus(p->conn) != CONNECTION_OK)
        r = connect_again(s);
    if (r != GW_OK)
        return r;
    libpq.PQsetNoticeProcessor(p->conn, say_nothing, NULL);
    r = prepare_session(s);
    if (r != GW_OK) {
        libpq.PQfinish(p->conn);
        p->conn = NULL;
    }
    return r;
}

enum gw_result postgres_ready(struct store *s)
{
    struct postgres *p = postgres_of(s);

    if (libpq.PQstatus(p->conn) == CONNECTION_OK)
        return GW_OK;
    if (p->block)
        return s->in_tx && s->broken ? s->broken : postgres_lost(s);
    return connect_now(s);
}

/* What is shown of a URL: never its user, password and options. */
static const char *shown(struct store *s, const char *url)
{
    struct gw_str rest, place = str_of(url);
    size_t at;

    if (str_find(place, GW_STR("://"), &at))
        place = (struct gw_str){place.ptr + at + 3, place.len - at - 3};
    place = str_cut(place, '?', &rest);
    while (str_find(place, GW_STR("@"), &at))
        place = (struct gw_str){place.ptr + at + 1, place.len - at - 1};
    return arena_format(s->arena, "postgresql://%.*s", STR_ARG(place));
}

enum gw_result postgres_open(struct store *s)
{
    struct postgres *p = arena_zero(s->arena, sizeof(*p));
    const char *url = s->path, *why;

    s->path = p ? shown(s, url) : NULL;
    if (!s->path) {
        s->path = "postgresql";
        return memory_fault(s);
    }
    if (!library_load(&why)) {
        struct gw_arg arg = {"found", str_of(why)};

        return store_fault(s, GW_FAIL, "store.library", &arg, 1);
    }
    p->url = url;
    p->password = s->password;
    postgres_rows_open(p);
    s->link = p;
    return connect_now(s);
}

void postgres_close(struct store *s)
{
    struct postgres *p = postgres_of(s);

    if (!p)
        return;
    postgres_rows_close(p);
    libpq.PQfinish(p->conn);
    p->conn = NULL;
}
