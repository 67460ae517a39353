/* SPDX-License-Identifier: EUPL-1.2 */
/* The file of a new flow: its text, its check among all others, its place in conf.d. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/new_flow.h"
#include "store/durable.h"

/* ---- the text ---- */

/* As libconfig reads it back, whatever it holds. */
static void put_string(struct buf *out, struct gw_str text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\')
            buf_format(out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            buf_format(out, "\\x%02x", c);
        else
            buf_char(out, (char)c);
    }
    buf_char(out, '"');
}

static void put_key(struct buf *out, const char *key, const char *value)
{
    if (!value || !value[0])
        return;
    buf_format(out, "        %-11s = ", key);
    put_string(out, str_of(value));
    buf_text(out, ";\n");
}

/* Words between commas. */
static void put_list(struct buf *out, const char *key, const char *value)
{
    struct gw_str rest = str_of(value), word;
    const char *before = "";

    if (!value || !value[0])
        return;
    buf_format(out, "        %-11s = ( ", key);
    while (rest.ptr) {
        word = str_trim(str_cut(rest, ',', &rest));
        if (!word.len)
            continue;
        buf_text(out, before);
        put_string(out, word);
        before = ", ";
    }
    buf_text(out, " );\n");
}

static void put_partner(const struct new_flow *n, struct buf *out)
{
    if (!n->values[WISH_LABEL])
        return;
    buf_text(out, "partners = (\n    {\n");
    put_key(out, "name", n->values[WISH_PARTNER]);
    put_key(out, "label", n->values[WISH_LABEL]);
    buf_text(out, "    }\n);\n\n");
}

static const char *auth_of(const struct new_flow *n)
{
    if (strncmp(n->values[WISH_URL], "http", 4) != 0)
        return NULL;
    return n->values[WISH_TOKEN_URL]  ? "oauth2"
           : n->values[WISH_TOKEN]    ? "bearer"
           : n->values[WISH_PASSWORD] ? "basic"
                                      : NULL;
}

static void put_server(const struct new_flow *n, struct buf *out)
{
    buf_text(out, "    {\n");
    put_key(out, "name", n->values[WISH_CONNECTOR]);
    put_key(out, "partner", n->values[WISH_PARTNER]);
    put_key(out, "url", n->values[WISH_URL]);
    put_key(out, "user", n->values[WISH_USER]);
    put_key(out, "key", n->values[WISH_KEY]);
    put_list(out, "host_keys", n->values[WISH_HOST_KEYS]);
    put_key(out, "password", n->values[WISH_PASSWORD]);
    put_key(out, "token", n->values[WISH_TOKEN]);
    put_key(out, "auth", auth_of(n));
    put_key(out, "token_url", n->values[WISH_TOKEN_URL]);
    put_key(out, "client_id", n->values[WISH_CLIENT_ID]);
    put_key(out, "client_secret", n->values[WISH_CLIENT_SECRET]);
    put_key(out, "scope", n->values[WISH_SCOPE]);
    put_key(out, "certificate", n->values[WISH_CERTIFICATE]);
    put_key(out, "certificate_key", n->values[WISH_CERTIFICATE_KEY]);
    put_key(out, "ca", n->values[WISH_CA]);
    buf_text(out, "    }");
}

/* By an address that is no connector yet: the name of the one that is made of it. */
static const char *mail_made(const struct new_flow *n)
{
    return n->values[WISH_MAIL_BY] && strstr(n->values[WISH_MAIL_BY], "://")
               ? arena_format(&n->o->arena, "%s-mail", n->values[WISH_NAME])
               : NULL;
}

static void put_connectors(const struct new_flow *n, struct buf *out)
{
    const char *mail = mail_made(n);

    if (!n->values[WISH_URL] && !mail)
        return;
    buf_text(out, "connectors = (\n");
    if (n->values[WISH_URL])
        put_server(n, out);
    if (mail) {
        buf_text(out, n->values[WISH_URL] ? ",\n    {\n" : "    {\n");
        put_key(out, "name", mail);
        put_key(out, "url", n->values[WISH_MAIL_BY]);
        buf_text(out, "    }");
    }
    buf_text(out, "\n);\n\n");
}

static void put_notices(const struct new_flow *n, struct buf *out)
{
    const char *mail = mail_made(n);

    if (!n->values[WISH_MAIL_TO])
        return;
    buf_text(out, "notices = (\n    {\n");
    put_key(out, "name", n->values[WISH_NAME]);
    put_key(out, "connector", mail ? mail : n->values[WISH_MAIL_BY]);
    put_key(out, "from", n->values[WISH_MAIL_FROM]);
    put_list(out, "to", n->values[WISH_MAIL_TO]);
    put_key(out, "lang", say(n->in, "fr", "en"));
    buf_text(out, "    }\n);\n\n");
}

void new_text(const struct new_flow *n, struct buf *out)
{
    buf_format(out, "# %s.conf: passerelle new flow, %.*s\n\n", n->values[WISH_NAME],
               STR_ARG(n->o->engine.today));
    put_partner(n, out);
    put_connectors(n, out);
    put_notices(n, out);
    buf_text(out, "flows = (\n    {\n");
    put_key(out, "name", n->values[WISH_NAME]);
    put_key(out, "partner", n->values[WISH_PARTNER]);
    put_key(out, "direction", n->values[WISH_DIRECTION]);
    put_key(out, "format", n->values[WISH_FORMAT]);
    put_key(out, "profile", n->values[WISH_PROFILE]);
    put_key(out, "folder", n->values[WISH_FOLDER]);
    put_key(out, "connector", n->values[WISH_CONNECTOR]);
    put_key(out, "path", n->values[WISH_PATH]);
    put_key(out, "after", n->values[WISH_AFTER]);
    put_key(out, "after_path", n->values[WISH_AFTER_PATH]);
    put_key(out, "schedule", n->values[WISH_SCHEDULE]);
    put_key(out, "expected", n->values[WISH_EXPECTED]);
    put_list(out, "fields", n->values[WISH_FIELDS]);
    put_key(out, "purpose", n->values[WISH_PURPOSE]);
    put_key(out, "legal_basis", n->values[WISH_LEGAL_BASIS]);
    put_key(out, "retention", n->values[WISH_RETENTION]);
    buf_text(out, "    }\n);\n");
}

/* ---- the check ---- */

/* A fault is said of the place where the file will be. */
struct elsewhere {
    struct sink sink; /* first */
    struct sink *to;
    struct gw_str from, there; /* folders */
    struct arena *arena;
};

static void put(struct sink *sink, const struct diag *d)
{
    struct elsewhere *e = (struct elsewhere *)sink;
    struct diag said = *d;

    if (str_begins(d->file, e->from))
        said.file = str_of(
            arena_format(e->arena, "%.*s%.*s", STR_ARG(e->there), STR_ARG(str_from(d->file, e->from.len))));
    e->to->put(e->to, &said);
}

static bool text_put(const char *folder, struct gw_str name, struct gw_str text)
{
    char path[4096];
    FILE *f;
    bool good;

    if (snprintf(path, sizeof(path), "%s/%.*s", folder, STR_ARG(name)) >= (int)sizeof(path))
        return false;
    f = fopen(path, "wx");
    good = f && fwrite(text.ptr, 1, text.len, f) == text.len;
    if (f)
        good &= fclose(f) == 0;
    return good;
}

static void copy_remove(const struct new_flow *n, const char *folder, const char *name)
{
    const struct gateway_conf *c = &n->o->conf;

    for (size_t i = 0; i < c->ntexts; i++)
        (void)unlink(arena_format(&n->o->arena, "%s/%.*s", folder, STR_ARG(c->texts[i].name)));
    (void)unlink(arena_format(&n->o->arena, "%s/%s", folder, name));
    (void)rmdir(arena_format(&n->o->arena, "%s/conf.d", folder));
    (void)rmdir(folder);
}

static bool copy_make(const struct new_flow *n, const char *folder, const char *name, struct gw_str text)
{
    const struct gateway_conf *c = &n->o->conf;
    bool good = mkdir(arena_format(&n->o->arena, "%s/conf.d", folder), 0700) == 0;

    for (size_t i = 0; good && i < c->ntexts; i++)
        good = text_put(folder, c->texts[i].name, c->texts[i].text);
    return good && text_put(folder, str_of(name), text);
}

static enum gw_result check_copy(struct new_flow *n, const char *folder, struct buf *ret_sentence)
{
    struct operating *o = n->o;
    struct gw_str there = o->conf.path;
    struct elsewhere e = {{put}, &o->printer.sink, {NULL, 0}, {NULL, 0}, &o->arena};
    struct gateway_conf conf;
    const char *path = arena_format(&o->arena, "%s/gateway.conf", folder);
    const struct flow *f;
    enum gw_result result;

    e.from = str_of(folder);
    e.there = (struct gw_str){there.ptr, (size_t)(strrchr(there.ptr, '/') - there.ptr)};
    result = conf_load(&o->arena, path, o->conf.base.ptr, &e.sink, &conf);
    if (result == GW_OK)
        result = conf_check(&conf, &o->engine, &e.sink);
    f = conf_flow(&conf, str_of(n->values[WISH_NAME]));
    if (result == GW_OK && f)
        conf_sentence(ret_sentence, f, GW_STR(""), n->in->lang);
    return result;
}

bool new_checked(struct new_flow *n, struct gw_str text, struct buf *ret_sentence)
{
    const char *above = getenv("TMPDIR");
    char *made = arena_format(&n->o->arena, "%s/passerelle-XXXXXX", above && above[0] ? above : "/tmp");
    char *name = arena_format(&n->o->arena, "conf.d/%s.conf", n->values[WISH_NAME]), folder[4096];
    enum gw_result result = GW_RETRY;

    if (!name || !made || !mkdtemp(made) || !realpath(made, folder)) {
        complain(n->in, "aucun dossier temporaire ne peut être créé ($TMPDIR)",
                 "no temporary folder can be made ($TMPDIR)", made);
        n->code = EXIT_WORLD;
        return false;
    }
    if (copy_make(n, folder, name, text))
        result = check_copy(n, folder, ret_sentence);
    else
        complain(n->in, "impossible d'écrire ici", "cannot be written here", folder);
    copy_remove(n, folder, name);
    n->code = result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK;
}

/* ---- its place ---- */

bool new_write(struct new_flow *n, struct gw_str text)
{
    const char *aside = arena_format(&n->o->arena, ".%s.conf.new", n->values[WISH_NAME]);
    const char *name = arena_format(&n->o->arena, "%s.conf", n->values[WISH_NAME]);
    struct durable d = {0};
    int folder = -1;
    enum gw_result result = aside && name ? durable_folder(n->conf_d, 0755, &folder) : GW_FATAL;

    if (result == GW_OK)
        result = durable_create(&d, folder, aside, 0644);
    if (result == GW_OK) {
        result = durable_write(d.fd, text.ptr, text.len);
        if (result == GW_OK)
            result = durable_commit(&d);
        durable_abandon(&d);
    }
    if (result == GW_OK)
        result = durable_rename(folder, aside, folder, name);
    if (result == GW_OK)
        result = durable_sync(folder);
    else if (folder >= 0)
        (void)unlinkat(folder, aside, 0);
    if (result == GW_END)
        complain(n->in, "ce fichier existe déjà : choisir un autre nom (--name)",
                 "this file exists already: choose another name (--name)", n->target);
    else if (result != GW_OK)
        complain(n->in, "impossible d'écrire dans ce dossier", "cannot write into this folder", n->conf_d);
    if (folder >= 0)
        (void)close(folder);
    n->code = result == GW_OK ? EXIT_DONE : result == GW_END ? EXIT_USAGE : EXIT_WORLD;
    return result == GW_OK;
}
