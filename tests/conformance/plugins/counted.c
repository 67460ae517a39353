/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * counted - a test plugin whose files begin with how many records follow, so that its writer must
 * know it when it opens (GW_TOTALS). Then a line a record, `name=text` between tabs:
 *
 *   counted 2
 *   nom=Noor	ville=Lille
 *   nom=Ada
 */
#include <stdbool.h>
#include <string.h>

#include "gw/plugin.h"

#define HEAD "counted "

struct reader {
    uint64_t at, records, announced;
    uint32_t line;
    struct gw_node root, total; /* the context */
};

static enum gw_result fault(struct gw_session *s, struct gw_place place, const char *code, uint64_t found,
                            uint64_t expected)
{
    char rooms[2][20];
    struct gw_arg args[] = {{"found", gw_digits(found, rooms[0])}, {"expected", gw_digits(expected, rooms[1])}};

    return gw_fail(s, place, code, args, 2);
}

/* A whole line, without its end; GW_FAIL: the stream ends before the line does. */
static enum gw_result peek_line(struct gw_session *s, const struct reader *r, struct gw_str *ret)
{
    struct gw_str seen = {NULL, 0};
    const char *end = NULL;
    enum gw_result result = GW_OK;

    while (!end && result == GW_OK) {
        result = gw_peek(s, seen.len + 1, &seen);
        end = seen.len ? memchr(seen.ptr, '\n', seen.len) : NULL;
    }
    if (end)
        *ret = (struct gw_str){seen.ptr, (size_t)(end - seen.ptr)};
    if (end || result != GW_END || (seen.len == 0 && r->line > 1))
        return end ? GW_OK : result;
    return gw_fail(s, (struct gw_place){r->at, r->line, 1}, "counted.cut", NULL, 0);
}

static void consume_line(struct gw_session *s, struct reader *r, size_t len)
{
    gw_consume(s, len + 1);
    r->at += len + 1;
    r->line++;
}

static enum gw_result read_head(struct gw_session *s, struct reader *r)
{
    size_t skip = sizeof(HEAD) - 1;
    struct gw_str line;
    enum gw_result result = peek_line(s, r, &line);
    char *digits;

    if (result != GW_OK)
        return result;
    if (line.len <= skip || line.len > skip + 18 || memcmp(line.ptr, HEAD, skip) != 0)
        return gw_fail(s, (struct gw_place){0, 1, 1}, "counted.head", NULL, 0);
    for (size_t i = skip; i < line.len; i++) {
        if (line.ptr[i] < '0' || line.ptr[i] > '9')
            return gw_fail(s, (struct gw_place){i, 1, (uint32_t)i + 1}, "counted.head", NULL, 0);
        r->announced = r->announced * 10 + (uint64_t)(line.ptr[i] - '0');
    }
    digits = gw_keep(s, 20);
    r->total.name = gw_name(s, "total", 5);
    if (!digits || !r->total.name)
        return GW_FATAL;
    r->total.len = (uint32_t)(line.len - skip);
    r->total.text = memcpy(digits, line.ptr + skip, r->total.len);
    r->total.kind = GW_TEXT;
    r->total.line = 1;
    r->total.column = (uint32_t)skip + 1;
    r->root.kind = GW_MAP;
    r->root.first = &r->total;
    consume_line(s, r, line.len);
    return GW_OK;
}

static enum gw_result open_reader(struct gw_session *s)
{
    struct reader *r = s->state;

    r->line = 1;
    return read_head(s, r);
}

/* GW_REJECT: no `=` in it. */
static enum gw_result read_cell(struct gw_session *s, const struct reader *r, struct gw_str cell, size_t at,
                                struct gw_node **link)
{
    const char *equals = cell.len ? memchr(cell.ptr, '=', cell.len) : NULL;
    struct gw_node *n = gw_alloc(s, sizeof(*n));
    char *text;

    if (!n)
        return GW_FATAL;
    if (!equals || equals == cell.ptr)
        return gw_reject(s, (struct gw_place){r->at + at, r->line, (uint32_t)at + 1}, "counted.cell", NULL, 0);
    *n = (struct gw_node){.kind = GW_TEXT, .line = r->line, .column = (uint32_t)at + 1};
    n->name = gw_name(s, cell.ptr, (size_t)(equals - cell.ptr));
    n->len = (uint32_t)(cell.len - (size_t)(equals + 1 - cell.ptr));
    text = gw_alloc(s, n->len + 1);
    if (!n->name || !text)
        return GW_FATAL;
    n->text = memcpy(text, equals + 1, n->len);
    *link = n;
    return GW_OK;
}

static enum gw_result read_record(struct gw_session *s, const struct reader *r, struct gw_str line,
                                  struct gw_record *rec)
{
    struct gw_node *root = gw_alloc(s, sizeof(*root)), **link = root ? &root->first : NULL;
    enum gw_result result = root ? GW_OK : GW_FATAL;
    size_t at = 0;

    if (root)
        *root = (struct gw_node){.kind = GW_MAP, .line = r->line, .column = 1};
    while (result == GW_OK && at <= line.len) {
        const char *tab = at < line.len ? memchr(line.ptr + at, '\t', line.len - at) : NULL;
        size_t end = tab ? (size_t)(tab - line.ptr) : line.len;

        result = read_cell(s, r, (struct gw_str){line.ptr + at, end - at}, at, link);
        if (result == GW_OK)
            link = &(*link)->next;
        at = end + 1;
    }
    rec->root = root;
    return result;
}

static enum gw_result next_record(struct gw_session *s, struct gw_record *rec)
{
    struct reader *r = s->state;
    struct gw_str line;
    enum gw_result result = peek_line(s, r, &line);

    rec->context = &r->root;
    rec->changes = 1;
    if (result == GW_END && r->records != r->announced)
        return fault(s, (struct gw_place){r->at, r->line, 1}, "counted.total", r->records, r->announced);
    if (result != GW_OK)
        return result;
    if (r->records == r->announced)
        return fault(s, (struct gw_place){r->at, r->line, 1}, "counted.total", r->records + 1, r->announced);
    rec->begin = r->at;
    rec->end = r->at + line.len + 1;
    rec->line = r->line;
    result = read_record(s, r, line, rec);
    consume_line(s, r, line.len);
    r->records++;
    return result;
}

/* ---- writing ---- */

static enum gw_result open_writer(struct gw_session *s)
{
    char room[20];
    struct gw_str digits;

    if (s->stream->records == UINT64_MAX)
        return gw_fail(s, (struct gw_place){0}, "counted.unknown", NULL, 0);
    digits = gw_digits(s->stream->records, room);
    if (gw_write(s, HEAD, sizeof(HEAD) - 1) != GW_OK || gw_write(s, digits.ptr, digits.len) != GW_OK)
        return GW_FATAL;
    return gw_write(s, "\n", 1);
}

static bool is_writable(const struct gw_node *n)
{
    return (n->kind == GW_TEXT || n->kind == GW_NUMBER) && n->name &&
           (n->len == 0 || (!memchr(n->text, '\t', n->len) && !memchr(n->text, '\n', n->len)));
}

static enum gw_result write_record(struct gw_session *s, const struct gw_record *rec)
{
    enum gw_result r = GW_OK;

    for (const struct gw_node *n = rec->root->first; n; n = n->next)
        if (!is_writable(n))
            return gw_reject(s, (struct gw_place){0}, "counted.text", NULL, 0);
    for (const struct gw_node *n = rec->root->first; n && r == GW_OK; n = n->next) {
        struct gw_str name = gw_name_text(s, n->name);

        r = n == rec->root->first ? GW_OK : gw_write(s, "\t", 1);
        if (r == GW_OK)
            r = gw_write(s, name.ptr, name.len);
        if (r == GW_OK)
            r = gw_write(s, "=", 1);
        if (r == GW_OK && n->len)
            r = gw_write(s, n->text, n->len);
    }
    ++*(uint64_t *)s->state;
    return r == GW_OK ? gw_write(s, "\n", 1) : r;
}

/* What was promised at the head is what came. */
static enum gw_result finish(struct gw_session *s, const struct gw_node *context)
{
    uint64_t written = *(uint64_t *)s->state;

    (void)context;
    if (written == s->stream->records)
        return GW_OK;
    return fault(s, (struct gw_place){0}, "counted.total", written, s->stream->records);
}

/* ---- what the host sees ---- */

static int probe(const struct gw_probe *p)
{
    return p->head.len >= sizeof(HEAD) - 1 && memcmp(p->head.ptr, HEAD, sizeof(HEAD) - 1) == 0 ? 90 : 0;
}

#define AGAIN_FR "Demandez de nouveau le fichier à l'émetteur."
#define AGAIN_EN "Ask the sender for the file again."

static const struct gw_message messages[] = {
    {"counted.head", "la première ligne n'est pas « counted NOMBRE »",
     "the first line is not \"counted NUMBER\"", AGAIN_FR, AGAIN_EN},
    {"counted.cut", "la dernière ligne n'a pas de fin", "the last line has no end", AGAIN_FR, AGAIN_EN},
    {"counted.total", "{found} enregistrements au lieu de {expected}", "{found} records instead of {expected}",
     AGAIN_FR, AGAIN_EN},
    {"counted.cell", "une cellule sans nom", "a cell without a name", AGAIN_FR, AGAIN_EN},
    {"counted.text", "une valeur ne peut pas être écrite", "a value cannot be written",
     "Retirez les tabulations et les fins de ligne.", "Take out tabs and line ends."},
    {"counted.unknown", "le nombre d'enregistrements n'est pas connu", "the number of records is not known",
     "Le signaler à l'auteur du programme.", "Report it to the author of the program."},
    {.code = NULL},
};

static const struct gw_reader reader = {sizeof(struct reader), open_reader, next_record, NULL, NULL};
static const struct gw_writer writer = {sizeof(uint64_t), open_writer, write_record, finish, NULL};

GW_PLUGIN(.name = "counted", .version = "1.0", .flags = GW_TOTALS,
          .summary_fr = "test : le nombre d'enregistrements est en tête",
          .summary_en = "test: the number of records stands at the head", .messages = messages, .probe = probe,
          .reader = &reader, .writer = &writer);
