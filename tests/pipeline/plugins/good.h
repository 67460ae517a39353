/* SPDX-License-Identifier: EUPL-1.2 */
/* The config of the good plugin: the test looks into it. */
#ifndef PLUGINS_GOOD_H
#define PLUGINS_GOOD_H

#include <stdbool.h>

#include "gw/plugin.h"

struct good {
    bool flag;
    char letter;
    uint64_t number;
    struct gw_str text;
    uint8_t word;
};

#endif
