import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/** What the edge is told of the environment it is started in; everything else it has from wrangler.toml and .dev.vars. */
const VARIABLES = ["S3_ENDPOINT", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"];
/** Only its owner may read a file of secrets. */
const OWNER_ONLY = 0o600;

/**
 * Writes the edge's variables to a file for wrangler; null, and no file, when there is no S3 to tell of. They are secrets,
 * and a command line can be read by everybody on the machine.
 */
export async function writeEdgeVariables(
  environment: NodeJS.Dict<string>,
  file: string,
): Promise<string | null> {
  await rm(file, { force: true });
  if (!environment["S3_ENDPOINT"]) return null;
  const lines = VARIABLES.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [`${name}=${JSON.stringify(value)}\n`];
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, lines.join(""), { mode: OWNER_ONLY });
  return file;
}
