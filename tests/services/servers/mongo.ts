import { mkdir } from "node:fs/promises";
import path from "node:path";
import { MongoClient } from "mongodb";
import { freePort } from "../../support/free-port.ts";
import { installGoProgram, type GoProgram } from "./go-program.ts";
import { startService } from "./managed-service.ts";
import type { RunningService, Server } from "./service.ts";
import { startedOn, type SmallDisk } from "./small-disk.ts";

const VERSION = "1.24.2";
/** Raised with every change of the corrections below, so that a cached build without it is not taken. */
const BUILD = 2;
const MODULE = "github.com/FerretDB/FerretDB";
const DATABASE = "chat_db";
const PROBE_TIMEOUT_MS = 2_000;

const QUERY_HEAD =
  "	q := prepareSelectClause(meta.TableName, params.Comment, meta.Capped(), params.OnlyRecordIDs)\n\n";
/** Go: rows that may match, by an index; the server still compares each with the whole filter. */
const INDEXED_CLAUSE = `func indexedClause(filter *types.Document) (string, []any) {
	id, _ := filter.Get("_id")
	if text, ok := id.(string); ok {
		return fmt.Sprintf(\` WHERE %s = ?\`, metadata.IDColumn), []any{sjsonText(text)}
	}
	if operator, ok := id.(*types.Document); ok && operator.Len() == 1 {
		list, _ := operator.Get("$in")
		if array, ok := list.(*types.Array); ok && array.Len() > 0 {
			args := make([]any, array.Len())
			for i := range args {
				text, ok := must.NotFail(array.Get(i)).(string)
				if !ok {
					return "", nil
				}
				args[i] = sjsonText(text)
			}
			marks := strings.Repeat(", ?", len(args))[2:]
			return fmt.Sprintf(\` WHERE %s IN (%s)\`, metadata.IDColumn, marks), args
		}
	}
	conversation, _ := filter.Get("conversationId")
	if text, ok := conversation.(string); ok {
		return fmt.Sprintf(\` WHERE %s->"conversationId" = ?\`, metadata.DefaultColumn), []any{sjsonText(text)}
	}
	return "", nil
}

func sjsonText(text string) string {
	return string(must.NotFail(sjson.MarshalSingleValue(text)))
}
`;

/**
 * FerretDB, embedded: its own command refuses to run when it is built from the module. Left out of what MongoDB has are
 * text, partial and TTL indexes, and field names that start with `$` or hold a dot.
 */
const FERRETDB: GoProgram = {
  name: "mongo-server",
  version: `${VERSION}-${BUILD}`,
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
      // Any other filter than one _id alone read the whole collection; these are those of the bridge, and it has their indexes.
      file: `${MODULE}/internal/backends/sqlite/collection.go`,
      find: `${QUERY_HEAD}	var whereClause string\n	var args []any\n`,
      replace: `${QUERY_HEAD}	whereClause, args := indexedClause(params.Filter)\n`,
    },
    {
      file: `${MODULE}/internal/backends/sqlite/query.go`,
      find: "// prepareOrderByClause returns",
      replace: `${INDEXED_CLAUSE}\n// prepareOrderByClause returns`,
    },
    {
      file: `${MODULE}/internal/backends/sqlite/query.go`,
      find: '	"github.com/FerretDB/FerretDB/internal/backends/sqlite/metadata"\n',
      replace: `	"github.com/FerretDB/FerretDB/internal/backends/sqlite/metadata"
	"github.com/FerretDB/FerretDB/internal/handler/sjson"
`,
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
  start: () => startMongo(),
};

/** Stores on the disk, if there is one, else in a folder of its own. */
export async function startMongo(disk?: SmallDisk): Promise<RunningService> {
  const command = await installGoProgram(FERRETDB);
  const address = `127.0.0.1:${await freePort()}`;
  const uri = `mongodb://${address}/${DATABASE}`;
  return await startService({
    name: "mongo",
    version: `FerretDB ${VERSION} (SQLite)`,
    address,
    env: { MONGODB_URI: uri },
    async process(dataFolder) {
      const own = path.join(dataFolder, "sqlite");
      await mkdir(own);
      // Commits survive the end of the process; that the machine loses power is no concern of a test.
      const url = `file:${disk?.folder ?? own}/?_pragma=synchronous(normal)`;
      return { ...startedOn(disk, command, [address, url]), probe: () => probe(uri) };
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
