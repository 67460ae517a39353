/* SPDX-License-Identifier: EUPL-1.2 */
/* person export: all that is held of them, to be handed to them: a page to read, or a line a version. Of what
 * is shared with others their own items alone. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/page.h"
#include "cli/person.h"
#include "gateway/erasure.h"
#include "store/exchange.h"

struct exporting {
    struct person_run *p;
    const struct dossier_part *part;
    struct page page;
    struct arena arena; /* of what is at hand */
    bool lines;
};

static struct gw_str text_at(yyjson_val *v)
{
    return (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)};
}

static const struct flow *flow_of(const struct exporting *x, struct gw_str name)
{
    return conf_flow(&x->p->o.conf, name);
}

/* ---- lines ---- */

static void text_put(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, ",\"%s\":", key);
    if (text.ptr)
        buf_json(b, text);
    else
        buf_text(b, "null");
}

static void version_line(struct exporting *x, const struct resource_row *r, struct gw_str content)
{
    const struct flow *f = flow_of(x, r->flow);
    bool present = r->version == x->part->row.version;
    struct buf b;

    buf_init(&b, (size_t)512 << 20);
    buf_format(&b, "{\"resource\":%lld,\"version\":%u,\"present\":%s", (long long)r->id, r->version,
               present ? "true" : "false");
    text_put(&b, "type", r->type);
    text_put(&b, "partner", r->partner);
    text_put(&b, "flow", r->flow);
    text_put(&b, "purpose", r->purpose);
    text_put(&b, "legal_basis", f ? f->legal_basis : (struct gw_str){NULL, 0});
    buf_format(&b, ",\"exchange\":%lld,\"record\":%llu,\"said_at\":%lld,\"received_at\":%lld",
               (long long)r->exchange, (unsigned long long)r->record, (long long)r->said_at,
               (long long)r->received_at);
    if (present)
        text_put(&b, "number", x->part->row.nir);
    buf_format(&b, ",\"content\":");
    buf_str(&b, content);
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

/* ---- a page ---- */

static const struct field *field_of(const struct shape *shape, struct gw_str name)
{
    return shape ? shape_field(shape, name, (struct gw_str){NULL, 0}) : NULL;
}

static void row_put(struct exporting *x, struct gw_str name, yyjson_val *v)
{
    page_row(&x->page);
    page_cell(&x->page, NULL);
    page_text(&x->page, name);
    page_cell(&x->page, NULL);
    if (yyjson_is_str(v))
        page_text(&x->page, text_at(v));
    else if (yyjson_is_raw(v))
        page_text(&x->page, (struct gw_str){yyjson_get_raw(v), yyjson_get_len(v)});
    else if (yyjson_is_bool(v))
        page_words(&x->page, yyjson_is_true(v) ? say(x->p->o.in, "oui", "yes") : say(x->p->o.in, "non", "no"));
}

struct spot {
    const struct shape *shape;
    struct gw_str dotted; /* within the shape: "adresse.commune" */
    struct gw_str label;  /* what stands before it: "membre 2 › " */
};

static void value_put(struct exporting *x, const struct spot *at, yyjson_val *v);

static struct gw_str label_of(struct exporting *x, const struct spot *at)
{
    const struct field *f = field_of(at->shape, at->dotted);
    struct gw_str own = f && f->label[x->p->o.in->lang].len ? f->label[x->p->o.in->lang] : at->dotted;

    return str_of(arena_format(&x->arena, "%.*s%.*s", STR_ARG(at->label), STR_ARG(own)));
}

static void object_rows(struct exporting *x, const struct spot *at, yyjson_val *object)
{
    yyjson_val *key, *v;
    size_t i, n;

    yyjson_obj_foreach(object, i, n, key, v)
    {
        struct spot below = *at;

        below.dotted =
            at->dotted.len
                ? str_of(arena_format(&x->arena, "%.*s.%s", STR_ARG(at->dotted), yyjson_get_str(key)))
                : text_at(key);
        value_put(x, &below, v);
    }
}

static void list_rows(struct exporting *x, const struct spot *at, yyjson_val *list)
{
    const struct field *f = field_of(at->shape, at->dotted);
    yyjson_val *item;
    size_t i, n;

    yyjson_arr_foreach(list, i, n, item)
    {
        struct spot below = {.shape = f ? f->items : NULL, .dotted = {"", 0}};

        if (!yyjson_is_obj(item)) {
            row_put(x, label_of(x, at), item);
            continue;
        }
        below.label = str_of(arena_format(&x->arena, "%.*s %zu › ", STR_ARG(label_of(x, at)), i + 1));
        object_rows(x, &below, item);
    }
}

static void value_put(struct exporting *x, const struct spot *at, yyjson_val *v)
{
    if (yyjson_is_obj(v))
        object_rows(x, at, v);
    else if (yyjson_is_arr(v))
        list_rows(x, at, v);
    else if (!yyjson_is_null(v))
        row_put(x, label_of(x, at), v);
}

static void row_texts(struct exporting *x, const struct gw_str *cells, size_t n)
{
    page_row(&x->page);
    for (size_t i = 0; i < n; i++) {
        page_cell(&x->page, NULL);
        page_text(&x->page, cells[i]);
    }
}

static void pair(struct exporting *x, const char *name, struct gw_str text)
{
    page_row(&x->page);
    page_cell(&x->page, NULL);
    page_words(&x->page, name);
    page_cell(&x->page, NULL);
    page_text(&x->page, text);
}

static void source_rows(struct exporting *x, const struct resource_row *r)
{
    const struct invocation *in = x->p->o.in;
    const struct flow *f = flow_of(x, r->flow);
    char when[32];

    pair(x, say(in, "dit par", "said by"), r->partner);
    pair(x, say(in, "reçu le", "received on"), str_of(instant(r->received_at, when)));
    pair(x, say(in, "finalité", "purpose"), r->purpose);
    if (f)
        pair(x, say(in, "base légale", "legal basis"), f->legal_basis);
    pair(x, say(in, "échange et enregistrement", "exchange and record"),
         str_of(arena_format(&x->arena, "%lld : %llu", (long long)r->exchange, (unsigned long long)r->record)));
    if (r->version == x->part->row.version && x->part->row.nir.ptr)
        pair(x, say(in, "numéro", "number"), x->part->row.nir);
}

static void version_page(struct exporting *x, const struct resource_row *r, yyjson_val *root)
{
    static const char *const heads[2][2] = {{"champ", "valeur"}, {"field", "value"}};
    const struct invocation *in = x->p->o.in;
    bool present = r->version == x->part->row.version;
    struct spot at = {.shape = model_type(&x->p->o.engine.model, r->type), .dotted = {"", 0}, .label = {"", 0}};
    char *title = arena_format(&x->arena, "%.*s, version %u%s", STR_ARG(r->type), r->version,
                               present ? say(in, " (présente)", " (present)") : "");

    page_heading(&x->page, 2, str_of(arena_format(&x->arena, "r%lld-v%u", (long long)r->id, r->version)),
                 str_of(title));
    page_table(&x->page, "", heads[in->lang], 2);
    source_rows(x, r);
    object_rows(x, &at, yyjson_obj_get(root, "fields"));
    object_rows(x, &at, yyjson_obj_get(root, "ext"));
    page_table_end(&x->page);
}

/* ---- all of it ---- */

static bool each_version(void *to, const struct resource_row *r)
{
    struct exporting *x = to;
    yyjson_doc *doc = yyjson_read(r->payload.ptr, r->payload.len, YYJSON_READ_NUMBER_AS_RAW), *cut;
    struct buf content;

    buf_init(&content, (size_t)512 << 20);
    if (doc)
        dossier_cut(&x->p->d, yyjson_doc_get_root(doc), x->part->of == PART_ITEMS, &content);
    if (x->part->of != PART_ITEMS) {
        buf_clear(&content);
        buf_str(&content, r->payload);
    }
    cut = yyjson_read(content.data, content.len, YYJSON_READ_NUMBER_AS_RAW);
    if (x->lines)
        version_line(x, r, buf_view(&content));
    else
        version_page(x, r, yyjson_doc_get_root(cut));
    yyjson_doc_free(cut);
    yyjson_doc_free(doc);
    buf_done(&content);
    return true;
}

static struct gw_str file_name(struct exporting *x, int64_t exchange)
{
    struct exchange e;

    return exchange_get(x->p->o.store, exchange, &x->arena, &e) == GW_OK ? e.name : GW_STR("");
}

static bool each_delivery(void *to, const struct delivery *d)
{
    struct exporting *x = to;
    const struct flow *f = flow_of(x, d->flow);
    struct gw_str partner = f ? f->partner_name : d->flow, name = file_name(x, d->exchange);
    char when[32];
    struct buf b;

    if (!x->lines) {
        page_row(&x->page);
        page_cell(&x->page, NULL);
        page_words(&x->page, instant(d->at, when));
        page_cell(&x->page, NULL);
        page_text(&x->page, partner);
        page_cell(&x->page, NULL);
        page_text(&x->page, name);
        page_cell(&x->page, NULL);
        page_words(&x->page, delivery_words[d->state]);
        return true;
    }
    buf_init(&b, 65536);
    buf_format(&b, "{\"delivery\":%lld,\"exchange\":%lld,\"at\":%lld,\"state\":\"%s\"", (long long)d->id,
               (long long)d->exchange, (long long)d->at, delivery_words[d->state]);
    text_put(&b, "to", partner);
    text_put(&b, "flow", d->flow);
    text_put(&b, "file", name);
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
    return true;
}

static enum gw_result deliveries(struct exporting *x)
{
    static const char *const heads[2][4] = {{"quand", "à qui", "fichier", "état"},
                                            {"when", "to whom", "file", "state"}};
    enum gw_result result = GW_OK;

    if (!x->lines) {
        page_heading(&x->page, 2, GW_STR("deliveries"),
                     str_of(say(x->p->o.in, "À qui cela a été donné", "To whom it was given")));
        page_table(&x->page, "", heads[x->p->o.in->lang], 4);
    }
    for (const struct dossier_unit *u = x->p->d.units; u && result == GW_OK; u = u->next)
        result = delivery_of_unit(x->p->o.store, u->unit.id, &x->arena, each_delivery, x);
    if (!x->lines)
        page_table_end(&x->page);
    return result;
}

/* Files and texts of rejects speak of others as well: they are named, and shown by show --raw to who may. */
static void named(struct exporting *x, const char *kind, int64_t exchange, uint64_t record, int64_t at,
                  struct gw_str name)
{
    char when[32];
    struct buf b;

    if (!x->lines) {
        page_row(&x->page);
        page_cell(&x->page, NULL);
        page_words(&x->page, kind);
        page_cell(&x->page, NULL);
        page_words(&x->page, instant(at, when));
        page_cell(&x->page, NULL);
        page_text(&x->page, str_of(arena_format(&x->arena, record ? "%lld : %llu" : "%lld", (long long)exchange,
                                                (unsigned long long)record)));
        page_cell(&x->page, NULL);
        page_text(&x->page, name);
        return;
    }
    buf_init(&b, 65536);
    buf_format(&b, "{\"%s\":%lld,\"record\":%llu,\"at\":%lld", kind, (long long)exchange,
               (unsigned long long)record, (long long)at);
    text_put(&b, "name", name);
    buf_text(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static void elsewhere(struct exporting *x, const struct erasure *e)
{
    static const char *const heads[2][4] = {{"quoi", "quand", "échange et enregistrement", "fichier"},
                                            {"what", "when", "exchange and record", "file"}};
    const struct invocation *in = x->p->o.in;

    if (!x->lines) {
        page_heading(&x->page, 2, GW_STR("elsewhere"),
                     str_of(say(in, "Fichiers gardés et rejets qui en parlent",
                                "Files kept and rejects that speak of it")));
        page_table(&x->page, "", heads[in->lang], 4);
    }
    for (const struct erasure_file *f = e->files; f; f = f->next)
        if (f->spool.ptr && dossier_has_exchange(&x->p->d, f->exchange))
            named(x, x->lines ? "file_of_exchange" : say(in, "fichier", "file"), f->exchange, 0, f->received_at,
                  f->name);
    for (const struct erasure_reject *r = e->rejects; r; r = r->next)
        named(x, x->lines ? "reject_of_exchange" : say(in, "rejet", "reject"), r->exchange, r->record, r->at,
              GW_STR(""));
    if (!x->lines)
        page_table_end(&x->page);
}

static void mentions_page(struct exporting *x, const struct mentions *found)
{
    static const char *const heads[2][3] = {{"ressource", "type", "champ"}, {"resource", "type", "field"}};
    const struct invocation *in = x->p->o.in;

    page_heading(&x->page, 2, GW_STR("mentions"),
                 str_of(say(in, "Textes d'autres où son nom ou un numéro est écrit",
                            "Texts of others where their name or a number is written")));
    page_paragraph(&x->page);
    page_words(&x->page, say(in, "versions de ressources regardées : ", "versions of resources looked at: "));
    page_number(&x->page, found->looked);
    page_paragraph_end(&x->page);
    page_table(&x->page, "", heads[in->lang], 3);
    for (const struct mention *m = found->first; m; m = m->next) {
        const struct gw_str cells[] = {
            str_of(arena_format(&x->arena, "%lld v%u", (long long)m->resource, m->version)), m->type, m->path};

        row_texts(x, cells, 3);
    }
    page_table_end(&x->page);
}

/* Of others: the place is told, what is written there is theirs. */
static enum gw_result mentions(struct exporting *x)
{
    struct mentions found;
    enum gw_result result = mentions_find(&x->p->d, &found);
    struct buf b;

    if (result == GW_OK && !x->lines)
        mentions_page(x, &found);
    if (result != GW_OK || !x->lines)
        return result;
    buf_init(&b, (size_t)256 << 20);
    mentions_put(&found, &b);
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
    return GW_OK;
}

enum exit_code person_export(struct person_run *p)
{
    struct exporting x = {.p = p, .lines = p->o.in->json};
    struct erasure e = {.d = &p->d, .conf = &p->o.conf, .unread = true};
    enum gw_result result = erasure_find(&e);
    bool written = true;

    if (result != GW_OK)
        return EXIT_WORLD;
    if (!person_is_known(p, e.rejects != NULL) || !person_enter(p, "person.export"))
        return p->o.code;
    arena_init(&x.arena, 65536, 0);
    if (!p->o.in->lang_asked)
        p->o.in->lang = LANG_FR;
    if (!x.lines)
        page_open(&x.page, option_value(p->o.in, "html") ? PAGE_HTML : PAGE_MARKDOWN, p->o.in->lang,
                  say(p->o.in, "Tout ce qui est tenu d'une personne", "All that is held of a person"));
    for (x.part = p->d.parts; x.part && result == GW_OK; x.part = x.part->next)
        result = resource_versions(p->o.store, x.part->id, &x.arena, each_version, &x);
    if (result == GW_OK)
        result = deliveries(&x);
    elsewhere(&x, &e);
    if (result == GW_OK && option_value(p->o.in, "mentions"))
        result = mentions(&x);
    if (!x.lines)
        written = page_done(&x.page);
    arena_done(&x.arena);
    return result == GW_OK && written ? EXIT_DONE : EXIT_WORLD;
}
