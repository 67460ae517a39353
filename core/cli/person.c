/* SPDX-License-Identifier: EUPL-1.2 */
/* person: one person, for who answers to them: all that is held, who had it, and forgetting it. */
#include "cli/person.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/audit.h"

#define NUMBER_MAX 64

/* From standard input or a file, never from the command line, which others on the machine can read. */
static struct gw_str number_read(struct person_run *p, const char *path)
{
    FILE *from = path ? fopen(path, "re") : stdin;
    char *kept = arena_alloc(&p->o.arena, NUMBER_MAX + 1);
    size_t n = 0;
    int c;

    if (!from || !kept)
        return (struct gw_str){NULL, 0};
    while (n < NUMBER_MAX && (c = getc(from)) != EOF && c != '\n')
        if (c != ' ' && c != '.' && c != '\r')
            kept[n++] = (char)c;
    kept[n] = '\0';
    if (from != stdin)
        (void)fclose(from);
    return (struct gw_str){kept, n};
}

/* "12", or the 32 hex digits of its key. */
static enum gw_result resource_of(struct person_run *p, const char *text, int64_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t key[STORE_KEY] = {0};

    if (number_parse(text, ret) && strlen(text) < 2 * STORE_KEY)
        return GW_OK;
    if (strlen(text) != 2 * STORE_KEY)
        return GW_END;
    for (size_t i = 0; i < 2 * STORE_KEY; i++) {
        const char *at = strchr(digits, text[i]);

        if (!at)
            return GW_END;
        key[i / 2] = (uint8_t)(key[i / 2] << 4 | (at - digits));
    }
    return resource_find(p->o.store, key, ret);
}

static enum gw_result find(struct person_run *p, const char *resource)
{
    struct gw_str number;
    int64_t id = 0;
    enum gw_result result;

    if (resource) {
        result = resource_of(p, resource, &id);
        return result == GW_OK ? dossier_by_resource(&p->d, id) : result;
    }
    number = number_read(p, option_value(p->o.in, "number"));
    return number.len ? dossier_by_number(&p->d, number) : GW_END;
}

bool person_enter(struct person_run *p, const char *action)
{
    char subject[32];

    operate_actor(&p->o);
    if (dossier_subject(&p->d, subject) == GW_OK &&
        audit_add(p->o.store, (struct gw_str){NULL, 0}, str_of(action), str_of(subject), GW_STR("")) == GW_OK)
        return true;
    p->o.code = EXIT_WORLD;
    return false;
}

static enum exit_code nobody(struct person_run *p, enum gw_result result)
{
    if (result == GW_REJECT)
        complain(p->o.in, "cette ressource ne représente pas une personne",
                 "this resource stands for no person", NULL);
    else if (result == GW_END)
        complain(
            p->o.in,
            "personne de ce numéro ni de cette ressource n'est connu ici ; un numéro est cherché en entier, "
            "avec sa clé",
            "nobody of that number or resource is known here; a number is looked for whole, with its key",
            NULL);
    return result == GW_REJECT || result == GW_END ? EXIT_USAGE : EXIT_WORLD;
}

bool person_is_known(struct person_run *p, bool elsewhere)
{
    if (p->d.parts || elsewhere)
        return true;
    p->o.code = nobody(p, GW_END);
    return false;
}

static const struct {
    const char *name;
    enum exit_code (*run)(struct person_run *p);
} words[] = {{"export", person_export}, {"accesses", person_accesses}, {"forget", person_forget_run}};

static enum exit_code run(struct person_run *p)
{
    const struct invocation *in = p->o.in;
    enum gw_result result;

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (!in->noperands || strcmp(in->operands[0], words[i].name) != 0)
            continue;
        if (!operate_store(&p->o, false))
            return p->o.code;
        p->d.store = p->o.store;
        result = find(p, in->noperands > 1 ? in->operands[1] : NULL);
        return result == GW_OK ? words[i].run(p) : nobody(p, result);
    }
    complain(in, "export, accesses ou forget est attendu", "export, accesses or forget is expected",
             in->noperands ? in->operands[0] : NULL);
    return EXIT_USAGE;
}

static enum exit_code person_run(struct invocation *in)
{
    struct person_run p = {.o = {.in = in}};
    bool opened = operate_open(&p.o, in);

    if (opened && (model_load(&p.o.engine.model, &p.o.engine.arena,
                              arena_format(&p.o.arena, "%.*s/pivot", STR_ARG(in->home.schemas)),
                              &p.o.printer.sink) != GW_OK ||
                   plans_make(&p.o.arena, &p.o.engine.model, &p.plans) != GW_OK)) {
        p.o.code = EXIT_WORLD;
    } else if (opened) {
        p.d = (struct dossier){.arena = &p.o.arena, .plans = p.plans};
        p.o.code = run(&p);
    }
    operate_close(&p.o);
    return p.o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"number", 0, "FILE", "fichier qui contient son numéro ; sinon lu sur l'entrée standard",
     "file that holds their number; else it is read from standard input"},
    {"html", 0, NULL, "export : une page HTML", "export: an HTML page"},
    {"mentions", 0, NULL, "export : dire aussi où des textes d'autres parlent d'elle ; tout le magasin est lu",
     "export: tell too where texts of others speak of them; the whole store is read"},
    {"confirm", 0, NULL, "forget : le faire ; sans elle, dire ce qui partirait",
     "forget: do it; without it, say what would go"},
    {"proof", 0, "FILE", "forget : où écrire la preuve signée ; sinon ÉTAT/proofs",
     "forget: where to write the signed proof; else STATE/proofs"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb person_verb = {
    .name = "person",
    .operands = "export|accesses|forget [RESOURCE]",
    .fr = "une personne : tout ce qui est tenu d'elle, qui l'a eu, et son effacement",
    .en = "one person: all that is held, who had it, and forgetting it",
    .example = "passerelle person export --html --number numero.txt > personne.html",
    .options = options,
    .max_operands = 2,
    .run = person_run,
};
