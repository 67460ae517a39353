// SPDX-License-Identifier: EUPL-1.2
// Rows of a CSV as lines of JSON, with DuckDB on one thread: node scdl.mjs FILE. Texts stay texts.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.env.DUCKDB_HOME + "/"));
const { DuckDBInstance } = require("@duckdb/node-api");
const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
const quoted = (text) => "'" + text.replaceAll("'", "''") + "'";
await connection.run(
  `COPY (SELECT * FROM read_csv(${quoted(process.argv[2])}, header = true, all_varchar = true)) ` +
    `TO '/dev/stdout' (FORMAT json)`);
