/* SPDX-License-Identifier: EUPL-1.2 */
/* exec - a program of the user's as a syntax. Here is what the host sees of the plugin. */
#include "exec.h"

static const struct gw_option options[] = {
    {"command", GW_OPT_TEXT, offsetof(struct exec_config, command), NULL, NULL,
     "le programme et ses mots, entre blancs ; sans interpréteur de commandes",
     "the program and its words, between blanks; no shell"},
    {"timeout", GW_OPT_UINT, offsetof(struct exec_config, timeout), "30", NULL,
     "secondes de silence après lesquelles il est arrêté ; 0 : jamais",
     "seconds of silence after which it is stopped; 0: never"},
    {.name = NULL},
};

static const struct gw_message messages[] = {
    {"exec.start", "le programme ne démarre pas : {said}", "the program cannot be started: {said}",
     "Vérifiez l'option command : le programme existe, il est exécutable.",
     "Check the option command: the program is there and may be run."},
    {"exec.silent", "le programme n'a rien dit ni lu pendant {seconds} s",
     "the program neither spoke nor read for {seconds} s",
     "Vérifiez qu'il vide ses lignes (flush) et ne boucle pas ; ou relevez timeout.",
     "Check that it flushes its lines and does not loop; or raise timeout."},
    {"exec.long", "le programme a écrit une ligne de plus de {limit} octets",
     "the program wrote a line of more than {limit} bytes",
     "Un enregistrement par ligne ; ou relevez la limite d'un enregistrement.",
     "One record a line; or raise the limit of a record."},
    {"exec.line", "la ligne {number} du programme n'est pas du protocole : {said}",
     "line {number} of the program is not of the protocol: {said}",
     "Chaque ligne est un objet JSON : record, reject, fail ou end ; le reste va sur la sortie d'erreur.",
     "Each line is a JSON object: record, reject, fail or end; anything else goes to standard error."},
    {"exec.no_end", "le programme s'est arrêté sans dire {\"end\":true}",
     "the program stopped without saying {\"end\":true}",
     "Il s'est peut-être interrompu : voyez sa sortie d'erreur.",
     "It may have broken off: see its standard error."},
    {"exec.status", "le programme s'est arrêté avec le code {status}", "the program ended with status {status}",
     "Voyez sa sortie d'erreur ; 128 et plus : arrêté par un signal.",
     "See its standard error; 128 and more: stopped by a signal."},
    {"exec.told", "le programme refuse l'enregistrement : {said}", "the program refuses the record: {said}",
     "Corrigez l'enregistrement.", "Correct the record."},
    {"exec.gave_up", "le programme renonce au fichier : {said}", "the program gives up the file: {said}",
     "Corrigez le fichier, ou le programme.", "Correct the file, or the program."},
    {"exec.left", "le programme s'est arrêté avant la fin des enregistrements",
     "the program ended before the records did", "Il doit lire jusqu'à {\"end\":true}.",
     "It must read up to {\"end\":true}."},
    {.code = NULL},
};

GW_PLUGIN(.name = "exec", .version = "1.0", .flags = GW_TYPED | GW_NESTED | GW_SPAWNS,
          .summary_fr = "un programme à vous (lignes JSON sur ses entrée et sortie)",
          .summary_en = "a program of yours (JSON lines on its input and output)", .options = options,
          .config_size = sizeof(struct exec_config), .messages = messages, .reader = &exec_reader,
          .writer = &exec_writer);
