/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * adresse_voie: "3 bis av. de Blida" and its number, extension, type and name. The words for a type
 * stand in the list mots-voie; a text that begins with none of them is a place name (LD). Writing tries
 * the short form and keeps it only when it would be read back alike.
 */
#include "iae.h"

#include <string.h>

enum { NUMBER, EXTENSION, TYPE, NAME, PARTS };

static const struct {
    const char *code;
    const char *word;
    char letter;
} extensions[] = {
    {"BIS", "bis", 'b'}, {"TER", "ter", 't'}, {"QUATER", "quater", 'q'}, {"QUINQUIES", "quinquies", 'c'}};

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(struct gw_str s, const char *word)
{
    for (size_t i = 0; i < s.len; i++)
        if (small(s.ptr[i]) != word[i])
            return false;
    return s.len == strlen(word);
}

static struct gw_str skip(struct gw_str s, const char *chars)
{
    while (s.len && strchr(chars, s.ptr[0]) && s.ptr[0])
        s = iae_from(s, 1);
    return s;
}

/* Up to the next blank or comma. */
static struct gw_str word_of(struct gw_str s)
{
    size_t n = 0;

    while (n < s.len && s.ptr[n] != ' ' && s.ptr[n] != ',')
        n++;
    return (struct gw_str){s.ptr, n};
}

/* ---- number and extension ---- */

static const char *extension_code(struct gw_str word)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++)
        if (same_word(word, extensions[i].word) ||
            (word.len == 1 && small(word.ptr[0]) == extensions[i].letter))
            return extensions[i].code;
    return NULL;
}

/* 3e, 2ème: the rank of something, not the number of a house. */
static bool is_rank(struct gw_str s)
{
    static const char *const ends[] = {"e",   "er",       "re",         "eme",       "nd",
                                       "nde", "\xc3\xa8", "\xc3\xa8me", "\xc3\xa8re"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (same_word(s, ends[i]))
            return true;
    return false;
}

static enum gw_lookup find_word(struct gw_call *c, struct gw_str word, struct gw_entry *ret)
{
    return c->lookup(c, "mots-voie", word, (struct gw_str){NULL, 0}, ret);
}

/* An extension that no code tells: a letter that is no type ("R" is one), the end of a range (12-14). */
static bool is_odd_extension(struct gw_call *c, struct gw_str word)
{
    struct gw_entry entry;
    char letter;

    if (word.len != 1)
        return word.len && (word.ptr[0] == '-' || word.ptr[0] == '/');
    letter = small(word.ptr[0]);
    if (letter < 'a' || letter > 'z')
        return false;
    letter = (char)(letter - 'a' + 'A');
    return find_word(c, (struct gw_str){&letter, 1}, &entry) != GW_FOUND;
}

/* Takes "3 bis" off the front of *s; false: there is no number. */
static bool take_number(struct gw_call *c, struct gw_str *s, struct gw_str *parts, bool say)
{
    struct gw_str rest, word;
    const char *code;
    size_t n = 0;
    bool odd;

    while (n < s->len && iae_is_digit(s->ptr[n]))
        n++;
    if (n == 0 || n > 5)
        return false;
    rest = iae_from(*s, n);
    word = word_of(rest);
    if (is_rank(word))
        return false;
    odd = word.len > 0;
    if (!odd) {
        rest = skip(rest, " ,");
        word = word_of(rest);
        odd = is_odd_extension(c, word);
    }
    parts[NUMBER] = (struct gw_str){s->ptr, n};
    code = extension_code(word);
    if (code)
        parts[EXTENSION] = (struct gw_str){code, strlen(code)};
    else if (say && odd)
        iae_say(c, GW_WARNING, 0, "iae.street_extension");
    *s = skip(code || odd ? iae_from(rest, word.len) : rest, " ,");
    return true;
}

/* ---- type ---- */

/* A letter of Latin-1 as the list of words writes it: É is E; 0 if it is none. */
static char latin_letter(unsigned char second)
{
    static const char plain[] = "AAAAAAACEEEEIIIIDNOOOOO\0OUUUUY\0\0AAAAAAACEEEEIIIIDNOOOOO\0OUUUUY\0Y";

    return second >= 0x80 && second <= 0xbf ? plain[second - 0x80] : 0;
}

/* One character at the front of s, as in the list; returns its bytes, 0 if it can be in no word. */
static size_t word_char(struct gw_str s, char *ret)
{
    unsigned char first = (unsigned char)s.ptr[0];

    if (first < 0x80) {
        *ret = first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : (char)first;
        return 1;
    }
    if (first == 0xc3 && s.len >= 2) {
        *ret = latin_letter((unsigned char)s.ptr[1]);
        return *ret ? 2 : 0;
    }
    if (s.len >= 3 && memcmp(s.ptr, "\xe2\x80\x99", 3) == 0) {
        *ret = '\'';
        return 3;
    }
    return 0;
}

/* The first `count` words of s as the list has them; returns their bytes in s, 0 if there are fewer. */
static size_t type_key(struct gw_str s, int count, char room[48], size_t *ret_len)
{
    size_t at = 0, n = 0;

    while (at < s.len && n < 47) {
        size_t step = word_char(iae_from(s, at), &room[n]);

        if (!step)
            return 0;
        if (room[n] == ' ' && --count == 0)
            break;
        n += !(room[n] == ' ' && n && room[n - 1] == ' ');
        at += step;
    }
    if (count > (at == s.len) || n == 47)
        return 0;
    while (n && (room[n - 1] == '.' || room[n - 1] == ','))
        n--;
    *ret_len = n;
    return at;
}

/* Finds the longest run of words that is a type; a text without one is a place name. */
static void take_type(struct gw_call *c, struct gw_str s, struct gw_str *parts)
{
    struct gw_entry entry;
    char room[48];

    for (int count = 4; count; count--) {
        size_t len = 0;
        size_t n = type_key(s, count, room, &len);

        if (!n || !len)
            continue;
        if (find_word(c, (struct gw_str){room, len}, &entry) != GW_FOUND)
            continue;
        parts[TYPE] = entry.pivot;
        parts[NAME] = skip(iae_from(s, n), " ,");
        if (!parts[NAME].len)
            parts[NAME] = s;
        return;
    }
    parts[TYPE] = GW_STR("LD");
    parts[NAME] = s;
}

static void take_apart(struct gw_call *c, struct gw_str s, struct gw_str *parts, bool say)
{
    for (int i = 0; i < PARTS; i++)
        parts[i] = (struct gw_str){NULL, 0};
    take_number(c, &s, parts, say);
    if (s.len)
        take_type(c, s, parts);
}

enum gw_result adresse_voie_read(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                 const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    for (int i = 0; i < PARTS; i++)
        out[i] = (struct gw_str){NULL, 0};
    if (iae_absent(*in))
        return GW_OK;
    (void)iae_lookup(c, "mots-voie", GW_STR("RUE"), (struct gw_str){NULL, 0},
                     0); /* says that it is not there */
    take_apart(c, *in, out, true);
    return GW_OK;
}

/* ---- writing ---- */

struct joined {
    char *text;
    size_t len;
};

static void join(struct joined *j, struct gw_str s)
{
    if (iae_absent(s))
        return;
    if (j->len)
        j->text[j->len++] = ' ';
    memcpy(j->text + j->len, s.ptr, s.len);
    j->len += s.len;
}

static struct gw_str extension_word(struct gw_str code)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++)
        if (iae_eq(code, extensions[i].code))
            return (struct gw_str){extensions[i].word, strlen(extensions[i].word)};
    return code;
}

static struct gw_str assemble(const struct gw_str *parts, struct gw_str type, char *room)
{
    struct joined j = {room, 0};

    join(&j, parts[NUMBER]);
    if (!iae_absent(parts[NUMBER]) && !iae_absent(parts[EXTENSION]))
        join(&j, extension_word(parts[EXTENSION]));
    join(&j, type);
    join(&j, parts[NAME]);
    return (struct gw_str){room, j.len};
}

static bool same_text(struct gw_str a, struct gw_str b)
{
    return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Would the text be read back as these parts? */
static bool reads_back(struct gw_call *c, struct gw_str text, const struct gw_str *parts)
{
    struct gw_str again[PARTS];

    if (iae_absent(text))
        return false;
    take_apart(c, text, again, false);
    for (int i = 0; i < PARTS; i++)
        if (!same_text(again[i], parts[i]))
            return false;
    return true;
}

/* The words of a type: "Avenue". */
static struct gw_str type_label(struct gw_call *c, struct gw_str code)
{
    struct gw_entry entry;

    if (iae_absent(code))
        return code;
    if (c->lookup(c, "type-voie", code, (struct gw_str){NULL, 0}, &entry) == GW_FOUND &&
        !iae_absent(entry.label))
        return entry.label;
    return code;
}

/* The short form if it reads back; a name may hold the words of its type already ("Rue" alone), a place name
 * needs none. Absent without memory. */
static struct gw_str text_of(struct gw_call *c, const struct gw_str *parts)
{
    struct gw_str label = type_label(c, parts[TYPE]);
    char *room = c->alloc(c, parts[NUMBER].len + parts[EXTENSION].len + parts[NAME].len + label.len + 16);
    struct gw_str text = {NULL, 0};

    if (!room)
        return text;
    text = assemble(parts, (struct gw_str){NULL, 0}, room);
    return reads_back(c, text, parts) ? text : assemble(parts, label, room);
}

/* What reading would drop ("3A") is dropped here too, and said: what is written reads back and stays. */
enum gw_result adresse_voie_write(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                  const struct gw_str *in, struct gw_str *out)
{
    struct gw_str parts[PARTS];
    struct gw_str before;
    int tries = 4;

    (void)args, (void)nargs;
    *out = text_of(c, in);
    do {
        before = *out;
        if (!before.ptr)
            return GW_FATAL;
        take_apart(c, before, parts, true);
        *out = text_of(c, parts);
    } while (!same_text(before, *out) && --tries);
    if (!out->len)
        *out = (struct gw_str){NULL, 0};
    return GW_OK;
}
