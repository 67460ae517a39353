/* SPDX-License-Identifier: EUPL-1.2 */
/* store: makes the tables of a store elsewhere, gives a role its rights there, copies all of a store to it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/operate.h"
#include "store/bytes.h"
#include "store/durable.h"
#include "store/exchange.h"

static enum gw_result target_open(struct operating *o, const char *path, struct store **ret)
{
    struct store_options options = {
        .path = path, .key_path = o->conf.key.ptr, .create = true, .sink = &o->printer.sink};

    return store_open(&o->arena, &options, ret);
}

/* ---- files of the spool ---- */

struct moving {
    struct store *from, *to;
    int spool;
    uint64_t files, missing;
    enum gw_result result;
};

/* The file here, from the store that has its bytes if need be. -1: nobody has it. */
static int file_here(struct moving *m, struct gw_str name)
{
    int fd = openat(m->spool, name.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct durable d = {.fd = -1};

    if (fd >= 0 || errno != ENOENT)
        return fd;
    m->result = durable_create(&d, m->spool, name.ptr, 0600);
    if (m->result == GW_OK)
        m->result = bytes_get(m->from, name, d.fd);
    if (m->result == GW_OK)
        m->result = durable_commit(&d);
    else
        durable_abandon(&d);
    if (m->result == GW_OK)
        return openat(m->spool, name.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (m->result == GW_END)
        m->result = GW_OK;
    return -1;
}

static bool move_file(void *to, const struct exchange *e)
{
    struct moving *m = to;
    int fd = e->spool.ptr ? file_here(m, e->spool) : -1;

    if (fd >= 0 && m->result == GW_OK)
        m->result = bytes_put(m->to, e->spool, fd);
    m->files += fd >= 0;
    m->missing += e->spool.ptr && fd < 0;
    if (fd >= 0)
        (void)close(fd);
    return m->result == GW_OK;
}

static enum gw_result move_files(struct operating *o, struct moving *m)
{
    struct exchange_filter all = {.state = -1, .out = -1};
    enum gw_result result =
        durable_folder(arena_format(&o->arena, "%.*s/spool", STR_ARG(o->conf.state)), 0700, &m->spool);

    if (result != GW_OK)
        return result;
    result = exchange_each(m->from, &all, move_file, m);
    if (result == GW_OK)
        result = m->result;
    if (result == GW_OK)
        result = durable_sync(m->spool);
    (void)close(m->spool);
    return result;
}

/* ---- copy ---- */

/* What a daemon did meanwhile would be in the one store and not in the other. */
static int daemon_away(struct operating *o)
{
    int fd =
        open(arena_format(&o->arena, "%.*s/lock", STR_ARG(o->conf.state)), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    complain(o->in, "la passerelle tourne : l'arrêter d'abord", "the gateway is running: stop it first",
             o->conf.state.ptr);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void told(struct operating *o, const struct moving *m, uint64_t rows)
{
    if (o->in->json)
        printf("{\"rows\":%llu,\"files\":%llu,\"missing\":%llu}\n", (unsigned long long)rows,
               (unsigned long long)m->files, (unsigned long long)m->missing);
    else
        printf("%s: %llu; %s: %llu; %s: %llu\n",
               say(o->in, "lignes copiées et vérifiées", "rows copied and checked"), (unsigned long long)rows,
               say(o->in, "fichiers", "files"), (unsigned long long)m->files,
               say(o->in, "fichiers introuvables", "files not found"),
               (unsigned long long)m->missing);
}

static enum exit_code copy(struct operating *o, const char *path)
{
    struct moving m = {.spool = -1};
    uint64_t rows = 0;
    int lock = daemon_away(o);
    enum gw_result result;

    if (lock < 0)
        return EXIT_WORLD;
    m.from = o->store;
    result = target_open(o, path, &m.to);
    if (result == GW_OK)
        result = store_copy(m.from, m.to, &rows);
    if (result == GW_OK)
        result = move_files(o, &m);
    if (result == GW_OK)
        told(o, &m, rows);
    store_close(m.to);
    (void)close(lock);
    return result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
}

/* ---- prepare ---- */

static enum exit_code prepare(struct operating *o, const char *path)
{
    const char *role = option_value(o->in, "role");
    struct store *s = NULL;
    enum gw_result result = target_open(o, path, &s);

    if (result == GW_OK && role)
        result = store_grant(s, str_of(role));
    store_close(s);
    if (result == GW_OK)
        printf("%s\n", say(o->in, "les tables sont prêtes", "the tables are ready"));
    return result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
}

static enum exit_code store_run(struct invocation *in)
{
    const char *word = in->noperands == 2 ? in->operands[0] : "";
    struct operating o;

    if (operate_open(&o, in)) {
        if (strcmp(word, "prepare") == 0) {
            o.code = prepare(&o, in->operands[1]);
        } else if (strcmp(word, "copy") == 0) {
            if (operate_store(&o, false))
                o.code = copy(&o, in->operands[1]);
        } else {
            complain(in, "« store copy CIBLE » ou « store prepare CIBLE » est attendu",
                     "\"store copy TARGET\" or \"store prepare TARGET\" is expected", NULL);
            o.code = EXIT_USAGE;
        }
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"role", 0, "NAME", "prepare : le rôle du démon, qui reçoit les droits qu'il lui faut",
     "prepare: the role of the daemon, which gets the rights that it needs"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb store_verb = {
    .name = "store",
    .operands = "copy|prepare TARGET",
    .fr = "copy : copie tout le magasin dans un autre, fichier ou postgresql://…, et le vérifie ; prepare : en "
          "fait "
          "les tables",
    .en = "copy: copies all of the store into another, a file or postgresql://…, and checks it; prepare: makes "
          "its "
          "tables",
    .example = "passerelle store copy postgresql://passerelle@db1,db2/passerelle",
    .options = options,
    .max_operands = 2,
    .run = store_run,
};
