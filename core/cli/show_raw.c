/* SPDX-License-Identifier: EUPL-1.2 */
/* show --raw: the file of an exchange as it lies in the spool. Somebody reads people's data: that is audited.
 */
#include "cli/show_raw.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/unmask.h"
#include "store/digest.h"

static enum exit_code refuse(struct operating *o, const char *fr, const char *en)
{
    complain(o->in, fr, en, o->in->operands[0]);
    return EXIT_USAGE;
}

/* GW_REJECT: they are not the bytes that were received. */
static enum gw_result copy(int from, const uint8_t digest[32])
{
    struct store_digester *d = store_digest_begin();
    char block[65536];
    uint8_t found[32];
    ssize_t n = -1;

    if (!d)
        return GW_FATAL;
    store_digest_start(d);
    while ((n = read(from, block, sizeof(block))) > 0) {
        store_digest_add(d, (struct gw_str){block, (size_t)n});
        if (fwrite(block, 1, (size_t)n, stdout) != (size_t)n)
            break;
    }
    store_digest_end(d, found);
    store_digest_free(d);
    if (n != 0 || fflush(stdout) != 0)
        return GW_RETRY;
    return memcmp(found, digest, sizeof(found)) == 0 ? GW_OK : GW_REJECT;
}

enum exit_code show_raw(struct operating *o, const struct exchange *e)
{
    enum gw_result result;
    char number[24];
    int from;

    (void)snprintf(number, sizeof(number), "%lld", (long long)e->id);
    if (!e->spool.ptr)
        return refuse(o, "son fichier a été effacé à la fin de sa conservation",
                      "its file went at the end of its retention");
    if (isatty(STDOUT_FILENO))
        return refuse(o, "un fichier ne se montre pas à l'écran : ajouter > FICHIER",
                      "a file is not for the screen: add > FILE");
    from = operate_file(o, e->spool);
    if (from < 0) {
        complain(o->in, "son fichier manque dans le spool (voir fsck)",
                 "its file is missing in the spool (see fsck)", o->in->operands[0]);
        return EXIT_WORLD;
    }
    if (!unmask_begin(o, "exchange", number)) {
        (void)close(from);
        return o->code;
    }
    result = copy(from, e->digest);
    (void)close(from);
    if (result == GW_REJECT)
        complain(o->in, "ce fichier n'est plus celui qui fut reçu (voir fsck)",
                 "this file is no longer what was received (see fsck)", o->in->operands[0]);
    return result == GW_OK ? EXIT_DONE : EXIT_WORLD;
}
