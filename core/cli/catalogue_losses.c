/* SPDX-License-Identifier: EUPL-1.2 */
/* What is lost of one format in each other whose records can be made from it, by name. */
#include "base/str.h"
#include "cli/catalogue.h"

static void names(struct catalogue_page *c, const struct shelved *from, const struct shelved *to,
                  enum carried which)
{
    for (size_t i = 0; !c->failed && i < from->read.count; i++) {
        enum carried carried;
        struct reach_values lost;

        c->failed = reach_ask(&from->read, i, &to->written, &c->scratch, &carried, &lost) != GW_OK;
        arena_reset(&c->scratch);
        if (c->failed || carried != which || from->read.items[i].field->ext.ptr)
            continue;
        page_words(&c->page, " ");
        page_code(&c->page, from->read.items[i].name);
    }
}

static void counted(struct catalogue_page *c, const char *fr, const char *en, size_t n)
{
    page_words(&c->page, word_of(c, fr, en));
    page_number(&c->page, n);
}

/* Places demanded; the words stand before the first. */
struct needing {
    struct catalogue_page *c;
    bool some;
};

static void need(void *to, const struct place *p, const struct tie *tie)
{
    struct needing *n = to;

    (void)tie;
    if (!n->some)
        page_words(&n->c->page, word_of(n->c, " ; exigés et inconnus ici :", "; demanded and unknown here:"));
    n->some = true;
    page_words(&n->c->page, " ");
    page_code(&n->c->page, p->path);
}

static void needs(struct catalogue_page *c, const struct shelved *from, const struct shelved *to)
{
    struct needing n = {c, false};

    c->failed |= reach_needs(&from->read, &to->written, &c->scratch, need, &n) != GW_OK;
    arena_reset(&c->scratch);
}

/* What is carried, or what is lost: whichever are fewer, the others are the rest. */
static void pair(struct catalogue_page *c, const struct shelved *from, const struct shelved *to)
{
    struct carriage n;

    if (shelf_carriage(from, to, &c->scratch, &n) != GW_OK) {
        c->failed = true;
        return;
    }
    if (!n.roots || !(n.whole + n.partly))
        return;
    page_item(&c->page);
    page_link(&c->page, to->format->name, to->format->name);
    counted(c, " : perdus ", ": lost ", n.lost);
    if (n.lost && n.lost <= n.whole)
        names(c, from, to, CARRIED_NOT);
    counted(c, " ; en partie ", "; in part ", n.partly);
    names(c, from, to, CARRIED_PARTLY);
    counted(c, " ; entiers ", "; whole ", n.whole);
    if (n.lost > n.whole)
        names(c, from, to, CARRIED);
    needs(c, from, to);
    page_item_end(&c->page);
}

void catalogue_losses(struct catalogue_page *c, const struct shelved *from)
{
    page_paragraph(&c->page);
    page_strong(&c->page, word_of(c, "Ce que les autres en perdent", "What the others lose of it"));
    page_paragraph_end(&c->page);
    page_list(&c->page);
    for (size_t i = 0; !c->failed && i < c->shelf->count; i++) {
        const struct shelved *to = &c->shelf->items[i];

        if (to != from && !to->format->pivot && to->writes)
            pair(c, from, to);
    }
    page_list_end(&c->page);
}
