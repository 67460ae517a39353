/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/output.h"
