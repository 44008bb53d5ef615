import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { originalKey, thumbnailKey } from "../../core/files/file-record.ts";
import { parseFileId } from "../../protocol/file-id.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import { valueOf } from "./support/conversations.ts";
import { answerOf, bytesOf, get, openRoom, randomBytes, storedFile } from "./support/files.ts";
import { bombPng, picture } from "./support/pictures.ts";

const SIZE = 300_000;

describe("a download", () => {
  test("a thousand random ranges are the bytes of the file", async () => {
    const room = await openRoom();
    const bytes = randomBytes(SIZE);
    const { url } = await storedFile(room, { bytes, type: "application/octet-stream" });
    const ranges = fc.tuple(fc.nat({ max: SIZE - 1 }), fc.nat({ max: 9_000 }));
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(ranges, async ([first, more]) => {
        const last = Math.min(first + more, SIZE - 1);
        const response = await get(url, { headers: { range: `bytes=${first}-${first + more}` } });
        expect(response.status).toBe(206);
        expect(response.headers.get("content-range")).toBe(`bytes ${first}-${last}/${SIZE}`);
        expect(response.headers.get("content-length")).toBe(`${last - first + 1}`);
        expect(await bytesOf(response)).toEqual(bytes.subarray(first, last + 1));
        compared++;
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBe(1_000);
  });

  test("an ending range, an open one, and none", async () => {
    const room = await openRoom();
    const { url } = await storedFile(room, { bytes: "0123456789" });
    const text = async (range: string) => (await get(url, { headers: { range } })).text();
    expect(await text("bytes=-3")).toBe("789");
    expect(await text("bytes=7-")).toBe("789");
    expect(await text("bytes=0-1,5-6")).toBe("0123456789");
    const behind = await get(url, { headers: { range: "bytes=10-" } });
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, "bytes */10"]);
  });

  test("says what it is, in words every browser reads", async () => {
    const room = await openRoom();
    const file = await storedFile(room, { bytes: "x", name: 'naïve "plan" 日本.txt' });
    const inline = await get(file.url);
    const encoded = "filename*=UTF-8''na%C3%AFve%20_plan_%20%E6%97%A5%E6%9C%AC.txt";
    expect(inline.headers.get("content-disposition")).toBe(
      `inline; filename="na?ve _plan_ ??.txt"; ${encoded}`,
    );
    const download = await get(file.downloadUrl);
    expect(download.headers.get("content-disposition")).toBe(
      `attachment; filename="na?ve _plan_ ??.txt"; ${encoded}`,
    );
    expect(inline.headers.get("cache-control")).toBe("private, no-cache");
  });

  test("is not sent again to who has it", async () => {
    const room = await openRoom();
    const { url } = await storedFile(room, { bytes: "0123456789" });
    const etag = (await get(url)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^".+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await get(url, { headers: { "if-none-match": known } });
      expect([response.status, await response.text()]).toEqual([304, ""]);
    }
    expect((await get(url, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("goes on only with the same bytes", async () => {
    const room = await openRoom();
    const { url } = await storedFile(room, { bytes: "0123456789" });
    const etag = (await get(url)).headers.get("etag") ?? "";
    const range = "bytes=4-";
    expect((await get(url, { headers: { range, "if-range": etag } })).status).toBe(206);
    const other = await get(url, { headers: { range, "if-range": '"other"' } });
    expect([other.status, await other.text()]).toEqual([200, "0123456789"]);
  });

  test("HEAD is GET without the bytes", async () => {
    const room = await openRoom();
    const { url } = await storedFile(room, { bytes: "0123456789" });
    const response = await exports.default.fetch(url, { method: "HEAD" });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "10"]);
    expect(await response.text()).toBe("");
  });

  test("bytes that were exchanged in the store are not the file any more", async () => {
    const room = await openRoom();
    const file = await storedFile(room, { bytes: "what was checked" });
    const key = originalKey(valueOf(parseFileId(file.fileId)));
    await env.FILES?.put(key, "<script>what was not</script>");
    expect(refusalOf(await answerOf(await get(file.url)))).toEqual(problem(404, "NOT_FOUND"));
  });
});

describe("a thumbnail", () => {
  test("is made once and kept", async () => {
    const room = await openRoom();
    const file = await storedFile(room, { bytes: picture("photo-8.jpg"), type: "image/jpeg" });
    const address = valueOf(parseFileId(file.fileId));
    expect(await env.FILES?.head(thumbnailKey(address, 100))).toBeNull();
    const path = `/files/${file.fileId}/thumbnail/100`;
    const first = await get(path, { token: room.bob });
    expect(first.headers.get("content-type")).toBe("image/webp");
    const bytes = await bytesOf(first);
    // what is kept is what is served: another picture in its place shows
    await env.FILES?.put(thumbnailKey(address, 100), picture("photo-6.webp"));
    const second = await bytesOf(await get(path, { token: room.bob }));
    expect(second).toEqual(picture("photo-6.webp"));
    expect(bytes).not.toEqual(second);
    const etag = first.headers.get("etag") ?? "";
    const third = await get(path, { token: room.bob, headers: { "if-none-match": etag } });
    expect(third.status).toBe(304);
  });

  test("[FIL-6] a bomb is a file, and has no thumbnail and no preview", async () => {
    const room = await openRoom();
    const file = await storedFile(room, { bytes: bombPng(), name: "b.png", type: "image/png" });
    expect(file).toMatchObject({ width: 50_000, height: 50_000, blurhash: null });
    const answer = await api("GET", `/files/${file.fileId}/thumbnail/small`, { token: room.bob });
    expect(refusalOf(answer)).toEqual(problem(413, "TOO_LARGE"));
  });

  test("of what is no picture there is none", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "words" });
    const answer = await api("GET", `/files/${fileId}/thumbnail/small`, { token: room.bob });
    expect(refusalOf(answer)).toEqual(problem(415, "UNSUPPORTED_TYPE"));
  });
});

test("[FIL-8] the list of a conversation is newest first, in pages, by kind", async () => {
  const room = await openRoom();
  const { id } = room.conversation;
  for (const name of ["1.txt", "2.txt", "3.txt"]) await storedFile(room, { bytes: name, name });
  await storedFile(room, { bytes: picture("photo-1.gif"), name: "4.gif", type: "image/gif" });
  const names = async (query: string) => {
    const { data } = await api("GET", `/files/conversation/${id}?${query}`, { token: room.bob });
    const files: Record<string, unknown>[] = Object(data["files"]);
    return { names: files.map((file) => file["originalName"]), next: data["nextCursor"] };
  };
  expect(await names("")).toEqual({ names: ["4.gif", "3.txt", "2.txt", "1.txt"], next: null });
  expect(await names("kind=image")).toEqual({ names: ["4.gif"], next: null });
  const page = await names("limit=3");
  expect(page).toEqual({ names: ["4.gif", "3.txt", "2.txt"], next: "2" });
  expect(await names("limit=3&cursor=2")).toEqual({ names: ["1.txt"], next: null });
  const wrong = await api("GET", `/files/conversation/${id}?kind=all`, { token: room.bob });
  expect(refusalOf(wrong)).toEqual(problem(400, "INVALID_DATA"));
});
