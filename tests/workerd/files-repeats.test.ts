import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import type { ConversationFilesRpc } from "../../edge/rpc/files-rpc.ts";
import { filesSchema } from "../../worker/api/schemas/file.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import { user, valueOf } from "./support/conversations.ts";
import { directUploadOf, fileOf, get, openRoom, put, upload, type Room } from "./support/files.ts";

function begin(
  { conversation }: Room,
  token: string,
  key: string,
  { size = 5, fileName = "notes.txt" } = {},
) {
  const body = { conversationId: conversation.id, fileName, size };
  return api("POST", "/files/presign", { token, body, headers: { "idempotency-key": key } });
}

function complete(token: string, fileId: string) {
  return api("POST", `/files/${fileId}/complete`, { token });
}

const ascending = (one: number, other: number) => one - other;

test("[FIL-2] an upload begun again under its key is the first one, with what is missing of it", async () => {
  const room = await openRoom();
  const key = crypto.randomUUID();
  const first = await begin(room, room.alice, key);
  const again = await begin(room, room.alice, key, { size: 9, fileName: "other.txt" });
  expect([first.status, again.status]).toEqual([201, 200]);
  const plan = directUploadOf(again);
  expect(plan).toMatchObject({ fileId: first.data["fileId"], size: 5, state: "pending" });
  expect(plan.parts).toHaveLength(1);
  await put(plan.url ?? "", "hello");
  const waiting = directUploadOf(await begin(room, room.alice, key));
  expect(waiting).toMatchObject({ fileId: plan.fileId, uploadedParts: [1], parts: [] });
  expect((await complete(room.alice, plan.fileId)).status).toBe(200);
  const ended = await begin(room, room.alice, key);
  expect([ended.status, ended.data["fileId"], ended.data["state"]]).toEqual([
    200,
    plan.fileId,
    "stored",
  ]);
});

test("[FIL-2] a key is its user's, and free again when its upload was given up", async () => {
  const room = await openRoom();
  const key = crypto.randomUUID();
  const first = directUploadOf(await begin(room, room.alice, key));
  const others = [await begin(room, room.bob, key), await begin(room, room.alice, `${key}+`)];
  expect(others.map(({ status }) => status)).toEqual([201, 201]);
  await api("DELETE", `/files/${first.fileId}`, { token: room.alice });
  const anew = await begin(room, room.alice, key);
  expect(anew.status).toBe(201);
  const ids = [first.fileId, ...[...others, anew].map(({ data }) => data["fileId"])];
  expect(new Set(ids).size).toBe(4);
});

test("[FIL-2] repeats at the same time open one upload, which each of them can end", async () => {
  const room = await openRoom();
  const key = crypto.randomUUID();
  const answers = await Promise.all([1, 2, 3].map(() => begin(room, room.alice, key)));
  expect(answers.map(({ status }) => status).toSorted(ascending)).toEqual([200, 200, 201]);
  const plans = answers.map(directUploadOf);
  expect(new Set(plans.map(({ fileId }) => fileId)).size).toBe(1);
  const [one] = plans;
  for (const { url } of plans) expect((await put(url ?? "", "hello")).status).toBe(200);
  expect((await complete(room.alice, one?.fileId ?? "")).data["size"]).toBe(5);
});

test("[FIL-3] an upload begun twice under one key counts once", async () => {
  const room = await openRoom();
  const key = crypto.randomUUID();
  const size = LIMITS.fileBytes;
  for (const status of [201, 200, 200]) {
    expect((await begin(room, room.alice, key, { size })).status).toBe(status);
  }
  const rest = LIMITS.fileQuotaBytes - size;
  expect((await begin(room, room.alice, "rest", { size: rest })).status).toBe(201);
  const over = await begin(room, room.alice, "over", { size: 1 });
  expect(refusalOf(over)).toEqual(problem(413, "TOO_LARGE"));
});

async function filesIn({ conversation, bob }: Room): Promise<string[]> {
  const { data } = await api("GET", `/files/conversation/${conversation.id}`, { token: bob });
  return v.parse(filesSchema, data).files.map(({ fileId }) => fileId);
}

describe.each(["before", "after"] as const)("[FIL-2] a form with its conversation %s", (place) => {
  const formOf = (room: Room, key: string, bytes = "hello") => ({
    bytes,
    key,
    [place]: { conversationId: room.conversation.id },
  });

  test("sent again under its key is the file of the first time, for its user", async () => {
    const room = await openRoom();
    const key = crypto.randomUUID();
    const first = await upload(room.alice, formOf(room, key));
    const again = await upload(room.alice, formOf(room, key, "something else"));
    expect([first.status, again.status]).toEqual([201, 200]);
    const { fileId } = fileOf(first);
    expect(fileOf(again)).toMatchObject({ fileId, size: 5 });
    const response = await get(`/files/${fileId}/download`, { token: room.bob });
    expect(await response.text()).toBe("hello");
    expect(await filesIn(room)).toEqual([fileId]);
    expect((await upload(room.bob, formOf(room, key))).status).toBe(201);
  });

  test("takes the place of one that has not come to its end, which cannot end any more", async () => {
    const room = await openRoom();
    const { id, stub } = room.conversation;
    const files: ConversationFilesRpc = stub;
    const key = crypto.randomUUID();
    const alice = user(room.userIds.alice);
    const draft = { name: "notes.txt", mimeType: "text/plain", size: 5, details: {} };
    const replaced = valueOf(await files.beginFile(alice, draft, { key, ifPending: "replace" }));
    const answer = await upload(room.alice, formOf(room, key));
    expect(answer.status).toBe(201);
    const { fileId } = fileOf(answer);
    expect(fileId).not.toBe(`${id}.f${replaced.file.n}`);
    const content = { mimeType: "text/plain", size: 5, etag: "late", details: {} };
    const late = await files.finishFile(alice, replaced.file.n, content);
    expect(late).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
    expect(await filesIn(room)).toEqual([fileId]);
  });

  test("that was refused, or whose file was deleted, leaves its key free", async () => {
    const room = await openRoom();
    const key = crypto.randomUUID();
    const refused = await upload(room.alice, { ...formOf(room, key), type: "image/png" });
    expect(refusalOf(refused)).toEqual(problem(415, "UNSUPPORTED_TYPE"));
    const first = await upload(room.alice, formOf(room, key));
    expect(first.status).toBe(201);
    await api("DELETE", `/files/${fileOf(first).fileId}`, { token: room.alice });
    const anew = await upload(room.alice, formOf(room, key));
    expect(anew.status).toBe(201);
    expect(await filesIn(room)).toEqual([fileOf(anew).fileId]);
  });
});

test("[FIL-2] a form that is a message is sent once under one key, and its file stays", async () => {
  const room = await openRoom();
  const before = { conversationId: room.conversation.id, asMessage: "true" };
  const form = { bytes: "hello", key: crypto.randomUUID(), before };
  const [first, again] = [await upload(room.alice, form), await upload(room.alice, form)];
  expect([first.status, again.status]).toEqual([201, 200]);
  const { fileId } = fileOf(first);
  expect(again.data).toMatchObject({ fileId, message: first.data["message"] });
  expect(await filesIn(room)).toEqual([fileId]);
});

test("[FIL-2] a file that is there already stays when saying so is refused", async () => {
  const room = await openRoom();
  const conversationId = room.conversation.id;
  const slow = { settings: { slowModeS: 60 } };
  const path = `/conversations/${conversationId}`;
  expect((await api("PATCH", path, { token: room.alice, body: slow })).status).toBe(200);
  const form = { bytes: "hello", key: crypto.randomUUID() };
  const { fileId } = fileOf(await upload(room.bob, { ...form, before: { conversationId } }));
  await api("POST", "/messages", { token: room.bob, body: { conversationId, content: "hi" } });
  const before = { conversationId, asMessage: "true" };
  const said = await upload(room.bob, { ...form, before });
  expect(refusalOf(said)).toEqual(problem(429, "RATE_LIMITED"));
  expect(await filesIn(room)).toEqual([fileId]);
});
