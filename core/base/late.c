/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/late.h"

#include <dlfcn.h>
#include <string.h>

bool late_load(const char *library, const struct late_call *calls, size_t n, const char **ret_why)
{
    /* What it has is found as if it were linked: who stands before it in that order is called in its place. */
    void *handle = dlopen(library, RTLD_NOW | RTLD_GLOBAL), *found = NULL;

    *ret_why = handle ? NULL : dlerror();
    for (size_t i = 0; handle && i < n && !*ret_why; i++) {
        found = dlsym(RTLD_DEFAULT, calls[i].name);
        if (found)
            memcpy(calls[i].to, &found, sizeof(found));
        else
            *ret_why = calls[i].name;
    }
    return !*ret_why;
}
