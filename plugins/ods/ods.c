/* SPDX-License-Identifier: EUPL-1.2 */
/* ods - workbooks of LibreOffice and its like, read and written. Here is what the host sees of the plugin. */
#include "table/cells.h"

#include "ods.h"

const struct sheet_codes ods_codes = SHEET_CODES("ods");

static const struct sheet_way way = {.begin = ods_sheet_begin, .feed = ods_sheet_feed};

static enum gw_result open_reader(struct gw_session *s)
{
    const struct ods_config *config = s->config;
    struct ods_reader *o = s->state;
    enum gw_result r;

    o->sheet.s = s;
    o->sheet.codes = &ods_codes;
    o->sheet.way = &way;
    o->sheet.config = &config->sheet;
    r = zip_open(&o->sheet.zip, s, &ods_codes.zip);
    return r == GW_OK ? sheet_open(&o->sheet) : r;
}

static enum gw_result next_row(struct gw_session *s, struct gw_record *rec)
{
    return sheet_next(s->state, rec);
}

static void close_reader(struct gw_session *s)
{
    part_close(&((struct ods_reader *)s->state)->sheet.part);
}

static const struct gw_reader reader = {
    .state_size = sizeof(struct ods_reader), .open = open_reader, .next = next_row, .close = close_reader};

/* A zip whose first member says what it is; other programs begin with its content. */
static int probe(const struct gw_probe *p)
{
    static const char *const firsts[] = {"mimetype", "content.xml", "META-INF/manifest.xml", "meta.xml",
                                         "styles.xml"};

    if (p->head.len < 30 || memcmp(p->head.ptr, "PK\3\4", 4) != 0)
        return 0;
    for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
        size_t len = strlen(firsts[i]);

        if (p->head.len >= 30 + len && memcmp(p->head.ptr + 30, firsts[i], len) == 0)
            return memmem(p->head.ptr, p->head.len, "opendocument.spreadsheet", 24) ? 95 : 30;
    }
    return 0;
}

static const struct gw_option options[] = {
    SHEET_OPTIONS,
    {"name", GW_OPT_TEXT, offsetof(struct ods_config, name), "Feuille1", NULL, "nom de la feuille écrite",
     "name of the sheet that is written"},
    {.name = NULL},
};

static const struct gw_message messages[] = {
    SHEET_MESSAGES("ods"),
    CELLS_MESSAGES("ods"),
    {"ods.character", "le texte de « {column} » contient un caractère qu'un classeur ne peut contenir",
     "the text of \"{column}\" has a character that no workbook can hold", "Retirez ce caractère du texte.",
     "Remove that character from the text."},
    {"ods.row_empty", "la ligne n'a aucune valeur", "the row has no value",
     "Une ligne vide ne serait pas relue : vérifiez ce que la table écrit.",
     "An empty row would not be read again: check what the table writes."},
    {"ods.rows_many", "le classeur a plus de lignes ou d'octets qu'il ne peut",
     "the workbook has more rows or bytes than it may",
     "Une feuille a au plus 1 048 576 lignes : envoyez moins, ou en CSV.",
     "A sheet has at most 1,048,576 rows: send fewer, or send CSV."},
    {.code = NULL},
};

GW_PLUGIN(.name = "ods", .version = "1.0", .flags = GW_TYPED | GW_SEEKS,
          .summary_fr = "classeurs LibreOffice (.ods)", .summary_en = "LibreOffice workbooks (.ods)",
          .options = options, .config_size = sizeof(struct ods_config), .messages = messages, .probe = probe,
          .reader = &reader, .writer = &ods_writer);
