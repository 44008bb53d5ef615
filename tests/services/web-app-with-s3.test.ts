import { createReadStream } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { missingBrowser, startBrowser } from "../support/browser.ts";
import { ChatWindow } from "../support/chat-window.ts";
import { startWhole } from "./whole-start.ts";
import { s3Settings } from "./endpoints.ts";

const missing = await missingBrowser();
/** More than a form may hold. */
const LARGE_BYTES = 110_000_000;

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

describe.skipIf(missing !== null)("the web app with files in S3", () => {
  test("[FIL-2] a large file goes from the page straight to the store, past its security policy", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "parley-web-s3-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { url } = await startWhole(folder);
    const browser = await startBrowser();
    onTestFinished(() => browser.close());
    const amina = await ChatWindow.open(browser, url, "Amina");
    await amina.register();
    await amina.startGroup("Films", []);
    const film = path.join(folder, "film.bin");
    await writeFile(film, "the beginning");
    await truncate(film, LARGE_BYTES);
    const origins = new Set<string>();
    amina.page.on("request", (request) => {
      if (request.method() === "PUT") origins.add(new URL(request.url()).origin);
    });
    const opened = amina.page.waitForEvent("filechooser");
    await amina.button("Attach files").click();
    await (await opened).setFiles(film);
    await amina.button("Send").click();
    const link = amina.messages.getByRole("link", { name: "film.bin" });
    await link.waitFor();
    expect([...origins]).toEqual([new URL(s3Settings().endpoint).origin]);
    const started = amina.page.waitForEvent("download");
    await link.click();
    expect(await digest(await (await started).path())).toBe(await digest(film));
  });
});
