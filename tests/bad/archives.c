/* SPDX-License-Identifier: EUPL-1.2 */
#include "bad/archives.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/unit.h"

#define BOMB  ((size_t)256 << 20) /* what comes out of it */
#define BLOCK ((size_t)1 << 20)

static char folder[64];

#define HEADER "nom;prenom;ne_le\n"
#define PERSON "ESSAI;Ada;01/02/1990\n"

static const char people[] = HEADER PERSON PERSON;
static const char person[] = PERSON;

static const struct {
    const char *file;
    const char *inner; /* name within a zip; NULL: gzip */
    size_t bytes;      /* of people more than the two */
} all[] = {
    {"good.zip", "gens.csv", 0}, {"out.zip", "../../gens.csv", 0}, {"bomb.zip", "gens.csv", BOMB},
    {"bomb.csv.gz", NULL, BOMB}, {"cut.csv.gz", NULL, 0},          {"damaged.csv.gz", NULL, 0},
};

#define COUNT (sizeof(all) / sizeof(all[0]))

const char *archives_folder(void)
{
    return folder;
}

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void put_content(struct archive *a, size_t bytes)
{
    static char block[BLOCK];
    size_t len = sizeof(person) - 1;

    assert_int_equal(archive_write_data(a, people, sizeof(people) - 1), sizeof(people) - 1);
    for (size_t i = 0; i + len <= sizeof(block); i += len)
        memcpy(block + i, person, len);
    for (size_t i = 0; i < bytes; i += BLOCK / len * len)
        assert_int_equal(archive_write_data(a, block, BLOCK / len * len), BLOCK / len * len);
}

static void make(const char *file, const char *inner, size_t bytes)
{
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();

    if (inner) {
        archive_write_set_format_zip(a);
    } else {
        archive_write_add_filter_gzip(a);
        archive_write_set_format_raw(a);
    }
    assert_int_equal(archive_write_open_filename(a, path_of(file)), ARCHIVE_OK);
    archive_entry_set_pathname(e, inner ? inner : "gens.csv");
    if (!bytes)
        archive_entry_set_size(e, sizeof(people) - 1);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0600);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    put_content(a, bytes);
    archive_entry_free(e);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

/* One byte of its middle is another. */
static void damage(const char *file)
{
    FILE *f = fopen(path_of(file), "r+");
    int byte;

    assert_non_null(f);
    assert_int_equal(fseek(f, 20, SEEK_SET), 0);
    byte = fgetc(f);
    assert_int_equal(fseek(f, 20, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 0xff, f), byte ^ 0xff);
    fclose(f);
}

/* One record with more names than a session may have, after a good one. */
static void make_names(const char *file, const char *head, const char *before, const char *after,
                       const char *tail)
{
    FILE *f = fopen(path_of(file), "w");

    assert_non_null(f);
    fputs(head, f);
    for (int i = 0; i < 5000; i++)
        fprintf(f, "%sn%d%s", before, i, after);
    fputs(tail, f);
    fclose(f);
}

int archives_setup(void **state)
{
    struct stat st;

    (void)state;
    strcpy(folder, "/tmp/gw-bad-XXXXXX");
    if (!mkdtemp(folder) || mkdir(path_of("folder"), 0700) != 0)
        return -1;
    for (size_t i = 0; i < COUNT; i++)
        make(all[i].file, all[i].inner, all[i].bytes);
    make_names("names.json", "{\"gens\":[{\"nom\":\"A\"},\n{\"nom\":\"B\"", ",\"", "\":1", "}]}");
    make_names("names.xml", "<Gens><Personne><Nom>A</Nom></Personne>\n<Personne>", "<", "/>",
               "</Personne></Gens>");
    if (stat(path_of("cut.csv.gz"), &st) != 0 || truncate(path_of("cut.csv.gz"), st.st_size / 2) != 0)
        return -1;
    damage("damaged.csv.gz");
    return 0;
}

int archives_teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        (void)unlink(path_of(all[i].file));
    (void)unlink(path_of("names.json"));
    (void)unlink(path_of("names.xml"));
    (void)rmdir(path_of("folder"));
    return rmdir(folder);
}
