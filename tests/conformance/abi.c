/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The layout of what crosses between host and plugins, on 64 bits, as version 1.2 has it. Whoever
 * changes a line here changes GW_ABI_MAJOR or GW_ABI_MINOR and the history beside it.
 */
#include "gw/plugin.h"

#define SIZE(type, size)       _Static_assert(sizeof(struct type) == (size), "sizeof " #type)
#define FIELD(type, field, at) _Static_assert(offsetof(struct type, field) == (at), #type "." #field)
#define VALUE(constant, value) _Static_assert((constant) == (value), #constant)

VALUE(GW_ABI, 0x10005u);
VALUE(sizeof(void *), 8);

VALUE(GW_OK, 0);
VALUE(GW_END, 1);
VALUE(GW_REJECT, 2);
VALUE(GW_FAIL, 3);
VALUE(GW_RETRY, 4);
VALUE(GW_FATAL, 5);

VALUE(GW_INFO, 0);
VALUE(GW_WARNING, 1);
VALUE(GW_ERROR, 2);

VALUE(GW_NULL, 0);
VALUE(GW_FALSE, 1);
VALUE(GW_TRUE, 2);
VALUE(GW_NUMBER, 3);
VALUE(GW_TEXT, 4);
VALUE(GW_LIST, 5);
VALUE(GW_MAP, 6);
VALUE(GW_RECORDS, 7);

VALUE(GW_RECORD_LIFE, 0);
VALUE(GW_SESSION_LIFE, 1);

VALUE(GW_EXACT, 0);
VALUE(GW_NORMALISES, 1);
VALUE(GW_LOSSY, 2);
VALUE(GW_ONE_WAY, 3);

VALUE(GW_FOUND, 0);
VALUE(GW_NOT_FOUND, 1);
VALUE(GW_NOT_THEN, 2);
VALUE(GW_NO_LIST, 3);

VALUE(GW_OPT_BOOL, 0);
VALUE(GW_OPT_CHAR, 1);
VALUE(GW_OPT_UINT, 2);
VALUE(GW_OPT_TEXT, 3);
VALUE(GW_OPT_CHOICE, 4);
VALUE(GW_OPT_FILE, 5);

VALUE(GW_TYPED, 1);
VALUE(GW_NESTED, 2);
VALUE(GW_SEEKS, 4);
VALUE(GW_TOTALS, 8);
VALUE(GW_PIVOT, 16);
VALUE(GW_SPAWNS, 32);

SIZE(gw_str, 16);
FIELD(gw_str, ptr, 0);
FIELD(gw_str, len, 8);

SIZE(gw_place, 16);
FIELD(gw_place, byte, 0);
FIELD(gw_place, line, 8);
FIELD(gw_place, column, 12);

SIZE(gw_arg, 24);
FIELD(gw_arg, name, 0);
FIELD(gw_arg, value, 8);

SIZE(gw_message, 40);
FIELD(gw_message, code, 0);
FIELD(gw_message, fr, 8);
FIELD(gw_message, en, 16);
FIELD(gw_message, advice_fr, 24);
FIELD(gw_message, advice_en, 32);

SIZE(gw_node, 40);
FIELD(gw_node, text, 0);
FIELD(gw_node, next, 8);
FIELD(gw_node, first, 16);
FIELD(gw_node, len, 24);
FIELD(gw_node, line, 28);
FIELD(gw_node, column, 32);
FIELD(gw_node, name, 36);
FIELD(gw_node, kind, 38);
FIELD(gw_node, flags, 39);

SIZE(gw_record, 56);
FIELD(gw_record, root, 0);
FIELD(gw_record, context, 8);
FIELD(gw_record, changes, 16);
FIELD(gw_record, level, 24);
FIELD(gw_record, line, 28);
FIELD(gw_record, begin, 32);
FIELD(gw_record, end, 40);
FIELD(gw_record, form, 48);

SIZE(gw_host, 88);
FIELD(gw_host, size, 0);
FIELD(gw_host, peek, 8);
FIELD(gw_host, consume, 16);
FIELD(gw_host, read_at, 24);
FIELD(gw_host, write, 32);
FIELD(gw_host, alloc, 40);
FIELD(gw_host, mark, 48);
FIELD(gw_host, release, 56);
FIELD(gw_host, name, 64);
FIELD(gw_host, name_text, 72);
FIELD(gw_host, report, 80);

SIZE(gw_step, 4);
FIELD(gw_step, name, 0);
FIELD(gw_step, many, 2);

SIZE(gw_column, 4);
FIELD(gw_column, name, 0);
FIELD(gw_column, required, 2);

SIZE(gw_alias, 4);
FIELD(gw_alias, name, 0);
FIELD(gw_alias, column, 2);

SIZE(gw_stream, 88);
FIELD(gw_stream, size, 0);
FIELD(gw_stream, steps, 8);
FIELD(gw_stream, nsteps, 16);
FIELD(gw_stream, columns, 24);
FIELD(gw_stream, ncolumns, 32);
FIELD(gw_stream, context, 40);
FIELD(gw_stream, records, 48);
FIELD(gw_stream, record_bytes, 56);
FIELD(gw_stream, depth, 64);
FIELD(gw_stream, aliases, 72);
FIELD(gw_stream, naliases, 80);

SIZE(gw_session, 32);
FIELD(gw_session, host, 0);
FIELD(gw_session, stream, 8);
FIELD(gw_session, config, 16);
FIELD(gw_session, state, 24);

SIZE(gw_entry, 48);
FIELD(gw_entry, native, 0);
FIELD(gw_entry, pivot, 16);
FIELD(gw_entry, label, 32);

SIZE(gw_call, 48);
FIELD(gw_call, size, 0);
FIELD(gw_call, date, 8);
FIELD(gw_call, alloc, 24);
FIELD(gw_call, lookup, 32);
FIELD(gw_call, report, 40);

SIZE(gw_converter, 48);
FIELD(gw_converter, name, 0);
FIELD(gw_converter, natives, 8);
FIELD(gw_converter, fields, 9);
FIELD(gw_converter, max_args, 10);
FIELD(gw_converter, loss, 11);
FIELD(gw_converter, help, 16);
FIELD(gw_converter, check_args, 24);
FIELD(gw_converter, read, 32);
FIELD(gw_converter, write, 40);

SIZE(gw_check, 32);
FIELD(gw_check, name, 0);
FIELD(gw_check, fields, 8);
FIELD(gw_check, help, 16);
FIELD(gw_check, run, 24);

SIZE(gw_reader, 40);
FIELD(gw_reader, state_size, 0);
FIELD(gw_reader, open, 8);
FIELD(gw_reader, next, 16);
FIELD(gw_reader, close, 24);
FIELD(gw_reader, pass, 32);

SIZE(gw_writer, 40);
FIELD(gw_writer, state_size, 0);
FIELD(gw_writer, open, 8);
FIELD(gw_writer, write, 16);
FIELD(gw_writer, finish, 24);
FIELD(gw_writer, close, 32);

SIZE(gw_probe, 32);
FIELD(gw_probe, head, 0);
FIELD(gw_probe, name, 16);

SIZE(gw_option, 56);
FIELD(gw_option, name, 0);
FIELD(gw_option, type, 8);
FIELD(gw_option, offset, 16);
FIELD(gw_option, initial, 24);
FIELD(gw_option, choices, 32);
FIELD(gw_option, help_fr, 40);
FIELD(gw_option, help_en, 48);

SIZE(gw_plugin, 112);
FIELD(gw_plugin, abi, 0);
FIELD(gw_plugin, size, 4);
FIELD(gw_plugin, flags, 8);
FIELD(gw_plugin, name, 16);
FIELD(gw_plugin, version, 24);
FIELD(gw_plugin, summary_fr, 32);
FIELD(gw_plugin, summary_en, 40);
FIELD(gw_plugin, options, 48);
FIELD(gw_plugin, config_size, 56);
FIELD(gw_plugin, messages, 64);
FIELD(gw_plugin, probe, 72);
FIELD(gw_plugin, reader, 80);
FIELD(gw_plugin, writer, 88);
FIELD(gw_plugin, converters, 96);
FIELD(gw_plugin, checks, 104);
