/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/options.h"
