/* SPDX-License-Identifier: EUPL-1.2 */
/* nomenclatures update: what an edition changes and whom it touches is shown first; --apply writes it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/edition.h"

#define SHOWN 40 /* of one kind, for people */

struct updating {
    struct invocation *in;
    struct nomenclatures *lists;
    struct edition edition;
    struct revision revision;
};

static const char *const keys[CHANGES] = {"added", "ended", "again", "label", "days", "unknown"};

static const char *title(const struct invocation *in, enum change what)
{
    static const char *const fr[CHANGES] = {"ajoutés",
                                            "finis la veille de l'édition",
                                            "de nouveau valables",
                                            "libellé changé",
                                            "jours changés",
                                            "laissés de côté : aucun code du pivot n'est connu pour eux"};
    static const char *const en[CHANGES] = {"added",        "ended on the day before the edition",
                                            "valid again",  "label changed",
                                            "days changed", "left out: no code of the pivot is known for them"};

    return say(in, fr[what], en[what]);
}

/* ---- what changes ---- */

static void change_text(const struct changed *x)
{
    printf("  %.*s", STR_ARG(x->native));
    if (x->before.len)
        printf("  %.*s", STR_ARG(x->before));
    if (x->before.len && x->after.len)
        printf("  →");
    if (x->after.len)
        printf("  %.*s", STR_ARG(x->after));
    putchar('\n');
}

static void changes_text(const struct updating *u, enum change what)
{
    const struct revision *r = &u->revision;
    size_t n = 0;

    if (!r->counts[what])
        return;
    printf("%s: %zu\n", title(u->in, what), r->counts[what]);
    for (size_t i = 0; i < r->nchanges; i++)
        if (r->changes[i].what == what && n++ < SHOWN)
            change_text(&r->changes[i]);
    if (n > SHOWN)
        printf("  … %s %zu (--json)\n", say(u->in, "et encore", "and more:"), n - SHOWN);
}

static void change_json(struct buf *b, const struct changed *x)
{
    buf_clear(b);
    buf_format(b, "{\"change\":\"%s\",\"code\":", keys[x->what]);
    buf_json(b, x->native);
    buf_text(b, ",\"before\":");
    buf_json(b, x->before);
    buf_text(b, ",\"after\":");
    buf_json(b, x->after);
    buf_text(b, "}\n");
    fwrite(b->data, 1, b->len, stdout);
}

/* ---- whom it touches ---- */

static bool ends(const struct revision *r, struct gw_str code)
{
    for (size_t i = 0; i < r->nchanges; i++)
        if (r->changes[i].what == CHANGE_ENDED && str_eq(r->changes[i].native, code))
            return true;
    return false;
}

/* Rows of a crosswalk that lead to a code that ends. */
static size_t rows_touched(const struct updating *u, const struct nomenclature *crosswalk)
{
    size_t n = 0;

    if (!str_eq(crosswalk->codes_of, u->edition.list->name) || !u->revision.counts[CHANGE_ENDED])
        return 0;
    for (size_t i = 0; i < crosswalk->nrows; i++)
        n += ends(&u->revision, code_of_pivot(&crosswalk->rows[i]));
    return n;
}

static void touched_text(const struct updating *u)
{
    const struct nomenclature *l = u->edition.list;

    size_t users = 0;

    printf("%s", say(u->in, "formats touchés :", "formats touched:"));
    for (size_t i = 0; i < l->nusers; i++)
        if (!l->users[i].own) {
            printf(" %.*s", STR_ARG(l->users[i].format));
            users++;
        }
    printf("%s\n", users ? "" : say(u->in, " aucun ne la nomme", " none names it"));
    for (size_t i = 0; i < u->lists->count; i++) {
        size_t n = rows_touched(u, &u->lists->items[i]);

        if (n)
            printf("%s %.*s: %zu %s\n", say(u->in, "table de passage touchée :", "crosswalk touched:"),
                   STR_ARG(u->lists->items[i].name), n,
                   say(u->in, "lignes mènent à un code fini", "rows lead to a code that ends"));
    }
}

static void touched_json(const struct updating *u, struct buf *b)
{
    const struct nomenclature *l = u->edition.list;
    size_t n = 0;

    buf_text(b, ",\"formats\":[");
    for (size_t i = 0; i < l->nusers; i++) {
        if (l->users[i].own)
            continue;
        buf_text(b, n++ ? "," : "");
        buf_json(b, l->users[i].format);
    }
    buf_text(b, "],\"crosswalks\":[");
    n = 0;
    for (size_t i = 0; i < u->lists->count; i++) {
        if (!rows_touched(u, &u->lists->items[i]))
            continue;
        buf_text(b, n++ ? "," : "");
        buf_json(b, u->lists->items[i].name);
    }
    buf_text(b, "]");
}

/* ---- the whole ---- */

static void show_json(const struct updating *u)
{
    struct buf b;

    buf_init(&b, (size_t)4 << 20);
    for (size_t i = 0; i < u->revision.nchanges; i++)
        change_json(&b, &u->revision.changes[i]);
    buf_clear(&b);
    buf_text(&b, "{\"list\":");
    buf_json(&b, u->edition.list->name);
    buf_text(&b, ",\"layout\":");
    buf_json(&b, u->edition.layout->name);
    buf_text(&b, ",\"date\":");
    buf_json(&b, u->edition.date);
    buf_format(&b, ",\"entries\":%zu,\"rows\":%zu", u->edition.count, u->revision.count);
    for (size_t i = 0; i < CHANGES; i++)
        buf_format(&b, ",\"%s\":%zu", keys[i], u->revision.counts[i]);
    touched_json(u, &b);
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static void show(const struct updating *u)
{
    if (u->in->json) {
        show_json(u);
        return;
    }
    printf("%.*s: %s %.*s, %s %.*s, %zu %s\n", STR_ARG(u->edition.list->name), say(u->in, "forme", "layout"),
           STR_ARG(u->edition.layout->name), say(u->in, "édition du", "edition of"), STR_ARG(u->edition.date),
           u->edition.count, say(u->in, "lignes lues", "rows read"));
    for (enum change what = 0; what < CHANGES; what++)
        changes_text(u, what);
    if (!u->revision.nchanges)
        printf("%s\n", say(u->in, "rien ne change", "nothing changes"));
    else
        touched_text(u);
}

static struct gw_str base_name(struct gw_str path)
{
    for (size_t i = path.len; i-- > 0;)
        if (path.ptr[i] == '/')
            return str_from(path, i + 1);
    return path;
}

static enum exit_code apply(const struct updating *u)
{
    const char *source = option_value(u->in, "source");
    struct gw_str text = source ? str_of(source) : base_name(str_of(u->in->operands[2]));
    enum gw_result r = edition_write(&u->edition, &u->revision, text);

    if (r == GW_RETRY)
        complain(u->in, "la liste n'a pas pu être écrite", "the list could not be written", strerror(errno));
    if (r == GW_OK && !u->in->json)
        printf("%s %.*s.csv, sources.csv\n", say(u->in, "écrit :", "written:"), STR_ARG(u->edition.list->name));
    return r == GW_FAIL ? EXIT_USAGE : exit_of(r, false);
}

static bool asked_well(struct updating *u)
{
    struct invocation *in = u->in;
    const char *date = option_value(in, "date");
    uint32_t day;

    if (in->noperands < 3) {
        complain(in, "update demande une nomenclature et un fichier", "update needs a nomenclature and a file",
                 NULL);
        return false;
    }
    u->edition.list = nomenclatures_find(u->lists, str_of(in->operands[1]));
    if (!u->edition.list) {
        complain(in, "nomenclature inconnue (voyez passerelle nomenclatures)",
                 "unknown nomenclature (see passerelle nomenclatures)", in->operands[1]);
        return false;
    }
    if (access(in->operands[2], R_OK) != 0) {
        complain(in, "le fichier ne peut être lu", "the file cannot be read", in->operands[2]);
        return false;
    }
    u->edition.date = date ? str_of(date) : u->lists->engine->today;
    if (u->edition.date.len == 10 && code_day(u->edition.date, &day))
        return true;
    complain(in, "--date attend un jour, AAAA-MM-JJ", "--date needs a day, YYYY-MM-DD", date);
    return false;
}

/* Not refused: a first of January may be of use to a list that was taken over in August. */
static void older_say(const struct updating *u)
{
    const struct nomenclature *l = u->edition.list;
    struct gw_arg args[] = {{"found", l->name}, {"date", l->date}};

    if (l->date.len && str_compare(u->edition.date, l->date) < 0)
        nomenclatures_say(u->lists, GW_WARNING, "list.older", "sources.csv", l->line, args, 2);
}

/* An edition of which a row could not be read, or most of which is missing, is shown and not written: those
 * codes would end. */
static enum exit_code decide(struct updating *u)
{
    bool whole = u->revision.counts[CHANGE_ENDED] * 2 <= u->edition.list->nrows;
    bool good = !u->edition.refused && u->edition.count && whole;

    older_say(u);
    show(u);
    if (!whole)
        complain(u->in, "rien n'est écrit : plus de la moitié des codes finirait, le fichier n'est pas entier",
                 "nothing is written: more than half of the codes would end, the file is not whole", NULL);
    else if (!good)
        complain(u->in, "rien n'est écrit : des lignes du fichier n'ont pas été lues",
                 "nothing is written: rows of the file were not read", NULL);
    if (!option_value(u->in, "apply") || !good)
        return good ? EXIT_DONE : EXIT_REJECTS;
    return apply(u);
}

enum exit_code nomenclatures_update(struct invocation *in, struct nomenclatures *n)
{
    struct updating u = {.in = in, .lists = n, .edition = {.lists = n}};
    enum gw_result r;

    if (!asked_well(&u))
        return EXIT_USAGE;
    r = edition_read(&u.edition, in, in->operands[2], str_of(option_value(in, "layout")));
    if (r == GW_OK)
        r = edition_compare(&u.edition, &u.revision);
    if (r == GW_OK)
        r = nomenclatures_users(n);
    return r == GW_OK ? decide(&u) : exit_of(r, false);
}
