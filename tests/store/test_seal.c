/* SPDX-License-Identifier: EUPL-1.2 */
/* Sealed texts by themselves: they open with their key, at their place, unchanged, and no other way. */
#include "support/unit.h"

#include <string.h>

#include "store/seal.h"

static const uint8_t key_a[SEAL_KEY] = "a", key_b[SEAL_KEY] = "b";
static const struct seal_place here = {1, 2, 3};

static void open_seal(struct seal *k, int64_t generation, const uint8_t *sealing)
{
    assert_int_equal(seal_open(k, generation, sealing, key_b), GW_OK);
}

static void where_it_opens(void **state)
{
    static const struct {
        const char *title;
        int64_t generation;
        const uint8_t *key;
        struct seal_place place;
        int flipped; /* this byte; -1 none */
        enum gw_result want;
    } rows[] = {
        {"as it was sealed", 7, key_a, {1, 2, 3}, -1, GW_OK},
        {"a generation that has the same byte", 7 + 256, key_a, {1, 2, 3}, -1, GW_OK},
        {"another generation", 8, key_a, {1, 2, 3}, -1, GW_REJECT},
        {"another key", 7, key_b, {1, 2, 3}, -1, GW_REJECT},
        {"another table", 7, key_a, {2, 2, 3}, -1, GW_REJECT},
        {"another column", 7, key_a, {1, 3, 3}, -1, GW_REJECT},
        {"another row", 7, key_a, {1, 2, 4}, -1, GW_REJECT},
        {"another row, far away", 7, key_a, {1, 2, 3 + (1ll << 32)}, -1, GW_REJECT},
        {"the generation changed", 7, key_a, {1, 2, 3}, 0, GW_REJECT},
        {"the nonce changed", 7, key_a, {1, 2, 3}, 1, GW_REJECT},
        {"the text changed", 7, key_a, {1, 2, 3}, 13, GW_REJECT},
        {"the tag changed", 7, key_a, {1, 2, 3}, 17, GW_REJECT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t sealed[4 + SEAL_EXTRA], text[4];
        struct seal k;

        open_seal(&k, 7, key_a);
        assert_int_equal(seal_put(&k, &here, GW_STR("text"), sealed), GW_OK);
        seal_done(&k);
        if (rows[i].flipped >= 0)
            sealed[rows[i].flipped] ^= 1;
        open_seal(&k, rows[i].generation, rows[i].key);
        assert_int_equal(
            seal_take(&k, &rows[i].place, (struct gw_str){(const char *)sealed, sizeof(sealed)}, text),
            rows[i].want);
        if (rows[i].want == GW_OK)
            assert_memory_equal(text, "text", 4);
        seal_done(&k);
    }
}

static void every_length_and_never_the_same(void **state)
{
    static char text[1000];
    uint8_t sealed[sizeof(text) + SEAL_EXTRA], before[sizeof(sealed)] = {0};
    char back[sizeof(text)];
    struct seal k;

    (void)state;
    open_seal(&k, 1, key_a);
    for (size_t len = 0; len < sizeof(text); len++) { /* nonces are drawn anew on the way */
        assert_int_equal(seal_put(&k, &here, (struct gw_str){text, len}, sealed), GW_OK);
        assert_memory_not_equal(sealed + 1, before + 1, 12);
        memcpy(before, sealed, sizeof(before));
        assert_int_equal(
            seal_take(&k, &here, (struct gw_str){(const char *)sealed, len + SEAL_EXTRA}, (uint8_t *)back),
            GW_OK);
        assert_memory_equal(back, text, len);
    }
    for (size_t len = 0; len < SEAL_EXTRA; len++)
        assert_int_equal(seal_take(&k, &here, (struct gw_str){(const char *)sealed, len}, (uint8_t *)back),
                         GW_REJECT);
    seal_done(&k);
}

static void hashes_stay_when_the_sealing_key_changes(void **state)
{
    uint8_t one[32], two[32];
    struct gw_str text = GW_STR("text");
    int64_t sums[2];
    struct seal k;

    (void)state;
    for (int i = 0; i < 2; i++) {
        open_seal(&k, i, i ? key_a : key_b);
        seal_hash(&k, HASH_SOURCE_KEY, &text, 1, i ? two : one);
        seal_sum_begin(&k);
        seal_sum_add(&k, "te", 2);
        seal_sum_add(&k, "xt", 2);
        sums[i] = seal_sum_end(&k);
        seal_done(&k);
    }
    assert_memory_equal(one, two, 32);
    assert_int_equal(sums[0], sums[1]);
    assert_int_not_equal(sums[0], 0);
    seal_done(&(struct seal){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_opens),
        cmocka_unit_test(every_length_and_never_the_same),
        cmocka_unit_test(hashes_stay_when_the_sealing_key_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
