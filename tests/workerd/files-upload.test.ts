import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import {
  answerOf,
  bytesOf,
  directUploadOf,
  fileOf,
  get,
  openRoom,
  presign,
  put,
  randomBytes,
  storedFile,
  upload,
} from "./support/files.ts";
import { picture } from "./support/pictures.ts";

const PART = 5_242_880;

describe("an upload through the worker", () => {
  test("answers the file, whole", async () => {
    const room = await openRoom();
    const { id } = room.conversation;
    const file = await storedFile(room, { bytes: "hello", name: "../notes é.txt" });
    expect(file).toMatchObject({
      _id: `${id}.f1`,
      id: `${id}.f1`,
      fileId: `${id}.f1`,
      conversationId: id,
      originalName: "notes é.txt",
      fileName: `${id}.f1.txt`,
      mimeType: "text/plain",
      kind: "document",
      size: 5,
      uploadedBy: room.userIds.alice,
      uploadedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      width: null,
      height: null,
    });
    expect(await (await get(`/files/${file.fileId}`, { token: room.bob })).text()).toBe("hello");
  });

  test("[FIL-4] names lose folders, NUL and what hides an ending", async () => {
    const room = await openRoom();
    const names = ["../../etc/passwd", "a\0b.txt", "cat\u202egnp.exe", "..", "C:\\x\\y.doc"];
    const clean = [];
    for (const name of names) {
      clean.push((await storedFile(room, { bytes: "x", name }))["originalName"]);
    }
    expect(clean).toEqual(["passwd", "ab.txt", "catgnp.exe", "file", "y.doc"]);
  });

  test("a picture's size is measured, as seen, and it has a preview at once", async () => {
    const room = await openRoom();
    const file = await storedFile(room, {
      bytes: picture("photo-6.jpg"),
      name: "p.jpg",
      type: "image/jpeg",
    });
    expect(file).toMatchObject({ width: 240, height: 160, kind: "image" });
    expect(file["blurhash"]).toHaveLength(28);
  });

  test("of voice and film the client's own figures are kept", async () => {
    const room = await openRoom();
    const before = { durationMs: "61500", width: "1920", height: "1080", caption: "listen" };
    const file = await storedFile(room, {
      bytes: "OggS..",
      name: "v.ogg",
      type: "audio/ogg",
      before,
    });
    const figures = { durationMs: 61_500, width: 1_920, height: 1_080, caption: "listen" };
    expect(file).toMatchObject({ kind: "audio", ...figures });
    const info = await api("GET", `/files/${file.fileId}/info`, { token: room.bob });
    expect(info.data).toMatchObject(figures);
  });

  test.each([
    ["before", "short", 1_000],
    ["after", "short", 1_000],
    ["before", "long", 2 * PART + 77],
    ["after", "long", 2 * PART + 77],
    ["after", "exactly one part", PART],
  ] as const)("the conversation may be named %s a %s file", async (place, _length, size) => {
    const room = await openRoom();
    const bytes = randomBytes(size);
    const answer = await upload(room.alice, {
      bytes,
      type: "application/octet-stream",
      [place]: { conversationId: room.conversation.id },
    });
    expect(answer.status).toBe(201);
    const { fileId } = fileOf(answer);
    const response = await get(`/files/${fileId}/download`, { token: room.bob });
    expect(await sha256(await bytesOf(response))).toBe(await sha256(bytes));
  });

  test("an empty file is a file", async () => {
    const room = await openRoom();
    const file = await storedFile(room, { bytes: "" });
    expect(file["size"]).toBe(0);
    const response = await get(file.url);
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("asMessage says so in the conversation, once for one key", async () => {
    const room = await openRoom();
    const before = { asMessage: "true", caption: "look", clientMessageId: "k1" };
    const bytes = picture("photo-1.jpg");
    const file = await storedFile(room, { bytes, name: "p.jpg", type: "image/jpeg", before });
    expect(file["message"]).toMatchObject({
      type: "IMAGE",
      content: "look",
      attachments: [file.fileId],
      senderId: room.userIds.alice,
      seq: 2,
    });
    const again = await storedFile(room, { bytes, name: "p.jpg", type: "image/jpeg", before });
    expect(again).toMatchObject({ fileId: file.fileId, message: { seq: 2 } });
    const page = await api("GET", `/messages?conversationId=${room.conversation.id}`, {
      token: room.bob,
    });
    expect(page.data["messages"]).toHaveLength(1);
    const list = await api("GET", `/files/conversation/${room.conversation.id}`, {
      token: room.bob,
    });
    expect(list.data["files"]).toMatchObject([{ fileId: file.fileId }]);
  });

  test("[FIL-10] what its bytes deny is refused and leaves nothing", async () => {
    const room = await openRoom();
    const { id } = room.conversation;
    for (const [type, bytes] of [
      ["image/png", "<html><script>alert(1)</script>"],
      ["image/png", "no picture"],
      ["video/mp4", "<svg onload=alert(1)>"],
    ] as const) {
      const answer = await upload(room.alice, { bytes, type, before: { conversationId: id } });
      expect(refusalOf(answer)).toEqual(problem(415, "UNSUPPORTED_TYPE"));
    }
    const list = await api("GET", `/files/conversation/${id}`, { token: room.alice });
    expect(list.data).toEqual({ files: [], nextCursor: null });
  });

  test.each<[string, string, string, number, string]>([
    ["no form", "text/plain", "x", 400, "INVALID_DATA"],
    ["no boundary", "multipart/form-data", "x", 400, "INVALID_DATA"],
    ["no file", "multipart/form-data; boundary=b", "--b--", 400, "MISSING_DATA"],
    [
      "a form that ends too early",
      "multipart/form-data; boundary=b",
      "--b\r\ncontent-",
      400,
      "INVALID_DATA",
    ],
    [
      "a part without a name",
      "multipart/form-data; boundary=b",
      "--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--",
      400,
      "INVALID_DATA",
    ],
  ])("%s is refused", async (_name, type, body, status, code) => {
    const { alice } = await openRoom();
    const headers = { "content-type": type };
    const answer = await api("POST", "/files/upload", { token: alice, body, headers });
    expect(refusalOf(answer)).toEqual(problem(status, code));
  });

  test("no conversation, or one that is none, is refused", async () => {
    const { alice } = await openRoom();
    expect(refusalOf(await upload(alice, { bytes: "x" }))).toEqual(problem(400, "MISSING_DATA"));
    const nowhere = { conversationId: "../other" };
    expect(refusalOf(await upload(alice, { bytes: "x", before: nowhere }))).toEqual(
      problem(400, "INVALID_DATA"),
    );
  });

  test("[FIL-1] a body over the bound is refused by its length", async () => {
    const { alice } = await openRoom();
    const headers = {
      "content-type": "multipart/form-data; boundary=b",
      "content-length": `${LIMITS.formBytes + 1}`,
    };
    const answer = await api("POST", "/files/upload", { token: alice, body: "--b", headers });
    expect(refusalOf(answer)).toEqual(problem(413, "TOO_LARGE"));
  });
});

describe("a direct upload", () => {
  test("[FIL-2] up to the bound is one PUT and a complete", async () => {
    const room = await openRoom();
    const bytes = picture("photo-6.webp");
    const plan = await presign(room, { size: bytes.length, mimeType: "image/webp" });
    expect(plan).toMatchObject({ state: "pending", size: bytes.length, uploadedParts: [] });
    expect(plan.parts).toHaveLength(1);
    expect((await put(plan.url ?? "", bytes)).status).toBe(200);
    const done = await complete(room.alice, plan.fileId);
    expect(done.data).toMatchObject({ width: 240, height: 160, mimeType: "image/webp" });
    expect(await bytesOf(await get(fileOf(done).url))).toEqual(bytes);
    expect((await complete(room.alice, plan.fileId)).data).toMatchObject({ fileId: plan.fileId });
  });

  test("[FIL-2] above it comes in parts, and goes on after an interruption where it stopped", async () => {
    const room = await openRoom();
    const bytes = randomBytes(LIMITS.singlePutBytes + 1_000);
    const plan = await presign(room, { size: bytes.length });
    expect(plan.url).toBeNull();
    const [first, second, ...others] = plan.parts;
    if (first === undefined || second === undefined) throw new Error("there are several");
    await put(first.url, slice(bytes, first));
    // the second was cut: less came than was announced, and the store has none of it
    expect((await put(second.url, slice(bytes, second).subarray(1))).status).toBe(401);
    expect(refusalOf(await complete(room.alice, plan.fileId))).toEqual(problem(409, "CONFLICT"));

    const resumed = await api("GET", `/files/${plan.fileId}/upload`, { token: room.alice });
    const rest = directUploadOf(resumed);
    expect(rest.uploadedParts).toEqual([1]);
    expect(rest.parts.map(({ partNumber }) => partNumber)).toEqual([
      2,
      ...others.map(({ partNumber }) => partNumber),
    ]);
    for (const part of rest.parts) {
      expect((await put(part.url, slice(bytes, part))).status).toBe(200);
    }
    expect((await complete(room.alice, plan.fileId)).status).toBe(200);
    const response = await get(`/files/${plan.fileId}`, { token: room.bob });
    expect(await sha256(await bytesOf(response))).toBe(await sha256(bytes));
  });

  test("nobody reads it before it is complete, and nobody else completes it", async () => {
    const room = await openRoom();
    const plan = await presign(room, { size: 5 });
    await put(plan.url ?? "", "hello");
    for (const token of [room.alice, room.bob]) {
      const answer = await answerOf(await get(`/files/${plan.fileId}`, { token }));
      expect(refusalOf(answer)).toEqual(problem(404, "NOT_FOUND"));
    }
    for (const token of [room.bob, room.mallory]) {
      expect(refusalOf(await complete(token, plan.fileId))).toEqual(problem(404, "NOT_FOUND"));
    }
  });

  test("[FIL-10] its type is checked again on complete, and a lie is no file", async () => {
    const room = await openRoom();
    const page = "<!doctype html><script>alert(1)</script>";
    const plan = await presign(room, { size: page.length, mimeType: "image/png" });
    await put(plan.url ?? "", page);
    expect(refusalOf(await complete(room.alice, plan.fileId))).toEqual(
      problem(415, "UNSUPPORTED_TYPE"),
    );
    const answer = await answerOf(await get(`/files/${plan.fileId}`, { token: room.alice }));
    expect(answer.status).toBe(404);
  });

  test("its URL is dead after complete: what was checked cannot be replaced", async () => {
    const room = await openRoom();
    const plan = await presign(room, { size: 5, mimeType: "text/plain" });
    await put(plan.url ?? "", "hello");
    await complete(room.alice, plan.fileId);
    expect((await put(plan.url ?? "", "other")).status).toBe(404);
    expect(await (await get(`/files/${plan.fileId}`, { token: room.bob })).text()).toBe("hello");
  });

  test("[FIL-1] a size that cannot be is refused", async () => {
    const { alice, conversation } = await openRoom();
    for (const size of [0, -1, 1.5, LIMITS.fileBytes + 1, "5"]) {
      const body = { conversationId: conversation.id, fileName: "x", size };
      const answer = await api("POST", "/files/presign", { token: alice, body });
      expect(refusalOf(answer)).toEqual(problem(400, "INVALID_DATA"));
    }
  });
});

test("[FIL-3] a user's files together stay within the quota, over all conversations and while they come", async () => {
  const room = await openRoom();
  const sizes = [LIMITS.fileBytes, LIMITS.fileQuotaBytes - LIMITS.fileBytes];
  for (const size of sizes) await presign(room, { size });
  const body = { conversationId: room.conversation.id, fileName: "x", size: 1 };
  const over = await api("POST", "/files/presign", { token: room.alice, body });
  expect(refusalOf(over)).toEqual(problem(413, "TOO_LARGE"));
  const before = { conversationId: room.conversation.id };
  const form = await upload(room.alice, { bytes: "x", before });
  expect(refusalOf(form)).toEqual(problem(413, "TOO_LARGE"));
  // bob's quota is his own
  expect((await api("POST", "/files/presign", { token: room.bob, body })).status).toBe(201);
});

function complete(token: string, fileId: string) {
  return api("POST", `/files/${fileId}/complete`, { token });
}

function slice(bytes: Uint8Array, { offset, size }: { offset: number; size: number }): Uint8Array {
  return bytes.subarray(offset, offset + size);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
