/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/pair.h"

#include <stdio.h>

#include "base/str.h"
#include "cli/shelf.h"

/* A pair being told. */
struct telling {
    struct invocation *in;
    const struct shelved *from, *to;
    struct arena scratch; /* of one answer */
    struct buf out;
    enum gw_result result;
};

static const struct shelved *find(struct invocation *in, const struct shelf *s, struct gw_str name)
{
    const struct shelved *f = shelf_find(s, name);
    const char *names[256], *near;
    size_t n = 0;

    if (f)
        return f;
    while (n < s->count && n < 256) {
        names[n] = s->items[n].format->name.ptr;
        n++;
    }
    near = str_nearest(name, names, n);
    complain(in, "format inconnu ou fautif (voyez passerelle formats)",
             "unknown or faulty format (see passerelle formats)", name.ptr);
    if (near)
        fprintf(stderr, "  %s %s\n", say(in, "vouliez-vous dire :", "did you mean:"), near);
    return NULL;
}

/* ---- the fields of one outcome ---- */

static void lost_codes(struct telling *t, const struct reach_values *lost)
{
    const char *before = say(t->in, "  (sans : ", "  (without: ");

    for (size_t i = 0; i < lost->count; i++) {
        buf_text(&t->out, t->in->json ? (i ? "," : "") : i ? ", " : before);
        if (t->in->json)
            buf_json(&t->out, lost->items[i]);
        else
            buf_str(&t->out, lost->items[i]);
    }
    if (lost->count && !t->in->json)
        buf_char(&t->out, ')');
}

static void field_out(struct telling *t, struct gw_str name, enum carried carried,
                      const struct reach_values *lost, bool first)
{
    if (!t->in->json) {
        buf_format(&t->out, "  %.*s", STR_ARG(name));
        lost_codes(t, lost);
        buf_char(&t->out, '\n');
        return;
    }
    buf_text(&t->out, first ? "" : ",");
    if (carried != CARRIED_PARTLY) {
        buf_json(&t->out, name);
        return;
    }
    buf_text(&t->out, "{\"field\":");
    buf_json(&t->out, name);
    buf_text(&t->out, ",\"without\":[");
    lost_codes(t, lost);
    buf_text(&t->out, "]}");
}

static void fields_out(struct telling *t, enum carried which)
{
    const struct reach *read = &t->from->read;
    bool first = true;

    for (size_t i = 0; t->result == GW_OK && i < read->count; i++) {
        enum carried carried = CARRIED_NOT;
        struct reach_values lost = {0};

        if (t->to->writes)
            t->result = reach_ask(read, i, &t->to->written, &t->scratch, &carried, &lost);
        if (carried == which && !read->items[i].field->ext.ptr) {
            field_out(t, read->items[i].name, which, &lost, first);
            first = false;
        }
        arena_reset(&t->scratch);
    }
}

/* ---- what the other demands ---- */

struct needs {
    struct telling *t;
    size_t count;
};

static void need_out(void *user, const struct place *p, const struct tie *tie)
{
    struct needs *n = user;
    struct buf *b = &n->t->out;

    if (n->t->in->json) {
        buf_text(b, n->count++ ? "," : "");
        buf_json(b, p->path);
        return;
    }
    if (!n->count++)
        buf_text(b, say(n->t->in, "exigés à l'écriture, et inconnus ici :\n",
                        "demanded when written, and unknown here:\n"));
    buf_format(b, "  %.*s  (%.*s.%.*s)\n", STR_ARG(p->path), STR_ARG(tie->line->cells[CELL_RESOURCE]),
               STR_ARG(tie->line->cells[CELL_FIELD]));
}

static void needs_out(struct telling *t)
{
    struct needs n = {t, 0};

    t->result = t->result == GW_OK ? reach_needs(&t->from->read, &t->to->written, &t->scratch, need_out, &n)
                                   : t->result;
    arena_reset(&t->scratch);
}

/* ---- the whole ---- */

static void count_out(struct telling *t, const char *fr, const char *en, size_t n)
{
    buf_format(&t->out, "%s %zu", say(t->in, fr, en), n);
}

static void counts_out(struct telling *t, const struct carriage *n)
{
    count_out(t, "champs du pivot lus :", "pivot fields read:", n->whole + n->partly + n->lost);
    count_out(t, " ; repris", "; carried", n->whole);
    count_out(t, ", en partie", ", in part", n->partly);
    count_out(t, ", perdus", ", lost", n->lost);
    count_out(t, "\nchamps propres au format :", "\nfields of the format's own:", n->own);
    count_out(t, " ; repris", "; carried", n->own_carried);
    buf_char(&t->out, '\n');
}

static void text_out(struct telling *t, const struct carriage *n)
{
    const struct invocation *in = t->in;

    buf_format(&t->out, "%.*s → %.*s\n", STR_ARG(t->from->format->name), STR_ARG(t->to->format->name));
    counts_out(t, n);
    if (!n->roots)
        buf_format(&t->out, "%s %.*s\n",
                   say(in,
                       "sans autre source rien ne sort ; un enregistrement y commence par une ressource que ce "
                       "format n'a pas :",
                       "nothing comes out without another source; a record there begins with a resource that "
                       "this format has not:"),
                   STR_ARG(t->to->codecs[0]->table->root->type));
    buf_text(&t->out, n->partly
                          ? say(in, "en partie, ou sous une autre forme :\n", "in part, or in another form:\n")
                          : "");
    fields_out(t, CARRIED_PARTLY);
    buf_text(&t->out, n->lost ? say(in, "perdus :\n", "lost:\n") : "");
    fields_out(t, CARRIED_NOT);
    if (n->roots)
        needs_out(t);
}

static void json_out(struct telling *t, const struct carriage *n)
{
    buf_text(&t->out, "{\"from\":");
    buf_json(&t->out, t->from->format->name);
    buf_text(&t->out, ",\"to\":");
    buf_json(&t->out, t->to->format->name);
    buf_format(&t->out,
               ",\"carried\":%zu,\"partly\":%zu,\"lost\":%zu,\"own\":%zu,\"own_carried\":%zu,\"roots\":%s",
               n->whole, n->partly, n->lost, n->own, n->own_carried, n->roots ? "true" : "false");
    buf_text(&t->out, ",\"carried_fields\":[");
    fields_out(t, CARRIED);
    buf_text(&t->out, "],\"partly_fields\":[");
    fields_out(t, CARRIED_PARTLY);
    buf_text(&t->out, "],\"lost_fields\":[");
    fields_out(t, CARRIED_NOT);
    buf_text(&t->out, "],\"needed\":[");
    if (n->roots)
        needs_out(t);
    buf_text(&t->out, "]}\n");
}

static enum exit_code tell(struct telling *t)
{
    struct carriage n;

    buf_init(&t->out, (size_t)16 << 20);
    arena_init(&t->scratch, 65536, 0);
    t->result = shelf_carriage(t->from, t->to, &t->scratch, &n);
    if (t->result == GW_OK) {
        if (t->in->json)
            json_out(t, &n);
        else
            text_out(t, &n);
    }
    if (t->out.failed)
        t->result = GW_FATAL;
    if (t->result == GW_OK)
        fwrite(t->out.data, 1, t->out.len, stdout);
    arena_done(&t->scratch);
    buf_done(&t->out);
    return exit_of(t->result, false);
}

enum exit_code pair_print(struct invocation *in, struct engine *e, struct gw_str from, struct gw_str to,
                          struct sink *sink)
{
    struct telling t = {.in = in};
    struct shelf shelf;
    enum gw_result r = shelf_open(&shelf, e, sink);
    enum exit_code code = exit_of(r, false);

    if (r == GW_OK) {
        t.from = find(in, &shelf, from);
        t.to = t.from ? find(in, &shelf, to) : NULL;
        code = t.to ? tell(&t) : EXIT_STREAM;
    }
    shelf_close(&shelf);
    return code;
}
