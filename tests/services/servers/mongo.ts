import { mkdir } from "node:fs/promises";
import path from "node:path";
import { MongoClient } from "mongodb";
import { freePort } from "../../support/free-port.ts";
import { installGoProgram, type GoProgram } from "./go-program.ts";
import { startService } from "./managed-service.ts";
import type { RunningService, Server } from "./service.ts";

const VERSION = "1.24.2";
const MODULE = "github.com/FerretDB/FerretDB";
const DATABASE = "chat_db";
const PROBE_TIMEOUT_MS = 2_000;

/**
 * FerretDB, embedded: its own command refuses to run when it is built from the module. Left out of what MongoDB has are
 * text, partial and TTL indexes, and field names that start with `$` or hold a dot.
 */
const FERRETDB: GoProgram = {
  name: "mongo-server",
  version: VERSION,
  dependency: `${MODULE}/ferretdb@v${VERSION}`,
  main: { type: "file", file: path.join(import.meta.dirname, "mongo-server/main.go") },
  patches: [
    {
      // Every matched update of a command kept a connection until the command's end: 101 of them waited for each other.
      file: `${MODULE}/internal/handler/common/limit_iterator.go`,
      find: "	if n >= iter.limit {\n",
      replace: "	if n >= iter.limit {\n		iter.iter.Close()\n",
    },
    {
      // Written otherwise than in the index, SQLite read the whole collection for each lookup by _id.
      file: `${MODULE}/internal/backends/sqlite/metadata/metadata.go`,
      find: `DefaultColumn + "->'$._id'"`,
      replace: 'DefaultColumn + `->"_id"`',
    },
  ],
};

/** A server of the MongoDB protocol (wire version 21, as MongoDB 7) on SQLite files. */
export const mongo: Server = {
  async install() {
    await installGoProgram(FERRETDB);
  },
  start: startMongo,
};

async function startMongo(): Promise<RunningService> {
  const command = await installGoProgram(FERRETDB);
  const address = `127.0.0.1:${await freePort()}`;
  const uri = `mongodb://${address}/${DATABASE}`;
  return await startService({
    name: "mongo",
    version: `FerretDB ${VERSION} (SQLite)`,
    address,
    env: { MONGODB_URI: uri },
    async process(dataFolder) {
      const folder = path.join(dataFolder, "sqlite");
      await mkdir(folder);
      return {
        command,
        // Commits survive the end of the process; that the machine loses power is no concern of a test.
        args: [address, `file:${folder}/?_pragma=synchronous(normal)`],
        probe: () => probe(uri),
      };
    },
  });
}

async function probe(uri: string): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: PROBE_TIMEOUT_MS });
  try {
    await client.db().command({ ping: 1 });
  } finally {
    await client.close();
  }
}
