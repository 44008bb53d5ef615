import { expect, test } from "vitest";
import { NetworkError, type FileInfo } from "../client/index.ts";
import { FileShelf } from "./file-shelf.ts";

const MINUTE_MS = 60_000;

function fileInfo(url: string): FileInfo {
  return {
    fileId: "c1.f1",
    conversationId: "c1",
    name: "notes.txt",
    mimeType: "text/plain",
    kind: "document",
    size: 5,
    uploadedBy: "u1",
    url,
    downloadUrl: url,
    thumbnailUrl: null,
    width: null,
    height: null,
  };
}

/** Each answer names how many were given; time stands still until it is moved. */
function setUp() {
  const clock = { ms: 0, isOffline: false };
  let asked = 0;
  const info = async () => {
    asked += 1;
    if (clock.isOffline) throw new NetworkError("offline");
    return fileInfo(`answer ${asked}`);
  };
  return { clock, shelf: new FileShelf({ info }, () => clock.ms) };
}

const urlOf = async (shelf: FileShelf) => (await shelf.read("c1.f1")).url;

test("[FIL-7] a file is asked for once while its URLs work, and again before they end", async () => {
  const { clock, shelf } = setUp();
  expect(shelf.isFresh("c1.f1")).toBe(false);
  expect(await Promise.all([urlOf(shelf), urlOf(shelf)])).toEqual(["answer 1", "answer 1"]);
  clock.ms = 13 * MINUTE_MS;
  expect(shelf.isFresh("c1.f1")).toBe(true);
  expect(await urlOf(shelf)).toBe("answer 1");
  clock.ms = 14 * MINUTE_MS;
  expect(shelf.isFresh("c1.f1")).toBe(false);
  expect(await urlOf(shelf)).toBe("answer 2");
});

test("an answer that did not come is asked for again", async () => {
  const { clock, shelf } = setUp();
  clock.isOffline = true;
  await expect(urlOf(shelf)).rejects.toMatchObject({ code: "NETWORK" });
  clock.isOffline = false;
  expect(await urlOf(shelf)).toBe("answer 2");
});

test("what an upload has answered need not be asked for", async () => {
  const { shelf } = setUp();
  shelf.put(fileInfo("of the upload"));
  expect(await urlOf(shelf)).toBe("of the upload");
});
