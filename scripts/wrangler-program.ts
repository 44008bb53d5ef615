import { fileURLToPath } from "node:url";

/** What Node is given to run wrangler: the program behind its launcher, which killed would leave the program running. */
export const WRANGLER_PROGRAM: readonly string[] = [
  "--no-warnings",
  fileURLToPath(import.meta.resolve("wrangler")),
];
