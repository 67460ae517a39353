/* SPDX-License-Identifier: EUPL-1.2 */
/* Which formats a shared list is for. What a rules plugin asks for while it runs does not show in a table. */
#include <unistd.h>

#include "base/str.h"
#include "cli/nomenclatures.h"

/* In its own folder, or an ancestor's. */
static bool has_own(struct nomenclatures *n, const struct format *f, struct gw_str list)
{
    for (size_t i = 0; i < f->nchain; i++) {
        const char *path = arena_format(&n->arena, "%.*s/%.*s/codes/%.*s.csv", STR_ARG(f->formats),
                                        STR_ARG(f->chain[i]), STR_ARG(list));

        if (path && access(path, F_OK) == 0)
            return true;
    }
    return false;
}

/* What is wrong with a format is not the question here. */
static void hear_nothing(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

static bool user_add(struct nomenclatures *n, struct nomenclature *l, const struct format *f)
{
    struct list_user *grown = arena_array(&n->arena, l->nusers + 1, sizeof(*grown));

    if (!grown)
        return false;
    if (l->nusers)
        memcpy(grown, l->users, l->nusers * sizeof(*grown));
    grown[l->nusers++] = (struct list_user){arena_copy(&n->arena, f->name), has_own(n, f, l->name)};
    l->users = grown;
    return true;
}

static bool users_of(struct nomenclatures *n, const struct codec *c)
{
    const struct codes *list = c->table ? c->table->convert.loaded : NULL;
    bool good = true;

    for (; good && list; list = list->next) {
        struct nomenclature *l = nomenclatures_find(n, list->name);

        good = !l || user_add(n, l, c->format);
    }
    return good;
}

enum gw_result nomenclatures_users(struct nomenclatures *n)
{
    struct sink mute = {hear_nothing};
    struct gw_str *names;
    size_t count;
    enum gw_result r = formats_list(&n->arena, n->engine->formats, &names, &count);

    for (size_t i = 0; r == GW_OK && i < count; i++) {
        struct codec c;

        if (codec_open(&c, n->engine, names[i], (struct gw_str){NULL, 0}, &mute) == GW_OK && !users_of(n, &c))
            r = GW_FATAL;
        codec_close(&c);
    }
    return r;
}
