/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The columns of a table, as its header names them, held against those that the mapping asks for. The codes are
 * those of the plugin ("csv.column_missing"), whose descriptor has COLUMNS_MESSAGES("csv") among its messages.
 */
#ifndef TABLE_COLUMNS_H
#define TABLE_COLUMNS_H

#include <stdbool.h>

#include "gw/plugin.h"

#define COLUMNS_MOST 4000 /* the host's table of names has hardly more */

struct columns_codes {
    const char *header, *missing, *optional, *twice, *many;
};

#define COLUMNS_CODES(plugin)                                                                                  \
    {                                                                                                          \
        plugin ".header_missing", plugin ".column_missing", plugin ".column_optional", plugin ".column_twice", \
            plugin ".columns_many"                                                                             \
    }

#define COLUMNS_MESSAGES(plugin)                                                                               \
    {plugin ".header_missing", "la ligne {line} n'est pas l'en-tête attendu : aucune colonne connue",          \
     "line {line} is not the header: it has no known column",                                                  \
     "Vérifiez le format choisi et ses options : ligne de l'en-tête, séparateur ou feuille.",                  \
     "Check the format that was chosen and its options: line of the header, delimiter or sheet."},             \
        {plugin ".column_missing", "il manque la colonne « {column} » ; la plus proche est « {nearest} »",     \
         "column \"{column}\" is missing; the nearest is \"{nearest}\"",                                       \
         "Corrigez l'en-tête, ou déclarez l'autre nom de la colonne dans fields.csv.",                         \
         "Correct the header, or declare the column's other name in fields.csv."},                             \
        {plugin ".column_optional", "{count} colonnes facultatives absentes : {columns}",                      \
         "{count} optional columns are not there: {columns}",                                                  \
         "Rien à faire si ce fichier n'a pas ces données.", "Nothing to do if this file has no such data."},   \
        {plugin ".column_twice", "la colonne « {column} » est présente deux fois : {first} et {second}",       \
         "column \"{column}\" is there twice: {first} and {second}", "Renommez ou retirez l'une des deux.",    \
         "Rename or remove one of the two."},                                                                  \
    {                                                                                                          \
        plugin ".columns_many", "l'en-tête a {found} colonnes", "the header has {found} columns",              \
            "Vérifiez le format choisi et le séparateur.",                                                     \
            "Check the format that was chosen and the delimiter."                                              \
    }

struct columns {
    const struct columns_codes *codes;
    uint16_t *names; /* symbols, with room for one more */
    uint32_t count;
};

/* Room for so many names, all 0. GW_FAIL: too many, said. */
GW_MUST_USE enum gw_result columns_make(struct gw_session *s, struct columns *c, uint32_t count,
                                        struct gw_place at);
/* The next column. Without a name it is called by its number ("#3"), so that its cells are not lost. */
GW_MUST_USE enum gw_result columns_add(struct gw_session *s, struct columns *c, struct gw_str text,
                                       struct gw_place at);
/* Whether the mapping asks for a column of that name, or knows one by it. */
bool columns_known(const struct gw_session *s, uint16_t name);
/* As it is written in a header: nothing for a column that is called by its number. */
struct gw_str columns_title(struct gw_session *s, uint32_t index, uint16_t name);
/* The mapping knows a column of that name, or of that other name. */
bool columns_known(const struct gw_session *s, uint16_t name);
/* What is required must be there; what is not is said once. */
GW_MUST_USE enum gw_result columns_check(struct gw_session *s, const struct columns *c, struct gw_place at);
GW_MUST_USE enum gw_result columns_no_header(struct gw_session *s, const struct columns *c, struct gw_place at);

#endif
