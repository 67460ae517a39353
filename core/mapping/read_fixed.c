/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of what is no value of ours: constants, what must be empty, numbers of lines, totals, whole trees. */
#include "base/str.h"
#include "mapping/read_line.h"

enum gw_result read_const(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);
    struct gw_str text = line_text(r, node);

    if (!text.ptr)
        return line_missing(r, tie, i);
    if (tie->when && !condition_holds(&r->view, tie->when))
        return GW_OK;
    if (str_among(tie->word, '|', text))
        node->flags |= NODE_TAKEN;
    else
        line_pend(r, tie, node, "mapping.const");
    return GW_OK;
}

enum gw_result read_nil(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);

    if (line_text(r, node).ptr && (!tie->when || condition_holds(&r->view, tie->when)))
        line_pend(r, tie, node, "mapping.unexpected");
    return GW_OK;
}

enum gw_result read_line_number(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);
    struct gw_str text = line_text(r, node);
    uint64_t n;
    char room[20];
    struct gw_arg args[] = {{"found", text}, {"expected", gw_digits(r->record, room)}};

    if (!text.ptr)
        return line_missing(r, tie, i);
    if (!str_number(text, &n) || n != r->record)
        read_report(r, GW_WARNING, "mapping.line", tie, tie->places[0], node, args, 2);
    node->flags |= NODE_TAKEN;
    return GW_OK;
}

/* A count or a sum as the file says it: compared at the end of the stream. */
enum gw_result read_total(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);
    struct gw_str text = line_text(r, node);

    if (!text.ptr)
        return line_missing(r, tie, i);
    node->flags |= NODE_TAKEN;
    while (tie->form == FORM_COUNT && text.len > 1 && text.ptr[0] == '0')
        text = str_from(text, 1);
    i->live |= tie->ntargets > 0;
    return tie->ntargets ? line_put(r, tie, 0, i, text, node) : GW_OK;
}

enum gw_result read_tree(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);
    struct value *v;

    if (!node || !tie->ntargets)
        return GW_OK;
    v = target_make(&r->arena, i->object, &tie->targets[0]);
    if (!v)
        return GW_FATAL;
    *v = (struct value){.tree = node, .at = node, .line = tie->index};
    i->live = true;
    return GW_OK;
}
