/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One bad plugin a define: CASE says what is wrong with it. None of its code may ever run: every function
 * aborts.
 */
#include <stdlib.h>

#include "gw/plugin.h"

struct config {
    uint64_t number;
    char letter;
};

static enum gw_result never(struct gw_session *s)
{
    (void)s;
    abort();
}

static enum gw_result never_next(struct gw_session *s, struct gw_record *rec)
{
    (void)s;
    (void)rec;
    abort();
}

__attribute__((unused)) static const struct gw_reader reader = {0, never, never_next, NULL, NULL};

#ifndef SYMBOL
#define SYMBOL gw_plugin
#endif
#ifndef ABI
#define ABI GW_ABI
#endif
#ifndef SIZE
#define SIZE sizeof(struct gw_plugin)
#endif
#ifndef NAME
#define NAME "bad"
#endif
#ifndef READER
#define READER &reader
#endif
#ifndef TYPE
#define TYPE GW_OPT_UINT
#endif
#ifndef OFFSET
#define OFFSET 0
#endif
#ifndef INITIAL
#define INITIAL "1"
#endif
#ifndef SECOND
#define SECOND "letter"
#endif
#ifndef ENGLISH
#define ENGLISH "text"
#endif

static const struct gw_option options[] = {
    {"number", TYPE, OFFSET, INITIAL, NULL, "aide", "help"},
    {SECOND, GW_OPT_CHAR, offsetof(struct config, letter), ";", NULL, "aide", "help"},
    {.name = NULL},
};

static const struct gw_message messages[] = {{"bad.code", "texte", ENGLISH, "conseil", "advice"},
                                             {.code = NULL}};

extern GW_EXPORT const struct gw_plugin SYMBOL;
const struct gw_plugin SYMBOL = {
    .abi = ABI,
    .size = SIZE,
    .name = NAME,
    .version = "1",
    .summary_fr = "r",
    .summary_en = "s",
    .options = options,
    .config_size = sizeof(struct config),
    .messages = messages,
    .reader = READER,
};
