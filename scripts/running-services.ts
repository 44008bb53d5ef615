import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { CACHE } from "../tests/services/servers/cache.ts";

const servicesSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));

/** Addresses of the servers that `npm run services` runs at this moment, as environment variables; none if it does not. */
export async function runningServices(): Promise<Record<string, string>> {
  const text = await readFile(path.join(CACHE, "env.json"), "utf8").catch(() => "{}");
  return v.parse(servicesSchema, text);
}
