# SPDX-License-Identifier: EUPL-1.2
# cpack runs this when the files of all packages lie ready: what is the same in two builds must get the same bytes.
# dpkg-shlibdeps is told that libyyjson, where we bring it along, is no package to depend on.
foreach(component ${CPACK_COMPONENTS_ALL})
    set(root ${CPACK_TEMPORARY_DIRECTORY}/${component})
    if(EXISTS ${root}/../passerelle/usr/lib/passerelle/libyyjson.so.0 AND NOT component MATCHES "^(dev|schemas)$")
        file(WRITE ${root}/debian/shlibs.local "libyyjson 0\n")
    endif()
    if(NOT "$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
        execute_process(COMMAND find ${root} -exec touch -h -d "@$ENV{SOURCE_DATE_EPOCH}" {} + COMMAND_ERROR_IS_FATAL ANY)
    endif()
endforeach()
