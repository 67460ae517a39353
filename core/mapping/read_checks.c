/* SPDX-License-Identifier: EUPL-1.2 */
/* What the checks of the pivot say of a record just read, told at the native place it came from. */
#include "mapping/read.h"

struct read_checks {
    struct check_report report; /* first */
    struct reading *reading;
};

static const struct tie *tie_of(const struct table *t, uint32_t line)
{
    for (size_t k = 0; k < t->nties; k++)
        if (t->ties[k]->index == line)
            return t->ties[k];
    return NULL;
}

static struct instance *instance_of(const struct reading *r, const struct scope *s, const struct resource *res)
{
    struct frame *f;

    for (has_frames(r, s, &f); f; f = f->all)
        if (f->instances[s->local].resource == res)
            return &f->instances[s->local];
    return NULL;
}

/* The first line that would give a field which is absent, and the empty node it would come from. */
static const struct tie *tie_feeding(const struct reading *r, const struct resource *res,
                                     const struct field *field, const struct gw_node **ret_node)
{
    for (size_t k = 0; k < r->table->nties; k++) {
        const struct tie *tie = r->table->ties[k];
        bool feeds = false;
        const struct instance *i;

        for (size_t n = 0; n < tie->ntargets; n++)
            feeds |= tie->targets[n].field == field;
        if (!feeds || !tie->nplaces || (tie->use & USE_WRITE) || !tie->scope)
            continue;
        i = instance_of(r, tie->scope, res);
        if (!i)
            continue;
        if (cell_of(r, tie, 0, i))
            *ret_node = cell_of(r, tie, 0, i);
        return tie;
    }
    return NULL;
}

static void checked(struct check_report *to, enum gw_severity severity, const char *code,
                    const struct resource *res, const struct field *field, const struct value *value,
                    const struct gw_arg *args, size_t nargs)
{
    struct reading *r = ((struct read_checks *)to)->reading;
    const struct tie *tie = value ? tie_of(r->table, value->line) : NULL;
    const struct gw_node *node = value && value->at ? value->at : r->rec ? r->rec->root : NULL;

    if (!value && field)
        tie = tie_feeding(r, res, field, &node);
    read_report(r, severity, code, tie, tie && tie->nplaces ? tie->places[0] : NULL, node, args, nargs);
}

void checks_read(struct reading *r, const struct bundle *b)
{
    struct read_checks to = {{checked}, r};

    for (const struct resource *res = b->first; r->checks && res; res = res->next)
        checks_run(r->checks, &r->conversion, res, &to.report);
}
