# SPDX-License-Identifier: EUPL-1.2
add_library(gw_syntax STATIC code_rows.c conf.c conf_keys.c cursor.c format.c inherit.c lines.c syntax_chain.c
                             syntax_cond.c syntax_field.c syntax_path.c)
target_link_libraries(gw_syntax PUBLIC gw_base PRIVATE PkgConfig::CONFIG)
