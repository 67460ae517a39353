/* SPDX-License-Identifier: EUPL-1.2 */
/* The host of the csv tests: see fake_host.h. */
#include "fake_host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"

static struct fake_host *host_of(struct gw_session *s)
{
    return (struct fake_host *)s;
}

static void add_text(struct fake_text *t, const char *text, size_t len)
{
    if (t->len + len >= t->room) {
        t->room = 2 * (t->room + len) + 256;
        t->text = realloc(t->text, t->room);
        assert_non_null(t->text);
    }
    memcpy(t->text + t->len, text, len);
    t->len += len;
    t->text[t->len] = 0;
}

void fake_note(struct fake_host *h, const char *format, ...)
{
    char line[4096];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    assert_true(len >= 0 && (size_t)len < sizeof(line));
    add_text(&h->log, line, (size_t)len);
}

static enum gw_result peek(struct gw_session *s, size_t min, struct gw_str *ret)
{
    struct fake_host *h = host_of(s);
    size_t left = h->len - h->at;
    size_t want = h->step && h->shown + h->step < left ? h->shown + h->step : left;

    assert_true(min <= h->stream.record_bytes);
    if (want < min)
        want = min < left ? min : left;
    free(h->window);
    h->window = malloc(want ? want : 1);
    memcpy(h->window, h->input + h->at, want);
    h->shown = want;
    h->window_at = 0;
    *ret = (struct gw_str){h->window, want};
    return want < min ? GW_END : GW_OK;
}

static void consume(struct gw_session *s, size_t len)
{
    struct fake_host *h = host_of(s);

    assert_true(len <= h->shown);
    h->at += len;
    h->shown -= len;
}

static enum gw_result write_out(struct gw_session *s, const void *data, size_t len)
{
    add_text(&host_of(s)->out, data, len);
    return GW_OK;
}

static void *lend(struct gw_session *s, enum gw_life life, size_t size)
{
    struct fake_host *h = host_of(s);
    struct fake_block **list = life == GW_RECORD_LIFE ? &h->lent : &h->kept, *b;

    if (++h->allocations == h->fail_at)
        return NULL;
    b = malloc(sizeof(*b) + 8 + size);
    assert_non_null(b);
    b->next = *list;
    *list = b;
    if (life == GW_SESSION_LIFE)
        h->nkept++;
    memset((char *)b + 16, 0xA5, size);
    return (char *)b + 16;
}

static void drop(struct fake_block **list)
{
    while (*list) {
        struct fake_block *next = (*list)->next;

        free(*list);
        *list = next;
    }
}

static size_t mark(struct gw_session *s)
{
    return host_of(s)->nkept;
}

static void release(struct gw_session *s, size_t mark)
{
    struct fake_host *h = host_of(s);

    while (h->nkept > mark) {
        struct fake_block *next = h->kept->next;

        free(h->kept);
        h->kept = next;
        h->nkept--;
    }
}

static uint16_t intern(struct fake_host *h, const char *text, size_t len)
{
    for (uint16_t i = 1; i < h->nnames; i++)
        if (strlen(h->names[i]) == len && memcmp(h->names[i], text, len) == 0)
            return i;
    if (h->nnames == FAKE_NAMES)
        return 0;
    h->names[h->nnames] = strndup(text, len);
    return h->nnames++;
}

static uint16_t name(struct gw_session *s, const char *text, size_t len)
{
    if (++host_of(s)->allocations == host_of(s)->fail_at)
        return 0;
    return intern(host_of(s), text, len);
}

uint16_t fake_name(struct fake_host *h, const char *text)
{
    return intern(h, text, strlen(text));
}

static struct gw_str name_text(struct gw_session *s, uint16_t symbol)
{
    const char *text = host_of(s)->names[symbol];

    return (struct gw_str){text, strlen(text)};
}

static const struct gw_message *find_message(const struct fake_host *h, const char *code)
{
    const struct gw_message *m = h->plugin->messages;

    while (m->code && strcmp(m->code, code) != 0)
        m++;
    return m;
}

/* Each {name} of the text has its argument. */
static void check_arguments(const char *text, const struct gw_arg *args, size_t nargs)
{
    for (const char *p = text; (p = strchr(p, '{')); p++) {
        size_t len = strcspn(p + 1, "}"), i = 0;

        while (i < nargs && (strlen(args[i].name) != len || memcmp(args[i].name, p + 1, len) != 0))
            i++;
        if (i == nargs)
            fail_msg("no argument for %s", p);
    }
}

static void report(struct gw_session *s, enum gw_severity severity, struct gw_place place, const char *code,
                   const struct gw_arg *args, size_t nargs)
{
    struct fake_host *h = host_of(s);
    const struct gw_message *m = find_message(h, code);

    if (!m->code)
        fail_msg("%s is not in the descriptor", code);
    check_arguments(m->fr, args, nargs);
    check_arguments(m->en, args, nargs);
    fake_note(h, "%c %s %u:%u", "IWE"[severity], code, place.line, place.column);
    for (size_t i = 0; i < nargs; i++)
        fake_note(h, " %s=%.*s", args[i].name, (int)args[i].value.len, args[i].value.ptr);
    fake_note(h, "\n");
}

static const struct gw_host functions = {
    .size = sizeof(functions),
    .peek = peek,
    .consume = consume,
    .write = write_out,
    .alloc = lend,
    .mark = mark,
    .release = release,
    .name = name,
    .name_text = name_text,
    .report = report,
};

const struct gw_plugin *fake_plugin(void)
{
    static const struct gw_plugin *plugin; /* loaded once, by the tests alone */
    void *handle;

    if (plugin)
        return plugin;
    handle = dlopen(BUILD_DIR "/plugins/csv.so", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    plugin = dlsym(handle, "gw_plugin");
    assert_non_null(plugin);
    return plugin;
}

static uint8_t rank_of(const char *choices, const char *word)
{
    uint8_t rank = 0;
    size_t len;

    for (const char *p = choices; *p; p += len + (p[len] == '|'), rank++) {
        len = strcspn(p, "|");
        if (strlen(word) == len && memcmp(p, word, len) == 0)
            return rank;
    }
    fail_msg("no choice %s", word);
    return 0;
}

static void set_option(char *config, const struct gw_option *o, const char *value)
{
    struct gw_str text = {value, strlen(value)};
    uint64_t number = strtoull(value, NULL, 10);
    bool yes = strcmp(value, "true") == 0;
    uint8_t rank;

    switch ((enum gw_option_type)o->type) {
    case GW_OPT_BOOL:
        memcpy(config + o->offset, &yes, sizeof(yes));
        break;
    case GW_OPT_CHAR:
        config[o->offset] = value[0];
        break;
    case GW_OPT_UINT:
        memcpy(config + o->offset, &number, sizeof(number));
        break;
    case GW_OPT_TEXT:
    case GW_OPT_FILE:
        memcpy(config + o->offset, &text, sizeof(text));
        break;
    case GW_OPT_CHOICE:
        rank = rank_of(o->choices, value);
        memcpy(config + o->offset, &rank, 1);
        break;
    }
}

static void unescape(char *value)
{
    char *to = value;

    for (; *value; value++) {
        if (value[0] == '\\' && (value[1] == 't' || value[1] == 's'))
            *to++ = *++value == 't' ? '\t' : ' ';
        else
            *to++ = *value;
    }
    *to = 0;
}

static void *make_config(struct fake_host *h, const char *options)
{
    char *config = lend(&h->s, GW_SESSION_LIFE, h->plugin->config_size);
    char *words = lend(&h->s, GW_SESSION_LIFE, strlen(options) + 1), *rest, *word;

    memset(config, 0, h->plugin->config_size);
    for (const struct gw_option *o = h->plugin->options; o->name; o++)
        set_option(config, o, o->initial ? o->initial : "");
    strcpy(words, options);
    for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const struct gw_option *o = h->plugin->options;
        char *value = strchr(word, '=');

        assert_non_null(value);
        *value++ = 0;
        unescape(value);
        while (o->name && strcmp(o->name, word) != 0)
            o++;
        assert_non_null(o->name);
        set_option(config, o, value);
    }
    return config;
}

static void add_columns(struct fake_host *h, const char *columns)
{
    for (size_t len; *columns; columns += len + (columns[len] == ',')) {
        size_t bare;

        len = strcspn(columns, ",");
        bare = len - (len && columns[len - 1] == '!');
        h->columns[h->stream.ncolumns++] = (struct gw_column){intern(h, columns, bare), bare < len};
    }
}

void fake_start(struct fake_host *h, const char *options, const char *columns)
{
    *h = (struct fake_host){.plugin = fake_plugin(), .nnames = 1};
    h->stream = (struct gw_stream){.size = sizeof(h->stream),
                                   .columns = h->columns,
                                   .records = UINT64_MAX,
                                   .record_bytes = 65536,
                                   .depth = 100};
    h->s = (struct gw_session){.host = &functions, .stream = &h->stream};
    add_columns(h, columns);
    h->s.config = make_config(h, options);
    h->s.state = lend(&h->s, GW_SESSION_LIFE, 4096);
    assert_true(h->plugin->reader->state_size <= 4096 && h->plugin->writer->state_size <= 4096);
    memset(h->s.state, 0, 4096);
    h->allocations = 0;
    add_text(&h->log, "", 0);
    add_text(&h->out, "", 0);
}

void fake_done(struct fake_host *h)
{
    drop(&h->kept);
    drop(&h->lent);
    for (uint16_t i = 1; i < h->nnames; i++)
        free(h->names[i]);
    free(h->window);
    free(h->out.text);
    free(h->log.text);
}

void fake_forget(struct fake_host *h)
{
    drop(&h->lent);
}

enum gw_result fake_next(struct fake_host *h, struct gw_record *rec)
{
    fake_forget(h);
    *rec = (struct gw_record){0};
    return h->plugin->reader->next(&h->s, rec);
}

static void note_text(struct fake_host *h, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            fake_note(h, "\\n");
        else if (text[i] == '\r')
            fake_note(h, "\\r");
        else
            fake_note(h, "%c", text[i]);
    }
}

static void note_nodes(struct fake_host *h, const struct gw_node *n, bool places, bool names)
{
    for (; n; n = n->next) {
        assert_true(n->kind == GW_TEXT && n->flags == 0 && !n->first && n->name);
        if (names)
            fake_note(h, " %s=", h->names[n->name]);
        note_text(h, n->text, n->len);
        if (places)
            fake_note(h, "@%u:%u", n->line, n->column);
        if (!names)
            fake_note(h, "|");
    }
}

static void note_result(struct fake_host *h, enum gw_result r, const struct gw_record *rec, bool places)
{
    switch (r) {
    case GW_OK:
        fake_note(h, "L%u %u-%u |", rec->line, (unsigned)rec->begin, (unsigned)rec->end);
        assert_int_equal(rec->root->kind, GW_MAP);
        note_nodes(h, rec->root->first, places, false);
        fake_note(h, "\n");
        break;
    case GW_REJECT:
        fake_note(h, "X%u %u-%u\n", rec->line, (unsigned)rec->begin, (unsigned)rec->end);
        break;
    case GW_END:
        fake_note(h, "END");
        note_nodes(h, rec->context->first, places, true);
        fake_note(h, "\n");
        break;
    case GW_FAIL:
        fake_note(h, "FAIL\n");
        break;
    case GW_FATAL:
        fake_note(h, "FATAL\n");
        break;
    case GW_RETRY:
        fail_msg("no such result here");
    }
}

void fake_read(struct fake_host *h, const char *input, size_t len, size_t step, bool places)
{
    enum gw_result r;
    struct gw_record rec = {0};
    uint64_t end = 0;

    h->input = input;
    h->len = len;
    h->step = step;
    r = h->plugin->reader->open(&h->s);
    if (r != GW_OK)
        note_result(h, r, &rec, places);
    while (r == GW_OK || r == GW_REJECT) {
        r = fake_next(h, &rec);
        if (r == GW_OK || r == GW_REJECT) {
            assert_true(end <= rec.begin && rec.begin < rec.end && rec.end <= h->at);
            assert_non_null(rec.context);
            end = rec.end;
        }
        note_result(h, r, &rec, places);
    }
}
