/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The master key: 32 bytes in a file that only we may read. A new one is written aside as KEY.new and is
 * durable before anything is sealed by it; it takes the place of KEY when what it seals is durable. So at every
 * instant KEY or KEY.new opens the store, and whoever finds that it is KEY.new puts it in its place.
 */
#ifndef STORE_KEY_FILE_H
#define STORE_KEY_FILE_H

#include "store/seal.h"

/* GW_END: no such file. GW_FAIL: it is no key. GW_RETRY: it cannot be read; errno says why. */
GW_MUST_USE enum gw_result key_file_read(const char *path, bool aside, uint8_t ret[SEAL_KEY]);
/* Writes KEY.new. */
GW_MUST_USE enum gw_result key_file_write(const char *path, const uint8_t key[SEAL_KEY]);
/* KEY.new becomes KEY; fine when another process did so before. */
GW_MUST_USE enum gw_result key_file_adopt(const char *path);
/* Is what a folder says durable: of the file at `path`. */
GW_MUST_USE enum gw_result folder_sync(const char *path);

#endif
