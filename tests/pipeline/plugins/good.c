/* SPDX-License-Identifier: EUPL-1.2 */
/* A plugin with every kind of option, a converter and a check. NAME and RULE say how they are called. */
#include "good.h"

#include <stdlib.h>

static enum gw_result read_it(struct gw_call *c, const struct gw_str *args, size_t nargs,
                              const struct gw_str *natives, struct gw_str *ret_fields)
{
    (void)c;
    (void)args;
    (void)nargs;
    *ret_fields = *natives;
    return GW_OK;
}

static void check_it(struct gw_call *c, const struct gw_str *values)
{
    (void)c;
    (void)values;
}

static const struct gw_option options[] = {
    {"flag", GW_OPT_BOOL, offsetof(struct good, flag), "true", NULL, "un drapeau", "a flag"},
    {"letter", GW_OPT_CHAR, offsetof(struct good, letter), ";", NULL, "une lettre", "a letter"},
    {"number", GW_OPT_UINT, offsetof(struct good, number), "12", NULL, "un nombre", "a number"},
    {"text", GW_OPT_TEXT, offsetof(struct good, text), NULL, NULL, "un texte", "a text"},
    {"word", GW_OPT_CHOICE, offsetof(struct good, word), "tab", "none|tab|two", "un mot", "a word"},
    {.name = NULL},
};
static const struct gw_message messages[] = {{"good.code", "texte", "text", "conseil", "advice"},
                                             {.code = NULL}};
static const struct gw_converter converters[] = {
    {.name = RULE, .natives = 1, .fields = 1, .help = "", .read = read_it},
    {.name = NULL},
};
static const struct gw_check checks[] = {{.name = RULE, .help = "", .run = check_it}, {.name = NULL}};

GW_PLUGIN(.name = NAME, .version = "1.0", .summary_fr = "bon", .summary_en = "good", .options = options,
          .config_size = sizeof(struct good), .messages = messages, .converters = converters, .checks = checks);
