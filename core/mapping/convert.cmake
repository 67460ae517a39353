# SPDX-License-Identifier: EUPL-1.2
add_library(gw_convert STATIC codes.c codes_build.c codes_find.c convert.c convert_date.c convert_find.c
    convert_number.c convert_rule.c convert_text.c fold.c template.c)
target_link_libraries(gw_convert PUBLIC gw_syntax gw_schema gw_base PRIVATE PkgConfig::UTF8PROC)
