/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/register.h"

#include "base/str.h"
#include "mapping/table.h"
#include "pipeline/engine.h"

const char *const register_heads[2][REGISTER_CELLS] = {
    {"traitement (flux)", "sens", "partenaire", "finalité", "base légale",
     "ressources qui parlent de personnes", "catégories de données", "destinataires", "durées de conservation",
     "mesures de sécurité"},
    {"processing (flow)", "direction", "partner", "purpose", "legal basis", "resources that speak of people",
     "categories of data", "recipients", "retention", "security measures"}};

#define CLASSES (SENS_JUDICIAL + 1)

/* What a flow carries: texts "type: label, label; type: ...", by sensitivity. */
struct carried {
    struct operating *o;
    struct buf classes[CLASSES];
    size_t counts[CLASSES];
    struct gw_str type[CLASSES]; /* said last */
    struct buf people;
    struct gw_str last_person;
    size_t others; /* fields of the format's own */
};

static struct gw_str type_of(const struct shape *s)
{
    struct gw_str rest;

    return str_cut(s->name, '.', &rest);
}

static bool said(const struct buf *b, struct gw_str label)
{
    size_t at;

    return str_find(buf_view(b), label, &at);
}

static void carry(struct carried *c, struct gw_str type, const struct field *f)
{
    unsigned class = f->sensitivity < CLASSES ? f->sensitivity : SENS_JUDICIAL;
    struct buf *b = &c->classes[class];
    struct gw_str label = f->label[c->o->in->lang].len ? f->label[c->o->in->lang] : f->name;

    if (class >= SENS_PERSONAL && !said(&c->people, type)) {
        buf_text(&c->people, c->people.len ? ", " : "");
        buf_str(&c->people, type);
    }
    c->counts[class]++;
    if (class < SENS_IDENTITY || said(b, label))
        return;
    if (!str_eq(c->type[class], type)) {
        buf_format(b, "%s%.*s : ", b->len ? " ; " : "", STR_ARG(type));
        c->type[class] = type;
    } else {
        buf_text(b, ", ");
    }
    buf_str(b, label);
}

/* All of a shape, the items of its lists too, up to that sensitivity. */
static void carry_shape(struct carried *c, struct gw_str type, const struct shape *s, unsigned most)
{
    for (uint16_t i = 0; i < s->count; i++) {
        const struct field *f = s->fields[i];

        if (f->ext.ptr)
            continue;
        if (f->items)
            carry_shape(c, type, f->items, most);
        else if (f->sensitivity <= most)
            carry(c, type, f);
    }
}

static void carry_model(struct carried *c)
{
    const struct model *m = &c->o->engine.model;

    for (size_t i = 0; i < m->count; i++)
        carry_shape(c, m->types[i]->name, m->types[i], SENS_JUDICIAL);
}

static void carry_table(struct carried *c, const struct table *t)
{
    for (size_t k = 0; k < t->nties; k++)
        for (size_t n = 0; t->ties[k]->form != FORM_REST && n < t->ties[k]->ntargets; n++) {
            const struct target *to = &t->ties[k]->targets[n];

            if (to->field->ext.ptr)
                c->others++;
            else
                carry(c, type_of(to->shape), to->field);
        }
}

/* "TYPE.FIELD" of a destination. */
static void carry_named(struct carried *c, const struct shape *top, const struct shape *s, struct gw_str name)
{
    for (uint16_t i = 0; i < s->count; i++) {
        const struct field *f = s->fields[i];
        bool below = str_begins(f->full, name) && f->full.len > name.len &&
                     (f->full.ptr[name.len] == '.' || f->full.ptr[name.len] == '[');

        if (f->ext.ptr)
            continue;
        if (f->items && (below || str_eq(f->full, name)))
            carry_shape(c, top->name, f->items, SENS_JUDICIAL);
        else if (f->items)
            carry_named(c, top, f->items, name);
        else if (below || str_eq(f->full, name))
            carry(c, top->name, f);
    }
}

static void carry_fields(struct carried *c, const struct flow *f)
{
    for (size_t i = 0; i < f->nfields; i++) {
        struct gw_str name, type = str_cut(f->fields[i], '.', &name);
        const struct shape *s = model_type(&c->o->engine.model, type);

        if (s && str_is(name, "*"))
            carry_shape(c, type, s, SENS_IDENTITY);
        else if (s && !str_begins(name, GW_STR("ext")))
            carry_named(c, s, s, name);
        else
            c->others++;
    }
}

static enum gw_result carry_format(struct carried *c, const struct flow *f)
{
    struct codec codec = {0};
    enum gw_result result = codec_open(&codec, &c->o->engine, f->format, f->profile, &c->o->printer.sink);

    if (result == GW_OK && codec.table)
        carry_table(c, codec.table);
    else if (result == GW_OK)
        carry_model(c);
    codec_close(&codec);
    return result;
}

/* ---- cells ---- */

static struct gw_str keep(struct operating *o, struct buf *b)
{
    struct gw_str text = str_of(b->failed ? NULL : arena_text(&o->arena, buf_view(b)));

    buf_done(b);
    return text;
}

static struct gw_str categories(struct carried *c)
{
    static const char *const words[2][CLASSES] = {
        {"sans rapport à quelqu'un", "vie personnelle ou professionnelle", "identité",
         "numéro de sécurité sociale", "sensibles (art. 9 du RGPD)", "judiciaires (art. 10 du RGPD)"},
        {"of no person", "personal or professional life", "identity", "social security number",
         "sensitive (GDPR art. 9)", "judicial (GDPR art. 10)"}};
    const struct invocation *in = c->o->in;
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    for (unsigned i = SENS_JUDICIAL; i > SENS_NONE; i--) {
        if (!c->counts[i])
            continue;
        buf_format(&b, "%s%s (%zu)", b.len ? ". " : "", words[in->lang][i], c->counts[i]);
        if (c->classes[i].len)
            buf_format(&b, " : %.*s", (int)c->classes[i].len, c->classes[i].data);
    }
    if (c->others)
        buf_format(&b, "%s%s (%zu)", b.len ? ". " : "",
                   say(in, "champs propres au partenaire", "fields of the partner's own"), c->others);
    return keep(c->o, &b);
}

static struct gw_str partner_label(const struct flow *f)
{
    return f->partner && f->partner->label.len ? f->partner->label : f->partner_name;
}

/* Does the flow out get what the flow in brings? */
static bool is_given(const struct flow *out, const struct flow *in)
{
    for (size_t i = 0; i < out->nfrom; i++)
        if (str_eq(out->from[i], in->name))
            return true;
    return !out->nfrom && !str_eq(out->partner_name, in->partner_name);
}

static struct gw_str recipients(struct operating *o, const struct flow *f)
{
    struct buf b;

    buf_init(&b, 65536);
    if (f->out)
        buf_str(&b, partner_label(f));
    for (size_t i = 0; i < o->conf.nflows && !f->out; i++) {
        const struct flow *other = &o->conf.flows[i];

        if (other->out && is_given(other, f))
            buf_format(&b, "%s%.*s (%.*s)", b.len ? ", " : "", STR_ARG(partner_label(other)),
                       STR_ARG(other->name));
    }
    if (!b.len)
        buf_text(&b, say(o->in, "aucun", "none"));
    return keep(o, &b);
}

static struct gw_str security(struct operating *o, const struct flow *f)
{
    struct gw_str rest, scheme = f->connector ? str_cut(f->connector->url, ':', &rest) : GW_STR("");
    struct buf b;

    buf_init(&b, 65536);
    if (f->connector)
        buf_format(&b, "%s %.*s (%.*s)", say(o->in, "transport par le connecteur", "carried by the connector"),
                   STR_ARG(f->connector_name), STR_ARG(scheme));
    else
        buf_text(&b, f->api ? say(o->in, "transport par l'API, TLS et clé du partenaire",
                                  "carried by the API, TLS and the partner's key")
                            : say(o->in, "dépôt dans un dossier de la machine", "a folder of the machine"));
    if (openpgp_given(&f->openpgp))
        buf_text(&b, say(o->in, " ; fichiers chiffrés (OpenPGP)", "; files encrypted (OpenPGP)"));
    buf_text(
        &b,
        say(o->in,
            " ; magasin scellé (AES-256-GCM), clé à part ; numéros par empreinte à clé ; valeurs masquées à "
            "l'écran et dans les journaux ; analyse des fichiers en processus enfermés ; journal d'audit "
            "enchaîné et signé ; champs donnés limités à ceux du flux",
            "; store sealed (AES-256-GCM), key apart; numbers by keyed hash; values masked on screens and in "
            "logs; files parsed by confined processes; audit trail chained and signed; fields given limited "
            "to those of the flow"));
    return keep(o, &b);
}

enum gw_result register_row(struct operating *o, const struct flow *f, struct gw_str cells[REGISTER_CELLS])
{
    struct carried c = {.o = o};
    struct buf retention;
    enum gw_result result = GW_OK;

    buf_init(&c.people, 65536);
    buf_init(&retention, 4096);
    for (size_t i = 0; i < CLASSES; i++)
        buf_init(&c.classes[i], (size_t)1 << 20);
    if (f->out)
        carry_fields(&c, f);
    else
        result = carry_format(&c, f);
    conf_retention_sentence(&retention, f, o->in->lang);
    cells[REGISTER_NAME] = f->name;
    cells[REGISTER_DIRECTION] = str_of(f->out ? say(o->in, "sortant", "out") : say(o->in, "entrant", "in"));
    cells[REGISTER_PARTNER] = partner_label(f);
    cells[REGISTER_PURPOSE] = f->purpose;
    cells[REGISTER_BASIS] = f->legal_basis;
    cells[REGISTER_CATEGORIES] = categories(&c);
    if (!c.people.len)
        buf_text(&c.people, say(o->in, "aucune", "none"));
    cells[REGISTER_CONCERNED] = keep(o, &c.people);
    cells[REGISTER_RECIPIENTS] = recipients(o, f);
    cells[REGISTER_RETENTION] = keep(o, &retention);
    cells[REGISTER_SECURITY] = security(o, f);
    for (size_t i = 0; i < CLASSES; i++)
        buf_done(&c.classes[i]);
    return result;
}
