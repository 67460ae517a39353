/* SPDX-License-Identifier: EUPL-1.2 */
/* A record's bytes for a reject: as they came, or where they are those of no record, its tree as JSON. */
#include "base/str.h"
#include "pipeline/session.h"
#include "pipeline/window.h"

static void tree_json(const struct session *s, const struct gw_node *n, struct buf *out)
{
    bool list = n->kind == GW_LIST;

    if (!n->first) {
        buf_json(out, (struct gw_str){n->text ? n->text : "", n->text ? n->len : 0});
        return;
    }
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        buf_char(out, kid != n->first ? ',' : list ? '[' : '{');
        if (!list) {
            buf_json(out, names_text(s->names, kid->name));
            buf_char(out, ':');
        }
        tree_json(s, kid, out);
    }
    buf_char(out, list ? ']' : '}');
}

bool session_raw(struct session *s, const struct gw_record *rec, struct buf *out)
{
    bool complete;
    struct gw_str text, bad;

    if (rec->begin == rec->end) { /* it is in no bytes of the stream */
        if (rec->root)
            tree_json(s, rec->root, out);
        return rec->root != NULL;
    }
    text = window_range(s, rec->begin, rec->end, &complete);
    if (charset_encode(s->charset, text, true, NULL, out, &bad) != GW_OK)
        return false;
    return complete;
}
