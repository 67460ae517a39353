/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * csv - tables in text: any delimiter, with quotes or without, with lines before and behind.
 * Here is what the host sees of the plugin; csv_cut.c cuts rows, csv_read.c, csv_head.c and
 * csv_write.c use that.
 */
#include <string.h>

#include "csv.h"
#include "table/cells.h"
#include "table/columns.h"

bool csv_bad_delimiter(const struct csv_config *c, char delimiter)
{
    return delimiter == 0 || delimiter == '\n' || delimiter == '\r' || delimiter == c->quote;
}

/* How many rows at the head have as many cells as the first; 0: too few cells, or some differ. */
static uint32_t same_rows(struct gw_str head, const struct csv_dialect *d, uint32_t *ret_cells)
{
    struct csv_row row = {.begin = head.ptr, .limit = head.ptr + head.len};
    uint32_t rows = 0;

    while (rows < 20 && row.begin < row.limit) {
        if (*row.begin == '\n' || *row.begin == '\r') {
            row.begin++;
            continue;
        }
        if (csv_cut_row(d, &row) != CSV_ROW)
            break; /* cut by the end of what is seen */
        if (rows == 0)
            *ret_cells = row.count;
        if (row.fault || row.count != *ret_cells)
            return 0;
        rows++;
        row.begin = row.end;
    }
    return *ret_cells > 1 ? rows : 0;
}

static int score(uint32_t rows, uint32_t cells)
{
    if (rows >= 3)
        return cells > 2 ? 60 : 50;
    return rows == 2 ? 40 : 15;
}

/* Never sure: any text may be a table. */
int csv_probe(const struct gw_probe *p)
{
    static const char delimiters[] = ",;|\t";
    struct gw_str head = p->head;
    int best = 0;

    if (head.len >= 3 && memcmp(head.ptr, "\xEF\xBB\xBF", 3) == 0)
        head = (struct gw_str){head.ptr + 3, head.len - 3};
    if (head.len == 0 || memchr(head.ptr, 0, head.len) || strchr("<{[", head.ptr[0]))
        return 0;
    for (size_t i = 0; i < sizeof(delimiters) - 1; i++) {
        struct csv_dialect d = {
            .delimiter = delimiters[i], .quote = delimiters[i] == '|' ? 0 : '"', .cr = CSV_CR_UNKNOWN};
        uint32_t cells = 0, rows = same_rows(head, &d, &cells);

        if (rows && score(rows, cells) > best)
            best = score(rows, cells);
    }
    return best;
}

static bool starts_formula(char c)
{
    return c && strchr("=+-@\t\r", c);
}

bool csv_is_guarded(struct gw_str text)
{
    return text.len > 1 && text.ptr[0] == '\'' && (text.ptr[1] == '\'' || starts_formula(text.ptr[1]));
}

/* Amounts are no formulas: a sign, a digit, then digits and what parts them. */
static bool is_amount(struct gw_str text)
{
    if (text.len < 2 || (text.ptr[0] != '-' && text.ptr[0] != '+'))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if ((text.ptr[i] < '0' || text.ptr[i] > '9') && (i == 1 || !text.ptr[i] || !strchr(" .,", text.ptr[i])))
            return false;
    return true;
}

/* What looks guarded is guarded once more, so that it comes back as it was. */
bool csv_needs_guard(struct gw_str text)
{
    return csv_is_guarded(text) || (text.len && starts_formula(text.ptr[0]) && !is_amount(text));
}

#define AT(member) offsetof(struct csv_config, member)

static const struct gw_option options[] = {
    {"delimiter", GW_OPT_CHAR, AT(delimiter), ",", NULL, "caractère entre deux cellules",
     "character between two cells"},
    {"delimiter_read", GW_OPT_TEXT, AT(delimiter_read), NULL, NULL,
     "autres séparateurs acceptés en lecture ; celui qui donne le plus de cellules à l'en-tête est pris",
     "other delimiters accepted when reading; the one that gives the header most cells is taken"},
    {"quote", GW_OPT_CHAR, AT(quote), "\"", NULL, "guillemet ; vide : aucun, un \" est alors une donnée",
     "quote; empty: none, a \" is data then"},
    {"quote_all", GW_OPT_BOOL, AT(quote_all), "false", NULL, "écrire toutes les cellules entre guillemets",
     "write all cells in quotes"},
    {"newline", GW_OPT_CHOICE, AT(newline), "lf", "lf|crlf",
     "fin de ligne écrite ; en lecture toutes sont acceptées", "line end written; all are read"},
    {"bom", GW_OPT_CHOICE, AT(bom), "accept", "accept|write",
     "write : écrire la marque d'ordre des octets au début", "write: begin with a byte order mark"},
    {"header_line", GW_OPT_UINT, AT(header_line), "1", NULL,
     "ligne de l'en-tête ; 0 : aucune, les colonnes sont celles de la table",
     "line of the header; 0: none, the columns are those of the table"},
    {"first_line", GW_OPT_TEXT, AT(first_line), NULL, NULL,
     "début de la ligne de tête, avant l'en-tête ; le reste de sa première cellule est //DÉBUT",
     "how the first line begins, before the header; the rest of its first cell is //PREFIX"},
    {"last_line", GW_OPT_TEXT, AT(last_line), NULL, NULL,
     "début de la dernière ligne ; le reste de sa première cellule est //DÉBUT",
     "how the last line begins; the rest of its first cell is //PREFIX"},
    {"last_line_required", GW_OPT_BOOL, AT(last_line_required), "false", NULL,
     "refuser un fichier sans dernière ligne", "refuse a file without its last line"},
    {"pad_lines", GW_OPT_BOOL, AT(pad_lines), "false", NULL,
     "compléter de séparateurs les lignes de tête et de fin ; accepter un séparateur à la fin de chaque ligne",
     "fill the first and the last line with delimiters; accept a delimiter at the end of each line"},
    {"line_cells", GW_OPT_BOOL, AT(line_cells), "false", NULL,
     "lire et écrire toutes les cellules des lignes de tête et de fin : //DÉBUT/2, //DÉBUT/3…",
     "read and write all cells of the first and the last line: //PREFIX/2, //PREFIX/3..."},
    {"end_delimiter", GW_OPT_BOOL, AT(end_delimiter), "false", NULL,
     "écrire un séparateur à la fin de chaque ligne ; en lecture : pad_lines",
     "end each line written with a delimiter; when reading: pad_lines"},
    {"join_lines", GW_OPT_BOOL, AT(join_lines), "false", NULL,
     "une ligne qui commence par le séparateur continue la précédente si celle-ci a trop peu de cellules",
     "a line that begins with the delimiter continues the one before if that has too few cells"},
    {"guard", GW_OPT_BOOL, AT(guard), "false", NULL,
     "mettre une apostrophe devant un texte qu'un tableur prendrait pour une formule ; elle est ôtée en "
     "lecture",
     "put an apostrophe before a text that a spreadsheet would take for a formula; reading takes it away"},
    {.name = NULL},
};

static const struct gw_message messages[] = {
    {"csv.cells_few", "{found} cellules au lieu de {expected}", "{found} cells instead of {expected}",
     "Complétez la ligne ; une fin de ligne dans une cellule doit être entre guillemets.",
     "Complete the line; a line end within a cell must be in quotes."},
    {"csv.cells_many", "{found} cellules au lieu de {expected}", "{found} cells instead of {expected}",
     "Retirez la cellule de trop, ou mettez entre guillemets le texte qui contient le séparateur.",
     "Remove the cell that is too many, or put the text that holds the delimiter in quotes."},
    {"csv.quote_open", "guillemet ouvert ici et jamais fermé", "a quote is opened here and never closed",
     "Fermez le guillemet, ou doublez-le s'il fait partie du texte. Seule cette ligne est écartée.",
     "Close the quote, or double it if it belongs to the text. Only this line is set aside."},
    {"csv.quote_text", "texte après le guillemet fermant", "text behind a closing quote",
     "Doublez les guillemets qui font partie du texte.", "Double the quotes that belong to the text."},
    {"csv.nul", "octet nul dans les données", "NUL byte in the data",
     "Le fichier est abîmé ou n'est pas du texte : demandez-le de nouveau à l'émetteur.",
     "The file is damaged or is not text: ask its sender for it again."},
    {"csv.long", "ligne de plus de {limit} octets", "a line of more than {limit} bytes",
     "Vérifiez le format et le séparateur de lignes du fichier, ou relevez la limite d'un enregistrement.",
     "Check the file's format and line ends, or raise the limit of a record."},
    {"csv.empty", "le fichier est vide", "the file is empty", "Demandez de nouveau le fichier à l'émetteur.",
     "Ask the sender for the file again."},
    COLUMNS_MESSAGES("csv"),
    CELLS_MESSAGES("csv"),
    {"csv.delimiter", "séparateur inutilisable", "the delimiter cannot be used",
     "L'option delimiter est un caractère autre que le guillemet et les fins de ligne.",
     "The option delimiter is a character other than the quote and line ends."},
    {"csv.first_line", "la ligne « {prefix} » manque en tête", "there is no first line \"{prefix}\"",
     "Cette ligne est prise pour l'en-tête. Vérifiez que le fichier est entier.",
     "This line is taken for the header. Check that the file is whole."},
    {"csv.context_cells", "des cellules suivent la première", "there are cells behind the first",
     "Elles ne sont pas lues : seule la première cellule de cette ligne l'est.",
     "They are not read: only the first cell of this line is."},
    {"csv.trailer_missing", "la dernière ligne « {prefix} » manque : le fichier est coupé",
     "the last line \"{prefix}\" is missing: the file is cut short",
     "Demandez de nouveau le fichier à l'émetteur.", "Ask the sender for the file again."},
    {"csv.trailer_middle", "une ligne « {prefix} » au milieu du fichier",
     "a line \"{prefix}\" in the middle of the file",
     "Deux fichiers ont peut-être été mis bout à bout : séparez-les.",
     "Two files may have been put end to end: part them."},
    {"csv.last_line", "la dernière ligne n'a pas de fin : le fichier est peut-être coupé",
     "the last line has no end: the file may be cut short", "Vérifiez la dernière ligne avec l'émetteur.",
     "Check the last line with the sender."},
    {"csv.unquotable", "le texte de « {column} » ne peut pas être écrit sans guillemets",
     "the text of \"{column}\" cannot be written without quotes",
     "Retirez du texte le séparateur et les fins de ligne : ce format n'a pas de guillemets.",
     "Remove the delimiter and line ends from the text: this format has no quotes."},
    {.code = NULL},
};

GW_PLUGIN(.name = "csv", .version = "1.0", .summary_fr = "tableaux en texte (CSV, TSV, barres verticales)",
          .summary_en = "tables in text (CSV, TSV, pipes)", .options = options,
          .config_size = sizeof(struct csv_config), .messages = messages, .probe = csv_probe,
          .reader = &csv_reader, .writer = &csv_writer);
