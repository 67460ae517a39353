/* SPDX-License-Identifier: EUPL-1.2 */
#include "mapping/stand.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const char conf_default[] =
    "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"omit\";\n";

#define TYPE(name, properties)                                                                                 \
    {                                                                                                          \
        name, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"" name                  \
              "\",\"type\":\"object\"," properties "}"                                                         \
    }
#define TEXT(name) "\"" name "\":{\"type\":\"string\",\"x-sensitivity\":\"none\"}"
#define OF(name, format)                                                                                       \
    "\"" name "\":{\"type\":\"string\",\"format\":\"" format "\",\"x-sensitivity\":\"none\"}"
#define CODE(name, list)                                                                                       \
    "\"" name "\":{\"type\":\"string\",\"x-codes\":\"" list "\",\"x-sensitivity\":\"none\"}"
#define REF(name, type) "\"" name "\":{\"type\":\"string\",\"x-ref\":\"" type "\",\"x-sensitivity\":\"none\"}"

static const struct {
    const char *name, *text;
} pivot[] = {
    TYPE(
        "dossier.json",
        "\"properties\":{" TEXT("numero") "," TEXT("nom") "," TEXT("prenom") "," OF(
            "date", "date") "," OF("debut", "date") "," OF("fin", "date") ","
                                                                          "\"montant\":{\"type\":\"string\","
                                                                          "\"format\":\"decimal\",\"x-scale\":"
                                                                          "2,\"x-"
                                                                          "sensitivity\":\"none\"}," OF("taux", "decimal") ","
                                                                                                                           "\"nombre\":{\"type\":\"integer\",\"x-sensitivity\":\"none\"},"
                                                                                                                           "\"actif\":{\"type\":\"boolean\",\"x-sensitivity\":\"none\"}"
                                                                                                                           "," CODE(
                                                                                                                               "sexe", "sexe") "," OF("cree", "datetime") "," OF("mois", "mont"
                                                                                                                                                                                         "h") "," OF("heure", "clock") "," TEXT("pays") "," TEXT("commune") ","
                                                                                                                                                                                                                                                            "\"tags\":{\"type\":\"array\",\"items\":{\"type\":"
                                                                                                                                                                                                                                                            "\"string\"},\"x-sensitivity\":\"none\"},"
                                                                                                                                                                                                                                                            "\"criteres\":{\"type\":\"array\",\"items\":{"
                                                                                                                                                                                                                                                            "\"type\":\"string\",\"x-codes\":\"critere\"},\"x-"
                                                                                                                                                                                                                                                            "sensitivity\":\"none\"}," REF("personne",
                                                                                                                                                                                                                                                                                           "person"
                                                                                                                                                                                                                                                                                           "ne") "," REF("autre",
                                                                                                                                                                                                                                                                                                         "personne") "," REF("structure",
                                                                                                                                                                                                                                                                                                                             "structure") ","
                                                                                                                                                                                                                                                                                                                                          "\"adr"
                                                                                                                                                                                                                                                                                                                                          "esse"
                                                                                                                                                                                                                                                                                                                                          "\":{"
                                                                                                                                                                                                                                                                                                                                          "\"typ"
                                                                                                                                                                                                                                                                                                                                          "e\":"
                                                                                                                                                                                                                                                                                                                                          "\"obj"
                                                                                                                                                                                                                                                                                                                                          "ect\""
                                                                                                                                                                                                                                                                                                                                          ",\"pr"
                                                                                                                                                                                                                                                                                                                                          "opert"
                                                                                                                                                                                                                                                                                                                                          "ies\""
                                                                                                                                                                                                                                                                                                                                          ":"
                                                                                                                                                                                                                                                                                                                                          "{" TEXT(
                                                                                                                                                                                                                                                                                                                                              "voie") "," TEXT("v"
                                                                                                                                                                                                                                                                                                                                                               "i"
                                                                                                                                                                                                                                                                                                                                                               "l"
                                                                                                                                                                                                                                                                                                                                                               "l"
                                                                                                                                                                                                                                                                                                                                                               "e") "}},"
                                                                                                                                                                                                                                                                                                                                                                    "\"membres\":{"
                                                                                                                                                                                                                                                                                                                                                                    "\"type\":\"array\","
                                                                                                                                                                                                                                                                                                                                                                    "\"x-sensitivity\":"
                                                                                                                                                                                                                                                                                                                                                                    "\"none\",\"items\":"
                                                                                                                                                                                                                                                                                                                                                                    "{\"type\":"
                                                                                                                                                                                                                                                                                                                                                                    "\"object\","
                                                                                                                                                                                                                                                                                                                                                                    "\"properties\":"
                                                                                                                                                                                                                                                                                                                                                                    "{" CODE(
                                                                                                                                                                                                                                                                                                                                                                        "role", "role") ","
                                                                                                                                                                                                                                                                                                                                                                                        "\"rang"
                                                                                                                                                                                                                                                                                                                                                                                        "\":{"
                                                                                                                                                                                                                                                                                                                                                                                        "\"type"
                                                                                                                                                                                                                                                                                                                                                                                        "\":"
                                                                                                                                                                                                                                                                                                                                                                                        "\"integ"
                                                                                                                                                                                                                                                                                                                                                                                        "er\","
                                                                                                                                                                                                                                                                                                                                                                                        "\"x-"
                                                                                                                                                                                                                                                                                                                                                                                        "sensiti"
                                                                                                                                                                                                                                                                                                                                                                                        "vity\":"
                                                                                                                                                                                                                                                                                                                                                                                        "\"none"
                                                                                                                                                                                                                                                                                                                                                                                        "\"}"
                                                                                                                                                                                                                                                                                                                                                                                        "," TEXT("nom") "," REF("per"
                                                                                                                                                                                                                                                                                                                                                                                                                "son"
                                                                                                                                                                                                                                                                                                                                                                                                                "ne",
                                                                                                                                                                                                                                                                                                                                                                                                                "per"
                                                                                                                                                                                                                                                                                                                                                                                                                "son"
                                                                                                                                                                                                                                                                                                                                                                                                                "ne") ","
                                                                                                                                                                                                                                                                                                                                                                                                                      "\"enfants\":{\"type\":\"array\",\"x-sensitivity\":\"none\",\"items\":{\"type\":\"object\",\"properties\":{" TEXT("nom") "}}}}}},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "\"effectifs\":{\"type\":\"array\",\"x-sensitivity\":\"none\",\"items\":{\"type\":\"object\",\"properties\":{" CODE(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "categorie", "categorie") ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "\"nombre\":{\"type\":\"integer\",\"x-sensitivity\":\"none\"}}}},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "\"bloc\":{\"x-tree\":true,\"x-sensitivity\":\"none\"}}"),
    TYPE("personne.json", "\"properties\":{" TEXT("nom") "," TEXT("nir") "," OF("naissance", "date") "," CODE(
                              "sexe", "sexe") "}"),
    TYPE("droit.json", "\"properties\":{" CODE("type", "droit") "," CODE("etat", "etat") "," OF(
                           "debut", "date") "," REF("dossier", "dossier") "," REF("personne", "personne") "}"),
    TYPE("structure.json", "\"properties\":{" TEXT("siret") "," TEXT("nom") "}"),
    TYPE("enveloppe.json",
         "\"x-stream\":true,\"properties\":{" OF("cree", "datetime") "," OF(
             "jour", "date") ",\"nombre\":{\"type\":\"integer\",\"x-sensitivity\":\"none\"},"
                             "\"somme\":{\"type\":\"string\",\"format\":\"decimal\",\"x-scale\":2,\"x-"
                             "sensitivity\":\"none\"}," TEXT("message") "}"),
    {"codes/sexe.csv", "code;fr;en\nM;homme;man\nF;femme;woman\nX;inconnu;unknown\n"},
    {"codes/role.csv", "code;fr;en\nP;principal;main\nC;conjoint;spouse\n"},
    {"codes/critere.csv", "code;fr;en\nA;a;a\nB;b;b\nC;c;c\n"},
    {"codes/categorie.csv", "code;fr;en\nTOTAL;t;t\nIAE;i;i\n"},
    {"codes/droit.csv", "code;fr;en\nRSA;r;r\nASS;a;a\n"},
    {"codes/etat.csv", "code;fr;en\nOUVERT;o;o\nSUSPENDU;s;s\nCLOS;c;c\n"},
};

/* ---- the home ---- */

static void hear(struct sink *sink, const struct diag *d)
{
    struct stand *s = (struct stand *)((char *)sink - offsetof(struct stand, sink));

    if (!s->open) {
        struct gw_str found = {NULL, 0};

        for (size_t i = 0; i < d->nargs; i++)
            if (strcmp(d->args[i].name, "found") == 0)
                found = d->args[i].value;
        buf_format(&s->said, "%u:%u %s <%.*s>\n", d->line, d->column, d->code, STR_ARG(found));
        return;
    }
    buf_format(&s->said, "%s%s%s%s%.*s", s->said.len ? "; " : "", d->severity == GW_ERROR ? "!" : "", d->code,
               d->path.len ? " " : "", STR_ARG(d->path));
    if (d->line)
        buf_format(&s->said, " %u:%u", d->line, d->column);
}

int stand_open(void **state)
{
    struct stand *s = test_calloc(1, sizeof(*s));
    struct home home = {.plugins = GW_STR(BUILD_DIR "/plugins")};

    folder_open(&s->folder);
    s->sink.put = hear;
    buf_init(&s->said, 1 << 20);
    for (size_t i = 0; i < sizeof(pivot) / sizeof(*pivot); i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "pivot/%s", pivot[i].name);
        folder_write(&s->folder, name, str_of(pivot[i].text));
    }
    folder_write(&s->folder, "diagnostics.csv", GW_STR("code;fr;en;advice_fr;advice_en\n"));
    folder_write(&s->folder, "formats/ndjson/format.conf", /* what is spooled is the pivot itself */
                 GW_STR("plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\npivot = true;\n"));
    home.schemas = str_of(s->folder.path);
    if (engine_open(&s->engine, &home, &s->sink) != GW_OK)
        fail_msg("the home does not open: %s", s->said.data);
    s->engine.today = GW_STR("2026-01-15");
    s->engine.now = GW_STR("2026-01-15T10:20:30");
    *state = s;
    return 0;
}

int stand_close(void **state)
{
    struct stand *s = *state;

    engine_close(&s->engine);
    buf_done(&s->said);
    folder_close(&s->folder);
    test_free(s);
    return 0;
}

void stand_format(struct stand *s, const char *conf, const char *table, const char *codes, const char *sample)
{
    struct buf b;

    folder_write(&s->folder, "formats/t/format.conf", str_of(conf ? conf : conf_default));
    buf_init(&b, 1 << 20);
    buf_format(&b, "%s%s", HEADER, table);
    folder_write(&s->folder, "formats/t/fields.csv", buf_view(&b));
    buf_clear(&b);
    buf_format(&b, "native;pivot;label;from;to;use;when\n%s", codes ? codes : "a;A;;;;;\n");
    folder_write(&s->folder, "formats/t/codes/liste.csv", buf_view(&b));
    if (sample) {
        folder_write(&s->folder, "formats/t/samples/in.json", str_of(sample));
    } else {
        buf_clear(&b);
        buf_format(&b, "%s/formats/t/samples/in.json", s->folder.path);
        (void)remove(b.data);
    }
    buf_done(&b);
}

/* ---- resources as text ---- */

static void tree_print(struct buf *b, const struct names *names, const struct gw_node *n)
{
    if (n->name)
        buf_format(b, "%.*s", STR_ARG(names_text(names, n->name)));
    if (n->text)
        buf_format(b, "=%.*s", (int)n->len, n->text);
    if (!n->first)
        return;
    buf_char(b, '(');
    for (const struct gw_node *k = n->first; k; k = k->next) {
        tree_print(b, names, k);
        if (k->next)
            buf_char(b, ' ');
    }
    buf_char(b, ')');
}

static void object_print(struct buf *b, const struct bundle *all, const struct object *o);

static void resource_name(struct buf *b, const struct bundle *all, const struct resource *r)
{
    unsigned rank = 1;

    for (const struct resource *k = all->first; k && k != r; k = k->next)
        rank += k->object.shape == r->object.shape;
    buf_format(b, "%.*s%u", STR_ARG(r->object.shape->name), rank);
}

static void list_print(struct buf *b, const struct bundle *all, const struct field *f, const struct list *l)
{
    buf_char(b, '[');
    for (uint32_t i = 0; i < l->count; i++) {
        if (i)
            buf_char(b, ',');
        if (f->type == FIELD_ITEMS)
            object_print(b, all, l->objects[i]);
        else
            buf_str(b, l->texts[i]);
    }
    buf_char(b, ']');
}

static void object_print(struct buf *b, const struct bundle *all, const struct object *o)
{
    unsigned n = 0;

    buf_char(b, '{');
    for (uint16_t k = 0; k < o->slots; k++) {
        const struct field *f = o->shape->fields[k];
        const struct value *v = object_value(o, k);

        if (!v)
            continue;
        buf_format(b, "%s%s%.*s=", n++ ? " " : "", f->ext.ptr ? "x." : "", STR_ARG(f->name));
        if (f->type == FIELD_ITEMS || f->list)
            list_print(b, all, f, v->list);
        else if (f->type == FIELD_REF)
            resource_name(b, all, v->ref);
        else if (f->type == FIELD_TREE)
            tree_print(b, all->names, v->tree);
        else
            buf_add(b, v->text, v->len);
    }
    buf_char(b, '}');
}

static void bundle_print(struct buf *b, const struct bundle *all)
{
    for (const struct resource *r = all->first; r; r = r->next) {
        if (b->len)
            buf_char(b, '\n');
        resource_name(b, all, r);
        object_print(b, all, &r->object);
    }
}

/* ---- a row ---- */

struct run {
    struct stand *stand;
    const struct row *row;
    struct codec codec;
    struct buf resources, written, resources_none;
    struct outlet outlet;
    bool refused;
};

static void put(struct run *r, const struct bundle *b)
{
    size_t n = 0;

    if (r->row->written && !*r->row->written)
        return;
    switch (outlet_put(&r->outlet, b, &n)) {
    case GW_OK:
        return;
    case GW_REJECT:
        r->refused = true;
        return;
    case GW_END:
    case GW_FAIL:
    case GW_RETRY:
    case GW_FATAL:
        fail_msg("%s: writing failed: %s", r->row->name, r->stand->said.data);
    }
}

/* "": as the stream says it. */
static struct gw_str day_of(const struct row *row)
{
    return row->date && !*row->date ? (struct gw_str){NULL, 0} : str_of(row->date ? row->date : "2026-01-15");
}

static void pump(struct run *r)
{
    const struct row *row = r->row;
    struct input_options io = {.sink = &r->stand->sink};
    struct source_options so = {.name = str_of(row->file ? row->file : "in.json"), .date = day_of(row)};
    struct input in;
    struct source source = {0};
    enum gw_result result = input_open_memory(&in, str_of(row->native), GW_STR("in"), &io);

    if (result == GW_OK)
        result = input_next_member(&in);
    if (result == GW_OK)
        result = source_open(&source, &r->codec, &in, &so, &r->stand->sink);
    while (result == GW_OK) {
        struct bundle b;

        result = source_next(&source, &b);
        if (result == GW_OK) {
            bundle_print(&r->resources, &b);
            put(r, &b);
        } else if (result == GW_REJECT) {
            buf_format(&r->resources, "%sREJECT", r->resources.len ? "\n" : "");
            result = GW_OK;
        }
    }
    if (result != GW_END)
        buf_format(&r->resources, "%sFAIL", r->resources.len ? "\n" : "");
    source_close(&source);
    input_close(&in);
}

static void compare(struct run *r, const char *what, const char *expected, const struct buf *found)
{
    const char *gap = r->row->gap;

    if (str_is(buf_view(found), expected))
        return;
    print_error("%s%s%s%s: %s\n  expected %s\n  found    %s\n", gap ? "known gap " : "", gap ? gap : "",
                gap ? ": " : "", r->row->name, what, expected, found->len ? found->data : "");
    r->stand->failed += !gap;
}

void stand_run(struct stand *s, const struct row *row)
{
    struct run r = {.stand = s, .row = row};
    struct outlet_options oo = {.memory = &r.written, .date = day_of(row)};

    stand_format(s, row->conf, row->table, row->codes, NULL);
    buf_clear(&s->said);
    buf_init(&r.resources, 1 << 20);
    buf_init(&r.written, 1 << 20);
    s->open = false;
    if (codec_open(&r.codec, &s->engine, GW_STR("t"), str_of(row->profile), &s->sink) != GW_OK) {
        print_error("%s: the table does not load\n%s", row->name, s->said.data);
        s->failed++;
        codec_close(&r.codec);
        return;
    }
    s->open = true;
    buf_clear(&s->said);
    if (outlet_open(&r.outlet, &r.codec, &oo, &s->sink) != GW_OK)
        fail_msg("%s: no outlet: %s", row->name, s->said.data);
    pump(&r);
    if (outlet_close(&r.outlet, !r.refused && !(row->written && !*row->written)) != GW_OK && !r.refused)
        r.refused = true;
    compare(&r, "resources", row->pivot, &r.resources);
    if (row->written && *row->written == '!')
        compare(&r, "written", r.refused ? "" : "(refused)", &r.resources_none);
    else if (!row->written || *row->written)
        compare(&r, "written", row->written ? row->written : row->native, &r.written);
    compare(&r, "said", row->said ? row->said : "", &s->said);
    codec_close(&r.codec);
    buf_done(&r.resources);
    buf_done(&r.written);
}

void stand_rows(struct stand *s, const struct row *rows, size_t n)
{
    s->failed = 0; /* all rows are tried, so that one run shows all that is wrong */
    for (size_t i = 0; i < n; i++)
        stand_run(s, &rows[i]);
    assert_int_equal(s->failed, 0);
}

void stand_refused(struct stand *s, const char *name, const char *conf, const char *table, const char *codes,
                   const char *complaints, bool loads)
{
    struct codec codec;
    bool loaded;

    stand_format(s, conf, table, codes, NULL);
    buf_clear(&s->said);
    s->open = false;
    loaded = codec_open(&codec, &s->engine, GW_STR("t"), (struct gw_str){NULL, 0}, &s->sink) == GW_OK;
    codec_close(&codec);
    if (str_is(buf_view(&s->said), complaints) && loaded == loads)
        return;
    print_error("%s: %s\n  expected %s  found    %s\n", name, loaded ? "it loads" : "refused", complaints,
                s->said.data);
    s->failed++;
}
