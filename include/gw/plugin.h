/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gw/plugin.h - the one constant that a plugin exports, read before any of its code runs.
 *
 *   Reading:  open  next next next ...      close
 *   Writing:  open  write write ... finish  close
 *
 * close() is called even when open() failed; it is only for what a library made.
 */
#ifndef GW_PLUGIN_H
#define GW_PLUGIN_H

#include "gw/rules.h"
#include "gw/session.h"

/* Major: something was changed or removed, other majors are refused.
 * Minor: something was appended at the end of a struct; a plugin newer than its host is
 * refused. History: 1.0 first; 1.1 gw_reader.pass; 1.2 gw_stream.aliases; 1.3 GW_OPT_FILE;
 * 1.4 GW_SPAWNS; 1.5 gw_record.form. */
#define GW_ABI_MAJOR 1u
#define GW_ABI_MINOR 5u
#define GW_ABI       (GW_ABI_MAJOR << 16 | GW_ABI_MINOR)

struct gw_reader {
    size_t state_size;
    enum gw_result (*open)(struct gw_session *s);
    /* GW_OK: *rec is a record. GW_REJECT: *rec has begin, end and line of a bad one.
     * GW_END: only rec->context is set, complete now. */
    enum gw_result (*next)(struct gw_session *s, struct gw_record *rec);
    void (*close)(struct gw_session *s); /* may be NULL */
    /* Since 1.1. As next(), but the record is only passed over: where it ends and no more, *rec has begin, end
     * and line. For a record that killed its reader. NULL: next() is called, and what it gives is thrown away. */
    enum gw_result (*pass)(struct gw_session *s, struct gw_record *rec);
};

struct gw_writer {
    size_t state_size;
    enum gw_result (*open)(struct gw_session *s);
    enum gw_result (*write)(struct gw_session *s, const struct gw_record *rec);
    /* `context`: as at the last record, totals now known; write what follows GW_RECORDS. */
    enum gw_result (*finish)(struct gw_session *s, const struct gw_node *context);
    void (*close)(struct gw_session *s); /* may be NULL */
};

/* What is known of a stream before its format is. */
struct gw_probe {
    struct gw_str head; /* its first bytes, decoded, at most 64 KB */
    struct gw_str name; /* "grants.csv", or absent */
};

enum gw_option_type { GW_OPT_BOOL, GW_OPT_CHAR, GW_OPT_UINT, GW_OPT_TEXT, GW_OPT_CHOICE, GW_OPT_FILE };

/* One setting; the host parses it, checks it, documents it and stores it in the plugin's
 * config struct: bool, char (0 when empty), uint64_t, struct gw_str, or for a choice the
 * uint8_t rank of the word. Of a file, which is named and lies beside format.conf, the struct
 * gw_str is what stands in it: tables of a syntax are data of the format. */
struct gw_option {
    const char *name;
    uint8_t type;        /* enum gw_option_type */
    size_t offset;       /* in the config struct */
    const char *initial; /* as it would be written in format.conf; NULL: empty */
    const char *choices; /* "none|tab|two" */
    const char *help_fr;
    const char *help_en;
};

enum gw_flag {
    GW_TYPED = 1 << 0,  /* tells a number from the text of a number */
    GW_NESTED = 1 << 1, /* a record may hold lists and maps */
    GW_SEEKS = 1 << 2,  /* reads by gw_read_at(), not by gw_peek() */
    GW_TOTALS = 1 << 3, /* its writer needs stream->records when it opens */
    GW_PIVOT = 1 << 4,  /* its records are resources of the pivot already */
    GW_SPAWNS = 1 << 5, /* since 1.4: starts programs, so it cannot run where that is forbidden */
};

struct gw_plugin {
    uint32_t abi;  /* first, for it protects the rest */
    uint32_t size; /* of this struct as the plugin knows it */
    uint32_t flags;
    const char *name;    /* as in format.conf */
    const char *version; /* of the plugin, for people */
    const char *summary_fr;
    const char *summary_en;

    const struct gw_option *options; /* ended by one without a name; may be NULL */
    size_t config_size;
    const struct gw_message *messages; /* ended by one without a code; may be NULL */

    int (*probe)(const struct gw_probe *p); /* 0 no ... 100 certain; pure; may be NULL */
    const struct gw_reader *reader;         /* NULL: cannot be read */
    const struct gw_writer *writer;         /* NULL: cannot be written */

    const struct gw_converter *converters; /* a rules plugin; ended by one without a name */
    const struct gw_check *checks;
};

/* The one thing a plugin exports: GW_PLUGIN(.name = "csv", ...); */
#define GW_PLUGIN(...)                                                                                         \
    extern GW_EXPORT const struct gw_plugin gw_plugin;                                                         \
    const struct gw_plugin gw_plugin = {.abi = GW_ABI, .size = sizeof(struct gw_plugin), __VA_ARGS__}

#endif
