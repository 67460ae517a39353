/* SPDX-License-Identifier: EUPL-1.2 */
/* flows: those of the configuration; --register: what the law wants to know of each. */
#include <stdio.h>

#include "base/csv.h"
#include "base/str.h"
#include "cli/page.h"
#include "cli/register.h"

static void list(const struct operating *o)
{
    for (size_t i = 0; i < o->conf.nflows; i++) {
        const struct flow *f = &o->conf.flows[i];
        struct buf b;

        buf_init(&b, 65536);
        if (o->in->json) {
            buf_text(&b, "{\"flow\":");
            buf_json(&b, f->name);
            buf_format(&b, ",\"direction\":\"%s\",\"partner\":", f->out ? "out" : "in");
            buf_json(&b, f->partner_name);
            buf_text(&b, ",\"format\":");
            buf_json(&b, f->format);
            buf_text(&b, ",\"purpose\":");
            buf_json(&b, f->purpose);
            buf_text(&b, "}\n");
        } else {
            buf_format(&b, "%-24.*s %-3s %-16.*s %-24.*s %.*s\n", STR_ARG(f->name), f->out ? "out" : "in",
                       STR_ARG(f->partner_name), STR_ARG(f->format), STR_ARG(f->purpose));
        }
        fwrite(b.data, 1, b.len, stdout);
        buf_done(&b);
    }
}

static void row_page(struct page *p, const struct invocation *in, const struct gw_str cells[REGISTER_CELLS])
{
    static const char *const heads[2][2] = {{"rubrique", "contenu"}, {"item", "content"}};

    page_heading(p, 2, cells[REGISTER_NAME], cells[REGISTER_NAME]);
    page_table(p, "", heads[in->lang], 2);
    for (size_t i = REGISTER_DIRECTION; i < REGISTER_CELLS; i++) {
        page_row(p);
        page_cell(p, NULL);
        page_words(p, register_heads[in->lang][i]);
        page_cell(p, NULL);
        page_text(p, cells[i]);
    }
    page_table_end(p);
}

static void row_csv(const struct gw_str cells[REGISTER_CELLS])
{
    struct buf b;

    buf_init(&b, (size_t)16 << 20);
    csv_cells(&b, cells, REGISTER_CELLS);
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static void head_csv(const struct invocation *in)
{
    struct gw_str heads[REGISTER_CELLS];

    for (size_t i = 0; i < REGISTER_CELLS; i++)
        heads[i] = str_of(register_heads[in->lang][i]);
    fputs("\xEF\xBB\xBF", stdout);
    row_csv(heads);
}

static enum exit_code register_print(struct operating *o)
{
    bool csv = option_value(o->in, "csv"), written = true;
    struct gw_str cells[REGISTER_CELLS];
    enum gw_result result = engine_rest(&o->engine, &o->printer.sink);
    struct page page;

    if (csv)
        head_csv(o->in);
    else
        page_open(&page, option_value(o->in, "html") ? PAGE_HTML : PAGE_MARKDOWN, o->in->lang,
                  say(o->in, "Registre des activités de traitement", "Register of processing activities"));
    for (size_t i = 0; i < o->conf.nflows && result == GW_OK; i++) {
        result = register_row(o, &o->conf.flows[i], cells);
        if (csv)
            row_csv(cells);
        else
            row_page(&page, o->in, cells);
    }
    if (!csv)
        written = page_done(&page);
    return result == GW_OK && written ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
}

static enum exit_code flows_run(struct invocation *in)
{
    struct operating o;

    if (operate_open(&o, in)) {
        if (option_value(in, "register") && !in->lang_asked)
            in->lang = LANG_FR;
        if (option_value(in, "register"))
            o.code = register_print(&o);
        else
            list(&o);
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"register", 0, NULL, "le registre des traitements, en français sans --lang : Markdown, ou",
     "the register of processing, in French without --lang: Markdown, or"},
    {"html", 0, NULL, "une page HTML", "an HTML page"},
    {"csv", 0, NULL, "une table CSV", "a CSV table"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb flows_verb = {
    .name = "flows",
    .operands = "",
    .fr = "les flux de la configuration, et leur registre des traitements",
    .en = "the flows of the configuration, and their register of processing",
    .example = "passerelle flows --register --html > registre.html",
    .options = options,
    .run = flows_run,
};
