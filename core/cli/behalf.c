/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/behalf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/behalf.h"

#define WORDS_MAX 128

bool behalf_needed(const struct operating *o)
{
    return !o->in->behalf && o->conf.state.len && access(o->conf.state.ptr, R_OK | X_OK) != 0 &&
           errno == EACCES;
}

/* ---- the operator's side ---- */

static void word(struct buf *b, const char *before, const char *text)
{
    buf_text(b, before);
    buf_add(b, text, strlen(text) + 1);
}

static bool is_place(const struct option_word *w)
{
    return strcmp(w->name, "config") == 0 || strcmp(w->name, "transfers") == 0;
}

static void words_put(const struct invocation *in, struct buf *b)
{
    const struct option_word *w = in->verb->options;

    word(b, "", in->verb->name);
    for (size_t i = 0; w && w[i].name; i++) {
        if (!in->values[i] || is_place(&w[i]))
            continue;
        word(b, "--", w[i].name);
        if (w[i].value)
            word(b, "", in->values[i]);
    }
    if (in->json)
        word(b, "", "--json");
    word(b, "--lang=", in->lang == LANG_FR ? "fr" : "en");
    word(b, "", "--");
    for (int i = 0; i < in->noperands; i++)
        word(b, "", in->operands[i]);
}

/* The daemon refused: its word as ours. */
static void refused(struct operating *o, struct gw_str answer)
{
    static const char *const keys[] = {"operator", "duty", "needed"};
    yyjson_doc *doc = yyjson_read(answer.ptr, answer.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    struct gw_arg args[4] = {{"path", o->conf.control}};

    for (size_t i = 0; i < 3; i++)
        args[i + 1] = (struct gw_arg){keys[i], str_of(yyjson_get_str(yyjson_obj_get(root, keys[i])))};
    operate_fault(o,
                  yyjson_equals_str(yyjson_obj_get(root, "error"), "role.refused")   ? "role.refused"
                  : yyjson_equals_str(yyjson_obj_get(root, "error"), "control.busy") ? "control.busy"
                                                                                     : "control.lost",
                  args, 4);
    yyjson_doc_free(doc);
}

static enum exit_code ended(struct operating *o, struct gw_str answer)
{
    uint64_t code;

    if (str_begins(answer, GW_STR("exit ")) && str_number(str_from(answer, 5), &code) && code <= EXIT_WORLD)
        return (enum exit_code)code;
    refused(o, answer);
    return str_begins(answer, GW_STR("{\"error\":\"role.")) ? EXIT_USAGE : EXIT_WORLD;
}

enum exit_code behalf_pass(struct operating *o)
{
    struct gw_arg path = {"path", o->conf.control};
    struct buf words, answer;
    enum exit_code code = EXIT_WORLD;
    enum gw_result result;

    buf_init(&words, BEHALF_WORDS);
    buf_init(&answer, 65536);
    words_put(o->in, &words);
    result = words.failed ? GW_RETRY : behalf_ask(o->conf.control.ptr, buf_view(&words), &answer);
    if (result == GW_OK)
        code = ended(o, buf_view(&answer));
    else
        operate_fault(o, result == GW_REJECT ? "control.closed" : "control.absent", &path, 1);
    buf_done(&words);
    buf_done(&answer);
    return code;
}

/* ---- the daemon's side ---- */

static int words_cut(const struct buf *b, char **ret)
{
    int n = 0;

    for (size_t at = 0; at < b->len && n < WORDS_MAX; at += strlen(b->data + at) + 1)
        ret[n++] = b->data + at;
    ret[n] = NULL;
    return n;
}

static void lang_find(struct invocation *theirs, char **argv, int n)
{
    for (int i = 0; i < n && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], "--lang=", 7) == 0)
            theirs->lang = strcmp(argv[i] + 7, "fr") == 0 ? LANG_FR : LANG_EN;
}

enum exit_code behalf_serve(struct invocation *in)
{
    struct invocation theirs = {.home = in->home, .behalf = option_value(in, "config")};
    struct buf words;
    char *argv[WORDS_MAX + 1];
    int n, code = EXIT_USAGE;

    buf_init(&words, BEHALF_WORDS);
    if (behalf_take(&words) != GW_OK || !theirs.behalf) {
        buf_done(&words);
        return EXIT_WORLD;
    }
    if (option_value(in, "transfers"))
        theirs.home.transfers = str_of(option_value(in, "transfers"));
    n = words_cut(&words, argv);
    lang_find(&theirs, argv, n);
    theirs.verb = n && duty_known(argv[0]) ? verb_find(argv[0]) : NULL;
    if (theirs.verb)
        code = verb_invoke(&theirs, n, argv);
    if (fflush(stdout) != 0 && code < EXIT_WORLD)
        code = EXIT_WORLD;
    behalf_end(code);
    buf_done(&words);
    return (enum exit_code)code;
}
