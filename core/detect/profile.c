/* SPDX-License-Identifier: EUPL-1.2 */
/* Of a format that was named, the profile whose sign a file has: only its head is looked at. */
#include "base/str.h"
#include "detect/head.h"
#include "detect/signs.h"

static bool has_signs(const struct format *f)
{
    bool any = false;

    for (size_t i = 0; i < f->nprofiles; i++)
        any |= f->profiles[i].recognise.len > 0;
    return any;
}

/* What cannot be opened now says so when it is read. */
static void say_nothing(struct sink *sink, const struct diag *d)
{
    (void)sink, (void)d;
}

static const struct profile *signed_by(const struct format *f, const struct head *h)
{
    struct scene scene = {.name = h->name, .head = h->text, .format = f};

    for (size_t i = 0; i < f->nprofiles; i++)
        if (f->profiles[i].recognise.len && sign_holds(&scene, f->profiles[i].recognise))
            return &f->profiles[i];
    return NULL;
}

const struct profile *detect_profile(const struct codec *c, struct arena *a, const char *path,
                                     struct gw_str password)
{
    struct sink silent = {say_nothing};
    struct input_options io = {.sink = &silent, .password = password, .plugin = c->plugin};
    const struct profile *found = NULL;
    struct input in = {0};
    struct head head;

    if (!has_signs(c->format) || (c->plugin->flags & GW_SEEKS))
        return NULL;
    if (input_open_path(&in, path, &io) == GW_OK && input_next_member(&in) == GW_OK &&
        head_take(&in, DETECT_HEAD, a, &head) == GW_OK)
        found = signed_by(c->format, &head);
    input_close(&in);
    return found;
}
