/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A sheet of a workbook as records: which sheet, which of its rows is the header, rows below it. What is common
 * to all spreadsheets; how a workbook says its rows is `struct sheet_way` of the plugin.
 */
#ifndef TABLE_SHEET_H
#define TABLE_SHEET_H

#include "table/columns.h"
#include "table/grid.h"
#include "table/merge.h"
#include "table/part.h"

enum sheet_dates { DATES_ISO, DATES_FRENCH };
enum sheet_merged { MERGED_FIRST, MERGED_REPEAT };

struct sheet_config {
    struct gw_str sheet;
    uint64_t header_line;
    bool comma;
    uint8_t dates; /* enum sheet_dates */
    bool date_cells;
    uint8_t merged; /* enum sheet_merged */
};

struct sheet_codes {
    struct zip_codes zip;
    struct part_codes part;
    struct columns_codes columns;
    const char *none, *unknown, *empty, *large, *stray, *error, *formula, *merged;
};

#define SHEET_CODES(plugin)                                                                                    \
    {                                                                                                          \
        .zip = {plugin ".damaged", plugin ".encrypted", plugin ".bomb"},                                       \
        .part = {plugin ".xml", plugin ".part"}, .columns = COLUMNS_CODES(plugin), .none = plugin ".sheet",    \
        .unknown = plugin ".header_unknown", .empty = plugin ".empty", .large = plugin ".large",               \
        .stray = plugin ".stray", .error = plugin ".error", .formula = plugin ".formula",                      \
        .merged = plugin ".merged"                                                                             \
    }

struct sheet {
    struct gw_session *s;
    const struct sheet_codes *codes;
    const struct sheet_way *way;
    const struct sheet_config *config;
    struct zip zip;
    struct part part;
    struct grid grid;
    struct columns columns;
    struct merges merges;
    uint32_t header;       /* its row */
    struct gw_node *cells; /* one a column */
    struct gw_node root;
    struct gw_str name;    /* of the sheet at hand */
    struct gw_place at;    /* of the cell that the parser has at hand */
    struct grid_row again; /* a row that stands there several times */
    bool hidden, fed, warned_formula;
};

struct sheet_way {
    /* The sheet of that rank, from 0: sets name and hidden, and gets ready to feed it. GW_END: there are no
     * more. */
    enum gw_result (*begin)(struct sheet *sh, uint32_t rank);
    /* Rows more, in the grid. GW_END: that was all. */
    enum gw_result (*feed)(struct sheet *sh);
};

/* The zip is open. On failure everything was said. */
GW_MUST_USE enum gw_result sheet_open(struct sheet *sh);
GW_MUST_USE enum gw_result sheet_next(struct sheet *sh, struct gw_record *rec);
/* What grid_*() gave, said: a row that is too large. */
GW_MUST_USE enum gw_result sheet_grid(struct sheet *sh, enum gw_result r);
/* A cell that holds an error, or a formula without its value: a warning. */
void sheet_warn_error(struct sheet *sh, struct gw_str value);
void sheet_warn_formula(struct sheet *sh);

#define SHEET_OPTIONS                                                                                          \
    {"sheet",                                                                                                  \
     GW_OPT_TEXT,                                                                                              \
     offsetof(struct sheet_config, sheet),                                                                     \
     NULL,                                                                                                     \
     NULL,                                                                                                     \
     "feuille, par son nom ou son numéro ; vide : la première qui a un en-tête connu",                         \
     "sheet, by its name or number; empty: the first with a header that is known"},                            \
        {"header_line",                                                                                        \
         GW_OPT_UINT,                                                                                          \
         offsetof(struct sheet_config, header_line),                                                           \
         "0",                                                                                                  \
         NULL,                                                                                                 \
         "ligne de l'en-tête ; 0 : la première des 30 premières qui a le plus de colonnes connues",            \
         "line of the header; 0: of the first 30 the first with most known columns"},                          \
        {"decimal_comma",                                                                                      \
         GW_OPT_BOOL,                                                                                          \
         offsetof(struct sheet_config, comma),                                                                 \
         "false",                                                                                              \
         NULL,                                                                                                 \
         "lire les nombres avec une virgule décimale",                                                         \
         "read numbers with a decimal comma"},                                                                 \
        {"dates",                                                                                              \
         GW_OPT_CHOICE,                                                                                        \
         offsetof(struct sheet_config, dates),                                                                 \
         "iso",                                                                                                \
         "iso|french",                                                                                         \
         "les dates du tableur sont lues AAAA-MM-JJ, ou JJ/MM/AAAA",                                           \
         "dates of the spreadsheet are read as YYYY-MM-DD, or as DD/MM/YYYY"},                                 \
        {"merged",                                                                                             \
         GW_OPT_CHOICE,                                                                                        \
         offsetof(struct sheet_config, merged),                                                                \
         "first",                                                                                              \
         "first|repeat",                                                                                       \
         "cellules fusionnées : la première seule a le texte, ou il est répété dans les autres",               \
         "merged cells: only the first has the text, or it is repeated in the others"},                        \
    {                                                                                                          \
        "date_cells", GW_OPT_BOOL, offsetof(struct sheet_config, date_cells), "false", NULL,                   \
            "écrire en dates du tableur les textes qui en sont (forme de dates)",                              \
            "write as dates of the spreadsheet the texts that are some (in the form of dates)"                 \
    }

#define SHEET_MESSAGES(plugin)                                                                                 \
    COLUMNS_MESSAGES(plugin),                                                                                  \
        {plugin ".damaged", "le classeur est abîmé ou n'en est pas un ({what})",                               \
         "the workbook is damaged, or is none ({what})",                                                       \
         "Demandez de nouveau le fichier : le transfert a pu être coupé. Un .xls ancien s'enregistre en "    \
         ".xlsx ou en .ods.",                                                                                  \
         "Ask for the file again: its transfer may have been cut. Save an old .xls as .xlsx or .ods."},        \
        {plugin ".encrypted", "le classeur est chiffré", "the workbook is encrypted",                          \
         "Demandez-le sans mot de passe, ou enregistrez-le sans.", "Ask for it without a password."},          \
        {plugin ".bomb", "une partie du classeur se déplie plus de {limit} fois",                              \
         "a part of the workbook unpacks to more than {limit} times its size",                                 \
         "Ne pas ouvrir ce fichier ; demander au partenaire ce qu'il a envoyé.",                               \
         "Do not open this file; ask the partner what was sent."},                                             \
        {plugin ".xml", "{part} ne se lit pas : {said}", "{part} cannot be read: {said}",                      \
         "Ouvrez le classeur dans un tableur et enregistrez-le de nouveau, ou redemandez-le.",                 \
         "Open the workbook in a spreadsheet and save it again, or ask for it again."},                        \
        {plugin ".part", "il manque {part}", "{part} is missing",                                              \
         "Ce fichier n'est pas un classeur de ce genre, ou il est abîmé.",                                     \
         "This file is no workbook of this kind, or it is damaged."},                                          \
        {plugin ".sheet", "il n'y a pas de feuille « {found} »", "there is no sheet \"{found}\"",              \
         "Corrigez l'option sheet, ou le nom de la feuille.",                                                  \
         "Correct the option sheet, or the sheet's name."},                                                    \
        {plugin ".header_unknown", "aucune feuille n'a d'en-tête avec une colonne connue",                     \
         "no sheet has a header with a known column",                                                          \
         "Vérifiez le format choisi ; les options sheet et header_line disent où est l'en-tête.",              \
         "Check the format that was chosen; the options sheet and header_line say where the header is."},      \
        {plugin ".empty", "le classeur n'a pas de ligne", "the workbook has no rows",                          \
         "Demandez de nouveau le fichier à l'émetteur.", "Ask the sender for the file again."},                \
        {plugin ".large", "ligne {row} : plus de {limit} octets, ou trop de cellules",                         \
         "row {row}: more than {limit} bytes, or too many cells",                                              \
         "Vérifiez la feuille, ou relevez la limite d'un enregistrement.",                                     \
         "Check the sheet, or raise the limit of a record."},                                                  \
        {plugin ".stray", "« {value} » est hors du tableau", "\"{value}\" is outside the table",               \
         "Cette cellule n'a pas d'en-tête au-dessus d'elle : elle n'est pas lue.",                             \
         "There is no header above this cell: it is not read."},                                               \
        {plugin ".error", "la cellule contient l'erreur {value}", "the cell holds the error {value}",          \
         "Elle est lue comme vide. Corrigez la formule dans le tableur.",                                      \
         "It is read as empty. Correct the formula in the spreadsheet."},                                      \
        {plugin ".merged", "des cellules sont fusionnées sous l'en-tête ({cells}) : seule la première a le texte", \
         "cells below the header are merged ({cells}): only the first has the text",                           \
         "Mettre merged = \"repeat\" dans les options du format si le texte vaut pour chaque ligne, ou "     \
         "défusionner dans le classeur.",                                                                      \
         "Set merged = \"repeat\" in the format's options if the text holds for each row, or unmerge them in the " \
         "workbook."},                                                                                         \
    {                                                                                                          \
        plugin ".formula", "une formule n'a pas sa valeur", "a formula comes without its value",               \
            "Elle est lue comme vide. Ouvrez le classeur dans un tableur et enregistrez-le.",                  \
            "It is read as empty. Open the workbook in a spreadsheet and save it."                             \
    }

#endif
