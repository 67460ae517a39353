/* SPDX-License-Identifier: EUPL-1.2 */
/* The cells of a row that is written find their column by a table over symbols, in whatever order they come. */
#ifndef TABLE_CELLS_H
#define TABLE_CELLS_H

#include <stdbool.h>

#include "gw/plugin.h"

struct cells_codes {
    const char *columns, *unknown, *nested;
};

#define CELLS_CODES(plugin)                                                                                    \
    {                                                                                                          \
        plugin ".columns_unknown", plugin ".column_unknown", plugin ".nested"                                  \
    }

#define CELLS_MESSAGES(plugin)                                                                                 \
    {plugin ".columns_unknown", "colonnes inconnues", "the columns are not known",                             \
     "Sans en-tête, et pour écrire, les colonnes doivent être dans fields.csv.",                               \
     "Without a header, and to write, the columns must be in fields.csv."},                                    \
        {plugin ".column_unknown", "la colonne « {column} » n'existe pas dans ce fichier",                     \
         "there is no column \"{column}\" in this file", "Déclarez-la parmi les colonnes du format.",          \
         "Declare it among the format's columns."},                                                            \
    {                                                                                                          \
        plugin ".nested", "« {column} » a plusieurs valeurs", "\"{column}\" has several values",               \
            "Une cellule n'a qu'un texte : joignez les valeurs dans fields.csv.",                              \
            "A cell has but one text: join the values in fields.csv."                                          \
    }

struct cells {
    const struct cells_codes *codes;
    const struct gw_node **items; /* of the row at hand, by column; NULL: none */
    uint16_t *columns;            /* symbol -> column + 1; 0: unknown */
    uint32_t symbols;             /* how many the table has */
    uint32_t count;
};

/* The stream's columns. */
GW_MUST_USE enum gw_result cells_open(struct gw_session *s, struct cells *c, const struct cells_codes *codes);
/* The record's cells by column; *ret_bytes: of all their texts. */
GW_MUST_USE enum gw_result cells_place(struct gw_session *s, struct cells *c, const struct gw_node *root,
                                       size_t *ret_bytes);
/* A reject of the record for that column. */
GW_MUST_USE enum gw_result cells_refuse(struct gw_session *s, uint32_t column, const char *code);

/* Not one of the two characters that are in Unicode and in no XML. */
bool cells_writable(struct gw_str text);
/* A row in which nothing is would be passed over when it is read. */
bool cells_empty(const struct cells *cells);

static inline struct gw_str cells_text(const struct gw_node *node)
{
    if (!node || node->kind == GW_NULL)
        return (struct gw_str){NULL, 0};
    return (struct gw_str){node->text, node->len};
}

#endif
