import { writeFile } from "node:fs/promises";
import path from "node:path";
import { asyncApiText } from "./asyncapi/text.ts";

/** Writes docs/asyncapi.yaml from the schemas of the code. */
const file = path.join(import.meta.dirname, "../docs/asyncapi.yaml");
await writeFile(file, await asyncApiText());
console.log("docs/asyncapi.yaml is written");
