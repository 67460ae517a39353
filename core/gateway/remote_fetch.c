/* SPDX-License-Identifier: EUPL-1.2 */
/* Flows in: when their server is looked at, and when again. */
#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/remote.h"

/* Something is durable here that still lies on the server. */
static bool any_taken(const struct flow *f)
{
    DIR *dir = opendir(f->done.ptr);
    const struct dirent *d;
    bool any = false;

    while (dir && !any && (d = readdir(dir)))
        any = d->d_name[0] != '.';
    if (dir)
        (void)closedir(dir);
    return any;
}

bool fetch_due(struct gateway *g, const struct flow *f)
{
    struct flow_state *s = flow_state(g, f);

    if (s->remote.asked || (s->remote.follow && any_taken(f)))
        return true;
    return g->once ? !s->remote.tried : time(NULL) >= s->due;
}

void fetch_start(struct gateway *g, const struct flow *f)
{
    struct flow_state *s = flow_state(g, f);
    struct duty d = {.verb = VERB_FETCH,
                     .flow = f->name,
                     .local = f->folder,
                     .connector = *f->connector,
                     .errand = f->errand};
    int taken = -1;

    if (durable_folder(f->done.ptr, 0700, &taken) != GW_OK) {
        flow_trouble(g, f, "folder");
        return;
    }
    (void)close(taken);
    if (remote_start(g, f, &d, -1))
        s->remote.follow = false;
}

/* An address that is asked and stays as it is would give the same again at once, for ever. */
static bool is_page(const struct flow *f)
{
    return f->errand.after == SOURCE_LEAVE && str_begins(f->connector->url, GW_STR("http"));
}

/* Whoever did something has something to dismiss now, or may find more. */
void fetch_over(struct gateway *g, struct carriage *c)
{
    const struct flow *f = c->flow;
    struct flow_state *s = flow_state(g, f);
    char files[24], dismissed[24], bytes[24];

    s->remote.tried = true;
    s->remote.follow = (c->end.files || c->end.dismissed) && !is_page(f);
    s->next_look = 0;
    if (c->end.files || c->end.dismissed)
        journal("transfer.fetched", "flow", f->name.ptr, "connector", f->connector_name.ptr, "files",
                journal_number((int64_t)c->end.files, files), "bytes",
                journal_number((int64_t)c->end.bytes, bytes), "dismissed",
                journal_number((int64_t)c->end.dismissed, dismissed), NULL);
    if (c->end.result != REMOTE_OK)
        return;
    s->due = f->schedule.kind != SCHEDULE_NONE ? schedule_next(&f->schedule, time(NULL))
                                               : time(NULL) + (int64_t)flow_seconds(f);
}
