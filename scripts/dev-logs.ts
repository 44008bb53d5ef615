import { open, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { givenTo } from "./command-line.ts";
import { foldersOf } from "./start/folders.ts";

const LOOK_AGAIN_MS = 300;
/** How much is shown of what was written before: some screens full. */
const LAST_BYTES = 4_000;

givenTo({
  name: "npm run dev:logs",
  does: "Follows the logs of the last `npm start`, of a present one and of those to come, until Ctrl-C.",
  options: {},
});
const { logs } = foldersOf(process.env);
/** Where the next line of each log begins; bytes. */
const ends = new Map<string, number>();

async function follow(name: string): Promise<void> {
  const file = await open(path.join(logs, name));
  try {
    const { size } = await file.stat();
    const known = ends.get(name) ?? Math.max(0, size - LAST_BYTES);
    const from = known > size ? 0 : known; // a new start begins its log anew
    const { buffer } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const whole = buffer.subarray(0, buffer.lastIndexOf("\n") + 1);
    ends.set(name, from + whole.length);
    const part = path.basename(name, ".log").padEnd(6);
    for (const line of whole.toString().split("\n").slice(0, -1)) console.log(`${part} | ${line}`);
  } finally {
    await file.close();
  }
}

for (;;) {
  const names = (await readdir(logs).catch(() => [])).filter((name) => name.endsWith(".log"));
  if (names.length === 0) {
    console.error(`no logs in ${logs} yet; npm start writes them`);
    process.exit(1);
  }
  for (const name of names) await follow(name);
  await pause(LOOK_AGAIN_MS);
}
