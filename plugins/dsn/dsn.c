/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * dsn - the French payroll statement: one rubric a line, blocks within blocks. Here is what the host sees of
 * the plugin; dsn_line.c knows a line, dsn_tree.c the table of blocks, dsn_read.c and dsn_write.c use them.
 */
#include <string.h>

#include "dsn.h"

static int probe(const struct gw_probe *p)
{
    const char *end = p->head.len ? memchr(p->head.ptr, '\n', p->head.len) : NULL;
    struct gw_str first = {p->head.ptr, end ? (size_t)(end - p->head.ptr) : p->head.len};
    struct dsn_line l;

    return dsn_line_parse(first, &l) ? 95 : 0;
}

static const struct gw_option options[] = {
    {"blocks", GW_OPT_FILE, offsetof(struct dsn_config, blocks), NULL, NULL,
     "la table des blocs : bloc;parent par ligne, le parent plus haut, dans l'ordre d'écriture",
     "the table of blocks: block;parent a line, the parent above, in the order of writing"},
    {"newline", GW_OPT_CHOICE, offsetof(struct dsn_config, newline), "lf", "lf|crlf",
     "fin de ligne écrite ; en lecture les deux sont acceptées", "line end written; both are read"},
    {.name = NULL},
};

static const struct gw_message messages[] = {
    {"dsn.line", "« {found} » n'est pas une ligne de DSN", "\"{found}\" is no line of a DSN",
     "Une ligne a la forme S21.G00.40.001,'valeur' : corrigez-la, ou redemandez le fichier.",
     "A line has the form S21.G00.40.001,'value': correct it, or ask for the file again."},
    {"dsn.parent", "le bloc {found} n'est pas dans le bloc qui doit le contenir",
     "the block {found} is not in the block that must hold it",
     "Le bloc père manque avant lui, ou l'ordre des lignes est faux : redemandez la déclaration au logiciel de "
     "paie.",
     "Its parent is missing before it, or lines are out of order: ask the payroll software for the statement "
     "again."},
    {"dsn.block_unknown", "le bloc {found} n'est pas dans la table des blocs",
     "the block {found} is not in the table of blocks",
     "Il est lu comme une partie du bloc ouvert. Une norme plus récente : ajoutez-le à la table du format.",
     "It is read as a part of the block that is open. A newer version of the norm: add it to the format's "
     "table."},
    {"dsn.total", "le total annoncé est {found}, on compte {expected}",
     "the total told is {found}, {expected} are counted",
     "Le fichier a peut-être été coupé ou modifié : vérifiez avec l'émetteur.",
     "The file may have been cut or changed: check with its sender."},
    {"dsn.truncated", "la déclaration s'arrête avant le bloc {found}",
     "the statement ends before the block {found}",
     "Le fichier a sans doute été coupé pendant le transfert : redemandez-le.",
     "The file was probably cut in transfer: ask for it again."},
    {"dsn.empty", "le fichier est vide", "the file is empty", "Redemandez le fichier à l'émetteur.",
     "Ask the sender for the file again."},
    {"dsn.long", "une ligne ou un individu de plus de {limit} octets",
     "a line or a record of more than {limit} bytes",
     "Vérifiez que c'est bien une DSN, ou relevez la limite d'un enregistrement.",
     "Check that this is a DSN, or raise the limit of a record."},
    {"dsn.blocks", "la table des blocs a une ligne fausse : « {found} »",
     "the table of blocks has a wrong line: \"{found}\"",
     "Une ligne est bloc;parent, par exemple S21.G00.40;S21.G00.30 ; chaque bloc une fois, son parent plus "
     "haut.",
     "A line is block;parent, for instance S21.G00.40;S21.G00.30; each block once, its parent above."},
    {"dsn.steps", "« {found} » ne mène pas aux enregistrements", "\"{found}\" does not lead to the records",
     "La clé record de format.conf est une suite de blocs de la table, chacun dans le précédent, à partir du "
     "message.",
     "The key record of format.conf is a chain of blocks of the table, each in the one before, from the "
     "message on."},
    {"dsn.name", "« {found} » n'est ni un bloc ni une rubrique", "\"{found}\" is neither a block nor a rubric",
     "Dans fields.csv un bloc s'écrit S21.G00.40 et une rubrique 001.",
     "In fields.csv a block is written S21.G00.40 and a rubric 001."},
    {"dsn.nested", "« {found} » n'a pas une seule valeur", "\"{found}\" has not one value",
     "Une rubrique n'a qu'un texte, une fois dans son bloc : corrigez fields.csv.",
     "A rubric has one text, once in its block: correct fields.csv."},
    {"dsn.newline", "une valeur du bloc {found} contient une fin de ligne",
     "a value of the block {found} holds a line end", "Retirez-la : une DSN ne peut pas la porter.",
     "Take it out: a DSN cannot carry it."},
    {"dsn.block_empty", "le bloc {found} n'a aucune rubrique à lui",
     "the block {found} has no rubric of its own",
     "Un bloc ne s'ouvre que par une rubrique : complétez la donnée, ou donnez-en une dans fields.csv.",
     "A block is opened by a rubric only: complete the datum, or give it one in fields.csv."},
    {"dsn.block_merge", "deux blocs {found} de suite se liraient comme un seul",
     "two blocks {found} in a row would be read as one",
     "Le second n'a pas de rubrique qui le commence : complétez-le.",
     "The second has no rubric that begins it: complete it."},
    {.code = NULL},
};

GW_PLUGIN(.flags = GW_NESTED, .name = "dsn", .version = "1.0",
          .summary_fr = "DSN : une rubrique par ligne, la hiérarchie des blocs est une table du format",
          .summary_en = "DSN: one rubric a line, which block is in which is a table of the format",
          .options = options, .config_size = sizeof(struct dsn_config), .messages = messages, .probe = probe,
          .reader = &dsn_reader, .writer = &dsn_writer);
