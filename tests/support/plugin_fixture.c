/* SPDX-License-Identifier: EUPL-1.2 */
#include "support/plugin_fixture.h"

#include <dlfcn.h>
#include <stdio.h>

int fixture_load(void **state, const char *name, char between,
                 void (*put)(struct sink *sink, const struct diag *d))
{
    static struct fixture f;
    char path[512];

    memset(&f, 0, sizeof(f));
    f.sink.put = put;
    f.between = between;
    (void)snprintf(path, sizeof(path), BUILD_DIR "/plugins/%s.so", name);
    f.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
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

struct option_words {
    struct gw_str text;
    char between;
};

static struct gw_str option_text(void *context, const char *name)
{
    const struct option_words *words = context;
    struct gw_str word, rest = words->text, value;

    while (rest.ptr) {
        word = str_cut(rest, words->between, &rest);
        word = str_cut(word, '=', &value);
        if (str_is(word, name))
            return value;
    }
    return (struct gw_str){NULL, 0};
}

void fixture_configure(struct fixture *f, const char *steps, const char *options)
{
    struct option_words words = {str_of(options), f->between};
    struct option_source source = {.get = option_text, .context = &words, .sink = &f->sink};

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
        assert_int_equal(input_open_memory(&f->input, text, GW_STR("t"), &o), GW_OK);
    else
        assert_int_equal(input_open_fd(&f->input, fd, GW_STR("t"), &o), GW_OK);
    assert_int_equal(input_next_member(&f->input), GW_OK);
    return session_open_reader(&f->session, f->plugin, f->config, &f->names, &f->limits, &stream, &f->input,
                               &f->sink);
}

void fixture_close(struct fixture *f)
{
    session_close(&f->session);
    input_close(&f->input);
}
