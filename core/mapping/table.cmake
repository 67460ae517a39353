# SPDX-License-Identifier: EUPL-1.2
add_library(gw_mapping STATIC build.c check_table.c check_when.c checks.c condition.c condition_ask.c frame.c gather.c group.c packed.c places.c reach.c reach_needs.c read.c read_checks.c
    read_derived.c read_fixed.c read_line.c read_packed.c read_parts.c read_totals.c
    rest.c scopes.c table.c target.c ties.c ties_share.c walk.c write.c write_open.c write_packed.c yield.c)
target_link_libraries(gw_mapping PUBLIC gw_convert gw_syntax gw_schema gw_base)
