import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Locator, Route } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { missingBrowser } from "../support/browser.ts";
import type { ChatWindow } from "../support/chat-window.ts";
import { eventually } from "../support/eventually.ts";
import { webPlace } from "../support/web-place.ts";

const missing = await missingBrowser();
const PHOTO = path.join(import.meta.dirname, "../fixtures/photographs/still.jpeg");
/** More than a form may hold. */
const LARGE_BYTES = 110_000_000;
const UPLOADS = "**/files/upload?*";

const text = (name: string, content: string) => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(content),
});

async function choose(
  { page }: ChatWindow,
  files: Parameters<Locator["setInputFiles"]>[0],
): Promise<void> {
  const opened = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).press("Enter");
  await (await opened).setFiles(files);
}

/** What the browser saves when this is pressed. */
async function saved({ page }: ChatWindow, link: Locator): Promise<string> {
  const started = page.waitForEvent("download");
  await link.press("Enter");
  return (await started).path();
}

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

const fileLink = ({ messages }: ChatWindow, name: string) => messages.getByRole("link", { name });

/** Where the one picture on screen came from; empty until it is drawn. */
const PICTURE = `(() => {
  const [image] = document.querySelectorAll(".picture img");
  return image?.complete === true && image.naturalWidth > 0 ? image.currentSrc : "";
})()`;

/** Resolves with that, when it is drawn. */
function drawn({ page }: ChatWindow): Promise<unknown> {
  return eventually(async () => {
    const source = await page.evaluate(PICTURE);
    expect(source).not.toBe("");
    return source;
  });
}

/** Hands over a file as an event of the page does. */
function handOver(place: string, event: string, property: string, name: string): string {
  return `(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["bytes"], "${name}", { type: "text/plain" }));
    const init = { ${property}: transfer, bubbles: true, cancelable: true };
    document.querySelector("${place}").dispatchEvent(new ${event}, init));
  })()`;
}

/** What the page has no button for. */
const DELETE_FIRST_FILE = `(async () => {
  const { accessToken } = JSON.parse(sessionStorage.getItem("parley.signIn"));
  const fileId = location.hash.slice(1) + ".f1";
  const headers = { authorization: "Bearer " + accessToken };
  await fetch("/files/" + fileId, { method: "DELETE", headers });
})()`;

describe.skipIf(missing !== null)("files in the web app", () => {
  const place = webPlace();

  test("[FIL-5] a picture is seen on both sides, and its original is what was sent", async () => {
    const [amina, jonas] = await place.talk();
    await choose(amina, PHOTO);
    await amina.page.getByRole("list", { name: "Files to send" }).getByText("still.jpeg").waitFor();
    await amina.say("the harbour");
    for (const person of [amina, jonas]) {
      await person.reads("the harbour");
      expect(await drawn(person)).toContain("/thumbnail/");
    }
    await amina.isTicked("the harbour", "Read");
    await jonas.messages.getByRole("button", { name: "Open still.jpeg" }).press("Enter");
    const dialog = jonas.page.getByRole("dialog", { name: "still.jpeg" });
    await dialog.getByRole("img", { name: "still.jpeg" }).waitFor();
    const file = await saved(jonas, dialog.getByRole("link", { name: "Download" }));
    expect(await digest(file)).toBe(await digest(PHOTO));
    await jonas.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  test("a picture's place is there before it is, and as large", async () => {
    const [amina, jonas] = await place.talk();
    const held: Route[] = [];
    await jonas.page.route("**/files/*/thumbnail/*", (route) => void held.push(route));
    await choose(amina, PHOTO);
    await amina.button("Send").click();
    await eventually(async () => expect(held.length).toBeGreaterThan(0));
    const message = jonas.messages.last();
    const before = await message.boundingBox();
    expect(before?.height).toBeGreaterThan(100);
    await Promise.all(held.map((route) => route.continue()));
    await drawn(jonas);
    expect(await message.boundingBox()).toEqual(before);
    expect((await amina.messages.last().boundingBox())?.height).toBe(before?.height);
  });

  test("[FIL-11] other files are a row with name and size; several go in the order chosen", async () => {
    const [amina, jonas] = await place.talk();
    const names = ["c.txt", "a.txt", "b.txt"];
    await choose(
      amina,
      names.map((name) => text(name, `this is ${name}`)),
    );
    await amina.button("Remove a.txt").press("Enter");
    await choose(amina, text("a.txt", "this is a.txt"));
    await amina.say("three of them");
    await fileLink(jonas, "a.txt").waitFor();
    const rows = await jonas.messages.locator("a.file").allTextContents();
    expect(rows).toEqual(["c.txt13 bytes", "b.txt13 bytes", "a.txt13 bytes"]);
    expect(await jonas.messages.locator("p").allTextContents()).toEqual(["three of them", "", ""]);
    const file = await saved(jonas, fileLink(jonas, "b.txt"));
    expect(await readFile(file, "utf8")).toBe("this is b.txt");
    await jonas.list.getByText("File", { exact: true }).waitFor();
  });

  test("[FIL-2] a file that no form can hold goes in parts, and comes back the same", async () => {
    const [amina, jonas] = await place.talk();
    const folder = await mkdtemp(path.join(tmpdir(), "parley-large-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const film = path.join(folder, "film.bin");
    await writeFile(film, "the beginning");
    await truncate(film, LARGE_BYTES);
    const parts: string[] = [];
    amina.page.on("request", (request) => {
      if (request.method() === "PUT") parts.push(new URL(request.url()).pathname);
    });
    await choose(amina, film);
    await amina.button("Send").click();
    await amina.page.getByRole("progressbar", { name: "Sending film.bin" }).waitFor();
    await fileLink(jonas, "film.bin").waitFor();
    expect(parts.length).toBe(Math.ceil(LARGE_BYTES / 16_777_216));
    expect(await digest(await saved(jonas, fileLink(jonas, "film.bin")))).toBe(await digest(film));
  });

  test("an upload that is cancelled leaves nothing behind", async () => {
    const [amina, jonas] = await place.talk();
    const held: Route[] = [];
    await amina.page.route(UPLOADS, (route) => void held.push(route));
    await choose(amina, text("wrong.txt", "oh no"));
    await amina.button("Send").click();
    await eventually(async () => expect(held.length).toBe(1));
    await amina.page.getByRole("button", { name: "Cancel: wrong.txt" }).press("Enter");
    await eventually(async () => expect(await amina.messages.count()).toBe(0));
    await amina.page.unroute(UPLOADS);
    await amina.say("nothing to see");
    await jonas.reads("nothing to see");
    expect(await jonas.messages.count()).toBe(1);
  });

  test("[FIL-1] an upload that failed is tried again by hand, or when the connection is back", async () => {
    const [amina, jonas] = await place.talk();
    let failures = 0;
    await amina.page.route(UPLOADS, (route) => {
      failures += 1;
      return route.abort();
    });
    await choose(amina, text("notes.txt", "kept"));
    await amina.button("Send").click();
    await amina.page.getByText("No connection. It goes on when there is one again.").waitFor();
    await amina.page.getByRole("button", { name: "Try again: notes.txt" }).press("Enter");
    await eventually(async () => expect(failures).toBe(2));
    await amina.page.getByText("No connection. It goes on when there is one again.").waitFor();
    await amina.page.unroute(UPLOADS);
    await amina.page.evaluate('dispatchEvent(new Event("online"))');
    await fileLink(jonas, "notes.txt").waitFor();
    expect(await jonas.messages.count()).toBe(1);
    await fileLink(amina, "notes.txt").waitFor();
    expect(await amina.messages.count()).toBe(1);
  });

  test("[FIL-3] [FIL-10] what is not taken says why, and can be discarded", async () => {
    const [amina] = await place.talk();
    await choose(amina, {
      name: "a.png",
      mimeType: "image/png",
      buffer: Buffer.from("no picture"),
    });
    await amina.button("Send").click();
    await amina.page.getByText("What is in this file is not what its name says").waitFor();
    await amina.page.getByRole("button", { name: "Discard: a.png" }).press("Enter");
    const refusal = { code: "TOO_LARGE", message: "over the quota", success: false };
    await amina.page.route(UPLOADS, (route) => route.fulfill({ status: 413, json: refusal }));
    await choose(amina, text("b.txt", "one too many"));
    await amina.button("Send").click();
    await amina.page.getByText("There is no room left for your files.").waitFor();
    expect(await amina.page.getByRole("button", { name: "Try again: b.txt" }).count()).toBe(0);
    await amina.page.getByRole("button", { name: "Discard: b.txt" }).press("Enter");
    await eventually(async () => expect(await amina.messages.count()).toBe(0));
  });

  test("a file on its way outlives a reload of the page, and arrives once", async () => {
    const [amina, jonas] = await place.talk();
    const held: Route[] = [];
    await amina.page.route(UPLOADS, (route) => void held.push(route));
    await choose(amina, text("draft.txt", "not lost"));
    await amina.say("with these words");
    await eventually(async () => expect(held.length).toBe(1));
    amina.page.on("dialog", (dialog) => void dialog.accept());
    await amina.page.unroute(UPLOADS);
    await amina.page.reload();
    await jonas.reads("with these words");
    await fileLink(amina, "draft.txt").waitFor();
    expect(await readFile(await saved(jonas, fileLink(jonas, "draft.txt")), "utf8")).toBe(
      "not lost",
    );
    await amina.allSent();
    await amina.page.reload();
    await fileLink(amina, "draft.txt").waitFor();
    await amina.say("and on");
    await jonas.reads("and on");
    expect(await jonas.messages.count()).toBe(2);
  });

  test("files are pasted and dropped as well", async () => {
    const [amina, jonas] = await place.talk();
    const { page } = amina;
    await page.evaluate(
      handOver("textarea", 'ClipboardEvent("paste"', "clipboardData", "pasted.txt"),
    );
    await page.evaluate(handOver(".timeline", 'DragEvent("drop"', "dataTransfer", "dropped.txt"));
    await amina.button("Send").click();
    await fileLink(jonas, "dropped.txt").waitFor();
    expect(await jonas.messages.locator(".file-name").allTextContents()).toEqual([
      "pasted.txt",
      "dropped.txt",
    ]);
  });

  test("[FIL-9] a file goes with the message that is deleted for everyone", async () => {
    const [amina, jonas] = await place.talk();
    await choose(amina, text("secret.txt", "oops"));
    await amina.say("look");
    await fileLink(jonas, "secret.txt").waitFor();
    await amina.choose("look", "Delete for everyone");
    await jonas.reads("This message was deleted.");
    expect(await fileLink(jonas, "secret.txt").count()).toBe(0);
  });

  test("[FIL-13] a file that is deleted leaves its message, and a word in its place", async () => {
    const [amina, jonas] = await place.talk();
    await choose(amina, text("empty.txt", ""));
    await amina.say("see the file");
    await fileLink(jonas, "empty.txt 0 bytes").waitFor();
    await amina.page.evaluate(DELETE_FIRST_FILE);
    for (const person of [amina, jonas]) {
      await person.message("see the file").getByText("This file was deleted.").waitFor();
      expect(await fileLink(person, "empty.txt").count()).toBe(0);
    }
  });
});
