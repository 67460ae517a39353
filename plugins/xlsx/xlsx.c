/* SPDX-License-Identifier: EUPL-1.2 */
/* xlsx - workbooks of Excel and its like, read and written. Here is what the host sees of the plugin. */
#include <string.h>

#include "table/cells.h"

#include "xlsx.h"

const struct sheet_codes xlsx_codes = SHEET_CODES("xlsx");

static const struct sheet_way way = {.begin = xlsx_sheet_begin, .feed = xlsx_sheet_feed};

static enum gw_result open_reader(struct gw_session *s)
{
    const struct xlsx_config *config = s->config;
    struct xlsx_reader *x = s->state;
    enum gw_result r;

    x->sheet.s = s;
    x->sheet.codes = &xlsx_codes;
    x->sheet.way = &way;
    x->sheet.config = &config->sheet;
    r = zip_open(&x->sheet.zip, s, &xlsx_codes.zip);
    if (r == GW_OK)
        r = xlsx_book_read(x);
    if (r == GW_OK)
        r = xlsx_styles_read(x);
    if (r == GW_OK)
        r = xlsx_strings_read(x);
    return r == GW_OK ? sheet_open(&x->sheet) : r;
}

static enum gw_result next_row(struct gw_session *s, struct gw_record *rec)
{
    return sheet_next(s->state, rec);
}

static void close_reader(struct gw_session *s)
{
    part_close(&((struct xlsx_reader *)s->state)->sheet.part);
}

const struct gw_reader xlsx_reader = {
    .state_size = sizeof(struct xlsx_reader), .open = open_reader, .next = next_row, .close = close_reader};

/* A zip whose first member is of a workbook. */
static int probe(const struct gw_probe *p)
{
    static const char *const firsts[] = {"[Content_Types].xml", "_rels/", "xl/", "docProps/"};

    if (p->head.len < 30 || memcmp(p->head.ptr, "PK\3\4", 4) != 0)
        return 0;
    for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
        size_t len = strlen(firsts[i]);

        if (p->head.len >= 30 + len && memcmp(p->head.ptr + 30, firsts[i], len) == 0)
            return 90;
    }
    return 0;
}

static const struct gw_option options[] = {
    SHEET_OPTIONS,
    {"name", GW_OPT_TEXT, offsetof(struct xlsx_config, name), "Feuille1", NULL, "nom de la feuille écrite",
     "name of the sheet that is written"},
    {.name = NULL},
};

static const struct gw_message messages[] = {
    SHEET_MESSAGES("xlsx"),
    CELLS_MESSAGES("xlsx"),
    {"xlsx.text_long", "le texte de « {column} » a plus de 32 767 caractères",
     "the text of \"{column}\" has more than 32,767 characters",
     "Une cellule n'en contient pas plus : raccourcissez le texte.", "A cell holds no more: shorten the text."},
    {"xlsx.character", "le texte de « {column} » contient un caractère qu'un classeur ne peut contenir",
     "the text of \"{column}\" has a character that no workbook can hold", "Retirez ce caractère du texte.",
     "Remove that character from the text."},
    {"xlsx.row_empty", "la ligne n'a aucune valeur", "the row has no value",
     "Une ligne vide ne serait pas relue : vérifiez ce que la table écrit.",
     "An empty row would not be read again: check what the table writes."},
    {"xlsx.rows_many", "le classeur a plus de lignes ou d'octets qu'il ne peut",
     "the workbook has more rows or bytes than it may",
     "Une feuille a au plus 1 048 576 lignes : envoyez moins, ou en CSV.",
     "A sheet has at most 1,048,576 rows: send fewer, or send CSV."},
    {.code = NULL},
};

GW_PLUGIN(.name = "xlsx", .version = "1.0", .flags = GW_TYPED | GW_SEEKS,
          .summary_fr = "classeurs Excel (.xlsx)", .summary_en = "Excel workbooks (.xlsx)", .options = options,
          .config_size = sizeof(struct xlsx_config), .messages = messages, .probe = probe,
          .reader = &xlsx_reader, .writer = &xlsx_writer);
