# SPDX-License-Identifier: EUPL-1.2
add_library(gw_pipeline STATIC convert.c engine.c outlet.c outlet_name.c pivot_flat.c pivot_form.c pivot_read.c pivot_write.c rejects.c source.c
    spool.c)
target_link_libraries(gw_pipeline PUBLIC gw_host gw_mapping)
