/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rowid tables with a narrow unique index on the key, and payloads apart: random keys then touch few pages. A
 * change of the tables is a new version: one more migration, never another text of an old one.
 */
#include "store/schema.h"

const struct table_form table_forms[TABLES] = {
    [TABLE_NAME] = {"name", NAME_COLUMNS, 2, 2, {0}, GATHERED_NEVER},
    [TABLE_EXCHANGE] = {"exchange", EXCHANGE_COLUMNS, 32, 11, {EXCHANGE_ARGS}, GATHERED_NEVER},
    [TABLE_RESOURCE] = {"resource", RESOURCE_COLUMNS, 12, 6, {RESOURCE_NUMBER}, GATHERED_KNOWN},
    [TABLE_PAYLOAD] = {"payload", PAYLOAD_COLUMNS, 8, 7, {PAYLOAD_SEALED}, GATHERED_KNOWN},
    [TABLE_UNIT] = {"unit", UNIT_COLUMNS, 9, 4, {0}, GATHERED_KNOWN},
    [TABLE_REJECT] = {"reject", REJECT_COLUMNS, 12, 4, {REJECT_RAW, REJECT_DIAGNOSTICS}, GATHERED_NEVER},
    [TABLE_DELIVERY] = {"delivery", DELIVERY_COLUMNS, 11, 8, {DELIVERY_REF}, GATHERED_ALWAYS},
    [TABLE_CURSOR] = {"cursor", CURSOR_COLUMNS, 2, 1, {0}, GATHERED_NEVER},
    [TABLE_BEARER] = {"bearer", BEARER_COLUMNS, 2, 1, {0}, GATHERED_KNOWN},
    [TABLE_DEPARTED] = {"departed", DEPARTED_COLUMNS, 2, 1, {0}, GATHERED_KNOWN},
    [TABLE_PERSON] = {"person", PERSON_COLUMNS, 4, 2, {PERSON_SALT}, GATHERED_NEVER},
    [TABLE_CHUNK] = {"chunk", CHUNK_COLUMNS, 4, 3, {CHUNK_SEALED}, GATHERED_ALWAYS},
    [TABLE_SIGHT] = {"sight", SIGHT_COLUMNS, 2, 1, {0}, GATHERED_KNOWN},
};

static const char version_1[] =
    "CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id=1), generation INTEGER NOT NULL, keys BLOB NOT NULL,"
    " units INTEGER NOT NULL, resources INTEGER NOT NULL, versions INTEGER NOT NULL,"
    " audit_id INTEGER NOT NULL, audit_digest BLOB NOT NULL, audit_mac BLOB NOT NULL);"

    "CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, sum INTEGER NOT NULL);"

    "CREATE TABLE exchange(id INTEGER PRIMARY KEY, out INTEGER NOT NULL, flow INTEGER NOT NULL,"
    " partner INTEGER NOT NULL, name TEXT, format TEXT, digest BLOB NOT NULL, size INTEGER NOT NULL,"
    " received_at INTEGER NOT NULL, rank INTEGER NOT NULL, same_as INTEGER NOT NULL, spool TEXT,"
    " state INTEGER NOT NULL, changed_at INTEGER NOT NULL, attempts INTEGER NOT NULL, fence INTEGER NOT NULL,"
    " lease_until INTEGER NOT NULL, checked INTEGER NOT NULL, resume INTEGER NOT NULL, suspect INTEGER NOT "
    "NULL,"
    " suspicion INTEGER NOT NULL, read INTEGER NOT NULL, accepted INTEGER NOT NULL, filtered INTEGER NOT NULL,"
    " rejected INTEGER NOT NULL, produced INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,"
    " unchanged INTEGER NOT NULL, held INTEGER NOT NULL, reason TEXT, reason_args BLOB, sum INTEGER NOT NULL);"
    "CREATE INDEX exchange_flow ON exchange(out, flow);"
    "CREATE INDEX exchange_digest ON exchange(digest);"
    "CREATE INDEX exchange_state ON exchange(out, state);"
    "CREATE INDEX exchange_active ON exchange(out, flow, rank, id) WHERE state IN (1, 2, 3);"
    "CREATE INDEX exchange_working ON exchange(out, flow) WHERE state = 2;"
    "CREATE INDEX exchange_applied ON exchange(flow, rank) WHERE state IN (4, 5);"

    "CREATE TABLE resource(id INTEGER PRIMARY KEY, key BLOB NOT NULL, partner INTEGER NOT NULL,"
    " flow INTEGER NOT NULL, type INTEGER NOT NULL, purpose INTEGER NOT NULL, entity INTEGER NOT NULL,"
    " version INTEGER NOT NULL, digest BLOB NOT NULL, closed_at INTEGER NOT NULL, number_hash BLOB,"
    " number_sealed BLOB, sum INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX resource_key ON resource(key);"
    "CREATE INDEX resource_number ON resource(number_hash) WHERE number_hash IS NOT NULL;"

    "CREATE TABLE payload(id INTEGER PRIMARY KEY, digest BLOB NOT NULL, exchange INTEGER NOT NULL,"
    " record INTEGER NOT NULL, line INTEGER NOT NULL, said_at INTEGER NOT NULL, received_at INTEGER NOT NULL,"
    " sealed BLOB, sum INTEGER NOT NULL);"

    "CREATE TABLE unit(id INTEGER PRIMARY KEY, key BLOB NOT NULL, partner INTEGER NOT NULL,"
    " flow INTEGER NOT NULL, digest BLOB NOT NULL, members BLOB, seq INTEGER NOT NULL,"
    " exchange INTEGER NOT NULL, record INTEGER NOT NULL, sum INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX unit_key ON unit(key);"
    "CREATE UNIQUE INDEX unit_seq ON unit(seq);"

    "CREATE TABLE reject(id INTEGER PRIMARY KEY, exchange INTEGER NOT NULL, flow INTEGER NOT NULL,"
    " record INTEGER NOT NULL, line INTEGER NOT NULL, code TEXT, path TEXT, state INTEGER NOT NULL,"
    " at INTEGER NOT NULL, replayed_in INTEGER NOT NULL, raw BLOB, diagnostics BLOB, sum INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX reject_record ON reject(exchange, record);"
    "CREATE INDEX reject_open ON reject(state) WHERE state = 0;"

    "CREATE TABLE delivery(id INTEGER PRIMARY KEY, flow INTEGER NOT NULL, exchange INTEGER NOT NULL,"
    " position INTEGER NOT NULL, unit INTEGER NOT NULL, resource INTEGER NOT NULL, version INTEGER NOT NULL,"
    " digest BLOB NOT NULL, partner_ref BLOB, state INTEGER NOT NULL, at INTEGER NOT NULL,"
    " sum INTEGER NOT NULL);"
    "CREATE INDEX delivery_unit ON delivery(unit, flow);"
    "CREATE INDEX delivery_exchange ON delivery(exchange);"
    "CREATE INDEX delivery_due ON delivery(state) WHERE state IN (0, 2);"

    "CREATE TABLE cursor(flow INTEGER PRIMARY KEY, seq INTEGER NOT NULL, sum INTEGER NOT NULL);"

    "CREATE TABLE audit(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,"
    " subject TEXT NOT NULL, detail TEXT NOT NULL, before BLOB NOT NULL, digest BLOB NOT NULL);"
    "CREATE INDEX audit_subject ON audit(subject);";

/* Files sent with a key of the sender's are kept under that key: the same key is asked for in the spool's
 * names. */
static const char version_2[] =
    "CREATE INDEX exchange_keyed ON exchange(spool) WHERE spool >= 'key-' AND spool < 'key.';";

/* People: where they are, what they are called in the trail, who was forgotten. */
static const char version_3[] =
    "CREATE TABLE bearer(id INTEGER PRIMARY KEY, units BLOB NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE departed(id INTEGER PRIMARY KEY, members BLOB NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE person(id INTEGER PRIMARY KEY, mark BLOB NOT NULL, salt BLOB,"
    " forgotten_at INTEGER NOT NULL, sum INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX person_mark ON person(mark);";

/* Files whose bytes are in the store (bytes.h), piece by piece. Some stores of version 3 have the table. */
static const char version_4[] =
    "CREATE TABLE IF NOT EXISTS chunk(id INTEGER PRIMARY KEY, spool TEXT NOT NULL, at INTEGER NOT NULL,"
    " sealed BLOB, sum INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS chunk_spool ON chunk(spool, at);";

/* When a unit was spoken of last without a change (sights.h). */
static const char version_5[] =
    "CREATE TABLE sight(id INTEGER PRIMARY KEY, seen_at INTEGER NOT NULL, sum INTEGER NOT NULL);";

const char *const schema_migrations[STORE_SCHEMA] = {version_1, version_2, version_3, version_4, version_5};
