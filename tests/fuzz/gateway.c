/* SPDX-License-Identifier: EUPL-1.2 */
/* gateway.conf: read, and each flow told in a sentence. */
#include "fuzz/fuzz.h"
#include "gateway/conf.h"

#include <fcntl.h>
#include <unistd.h>

const char *__lsan_default_suppressions(void);
static char path[64];

/* The library forgets the text of a quote that is never closed. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    (void)snprintf(path, sizeof(path), "/tmp/fuzz-gateway-%d.conf", (int)getpid());
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct counter c = counter_make();
    struct gateway_conf conf;
    struct arena a;
    struct buf told;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum gw_result r;

    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size, "%s cannot be written", path);
    (void)close(fd);
    arena_init(&a, 0, (size_t)256 << 20);
    buf_init(&told, (size_t)16 << 20);
    r = conf_load(&a, path, NULL, &c.sink, &conf);
    MUST(r == GW_OK || r == GW_FATAL || c.errors, "refused, and nobody is told");
    MUST(r != GW_OK || !c.errors, "taken, and complained of");
    for (size_t i = 0; r == GW_OK && i < conf.nflows; i++)
        conf_sentence(&told, &conf.flows[i], GW_STR(""), LANG_FR);
    buf_done(&told);
    arena_done(&a);
    (void)unlink(path);
    return 0;
}
