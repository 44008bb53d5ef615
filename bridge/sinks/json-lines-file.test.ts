import fc from "fast-check";
import { mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { JsonLinesFile } from "./json-lines-file.ts";

test("wherever a crash cuts the file, whole lines stay and the next one follows them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "parley-lines-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lines = fc.array(
    fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text)),
    { minLength: 1 },
  );
  await fc.assert(
    fc.asyncProperty(lines, fc.double({ min: 0, max: 1, noNaN: true }), async (texts, share) => {
      const path = join(folder, crypto.randomUUID());
      const file = await JsonLinesFile.open(path);
      await file.append(texts);
      await file.close();
      const whole = await readFile(path);
      const cut = Math.floor(share * whole.length);
      await truncate(path, cut);

      const again = await JsonLinesFile.open(path);
      await again.append(['"next"']);
      await again.close();
      const kept = whole.subarray(0, cut).lastIndexOf("\n") + 1;
      expect(await readFile(path, "utf8")).toBe(`${whole.subarray(0, kept).toString()}"next"\n`);
    }),
    { numRuns: 30 },
  );
});
