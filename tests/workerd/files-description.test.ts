import { exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { api, register } from "./support/api.ts";
import { foundGroup } from "./support/conversations.ts";
import { Description } from "./support/description.ts";
import { answerOf, get, openRoom, presign, storedFile, upload } from "./support/files.ts";
import { picture } from "./support/pictures.ts";

let description: Description;
beforeAll(async () => {
  description = await Description.fetch();
});

/** Of bytes only what stands around them is described. */
async function judge(operation: string, response: Response): Promise<number> {
  const { status, headers } = response;
  const isJson = headers.get("content-type")?.includes("json") ?? false;
  if (isJson) {
    description.judge(operation, await answerOf(response));
    return status;
  }
  description.judgeBytes(operation, response);
  await response.arrayBuffer();
  return status;
}

test("uploads answer as the description says", async () => {
  const room = await openRoom();
  const before = { conversationId: room.conversation.id, asMessage: "true" };
  const jpeg = { bytes: picture("photo-1.jpg"), name: "p.jpg", type: "image/jpeg" };
  const form = "post /files/upload";
  const stored = await upload(room.alice, { ...jpeg, before });
  expect(stored.status).toBe(201);
  description.judge(form, stored);
  description.judge(form, await upload(room.mallory, { ...jpeg, before }));
  description.judge(form, await upload("", { ...jpeg, before }));
  description.judge(form, await upload(room.alice, { ...jpeg, bytes: "<html>", before }));
  const plan = await presign(room, { size: 5 });
  const part = "put /files/{fileId}/parts/{part}";
  for (const [body, status] of [
    ["longer", 401],
    ["hello", 200],
  ] as const) {
    const put = await exports.default.fetch(plan.url ?? "", { method: "PUT", body });
    expect(await judge(part, put)).toBe(status);
  }
});

test("downloads and thumbnails answer as the description says", async () => {
  const room = await openRoom();
  const bytes = picture("photo-1.jpg");
  const { fileId } = await storedFile(room, { bytes, name: "p.jpg", type: "image/jpeg" });
  const text = await storedFile(room, { bytes: "no picture" });
  const token = room.bob;
  const etag = (await get(`/files/${fileId}`, { token })).headers.get("etag") ?? "";
  for (const [operation, path] of [
    ["get /files/{fileId}", `/files/${fileId}`],
    ["get /files/{fileId}/download", `/files/${fileId}/download`],
  ] as const) {
    for (const [headers, status] of [
      [{}, 200],
      [{ range: "bytes=0-4" }, 206],
      [{ range: "bytes=99999999-" }, 416],
      [{ "if-none-match": etag }, 304],
    ] as const) {
      expect(await judge(operation, await get(path, { token, headers }))).toBe(status);
    }
    expect(await judge(operation, await get(path, { token: room.mallory }))).toBe(404);
    expect(await judge(operation, await get(path))).toBe(401);
  }
  const thumbnail = "get /files/{fileId}/thumbnail/{size}";
  for (const [path, status] of [
    [`/files/${fileId}/thumbnail/small`, 200],
    [`/files/${fileId}/thumbnail/huge`, 400],
    [`/files/${text.fileId}/thumbnail/small`, 415],
  ] as const) {
    expect(await judge(thumbnail, await get(path, { token }))).toBe(status);
  }
});

test("chat-svc's paths answer as the description says", async () => {
  const [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
  const { id } = await foundGroup([ada.user.userId, bob.user.userId]);
  const form = new FormData();
  form.append("attachment", new File(["x"], "x.txt", { type: "text/plain" }));
  const token = ada.accessToken;
  const answer = await api("POST", `/api/chat/upload/${id}`, { token, body: form });
  expect(answer.status).toBe(201);
  description.judge("post /api/chat/upload/{conversationId}", answer);
  const path = String(answer.body["attachment_url"]);
  const followed = await api("GET", path, { token });
  expect(followed.status).toBe(302);
  description.judge("get /uploads/{filename}", followed);
  const none = await api("GET", "/uploads/none.txt", { token });
  description.judge("get /uploads/{filename}", none);
});
