/* SPDX-License-Identifier: EUPL-1.2 */
/* A coffer gives back what was put into it, or says that it does not. */
#include "support/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/coffer.h"

#define HEAD  136
#define BLOCK 65536
#define TAIL  17

struct keys {
    char folder[64];
    struct coffer_key secret, other, private, public;
};

static struct keys keys;

static struct coffer_key made(const char *name, bool pair, struct coffer_key *ret_public)
{
    char path[128];
    struct coffer_key k;

    (void)snprintf(path, sizeof(path), "%s/%s", keys.folder, name);
    assert_int_equal(coffer_key_new(path, pair), GW_OK);
    assert_int_equal(coffer_key_new(path, pair), GW_FAIL); /* none is ever overwritten */
    assert_int_equal(coffer_key_read(path, &k), GW_OK);
    if (pair) {
        (void)snprintf(path, sizeof(path), "%s/%s.pub", keys.folder, name);
        assert_int_equal(coffer_key_read(path, ret_public), GW_OK);
        assert_memory_equal(ret_public->id, k.id, COFFER_KEY_ID);
    }
    return k;
}

static int keys_make(void **state)
{
    (void)state;
    (void)snprintf(keys.folder, sizeof(keys.folder), "/tmp/coffer-XXXXXX");
    assert_non_null(mkdtemp(keys.folder));
    keys.secret = made("secret", false, NULL);
    keys.other = made("other", false, NULL);
    keys.private = made("pair", true, &keys.public);
    return 0;
}

static int keys_drop(void **state)
{
    static const char *const names[] = {"secret", "other", "pair", "pair.pub", "bad", "line"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", keys.folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(keys.folder);
}

static uint8_t at(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

/* Sealed bytes in a nameless file, put in pieces of odd sizes. */
static int sealed_with(const struct coffer_key *key, const struct coffer_letter *letter, size_t len)
{
    int fd = memfd_create("coffer", MFD_CLOEXEC);
    uint8_t piece[1000];
    struct arena a;
    struct coffer *c;

    arena_init(&a, 4096, 0);
    assert_int_equal(coffer_create(&a, fd, key, letter, &c), GW_OK);
    for (size_t done = 0, n; done < len; done += n) {
        n = 1 + done % 997 < len - done ? 1 + done % 997 : len - done;
        for (size_t i = 0; i < n; i++)
            piece[i] = at(done + i);
        assert_int_equal(coffer_put(c, piece, n), GW_OK);
    }
    assert_int_equal(coffer_close(c), GW_OK);
    arena_done(&a);
    return fd;
}

static int sealed(const struct coffer_key *key, size_t len)
{
    return sealed_with(key, NULL, len);
}

/* What reading it all comes to; GW_OK: every byte was what was put. */
static enum gw_result opened(int fd, const struct coffer_key *key, size_t len)
{
    static uint8_t all[3 * BLOCK + 10];
    struct arena a;
    struct coffer *c;
    enum gw_result result;

    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    arena_init(&a, 4096, 0);
    result = coffer_open(&a, fd, key, &c);
    if (result == GW_OK)
        result = coffer_get(c, all, len);
    for (size_t i = 0; result == GW_OK && i < len; i++)
        assert_int_equal(all[i], at(i));
    if (result == GW_OK)
        result = coffer_over(c);
    arena_done(&a);
    return result;
}

static const size_t lengths[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7};

static void comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        int one = sealed(&keys.secret, lengths[i]), two = sealed(&keys.public, lengths[i]);
        struct stat st;

        assert_int_equal(opened(one, &keys.secret, lengths[i]), GW_OK);
        assert_int_equal(opened(two, &keys.private, lengths[i]), GW_OK);
        assert_int_equal(fstat(one, &st), 0);
        assert_int_equal(st.st_size, HEAD + lengths[i] + TAIL * (lengths[i] / BLOCK + 1));
        (void)close(one);
        (void)close(two);
    }
}

static void only_by_its_key(void **state)
{
    int one = sealed(&keys.secret, 100), two = sealed(&keys.public, 100);

    (void)state;
    assert_int_equal(opened(one, &keys.other, 100), GW_END);
    assert_int_equal(opened(one, &keys.private, 100), GW_END);
    assert_int_equal(opened(two, &keys.public, 100), GW_END); /* who seals cannot open */
    assert_int_equal(opened(two, &keys.secret, 100), GW_END);
    (void)close(one);
    (void)close(two);
}

static void another_length_is_none(void **state)
{
    int fd = sealed(&keys.secret, BLOCK + 5);

    (void)state;
    assert_int_equal(opened(fd, &keys.secret, BLOCK + 4), GW_REJECT);
    assert_int_equal(opened(fd, &keys.secret, BLOCK + 6), GW_REJECT);
    (void)close(fd);
}

static void cut_or_longer(void **state)
{
    static const off_t cuts[] = {0,
                                 1,
                                 HEAD - 1,
                                 HEAD,
                                 HEAD + 1,
                                 HEAD + BLOCK,
                                 HEAD + BLOCK + TAIL - 1,
                                 HEAD + BLOCK + TAIL,
                                 HEAD + BLOCK + TAIL + 1,
                                 HEAD + 2 * (BLOCK + TAIL) - 1,
                                 HEAD + 2 * (BLOCK + TAIL)};
    int fd;

    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
        fd = sealed(&keys.secret, 2 * BLOCK);
        assert_int_equal(ftruncate(fd, cuts[i]), 0);
        assert_int_equal(opened(fd, &keys.secret, 2 * BLOCK), cuts[i] < HEAD ? GW_FAIL : GW_REJECT);
        (void)close(fd);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        fd = sealed(&keys.secret, lengths[i]);
        assert_int_equal(lseek(fd, 0, SEEK_END) > 0 && write(fd, "", 1) == 1, true);
        assert_int_equal(opened(fd, &keys.secret, lengths[i]), GW_REJECT);
        (void)close(fd);
    }
}

static void one_bit_changed(void **state)
{
    int fd = sealed(&keys.secret, 300), pair = sealed(&keys.public, 300);
    int both[] = {fd, pair};
    const struct coffer_key *with[] = {&keys.secret, &keys.private};

    (void)state;
    for (size_t k = 0; k < 2; k++)
        for (off_t i = 0; i < HEAD + 300 + TAIL; i++) {
            uint8_t was, is;

            assert_int_equal(pread(both[k], &was, 1, i), 1);
            is = was ^ 1;
            assert_int_equal(pwrite(both[k], &is, 1, i), 1);
            assert_int_not_equal(opened(both[k], with[k], 300), GW_OK);
            assert_int_equal(pwrite(both[k], &was, 1, i), 1);
        }
    assert_int_equal(opened(fd, &keys.secret, 300), GW_OK);
    (void)close(fd);
    (void)close(pair);
}

static void blocks_keep_their_places(void **state)
{
    static uint8_t one[BLOCK + TAIL], two[BLOCK + TAIL];
    int fd = sealed(&keys.secret, 2 * BLOCK);

    (void)state;
    assert_int_equal(pread(fd, one, sizeof(one), HEAD), sizeof(one));
    assert_int_equal(pread(fd, two, sizeof(two), HEAD + BLOCK + TAIL), sizeof(two));
    assert_int_equal(pwrite(fd, two, sizeof(two), HEAD), sizeof(two));
    assert_int_equal(pwrite(fd, one, sizeof(one), HEAD + BLOCK + TAIL), sizeof(one));
    assert_int_equal(opened(fd, &keys.secret, 2 * BLOCK), GW_REJECT);
    (void)close(fd);
}

/* ---- a letter: the key of one coffer for others ---- */

#define LETTER "to whom it may concern\n"

static enum gw_result keep_line(void *to, const char *line, struct buf *out)
{
    (void)snprintf(to, COFFER_KEY_LINE, "%s", line);
    buf_text(out, LETTER);
    return GW_OK;
}

static enum gw_result no_letter(void *to, const char *line, struct buf *out)
{
    (void)to, (void)line, (void)out;
    return GW_REJECT;
}

static struct coffer_key key_of(const char *line)
{
    char path[128];
    struct coffer_key k;
    int fd;

    (void)snprintf(path, sizeof(path), "%s/line", keys.folder);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, line, strlen(line)), strlen(line));
    (void)close(fd);
    assert_int_equal(coffer_key_read(path, &k), GW_OK);
    return k;
}

static void a_letter_opens_one(void **state)
{
    const struct coffer_key *with[] = {&keys.secret, &keys.public}, *opens[] = {&keys.secret, &keys.private};
    char line[COFFER_KEY_LINE];
    const struct coffer_letter letter = {keep_line, line};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int other = sealed(with[i], BLOCK + 5), fd = sealed_with(with[i], &letter, BLOCK + 5);
        struct coffer_key stream = key_of(line);
        struct buf text;

        buf_init(&text, COFFER_LETTER);
        assert_int_equal(opened(fd, opens[i], BLOCK + 5), GW_OK);
        assert_int_equal(opened(fd, &stream, BLOCK + 5), GW_OK);
        assert_int_equal(opened(other, &stream, BLOCK + 5), GW_END);
        assert_int_equal(opened(fd, &keys.other, BLOCK + 5), GW_END);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(coffer_letter_read(fd, &text), GW_OK);
        assert_string_equal(text.data, LETTER);
        assert_int_equal(lseek(other, 0, SEEK_SET), 0);
        assert_int_equal(coffer_letter_read(other, &text), GW_END);
        buf_done(&text);
        (void)close(fd);
        (void)close(other);
    }
}

static void a_letter_is_bound(void **state)
{
    char line[COFFER_KEY_LINE];
    const struct coffer_letter letter = {keep_line, line};
    int fd = sealed_with(&keys.secret, &letter, 300);

    (void)state;
    for (off_t i = 0; i < HEAD + 4 + (off_t)strlen(LETTER) + 300 + TAIL; i++) {
        uint8_t was, is;

        assert_int_equal(pread(fd, &was, 1, i), 1);
        is = was ^ 1;
        assert_int_equal(pwrite(fd, &is, 1, i), 1);
        assert_int_not_equal(opened(fd, &keys.secret, 300), GW_OK);
        assert_int_equal(pwrite(fd, &was, 1, i), 1);
    }
    for (off_t cut = HEAD; cut < HEAD + 4 + (off_t)strlen(LETTER) + TAIL; cut++) {
        int other = sealed_with(&keys.secret, &letter, 300);

        assert_int_equal(ftruncate(other, cut), 0);
        assert_int_equal(opened(other, &keys.secret, 300), GW_REJECT);
        (void)close(other);
    }
    (void)close(fd);
}

static void a_letter_that_fails(void **state)
{
    const struct coffer_letter none = {no_letter, NULL};
    char line[COFFER_KEY_LINE];
    const struct coffer_letter letter = {keep_line, line};
    int fd = sealed_with(&keys.secret, &letter, 1), to = memfd_create("coffer", MFD_CLOEXEC);
    struct coffer_key stream = key_of(line);
    struct arena a;
    struct coffer *c;

    (void)state;
    arena_init(&a, 4096, 0);
    assert_int_equal(coffer_create(&a, to, &keys.secret, &none, &c), GW_REJECT);
    assert_int_equal(coffer_create(&a, to, &stream, NULL, &c), GW_FAIL); /* it opens one, and seals none */
    assert_int_equal(lseek(to, 0, SEEK_END), 0);
    arena_done(&a);
    (void)close(fd);
    (void)close(to);
}

static void what_is_no_key(void **state)
{
    static const char *const lines[] = {
        "", "passerelle-coffer-secret\n", "passerelle-coffer-secret 00\n",
        "secret 0000000000000000000000000000000000000000000000000000000000000000\n"};
    char path[128];
    struct coffer_key k;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/bad", keys.folder);
    assert_int_equal(coffer_key_read(path, &k), GW_RETRY);
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_int_equal(write(fd, lines[i], strlen(lines[i])), strlen(lines[i]));
        (void)close(fd);
        assert_int_equal(coffer_key_read(path, &k), GW_FAIL);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(only_by_its_key),
        cmocka_unit_test(another_length_is_none),
        cmocka_unit_test(cut_or_longer),
        cmocka_unit_test(one_bit_changed),
        cmocka_unit_test(blocks_keep_their_places),
        cmocka_unit_test(a_letter_opens_one),
        cmocka_unit_test(a_letter_is_bound),
        cmocka_unit_test(a_letter_that_fails),
        cmocka_unit_test(what_is_no_key),
    };

    return cmocka_run_group_tests(tests, keys_make, keys_drop);
}
