/* SPDX-License-Identifier: EUPL-1.2 */
/* Conducts the proof of one format: each profile, its samples, its generated resources, its lines. */
#include "law/law.h"

#include <time.h>

#include "law/pool.h"

const char *const law_codes[LAWS] = {
    [LAW_PUTGET] = "law.putget",         [LAW_GETPUT] = "law.getput",   [LAW_LOST] = "law.lost",
    [LAW_LOCALITY] = "law.locality",     [LAW_BROKEN] = "law.broken",   [LAW_UNCOVERED] = "law.uncovered",
    [LAW_UNDECLARED] = "law.undeclared", [LAW_REFUSAL] = "law.refusal", [LAW_SAMPLE] = "law.sample",
};

/* ---- small things of a proof ---- */

uint64_t dice(struct proof *p, uint64_t n)
{
    p->random ^= p->random >> 12;
    p->random ^= p->random << 25;
    p->random ^= p->random >> 27;
    return n ? (p->random * 0x2545F4914F6CDD1DULL >> 32) % n : 0;
}

bool texts_add(struct arena *a, struct texts *t, struct gw_str text)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->items[i], text))
            return true;
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        struct gw_str *grown = arena_array(a, room, sizeof(*grown));

        if (!grown)
            return false;
        if (t->count)
            memcpy(grown, t->items, t->count * sizeof(*grown));
        t->items = grown;
        t->room = room;
    }
    t->items[t->count++] = text;
    return true;
}

/* The line for what nobody claims is in no file: it has the row behind the last. */
struct law_line *row_of(const struct proof *p, const struct line *line)
{
    const struct lines *lines = &p->table->format->lines;

    if (!line || line < lines->items || line >= lines->items + lines->count)
        return &p->report->lines[p->report->nlines];
    return &p->report->lines[line - lines->items];
}

const struct scope *scope_of_tie(const struct table *t, const struct tie *tie)
{
    if (tie->scope)
        return tie->scope;
    if (!tie->nplaces || tie->up[0] != UP_CONTEXT || !t->envelope || in_group(t, tie->places[0]))
        return t->root;
    return t->envelope;
}

const char *kept(struct proof *p, struct gw_str s)
{
    const char *text = s.ptr ? arena_text(p->arena, s) : NULL;

    return text ? text : "";
}

const struct place *place_of_cell(const struct table *t, uint16_t kind, uint16_t cell)
{
    if (!cell)
        return t->kinds[kind]->place;
    for (uint16_t i = 0; i < t->nplaces; i++)
        if (t->places[i]->frame->id == kind && t->places[i]->cell == cell)
            return t->places[i];
    return NULL;
}

struct gw_str day_off(struct arena *a, struct gw_str day, int days)
{
    int32_t n;
    time_t at;
    struct tm tm;

    if (!date_days(day, &n))
        return (struct gw_str){NULL, 0};
    at = (time_t)(n + days) * 86400;
    gmtime_r(&at, &tm);
    return str_of(arena_format(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
}

void row_measured(struct proof *p, const struct tie *tie, enum gw_loss loss, struct gw_str before,
                  struct gw_str after)
{
    struct law_line *row = row_of(p, tie->line);

    if (loss <= row->measured)
        return;
    row->measured = (uint8_t)loss;
    row->before = before.ptr ? kept(p, before) : NULL;
    row->after = after.ptr ? kept(p, after) : NULL;
}

struct law_failure *fail(struct proof *p, enum law_kind law, const struct line *line, struct gw_str path,
                         struct gw_str expected, struct gw_str found)
{
    struct law_report *r = p->report;
    struct gw_str where = line ? line->where : GW_STR("");
    struct law_failure *f;

    for (f = r->failures; f; f = f->next)
        if (f->law == law && str_is(where, f->where) &&
            ((line && law != LAW_BROKEN && law != LAW_LOCALITY) || str_is(path, f->path))) {
            f->count++;
            return f;
        }
    f = arena_zero(r->arena, sizeof(*f));
    if (!f)
        return NULL;
    *f = (struct law_failure){.law = law,
                              .where = kept(p, where),
                              .path = kept(p, path),
                              .expected = kept(p, expected),
                              .found = kept(p, found),
                              .count = 1};
    *r->failures_end = f;
    r->failures_end = &f->next;
    return f;
}

/* ---- rows ---- */

static bool one_sided(const struct tie *tie)
{
    return tie->form == FORM_REST || tie->form == FORM_NIL;
}

/* A record writes into what encloses it: seen when it is read back, not while it is written. */
static bool written_outside(const struct table *t, const struct tie *tie)
{
    return tie->nplaces && tie->up[0] == UP_CONTEXT && !scope_of_tie(t, tie)->stream;
}

static unsigned wants(const struct table *t, const struct tie *tie)
{
    bool outside = written_outside(t, tie);
    unsigned w = tie->when && !(outside && (tie->use & USE_WRITE)) ? LINE_TRUE | LINE_FALSE : 0;

    if (one_sided(tie))
        return w;
    if (tie->form == FORM_SELECT)
        return tie->use & USE_WRITE ? w : w | LINE_READ;
    if (!tie->nplaces && !tie->param.ptr && tie->form != FORM_REF)
        return w;
    if (tie->nplaces && !(tie->use & USE_READ) && !outside)
        w |= LINE_WRITTEN;
    if (!(tie->use & USE_WRITE) && tie->form != FORM_TEST)
        w |= LINE_READ;
    return w;
}

static bool selects_several(const struct tie *tie)
{
    size_t at;

    return tie->form == FORM_SELECT && str_find(tie->word, GW_STR("|"), &at);
}

static void tie_row(struct proof *p, const struct tie *tie)
{
    struct law_line *row = row_of(p, tie->line);

    row->counted = true;
    row->declared = tie->loss;
    if (selects_several(tie))
        row->declared = GW_LOSSY; /* const(A|B) takes both and gives A */
    row->wants |= wants(p->table, tie);
    row->measures = carries(tie) && tie->form != FORM_REF && tie->form != FORM_TREE && !(tie->use & USE_WRITE);
    row->measures |= selects_several(tie);
}

static enum gw_result lets_compile(struct proof *p)
{
    const struct lines *lines = &p->table->format->lines;

    p->lets = arena_array(&p->keep, lines->count + 1, sizeof(*p->lets));
    if (!p->lets)
        return GW_FATAL;
    for (size_t i = 0; i < lines->count; i++) {
        struct fault fault;

        if (lines->items[i].kind != LINE_LET)
            continue;
        if (condition_compile((struct table *)p->table, p->table->root, lines->items[i].when, &p->lets[i],
                              &fault) != GW_OK) {
            p->lets[i] = NULL; /* of another scope: its uses count */
            continue;
        }
        p->report->lines[i].counted = true;
        p->report->lines[i].wants |= LINE_TRUE | LINE_FALSE;
    }
    return GW_OK;
}

static void rows_make(struct proof *p)
{
    const struct table *t = p->table;
    const struct lines *lines = &t->format->lines;

    for (size_t i = 0; i < lines->count; i++) {
        const struct line *l = &lines->items[i];
        struct law_line *row = &p->report->lines[i];

        row->where = kept(p, l->where);
        row->path = kept(p, l->cells[CELL_PATH]);
        row->subject = l->cells[CELL_RESOURCE].len
                           ? arena_format(p->arena, "%.*s%s%.*s", STR_ARG(l->cells[CELL_RESOURCE]),
                                          l->cells[CELL_FIELD].len ? "." : "", STR_ARG(l->cells[CELL_FIELD]))
                           : row->path;
    }
    for (size_t k = 0; k < t->nties; k++)
        if (t->ties[k]->form != FORM_REST)
            tie_row(p, t->ties[k]);
    for (uint16_t k = 0; k < t->nscopes; k++) {
        struct law_line *row = row_of(p, t->scopes[k]->line);

        if (t->scopes[k]->stream)
            continue;
        row->counted = true;
        row->wants |= (t->scopes[k]->unread ? 0 : LINE_READ) |
                      (t->scopes[k]->frame->id == FRAME_CONTEXT ? 0 : LINE_WRITTEN);
    }
}

static enum gw_result report_make(struct proof *p)
{
    struct law_report *r = p->report;

    if (r->lines)
        return GW_OK;
    r->nlines = p->table->format->lines.count;
    r->lines = arena_array(r->arena, r->nlines + 1, sizeof(*r->lines));
    return r->lines ? GW_OK : GW_FATAL;
}

/* ---- days ---- */

static void cond_days(struct proof *p, const struct condition *c)
{
    for (const struct condition *k = c->kids; k; k = k->next)
        cond_days(p, k);
    if (c->kind != COND_TEST || c->ref.kind != REF_PARAM || !str_is(c->ref.param, "date"))
        return;
    for (size_t i = 0; i < c->nvalues; i++)
        for (int day = -1; day <= 1; day++) {
            struct gw_str text = day_off(&p->keep, c->values[i], day);

            if (text.ptr)
                (void)texts_add(&p->keep, &p->dates, text);
        }
}

static enum gw_result days_make(struct proof *p)
{
    if (!texts_add(&p->keep, &p->dates, p->today))
        return GW_FATAL;
    for (size_t k = 0; k < p->table->nties; k++) {
        if (p->table->ties[k]->when)
            cond_days(p, p->table->ties[k]->when);
        if (p->table->ties[k]->test)
            cond_days(p, p->table->ties[k]->test);
    }
    return GW_OK;
}

/* ---- one profile ---- */

static enum gw_result prove_table(struct proof *p)
{
    static enum gw_result (*const steps[])(struct proof *) = {
        report_make,   days_make,  lets_compile, examples_load, samples_find,
        samples_prove, pools_make, cases_run,    natives_run,   measure_lines,
    };
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < sizeof(steps) / sizeof(*steps); i++) {
        result = steps[i](p);
        if (i == 0 && result == GW_OK)
            rows_make(p);
    }
    return result;
}

static enum gw_result prove_profile(struct engine *e, struct gw_str format, struct gw_str profile,
                                    const struct law_options *o, struct sink *sink, struct law_report *report,
                                    bool *ret_more, struct texts *profiles)
{
    struct proof *p = arena_zero(report->arena, sizeof(*p));
    enum gw_result result;

    if (!p)
        return GW_FATAL;
    *p = (struct proof){.engine = e,
                        .report = report,
                        .arena = report->arena,
                        .options = o,
                        .random = o->seed * 2 + 1,
                        .today = e->today};
    arena_init(&p->scratch, 1 << 16, 0);
    arena_init(&p->keep, 1 << 16, 0);
    said_init(&p->said);
    result = codec_open(&p->codec, e, format, profile, sink);
    p->table = p->codec.table;
    for (size_t i = 0; result == GW_OK && *ret_more && i < p->codec.format->nprofiles; i++)
        if (&p->codec.format->profiles[i] != p->codec.profile)
            (void)texts_add(report->arena, profiles,
                            arena_copy(report->arena, p->codec.format->profiles[i].name));
    *ret_more = false;
    if (result == GW_OK)
        result = p->table ? prove_table(p) : pivot_prove(p);
    codec_close(&p->codec);
    said_done(&p->said);
    arena_done(&p->scratch);
    arena_done(&p->keep);
    return result;
}

/* ---- what is left to say at the end ---- */

static const char *missing_words(struct arena *a, unsigned missing)
{
    return arena_format(a, "%s%s%s%s", missing & LINE_WRITTEN ? " written" : "",
                        missing & LINE_READ ? " read" : "", missing & LINE_TRUE ? " true" : "",
                        missing & LINE_FALSE ? " false" : "");
}

static bool failure_add(struct law_report *r, enum law_kind law, const struct law_line *row,
                        const char *expected, const char *found)
{
    struct law_failure *f = arena_zero(r->arena, sizeof(*f));

    if (!f)
        return false;
    *f = (struct law_failure){.law = law,
                              .where = row->where,
                              .path = row->subject,
                              .expected = expected,
                              .found = found,
                              .count = 1};
    *r->failures_end = f;
    r->failures_end = &f->next;
    return true;
}

static enum gw_result rows_judge(struct law_report *r)
{
    static const char *const words[] = {"E", "N", "L", "O"};

    for (size_t i = 0; i < r->nlines; i++) {
        const struct law_line *row = &r->lines[i];
        unsigned missing = row->wants & ~row->reached;

        if (!row->counted)
            continue;
        if (missing && !failure_add(r, LAW_UNCOVERED, row, missing_words(r->arena, missing), ""))
            return GW_FATAL;
        if (row->measures && !missing && row->declared != GW_ONE_WAY && row->measured != row->declared &&
            !failure_add(r, LAW_UNDECLARED, row, words[row->declared & 3],
                         row->before ? arena_format(r->arena, "%s: %s → %s", words[row->measured & 3],
                                                    row->before, row->after ? row->after : "")
                                     : words[row->measured & 3]))
            return GW_FATAL;
    }
    return GW_OK;
}

enum gw_result law_prove(struct engine *e, struct gw_str format, const struct law_options *o, struct arena *a,
                         struct sink *sink, struct law_report **ret)
{
    struct law_report *r = arena_zero(a, sizeof(*r));
    struct texts profiles = {0};
    bool more = true;
    enum gw_result result;

    *ret = r;
    if (!r)
        return GW_FATAL;
    r->format = arena_text(a, format);
    r->arena = a;
    r->failures_end = &r->failures;
    result = prove_profile(e, format, (struct gw_str){NULL, 0}, o, sink, r, &more, &profiles);
    for (size_t i = 0; result == GW_OK && i < profiles.count; i++)
        result = prove_profile(e, format, profiles.items[i], o, sink, r, &more, &profiles);
    return result == GW_OK ? rows_judge(r) : result;
}
