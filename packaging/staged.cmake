# SPDX-License-Identifier: EUPL-1.2
# cpack runs this when the files of all packages lie ready. It adds what they are made of (SPDX), and gives every file
# the moment of the sources, so that two builds of the same sources are the same bytes.
list(TRANSFORM CPACK_COMPONENTS_ALL PREPEND ${CPACK_TEMPORARY_DIRECTORY}/ OUTPUT_VARIABLE roots)
execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/sbom.py ${CPACK_PACKAGE_VERSION} ${roots}
                OUTPUT_FILE ${CPACK_TEMPORARY_DIRECTORY}/passerelle/usr/share/doc/passerelle/passerelle.spdx.json
                COMMAND_ERROR_IS_FATAL ANY)
foreach(root ${roots})
    # dpkg-shlibdeps is told that libyyjson, where we bring it along, is no package to depend on
    if(EXISTS ${root}/../passerelle/usr/lib/passerelle/libyyjson.so.0 AND NOT root MATCHES "/(dev|schemas)$")
        file(WRITE ${root}/debian/shlibs.local "libyyjson 0\n")
    endif()
    if(NOT "$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
        execute_process(COMMAND find ${root} -exec touch -h -d "@$ENV{SOURCE_DATE_EPOCH}" {} + COMMAND_ERROR_IS_FATAL ANY)
    endif()
endforeach()
