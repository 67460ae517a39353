/* SPDX-License-Identifier: EUPL-1.2 */
/* What backup.c writes and restore.c reads: before each file its size and name. */
#ifndef GATEWAY_BACKUP_PARTS_H
#define GATEWAY_BACKUP_PARTS_H

#include <sys/types.h>

#include "gateway/backup.h"

#define PART_NAME 300

/* In FOLDER_RECEIPTS a name is FLOW/NAME. */
enum backup_folder {
    FOLDER_ROOT,
    FOLDER_SPOOL,
    FOLDER_NOTICES,
    FOLDER_RECEIPTS,
    FOLDER_CONF,
    FOLDER_CONF_D,
    FOLDER_HEADS,
    BACKUP_FOLDERS
};
extern const char *const backup_folders[BACKUP_FOLDERS]; /* "", "spool/", ... */

struct part {
    uint64_t size;
    char name[PART_NAME]; /* "": the end */
};

GW_MUST_USE enum gw_result part_put(struct coffer *c, const struct part *p);
GW_MUST_USE enum gw_result part_get(struct coffer *c, struct part *ret);
/* Private, unless it is for others to check the trail by: the modes that restoring gives. */
mode_t part_mode(const struct part *p);
/* In which folder it belongs, and its name there. False: no name of ours. */
bool part_place(const struct part *p, enum backup_folder *ret_folder, const char **ret_name);
/* The cause of a result of a coffer, or of the world; `about` is the file or folder. */
void backup_fault(struct sink *sink, enum gw_result result, const char *about);

#endif
