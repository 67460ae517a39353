/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tables as data: what queries, sums, sealing, checks and rotation go by. The first column is the rowid,
 * the first `fixed` never change; behind those that are listed stands `sum`, over all of them.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/store.h"

/* Sealed texts and sums are bound to these numbers: append only. */
enum table {
    TABLE_NAME,
    TABLE_EXCHANGE,
    TABLE_RESOURCE,
    TABLE_PAYLOAD,
    TABLE_UNIT,
    TABLE_REJECT,
    TABLE_DELIVERY,
    TABLE_CURSOR,
    TABLE_BEARER,
    TABLE_DEPARTED,
    TABLE_PERSON,
    TABLE_CHUNK,
    TABLE_SIGHT,
    TABLES,
};

enum table_query { TABLE_INSERT, TABLE_UPDATE, TABLE_FIND, TABLE_NEXT, TABLE_LAST, TABLE_REMOVE, TABLE_QUERIES };

#define NAME_COLUMNS "id,text"
#define EXCHANGE_COLUMNS                                                                                       \
    "id,out,flow,partner,name,format,digest,size,received_at,rank,same_as,spool,state,changed_at,attempts,"    \
    "fence,lease_until,checked,resume,suspect,suspicion,read,accepted,filtered,rejected,produced,created,"     \
    "updated,unchanged,held,reason,reason_args"
#define RESOURCE_COLUMNS                                                                                       \
    "id,key,partner,flow,type,purpose,entity,version,digest,closed_at,number_hash,number_sealed"
#define PAYLOAD_COLUMNS  "id,digest,exchange,record,line,said_at,received_at,sealed"
#define UNIT_COLUMNS     "id,key,partner,flow,digest,members,seq,exchange,record"
#define REJECT_COLUMNS   "id,exchange,flow,record,line,code,path,state,at,replayed_in,raw,diagnostics"
#define DELIVERY_COLUMNS "id,flow,exchange,position,unit,resource,version,digest,partner_ref,state,at"
#define CURSOR_COLUMNS   "flow,seq"
#define BEARER_COLUMNS   "id,units"
#define DEPARTED_COLUMNS "id,members"
#define PERSON_COLUMNS   "id,mark,salt,forgotten_at"
#define CHUNK_COLUMNS    "id,spool,at,sealed"
#define SIGHT_COLUMNS    "id,seen_at"

/* Columns that are named in code. */
enum {
    EXCHANGE_STATE = 12,
    EXCHANGE_FENCE = 15,
    EXCHANGE_LEASE = 16,
    EXCHANGE_COUNTS = 21,
    EXCHANGE_ARGS = 31
};
enum {
    RESOURCE_KEY = 1,
    RESOURCE_VERSION = 7,
    RESOURCE_DIGEST = 8,
    RESOURCE_CLOSED = 9,
    RESOURCE_NUMBER_HASH = 10,
    RESOURCE_NUMBER = 11
};
enum { PAYLOAD_SEALED = 7 };
enum { UNIT_KEY = 1, UNIT_DIGEST = 4, UNIT_MEMBERS = 5, UNIT_SEQ = 6 };
enum { REJECT_STATE = 7, REJECT_REPLAYED_IN = 9, REJECT_RAW = 10, REJECT_DIAGNOSTICS = 11 };
enum { PERSON_SALT = 2, PERSON_FORGOTTEN = 3 };
enum { CHUNK_AT = 2, CHUNK_SEALED = 3 };
enum { SIGHT_SEEN_AT = 1 };
enum { DELIVERY_UNIT = 4, DELIVERY_REF = 8, DELIVERY_STATE = 9, DELIVERY_AT = 10 };

#define ROW_CELLS 32

struct table_form {
    const char *name, *columns;
    uint8_t n, fixed;
    uint8_t sealed[2]; /* columns; 0 none */
    /* Its rows may go to a server in numbers: while it is known what is there, or always. */
    enum { GATHERED_NEVER, GATHERED_KNOWN, GATHERED_ALWAYS } gathered;
};
extern const struct table_form table_forms[TABLES];

#define STORE_APPLICATION 0x50534c45 /* application_id of the database: "PSLE" */

/* [v]: makes version v + 1 of version v. */
extern const char *const schema_migrations[STORE_SCHEMA];

/* The versions of a resource lie together in `payload`: their id says which resource and which version. */
#define VERSION_BITS 20
static inline int64_t payload_id(int64_t resource, int64_t version)
{
    return resource << VERSION_BITS | version;
}

#endif
