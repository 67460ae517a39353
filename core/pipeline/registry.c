/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Loading: the first bytes of the file, then dlopen, then one data symbol, then the descriptor
 * field by field. Nothing is called through it here.
 */
#include "pipeline/registry.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "pipeline/options.h"

/* The descriptor of ABI 1.0: what later minors append is not asked of an older plugin. */
#define SIZE_1_0 (offsetof(struct gw_plugin, checks) + sizeof(((struct gw_plugin *)0)->checks))

/* ---- refusing ---- */

/* Pairs of name and text, ended by NULL; copied. Returns false, to be returned. */
static bool refuse(struct registry *r, struct gw_str path, const char *code, ...)
{
    struct refused_plugin *f = &r->refused[r->nrefused++];
    const char *name;
    va_list ap;

    *f = (struct refused_plugin){.path = path, .code = code};
    va_start(ap, code);
    while ((name = va_arg(ap, const char *)) && f->nargs < 4) {
        struct gw_str copy = arena_copy(r->arena, str_of(va_arg(ap, const char *)));

        f->args[f->nargs++] = (struct gw_arg){name, copy.ptr ? copy : GW_STR("?")};
    }
    va_end(ap);
    return false;
}

void registry_report(const struct registry *r, struct sink *sink)
{
    for (size_t i = 0; i < r->nrefused; i++) {
        const struct refused_plugin *f = &r->refused[i];
        struct diag d = {.severity = GW_WARNING,
                         .code = f->code,
                         .file = f->path,
                         .byte = UINT64_MAX,
                         .args = f->args,
                         .nargs = f->nargs};

        sink->put(sink, &d);
    }
}

/* ---- checking a descriptor ---- */

static bool good_name(const char *name)
{
    size_t n = name ? strlen(name) : 0;

    return n && n < 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static bool good_abi(struct registry *r, struct gw_str path, const struct gw_plugin *p)
{
    char *theirs = arena_format(r->arena, "%u.%u", p->abi >> 16, p->abi & 0xffff);
    char *ours = arena_format(r->arena, "%u.%u", GW_ABI_MAJOR, GW_ABI_MINOR);

    if (!theirs || !ours)
        return refuse(r, path, "memory.out", NULL);
    if (p->abi >> 16 != GW_ABI_MAJOR)
        return refuse(r, path, "plugin.abi", "found", theirs, "expected", ours, NULL);
    if ((p->abi & 0xffff) > GW_ABI_MINOR)
        return refuse(r, path, "plugin.newer", "found", theirs, "expected", ours, NULL);
    if (p->size < SIZE_1_0)
        return refuse(r, path, "plugin.size", "found", theirs, "expected", ours, NULL);
    return true;
}

static bool said(const char *text)
{
    return text && text[0];
}

static bool good_messages(struct registry *r, struct gw_str path, const struct gw_plugin *p)
{
    for (const struct gw_message *m = p->messages; m && m->code; m++)
        if (!said(m->code) || !said(m->fr) || !said(m->en) || !said(m->advice_fr) || !said(m->advice_en))
            return refuse(r, path, "plugin.message", "message", m->code, NULL);
    return true;
}

static bool good_rules(struct registry *r, struct gw_str path, const struct gw_plugin *p)
{
    for (const struct gw_converter *c = p->converters; c && c->name; c++) {
        if (!good_name(c->name) || !c->natives || c->natives > 8 || !c->fields || (!c->read && !c->write))
            return refuse(r, path, "plugin.rule", "rule", c->name, NULL);
        if (registry_converter(r, str_of(c->name)))
            return refuse(r, path, "plugin.rule_twice", "rule", c->name, NULL);
    }
    for (const struct gw_check *c = p->checks; c && c->name; c++) {
        if (!good_name(c->name) || !c->run)
            return refuse(r, path, "plugin.rule", "rule", c->name, NULL);
        if (registry_check(r, str_of(c->name)))
            return refuse(r, path, "plugin.rule_twice", "rule", c->name, NULL);
    }
    return true;
}

static bool good_calls(struct registry *r, struct gw_str path, const struct gw_plugin *p)
{
    const struct gw_reader *in = p->reader;
    const struct gw_writer *out = p->writer;

    if ((in && (!in->open || !in->next)) || (out && (!out->open || !out->write || !out->finish)) ||
        (!in && !out && !p->converters && !p->checks))
        return refuse(r, path, "plugin.calls", NULL);
    return true;
}

static bool good(struct registry *r, struct gw_str path, const struct gw_plugin *p)
{
    const struct gw_option *option;
    const char *why;

    if (!good_abi(r, path, p))
        return false;
    if (!good_name(p->name) || !said(p->version) || !said(p->summary_fr) || !said(p->summary_en))
        return refuse(r, path, "plugin.name", "found", p->name ? p->name : "-", NULL);
    option = options_fault(p, &why);
    if (option)
        return refuse(r, path, "plugin.option", "found", option->name, "fault", why, NULL);
    if (registry_plugin(r, str_of(p->name)))
        return refuse(r, path, "plugin.twice", "found", p->name, NULL);
    return good_messages(r, path, p) && good_calls(r, path, p) && good_rules(r, path, p);
}

/* ---- one file ---- */

/* Every segment lies within the file: dlopen() maps them, and what is cut off would kill the process. */
static bool segments_fit(int fd, const ElfW(Ehdr) * head, off_t size)
{
    for (unsigned i = 0; i < head->e_phnum; i++) {
        ElfW(Phdr) segment;
        off_t at = (off_t)(head->e_phoff + (ElfW(Off))i * sizeof(segment));

        if (pread(fd, &segment, sizeof(segment), at) != (ssize_t)sizeof(segment))
            return false;
        if (segment.p_filesz > (ElfW(Xword))size || segment.p_offset > (ElfW(Off))size - segment.p_filesz)
            return false;
    }
    return head->e_phnum > 0;
}

static bool is_elf(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ElfW(Ehdr) head;
    struct stat st;
    bool elf = fd >= 0 && fstat(fd, &st) == 0 && pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
               memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_phentsize == sizeof(ElfW(Phdr)) &&
               segments_fit(fd, &head, st.st_size);

    if (fd >= 0)
        close(fd);
    return elf;
}

static void load(struct registry *r, struct gw_str path)
{
    const struct gw_plugin *p;
    void *handle;

    if (!is_elf(path.ptr)) {
        (void)refuse(r, path, "plugin.not_elf", NULL);
        return;
    }
    handle = dlopen(path.ptr, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        (void)refuse(r, path, "plugin.file", "reason", dlerror(), NULL);
        return;
    }
    p = dlsym(handle, "gw_plugin");
    if (!p)
        (void)refuse(r, path, "plugin.symbol", NULL);
    if (p && good(r, path, p))
        r->loaded[r->nloaded++] = (struct loaded_plugin){path, p, handle};
    else
        dlclose(handle);
}

/* ---- the folder ---- */

static int is_plugin_file(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 3 && e->d_name[0] != '.' && strcmp(e->d_name + n - 3, ".so") == 0;
}

static enum gw_result cannot(struct gw_str folder, struct sink *sink)
{
    char room[128];
    struct gw_arg arg = {"error", str_of(strerror_r(errno, room, sizeof(room)))};
    struct diag d = {.severity = GW_ERROR,
                     .code = "plugin.folder",
                     .file = folder,
                     .byte = UINT64_MAX,
                     .args = &arg,
                     .nargs = 1};

    if (sink)
        sink->put(sink, &d);
    return GW_FAIL;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum gw_result registry_load(struct registry *r, struct arena *arena, struct gw_str folder, struct sink *sink)
{
    char *name = arena_text(arena, folder);
    struct dirent **files = NULL;
    enum gw_result result = GW_OK;
    int n;

    *r = (struct registry){.arena = arena};
    n = name ? scandir(name, &files, is_plugin_file, by_name) : -1;
    if (n < 0)
        return cannot(folder, sink);
    r->loaded = arena_array(arena, (size_t)n + 1, sizeof(*r->loaded));
    r->refused = arena_array(arena, (size_t)n + 1, sizeof(*r->refused));
    if (!r->loaded || !r->refused)
        result = GW_FATAL;
    for (int i = 0; i < n; i++) {
        char *path = arena_format(arena, "%s/%s", name, files[i]->d_name);

        free(files[i]);
        if (!path)
            result = GW_FATAL;
        else if (result == GW_OK)
            load(r, str_of(path));
    }
    free(files);
    return result;
}

void registry_done(struct registry *r)
{
    for (size_t i = 0; i < r->nloaded; i++)
        dlclose(r->loaded[i].handle);
    r->nloaded = 0;
}

/* ---- looking up ---- */

const struct gw_plugin *registry_plugin(const struct registry *r, struct gw_str name)
{
    for (size_t i = 0; i < r->nloaded; i++)
        if (str_is(name, r->loaded[i].plugin->name))
            return r->loaded[i].plugin;
    return NULL;
}

const struct gw_converter *registry_converter(const struct registry *r, struct gw_str name)
{
    for (size_t i = 0; i < r->nloaded; i++)
        for (const struct gw_converter *c = r->loaded[i].plugin->converters; c && c->name; c++)
            if (str_is(name, c->name))
                return c;
    return NULL;
}

const struct gw_check *registry_check(const struct registry *r, struct gw_str name)
{
    for (size_t i = 0; i < r->nloaded; i++)
        for (const struct gw_check *c = r->loaded[i].plugin->checks; c && c->name; c++)
            if (str_is(name, c->name))
                return c;
    return NULL;
}

const char *registry_nearest(const struct registry *r, struct gw_str name)
{
    const char *words[64];
    size_t n = 0;

    for (size_t i = 0; i < r->nloaded && n < 64; i++)
        words[n++] = r->loaded[i].plugin->name;
    return str_nearest(name, words, n);
}

enum gw_result registry_messages(const struct registry *r, struct catalogue *c)
{
    enum gw_result result = GW_OK;

    for (size_t i = 0; i < r->nloaded && result == GW_OK; i++)
        if (r->loaded[i].plugin->messages)
            result = catalogue_add(c, r->loaded[i].plugin->messages);
    return result;
}
