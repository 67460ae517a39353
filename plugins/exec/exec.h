/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * exec - what the files of the plugin share. exec_child.c starts the program, feeds it and looks after its end;
 * exec_read.c takes records from its lines, exec_write.c gives it records, exec_tree.c is JSON both ways.
 */
#ifndef EXEC_H
#define EXEC_H

#include <stdbool.h>
#include <sys/types.h>

#include "gw/plugin.h"

struct exec_config {
    struct gw_str command;
    uint64_t timeout; /* seconds of silence */
};

struct exec_child {
    struct gw_session *s;
    pid_t pid;   /* 0: none */
    int in, out; /* our ends: a socket to its input, a pipe from its output; -1: closed */
};

/* What a wait found. */
enum exec_event { EXEC_CAN_READ = 1, EXEC_CAN_SEND = 2 };

/* The command's words, and one more that says what it is for: "read", "write". On failure it was said. */
GW_MUST_USE enum gw_result exec_start(struct gw_session *s, struct exec_child *c, const char *purpose);
/* Until one of the events is there; GW_FAIL: nothing was for too long. */
GW_MUST_USE enum gw_result exec_wait(struct exec_child *c, int wanted, int *ret_events);
/* GW_OK: *ret_got bytes, maybe 0. GW_END: it will say no more. */
GW_MUST_USE enum gw_result exec_take(struct exec_child *c, char *data, size_t room, size_t *ret_got);
/* GW_OK: *ret_sent bytes were taken, maybe 0. GW_END: it does not listen any more. */
GW_MUST_USE enum gw_result exec_send(struct exec_child *c, const char *data, size_t len, size_t *ret_sent);
void exec_hush(struct exec_child *c); /* no more input */
/* It must be over, and well. */
GW_MUST_USE enum gw_result exec_finish(struct exec_child *c);
void exec_kill(struct exec_child *c); /* {0} and twice is fine */
GW_MUST_USE enum gw_result exec_said(struct gw_session *s, struct gw_place at, const char *code,
                                     struct gw_str text);

/* What a line of the program is. */
enum exec_line { EXEC_RECORD, EXEC_REJECT, EXEC_FAIL, EXEC_END, EXEC_BAD };

struct exec_told {
    enum exec_line kind;
    struct gw_node *root;  /* EXEC_RECORD */
    struct gw_str message; /* EXEC_REJECT, EXEC_FAIL; EXEC_BAD: what is wrong */
    uint32_t line;         /* of the file; 0: it does not say */
};

/* GW_FATAL: no memory. */
GW_MUST_USE enum gw_result exec_parse(struct gw_session *s, struct gw_str line, struct exec_told *ret);

/* JSON on its way out; the room was reckoned before, by exec_size(). */
struct exec_text {
    char *text;
    size_t len;
};

size_t exec_size(struct gw_session *s, const struct gw_node *n);
void exec_print(struct gw_session *s, const struct gw_node *n, struct exec_text *to);
void exec_string(struct gw_str text, struct exec_text *to);
void exec_word(const char *word, struct exec_text *to);

extern const struct gw_reader exec_reader;
extern const struct gw_writer exec_writer;

#endif
