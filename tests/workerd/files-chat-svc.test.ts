import { expect, test } from "vitest";
import { asMember } from "../support/changes.ts";
import { api, problem, refusalOf, register, type ApiAnswer } from "./support/api.ts";
import { valueOf } from "./support/conversations.ts";
import { answerOf, get, openRoom } from "./support/files.ts";
import { picture } from "./support/pictures.ts";

function uploadAttachment(
  token: string,
  conversationId: string,
  fields: Record<string, string> = {},
): Promise<ApiAnswer> {
  const form = new FormData();
  form.set(
    "attachment",
    new File([picture("photo-1.jpg")], "../quote.jpg", { type: "image/jpeg" }),
  );
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return api("POST", `/api/chat/upload/${conversationId}`, { token, body: form });
}

test("an attachment becomes a message, also as the first thing two people say", async () => {
  const [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
  const id = [ada.user.userId, bob.user.userId].toSorted().join("_");
  const answer = await uploadAttachment(ada.accessToken, id, {
    sender_id: ada.user.userId,
    receiver_id: bob.user.userId,
  });
  expect(answer.status).toBe(201);
  expect(answer.body).toEqual({
    message_id: `${id}.2`,
    conversation_id: id,
    seq: 2,
    sender_id: ada.user.userId,
    receiver_id: bob.user.userId,
    text_content: "",
    attachment_url: `/uploads/${id}.f1.jpg`,
    attachment_filename: "quote.jpg",
    attachment_mimetype: "image/jpeg",
    message_type: "IMAGE",
    is_spam: false,
    timestamp: expect.stringMatching(/Z$/),
  });
  const page = await api("GET", `/messages?conversationId=${id}`, { token: bob.accessToken });
  expect(page.data["messages"]).toMatchObject([{ attachments: [`${id}.f1`], type: "IMAGE" }]);

  const url = String(answer.body["attachment_url"]);
  const redirect = await api("GET", url, { token: bob.accessToken });
  expect(redirect.status).toBe(302);
  const location = redirect.headers.get("location") ?? "";
  expect(new Uint8Array(await (await get(location)).arrayBuffer())).toEqual(picture("photo-1.jpg"));
});

test("somebody else's sender_id is refused, and nothing is kept", async () => {
  const room = await openRoom();
  const answer = await uploadAttachment(room.alice, room.conversation.id, {
    sender_id: room.userIds.bob,
  });
  expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
  const list = await api("GET", `/files/conversation/${room.conversation.id}`, {
    token: room.alice,
  });
  expect(list.data["files"]).toEqual([]);
});

test("strangers neither upload nor read", async () => {
  const room = await openRoom();
  const { id } = room.conversation;
  expect(refusalOf(await uploadAttachment(room.mallory, id))).toEqual(problem(404, "NOT_FOUND"));
  const { body } = await uploadAttachment(room.alice, id);
  const path = String(body["attachment_url"]);
  const refused = await answerOf(await get(path, { token: room.mallory }));
  expect(refusalOf(refused)).toEqual(problem(404, "NOT_FOUND"));
  expect(refusalOf(await answerOf(await get(path)))).toEqual(problem(401, "INVALID_TOKEN"));
  for (const name of ["..%2f..%2fetc%2fpasswd", "%00", "notes.txt", `${id}.f9.jpg`]) {
    const answer = await answerOf(await get(`/uploads/${name}`, { token: room.alice }));
    expect(refusalOf(answer)).toEqual(problem(404, "NOT_FOUND"));
  }
});

test("a file whose message is refused does not stay", async () => {
  const room = await openRoom();
  const { id, rpc } = room.conversation;
  const settings = { type: "configure" as const, change: { send: "moderator" as const } };
  valueOf(await rpc.change(asMember(room.userIds.alice), "quiet", settings));
  const answer = await uploadAttachment(room.bob, id);
  expect(refusalOf(answer)).toEqual(problem(403, "FORBIDDEN"));
  const list = await api("GET", `/files/conversation/${id}`, { token: room.alice });
  expect(list.data["files"]).toEqual([]);
});
