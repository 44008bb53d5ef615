import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import { directUploadOf, openRoom, put, type Room } from "./support/files.ts";

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
  await api("DELETE", `/files/${plan.fileId}`, { token: room.alice });
  expect(refusalOf(await begin(room, room.alice, key))).toEqual(problem(404, "NOT_FOUND"));
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
