import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { stringify } from "yaml";
import { asyncApi } from "./document.ts";

const packageSchema = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }));

/** docs/asyncapi.yaml as it should be. */
export async function asyncApiText(): Promise<string> {
  const manifest = await readFile(path.join(import.meta.dirname, "../../package.json"), "utf8");
  const { version } = v.parse(packageSchema, manifest);
  const head = "# Written by `npm run asyncapi` from the schemas of the code. Do not edit.\n";
  return head + stringify(asyncApi(version), { aliasDuplicateObjects: false, lineWidth: 0 });
}
