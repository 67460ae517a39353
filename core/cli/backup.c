/* SPDX-License-Identifier: EUPL-1.2 */
/* backup: all of it into one sealed file, beside a running daemon. restore: a state from it, elsewhere. */
#include "gateway/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/operate.h"
#include "cli/seals.h"
#include "store/audit.h"
#include "store/durable.h"
#include "store/seal.h"

/* The key that is given, else that of gateway.conf. False: said. */
static bool key_open(struct operating *o, struct coffer_key *ret)
{
    const char *path = option_value(o->in, "key");
    struct gw_arg arg = {"file", GW_STR("")};
    enum gw_result result;

    if (!path && o->conf.backup.key.len)
        path = o->conf.backup.key.ptr;
    if (!path) {
        operate_fault(o, "backup.no_key", NULL, 0);
        o->code = EXIT_USAGE;
        return false;
    }
    arg.value = str_of(path);
    result = coffer_key_read(path, ret);
    if (result != GW_OK)
        operate_fault(o, "backup.bad_key", &arg, 1);
    o->code = result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK;
}

/* What came out of a letter opens one backup. False: said. */
static bool seals(struct operating *o, const struct coffer_key *key)
{
    if (key->kind != COFFER_STREAM)
        return true;
    complain(o->in, "cette clé ouvre une sauvegarde ; elle n'en fait pas",
             "this key opens one backup; it makes none", NULL);
    o->code = EXIT_USAGE;
    return false;
}

static void tell(const struct invocation *in, const char *file, const struct backup_facts *f)
{
    char at[32];
    struct buf line;

    if (!in->json) {
        fprintf(strcmp(file, "-") == 0 ? stderr : stdout, "%s : %s, %llu %s, %llu %s\n", file,
                instant(f->at, at), (unsigned long long)f->exchanges, say(in, "échanges", "exchanges"),
                (unsigned long long)f->files, say(in, "fichiers", "files"));
        return;
    }
    buf_init(&line, 65536);
    buf_text(&line, "{\"file\":");
    buf_json(&line, str_of(file));
    buf_format(&line, ",\"at\":%lld,\"exchanges\":%llu,\"files\":%llu,\"missing\":%llu,\"held\":%llu}\n",
               (long long)f->at, (unsigned long long)f->exchanges, (unsigned long long)f->files,
               (unsigned long long)f->missing, (unsigned long long)f->held);
    fwrite(line.data, 1, line.len, strcmp(file, "-") == 0 ? stderr : stdout);
    buf_done(&line);
}

/* ---- the letter: its key for people, by OpenPGP ---- */

/* Between nameless files in memory: the line lies on no disk. */
static enum gw_result letter_seal(void *to, const char *line, struct buf *out)
{
    int from = memfd_create("line", MFD_CLOEXEC), sealed = memfd_create("letter", MFD_CLOEXEC);
    size_t len = strlen(line);
    bool good = from >= 0 && sealed >= 0 && write(from, line, len) == (ssize_t)len &&
                lseek(from, 0, SEEK_SET) == 0 && seals_letter(to, from, sealed);
    off_t size = good ? lseek(sealed, 0, SEEK_END) : -1;
    char *room = size > 0 ? buf_room(out, (size_t)size) : NULL;

    good = room && pread(sealed, room, (size_t)size, 0) == size;
    if (good) {
        out->len += (size_t)size;
        out->data[out->len] = '\0';
    }
    if (from >= 0)
        (void)close(from);
    if (sealed >= 0)
        (void)close(sealed);
    return good ? GW_OK : GW_REJECT;
}

static enum gw_result make_to(struct operating *o, const struct coffer_key *key, int fd,
                              struct backup_facts *ret)
{
    const struct coffer_letter letter = {letter_seal, o};
    bool lettered = openpgp_given(&o->conf.backup.openpgp);

    return backup_make(&o->conf, o->store, key, lettered ? &letter : NULL, fd, &o->printer.sink, ret);
}

/* ---- make ---- */

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Written aside and named when it is whole. */
static enum gw_result make_file(struct operating *o, const struct coffer_key *key, const char *folder,
                                const char *name, struct backup_facts *ret)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct durable d = {.fd = -1};
    enum gw_result result = fd >= 0 ? durable_create(&d, fd, name, 0600) : GW_RETRY;
    struct gw_arg args[] = {{"file", str_of(name)}, {"reason", str_of(strerror(errno))}};

    if (result != GW_OK) {
        operate_fault(o, "backup.world", args, 2);
    } else {
        result = make_to(o, key, d.fd, ret);
        if (result == GW_OK)
            result = durable_commit(&d);
        else
            durable_abandon(&d);
        if (result == GW_OK)
            result = durable_sync(fd);
    }
    if (fd >= 0)
        (void)close(fd);
    return result;
}

static enum gw_result make_in(struct operating *o, const struct coffer_key *key, const char *folder,
                              struct backup_facts *ret, const char **ret_path)
{
    const char *keep = option_value(o->in, "keep");
    int64_t most = (int64_t)o->conf.backup.keep;
    char name[48];
    enum gw_result result;

    if (keep && (!number_parse(keep, &most) || !most)) {
        complain(o->in, "un nombre de sauvegardes est attendu", "a number of backups is expected", keep);
        return GW_FAIL;
    }
    backup_name(store_now(), name);
    *ret_path = arena_format(&o->arena, "%s/%s", folder, name);
    result = make_file(o, key, folder, name, ret);
    return result == GW_OK && most ? backup_prune(folder, (uint64_t)most) : result;
}

static enum gw_result make_one(struct operating *o, const struct coffer_key *key, const char *path,
                               struct backup_facts *ret)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? arena_format(&o->arena, "%.*s", (int)(slash - path + 1), path)
                         : arena_text(&o->arena, GW_STR("."));
    struct gw_arg arg = {"found", str_of(path)};

    if (access(path, F_OK) != 0)
        return folder ? make_file(o, key, folder, slash ? slash + 1 : path, ret) : GW_FATAL;
    operate_fault(o, "store.exists", &arg, 1);
    return GW_FAIL;
}

static enum exit_code make(struct operating *o, const struct coffer_key *key, const char *to)
{
    struct backup_facts facts = {0};
    enum gw_result result;

    if (strcmp(to, "-") == 0 && isatty(STDOUT_FILENO)) {
        complain(o->in, "une sauvegarde ne se montre pas à l'écran : ajouter > FICHIER",
                 "a backup is not for the screen: add > FILE", NULL);
        return EXIT_USAGE;
    }
    if (strcmp(to, "-") == 0)
        result = make_to(o, key, STDOUT_FILENO, &facts);
    else if (is_folder(to))
        result = make_in(o, key, to, &facts, &to);
    else
        result = make_one(o, key, to, &facts);
    if (result == GW_OK)
        tell(o->in, to, &facts);
    return result == GW_OK     ? facts.missing ? EXIT_REJECTS : EXIT_DONE
           : result == GW_FAIL ? EXIT_USAGE
                               : EXIT_WORLD;
}

static enum exit_code backup_to(struct invocation *in)
{
    struct operating o;
    struct coffer_key key;
    const char *to = option_value(in, "to");

    if (operate_open(&o, in)) {
        if (!to && o.conf.backup.folder.len)
            to = o.conf.backup.folder.ptr;
        if (!to) {
            complain(in, "où la mettre ? --to FICHIER, DOSSIER ou -", "where to? --to FILE, FOLDER or -", NULL);
            o.code = EXIT_USAGE;
        } else if (key_open(&o, &key) && seals(&o, &key) && operate_store(&o, false)) {
            operate_actor(&o);
            o.code = make(&o, &key, to);
        }
        seal_forget(&key, sizeof(key));
    }
    operate_close(&o);
    return o.code;
}

/* ---- look ---- */

static int archive_fd(const char *path)
{
    return strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
}

static enum exit_code unreadable(const struct invocation *in, const char *path)
{
    complain(in, "ce fichier ne peut être lu", "this file cannot be read", path);
    return EXIT_USAGE;
}

/* The words of messages, the key and the file; no configuration is needed where a backup is looked at. */
static bool archive_open(struct operating *o, struct invocation *in, const char *path, struct backup_file *ret)
{
    *ret = (struct backup_file){.fd = -1, .name = path};
    if (!operate_words(o, in) || !key_open(o, &ret->key))
        return false;
    ret->fd = archive_fd(path);
    if (ret->fd < 0)
        o->code = unreadable(in, path);
    return ret->fd >= 0;
}

static enum exit_code letter_show(struct operating *o, const char *path)
{
    int fd = archive_fd(path);
    struct buf text;
    enum gw_result result;

    if (fd < 0)
        return unreadable(o->in, path);
    buf_init(&text, COFFER_LETTER);
    result = backup_letter(fd, path, &o->printer.sink, &text);
    if (result == GW_OK)
        fwrite(text.data, 1, text.len, stdout);
    (void)close(fd);
    buf_done(&text);
    return result == GW_OK ? EXIT_DONE : result == GW_RETRY || result == GW_FATAL ? EXIT_WORLD : EXIT_STREAM;
}

static enum exit_code backup_letter_run(struct invocation *in, const char *path)
{
    struct operating o;

    if (operate_words(&o, in))
        o.code = letter_show(&o, path);
    operate_close(&o);
    return o.code;
}

static void archive_close(struct backup_file *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    seal_forget(&f->key, sizeof(f->key));
}

static enum exit_code backup_look(struct invocation *in, const char *path)
{
    struct operating o;
    struct backup_file from;
    struct backup_facts facts;
    uint64_t faults;

    if (archive_open(&o, in, path, &from)) {
        enum gw_result result = backup_verify(&from, &o.printer.sink, &facts, &faults);

        o.code = result == GW_FAIL ? EXIT_STREAM
                 : result != GW_OK ? EXIT_WORLD
                 : faults          ? EXIT_REJECTS
                                   : EXIT_DONE;
        if (result == GW_OK)
            tell(in, path, &facts);
    }
    archive_close(&from);
    operate_close(&o);
    return o.code;
}

static enum exit_code backup_new_key(struct invocation *in, const char *path)
{
    bool pair = option_value(in, "pair");
    enum gw_result result = coffer_key_new(path, pair);

    if (result != GW_OK)
        complain(in, result == GW_FAIL ? "un fichier de ce nom est déjà là" : "la clé ne peut être écrite",
                 result == GW_FAIL ? "a file of that name is there already" : "the key cannot be written",
                 path);
    else if (!in->json)
        printf("%s\n",
               pair
                   ? say(in,
                         "la partie publique (.pub) suffit pour sauvegarder ; garder l'autre ailleurs : sans "
                         "elle, aucune sauvegarde ne s'ouvre",
                         "the public half (.pub) is enough to back up; keep the other elsewhere: without it no "
                         "backup opens")
                   : say(in, "en garder une copie ailleurs : sans elle, aucune sauvegarde ne s'ouvre",
                         "keep a copy elsewhere: without it no backup opens"));
    return result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
}

static enum exit_code backup_run(struct invocation *in)
{
    if (option_value(in, "new-key"))
        return backup_new_key(in, option_value(in, "new-key"));
    if (option_value(in, "letter"))
        return backup_letter_run(in, option_value(in, "letter"));
    return option_value(in, "verify") ? backup_look(in, option_value(in, "verify")) : backup_to(in);
}

static const struct option_word backup_options[] = {
    CONFIG_OPTION,
    TRANSFERS_OPTION,
    {"to", 0, "FILE|FOLDER", "où la mettre ; - est la sortie standard ; sinon `backup` de gateway.conf",
     "where it goes; - is standard output; else `backup` of gateway.conf"},
    {"key", 0, "FILE", "la clé qui scelle et ouvre ; sinon celle de gateway.conf",
     "the key that seals and opens; else that of gateway.conf"},
    {"keep", 0, "N", "n'en garder que N dans le dossier", "only N stay in the folder"},
    {"verify", 0, "FILE", "restaure celle-ci à part, la vérifie comme fsck, et efface tout",
     "restores this one apart, checks it as fsck does, and removes all of it"},
    {"letter", 0, "FILE", "montre la clé de celle-ci, scellée par OpenPGP : --letter FILE | gpg -d > CLÉ",
     "shows the key of this one, sealed by OpenPGP: --letter FILE | gpg -d > KEY"},
    {"new-key", 0, "FILE", "fait une clé", "makes a key"},
    {"pair", 0, NULL, "avec --new-key : une paire ; la partie publique, FILE.pub, scelle seulement",
     "with --new-key: a pair; the public half, FILE.pub, seals only"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb backup_verb = {
    .name = "backup",
    .operands = "",
    .fr = "sauvegarde magasin, fichiers, clé et configuration dans un fichier scellé, le démon tournant",
    .en = "backs up store, files, key and configuration into one sealed file, the daemon running",
    .example = "passerelle backup --to /var/backups/passerelle --keep 14",
    .options = backup_options,
    .run = backup_run,
};

/* ---- restore ---- */

static void tell_next(const struct invocation *in, const struct backup_facts *f)
{
    if (in->json)
        return;
    printf(
        "%s\n",
        say(in,
            "ce dossier est un `state` ; la configuration d'alors est dans conf/ : la comparer à celle "
            "d'aujourd'hui",
            "this folder is a `state`; the configuration of then is in conf/: compare it with that of today"));
    printf("%llu %s\n", (unsigned long long)f->held,
           say(in,
               "envois sont retenus, et rien de nouveau ne sortira : les destinataires ont pu recevoir plus "
               "que ceci "
               "n'en sait",
               "files out are held, and nothing new goes out: destinations may have had more than this knows"));
    printf("  %s\n",
           say(in,
               "décider de chacun (exchanges --state held, release N), puis `passerelle release --restored`",
               "decide on each (exchanges --state held, release N), then `passerelle release --restored`"));
}

static enum exit_code restore_run(struct invocation *in)
{
    struct operating o = {.in = in};
    struct backup_file from;
    struct backup_facts facts;
    const char *to = option_value(in, "to");

    if (!in->noperands || !to) {
        complain(in, "la sauvegarde et --to DOSSIER sont attendus", "the backup and --to FOLDER are expected",
                 NULL);
        return EXIT_USAGE;
    }
    if (archive_open(&o, in, in->operands[0], &from)) {
        enum gw_result result = backup_restore(&from, to, &o.printer.sink, &facts);

        o.code = result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_STREAM : EXIT_WORLD;
        if (result == GW_OK) {
            tell(in, to, &facts);
            tell_next(in, &facts);
        }
    }
    archive_close(&from);
    operate_close(&o);
    return o.code;
}

static const struct option_word restore_options[] = {
    {"to", 0, "FOLDER", "dossier qui n'existe pas encore ; il devient un `state`",
     "folder that is not there yet; it becomes a `state`"},
    {"key", 0, "FILE", "la clé de la sauvegarde", "the key of the backup"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb restore_verb = {
    .name = "restore",
    .operands = "FILE",
    .fr = "restaure une sauvegarde dans un dossier neuf",
    .en = "restores a backup into a new folder",
    .example = "passerelle restore passerelle-20261128T230000Z.backup --to /var/lib/passerelle --key cle",
    .options = restore_options,
    .max_operands = 1,
    .run = restore_run,
};
