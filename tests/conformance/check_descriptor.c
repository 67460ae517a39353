/* SPDX-License-Identifier: EUPL-1.2 */
/* What the descriptor says of itself, and what the file exports. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/suite.h"

#define KNOWN_FLAGS (GW_TYPED | GW_NESTED | GW_SEEKS | GW_TOTALS | GW_PIVOT | GW_SPAWNS)

static bool is_word(const char *text)
{
    return text && *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(text);
}

static bool is_said(const char *text)
{
    return text && *text && str_valid(str_of(text));
}

void descriptor_is_sane(void **state)
{
    const struct gw_plugin *p = subject.plugin;

    (void)state;
    assert_int_equal(p->abi >> 16, GW_ABI_MAJOR);
    assert_true((p->abi & 0xffff) <= GW_ABI_MINOR);
    assert_int_equal(p->size, sizeof(struct gw_plugin));
    assert_int_equal(p->flags & ~(uint32_t)KNOWN_FLAGS, 0);
    assert_true(is_word(p->name));
    assert_true(is_said(p->version) && is_said(p->summary_fr) && is_said(p->summary_en));
    assert_true(p->reader || p->writer || p->converters || p->checks);
    assert_true(!p->reader || (p->reader->open && p->reader->next));
    assert_true(!p->writer || (p->writer->open && p->writer->write && p->writer->finish));
    assert_true(!p->config_size == !p->options);
}

/* ---- messages ---- */

/* Each {name} of one text is in the other. */
static bool same_arguments(const char *a, const char *b)
{
    const char *at = a;

    while ((at = strchr(at, '{'))) {
        const char *end = strchr(at, '}');
        size_t found;

        if (!end || !str_find(str_of(b), (struct gw_str){at, (size_t)(end + 1 - at)}, &found))
            return false;
        at = end;
    }
    return true;
}

void messages_are_whole(void **state)
{
    const struct gw_message *all = subject.plugin->messages;
    size_t len = strlen(subject.plugin->name);

    (void)state;
    for (const struct gw_message *m = all; m && m->code; m++) {
        if (strncmp(m->code, subject.plugin->name, len) != 0 || m->code[len] != '.' ||
            !is_word(m->code + len + 1))
            fail_msg("%s is not %s.word", m->code, subject.plugin->name);
        if (!is_said(m->fr) || !is_said(m->en) || !is_said(m->advice_fr) || !is_said(m->advice_en))
            fail_msg("%s lacks a text", m->code);
        if (!same_arguments(m->fr, m->en) || !same_arguments(m->en, m->fr))
            fail_msg("%s: not the same arguments in both languages", m->code);
        for (const struct gw_message *other = all; other < m; other++)
            if (strcmp(other->code, m->code) == 0)
                fail_msg("%s is there twice", m->code);
    }
}

/* ---- options ---- */

static struct gw_str not_set(void *context, const char *name)
{
    (void)context;
    (void)name;
    return (struct gw_str){NULL, 0};
}

static struct gw_str set_one(void *context, const char *name)
{
    const struct gw_option *o = context;

    return strcmp(o->name, name) == 0 ? str_of(o->initial ? o->initial : "") : (struct gw_str){NULL, 0};
}

void options_have_good_initials(void **state)
{
    const struct gw_plugin *p = subject.plugin;
    struct option_source source = {.get = not_set};
    _Alignas(16) char config[4096], other[4096];
    const char *why;

    (void)state;
    assert_true(p->config_size <= sizeof(config));
    if (options_fault(p, &why))
        fail_msg("%s", why);
    memset(config, 0, sizeof(config));
    assert_int_equal(options_fill(p, config, &source), GW_OK);
    for (const struct gw_option *o = p->options; o && o->name; o++) {
        source = (struct option_source){.get = set_one, .context = (void *)(uintptr_t)o};
        assert_true(is_word(o->name) && is_said(o->help_fr) && is_said(o->help_en));
        memset(other, 0, sizeof(other));
        if (options_fill(p, other, &source) != GW_OK)
            fail_msg("%s: its initial value cannot be set", o->name);
        if (o->initial && o->type != GW_OPT_TEXT && memcmp(config, other, p->config_size) != 0)
            fail_msg("%s: set to its initial value it is another", o->name);
    }
}

/* ---- probe ---- */

/* At the end of a page, with nothing readable behind it. */
static int probe_at_edge(const struct gw_plugin *p, struct gw_str head)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (head.len / page + 1) * page;
    char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct gw_probe probe = {.name = {NULL, 0}};
    int first, second;

    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + room, page, PROT_NONE), 0);
    probe.head = (struct gw_str){map + room - head.len, head.len};
    if (head.len)
        memcpy(map + room - head.len, head.ptr, head.len);
    assert_int_equal(mprotect(map, room, PROT_READ), 0);
    first = p->probe(&probe);
    second = p->probe(&probe);
    munmap(map, room + page);
    assert_int_equal(first, second);
    assert_in_range(first, 0, 100);
    return first;
}

void probe_is_pure(void **state)
{
    static const struct gw_str odd[] = {
        GW_STR_INIT(""),
        GW_STR_INIT("\0"),
        GW_STR_INIT("\xFF\xFE\xFD"),
        GW_STR_INIT("\xEF\xBB\xBF"),
        GW_STR_INIT("<"),
        GW_STR_INIT("{"),
        GW_STR_INIT("["),
        GW_STR_INIT("\"\"\""),
        GW_STR_INIT("a"),
        GW_STR_INIT("\n\n"),
    };

    bool known = false;

    (void)state;
    if (!subject.plugin->probe)
        skip();
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        (void)probe_at_edge(subject.plugin, odd[i]);
    for (size_t i = 0; i < nsamples; i++) {
        bool mine = strcmp(samples[i].plugin, subject.plugin->name) == 0;
        int whole = probe_at_edge(subject.plugin, samples[i].text);

        if (mine && !known && whole == 0)
            fail_msg("%s: not known by its own plugin", samples[i].name);
        known |= mine; /* the others may be of a dialect that cannot be guessed */
        for (size_t len = 0; len < samples[i].text.len; len++)
            (void)probe_at_edge(subject.plugin, (struct gw_str){samples[i].text.ptr, len});
    }
}

/* ---- the file ---- */

static struct gw_str file_bytes(struct buf *b)
{
    buf_init(b, (size_t)64 << 20);
    assert_int_equal(buf_read_file(b, subject.path), GW_OK);
    assert_true(b->len > sizeof(Elf64_Ehdr) && memcmp(b->data, ELFMAG, SELFMAG) == 0);
    return buf_view(b);
}

static const Elf64_Shdr *section(struct gw_str file, const char *name)
{
    const Elf64_Ehdr *head = (const void *)file.ptr;
    const Elf64_Shdr *all = (const void *)(file.ptr + head->e_shoff);
    const char *names = file.ptr + all[head->e_shstrndx].sh_offset;

    for (size_t i = 0; i < head->e_shnum; i++)
        if (strcmp(names + all[i].sh_name, name) == 0)
            return &all[i];
    return NULL;
}

static bool is_exported(const Elf64_Sym *s)
{
    return s->st_shndx != SHN_UNDEF && ELF64_ST_BIND(s->st_info) != STB_LOCAL;
}

void one_symbol_is_exported(void **state)
{
    struct buf b;
    struct gw_str file = file_bytes(&b);
    const Elf64_Shdr *table = section(file, ".dynsym"), *texts = section(file, ".dynstr");
    const Elf64_Sym *s;
    size_t n = 0;

    (void)state;
    assert_true(table && texts);
    s = (const void *)(file.ptr + table->sh_offset);
    for (size_t i = 0; i < table->sh_size / sizeof(*s); i++) {
        const char *name = file.ptr + texts->sh_offset + s[i].st_name;

        if (!is_exported(&s[i]) || (!allocations_counted() && strncmp(name, "__", 2) == 0))
            continue; /* sanitizers add one of their own */
        assert_string_equal(name, "gw_plugin");
        assert_int_equal(ELF64_ST_TYPE(s[i].st_info), STT_OBJECT);
        n++;
    }
    assert_int_equal(n, 1);
    buf_done(&b);
}

/* Beyond what the linker itself puts there. */
void nothing_is_mutable(void **state)
{
    static const char *const names[] = {".data", ".bss", ".tdata", ".tbss"};
    struct buf b;
    struct gw_str file;

    (void)state;
    if (!allocations_counted())
        skip();
    file = file_bytes(&b);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const Elf64_Shdr *s = section(file, names[i]);

        if (s && s->sh_size > 16)
            fail_msg("%s has %zu bytes", names[i], (size_t)s->sh_size);
    }
    buf_done(&b);
}
