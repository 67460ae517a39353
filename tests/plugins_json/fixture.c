/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_json/fixture.h"

#include <dlfcn.h>

static void put(struct sink *sink, const struct diag *d)
{
    struct fixture *f = (struct fixture *)sink;

    if (f->quiet) {
        buf_format(&f->out, "! %s\n", d->code);
        return;
    }
    buf_format(&f->out, "! %s %u:%u", d->code, d->line, d->column);
    for (size_t i = 0; i < d->nargs; i++)
        if (d->args[i].value.len &&
            (str_is(str_of(d->args[i].name), "found") || str_is(str_of(d->args[i].name), "key")))
            buf_format(&f->out, " %.*s", STR_ARG(d->args[i].value));
    buf_char(&f->out, '\n');
}

int fixture_setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.sink.put = put;
    f.library = dlopen(BUILD_DIR "/plugins/json.so", RTLD_NOW | RTLD_LOCAL);
    if (!f.library)
        print_error("%s\n", dlerror());
    assert_non_null(f.library);
    f.plugin = dlsym(f.library, "gw_plugin");
    assert_non_null(f.plugin);
    arena_init(&f.arena, 0, 0);
    assert_int_equal(names_init(&f.names, &f.arena, false), GW_OK);
    buf_init(&f.out, 64 << 20);
    *state = &f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    arena_fail_at(0);
    fixture_close(f);
    buf_done(&f->out);
    arena_done(&f->arena);
    dlclose(f->library);
    return 0;
}

static void set_steps(struct fixture *f, struct gw_str path)
{
    struct gw_str step, rest = path;

    for (f->nsteps = 0; rest.ptr && path.len; f->nsteps++) {
        step = str_cut(rest, '/', &rest);
        f->steps[f->nsteps].many = step.len >= 2 && step.ptr[step.len - 1] == ']';
        step.len -= f->steps[f->nsteps].many ? 2 : 0;
        f->steps[f->nsteps].name = step.len ? names_add(&f->names, step.ptr, step.len) : 0;
    }
}

static struct gw_str option_text(void *context, const char *name)
{
    struct gw_str word, rest = str_of(context), value;

    while (rest.ptr) {
        word = str_cut(rest, ' ', &rest);
        word = str_cut(word, '=', &value);
        if (str_is(word, name))
            return value;
    }
    return (struct gw_str){NULL, 0};
}

void fixture_configure(struct fixture *f, const char *steps, const char *options)
{
    struct option_source source = {.get = option_text, .context = (void *)(uintptr_t)options, .sink = &f->sink};

    assert_true(f->plugin->config_size <= sizeof(f->config));
    assert_int_equal(options_fill(f->plugin, f->config, &source), GW_OK);
    set_steps(f, str_of(steps));
}

enum gw_result fixture_open(struct fixture *f, struct gw_str text, int fd)
{
    struct session_stream stream = {.encoding = GW_STR("UTF-8"), .steps = f->steps, .nsteps = f->nsteps};
    struct input_options o = {.sink = &f->sink};

    fixture_close(f);
    if (text.ptr)
        assert_int_equal(input_open_memory(&f->input, text, GW_STR("t.json"), &o), GW_OK);
    else
        assert_int_equal(input_open_fd(&f->input, fd, GW_STR("t.json"), &o), GW_OK);
    assert_int_equal(input_next_member(&f->input), GW_OK);
    return session_open_reader(&f->session, f->plugin, f->config, &f->names, &f->limits, &stream, &f->input,
                               &f->sink);
}

void fixture_close(struct fixture *f)
{
    session_close(&f->session);
    input_close(&f->input);
}

void fixture_tree(struct fixture *f, const struct gw_node *n, struct buf *out)
{
    bool map = n->kind == GW_MAP;

    if (n->kind == GW_NULL)
        buf_text(out, "null");
    else if (n->kind == GW_TEXT)
        buf_format(out, "'%.*s'", (int)n->len, n->text);
    else if (n->kind == GW_NUMBER)
        buf_format(out, "#%.*s", (int)n->len, n->text);
    else if (n->kind == GW_TRUE || n->kind == GW_FALSE)
        buf_add(out, n->text, n->len);
    if (!map && n->kind != GW_LIST)
        return;
    buf_char(out, map ? '{' : '[');
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        if (map)
            buf_format(out, "%.*s:", STR_ARG(names_text(&f->names, kid->name)));
        else
            assert_int_equal(kid->name, n->name);
        fixture_tree(f, kid, out);
        if (kid->next)
            buf_char(out, ' ');
    }
    buf_char(out, map ? '}' : ']');
}

static void put_record(struct fixture *f, enum gw_result r, const struct gw_record *rec)
{
    buf_text(&f->out, r == GW_OK ? "ok " : "no ");
    if (r == GW_OK)
        fixture_tree(f, rec->root, &f->out);
    else
        (void)session_raw(&f->session, rec, &f->out);
    buf_char(&f->out, '\n');
}

enum gw_result fixture_read(struct fixture *f, struct gw_str text, bool context)
{
    static const char *const ends[] = {"ok", "end", "no", "fail", "retry", "fatal"};
    struct gw_record rec;
    enum gw_result r;

    buf_clear(&f->out);
    r = fixture_open(f, text, -1);
    while (r == GW_OK || r == GW_REJECT) {
        r = session_next(&f->session, &rec);
        if (r == GW_OK || r == GW_REJECT)
            put_record(f, r, &rec);
    }
    if (r == GW_END && context && rec.context) {
        buf_text(&f->out, "context ");
        fixture_tree(f, rec.context, &f->out);
        buf_char(&f->out, '\n');
    }
    buf_format(&f->out, "%s\n", ends[r]);
    return r;
}
