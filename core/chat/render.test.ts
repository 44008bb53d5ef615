import { expect, test } from "vitest";
import type { ReaderEvent } from "../../protocol/event.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { draftOf, svcFlagged, svcMessage } from "./chat-svc.ts";
import { renderEvent, renderStatus } from "./ngomna-render.ts";
import { statusChange } from "./status-changes.ts";

const parsed = parseConversationId("ada_bo");
if (!parsed.ok) throw new Error("a fixture does not parse");
const id = parsed.value;
const context = { time: (at: number) => `t${at}`, matriculeOf: (userId: string) => `m-${userId}` };
const names = (event: ReaderEvent) => renderEvent(id, event, context).map(([name]) => name);

test("every kind of event has its words, and what only keeps a place has none", () => {
  const base = { seq: 3, at: 5, senderId: "ada" };
  const message = { type: "TEXT" as const, content: "hi" };
  expect(
    renderEvent(id, { ...base, type: "message", clientMessageId: "k", message }, context),
  ).toMatchObject([
    [
      "newMessage",
      {
        _id: "ada_bo.3",
        id: "ada_bo.3",
        senderMatricule: "m-ada",
        content: "hi",
        timestamp: "t5",
        status: "SENT",
      },
    ],
  ]);
  expect(names({ ...base, type: "edited", target: 1, version: 2, content: "x" })).toEqual([
    "messageEdited",
  ]);
  expect(names({ ...base, type: "deleted", target: 1 })).toEqual(["messageDeleted"]);
  const erased = { ...base, type: "erased" as const, userId: "bo", targets: [1, 2] };
  expect(renderEvent(id, erased, context)).toMatchObject([
    ["messageDeleted", { messageId: "ada_bo.1", scope: "everyone", deletedAt: "t5" }],
    ["messageDeleted", { messageId: "ada_bo.2" }],
  ]);
  const flagged = { seq: 3, at: 5, type: "flagged" as const, target: 1, isSpam: true };
  expect(renderEvent(id, flagged, context)).toEqual([
    [
      "messageFlagged",
      { messageId: "ada_bo.1", conversationId: "ada_bo", isSpam: true, timestamp: "t5" },
    ],
  ]);
  expect(svcFlagged(id, flagged, context.time)).toEqual({
    message_id: "ada_bo.1",
    conversation_id: "ada_bo",
    is_spam: true,
    timestamp: "t5",
  });
  expect(names({ ...base, type: "reaction", target: 1, emoji: "x", active: true })).toEqual([
    "messageReactionChanged",
  ]);
  expect(names({ ...base, type: "membership", action: "left", members: [] })).toEqual([
    "newMessage",
  ]);
  expect(names({ ...base, type: "dismissed", memberCount: 2 })).toEqual(["newMessage"]);
  expect(names({ ...base, type: "settings", settings: { name: "n" } })).toEqual([
    "newMessage",
    "conversationUpdated",
  ]);
  expect(
    renderEvent(id, { ...base, type: "fileDeleted", fileId: "ada_bo.f1", targets: [] }, context),
  ).toEqual([
    [
      "fileDeleted",
      {
        fileId: "ada_bo.f1",
        conversationId: id,
        status: "DELETED",
        deletedAt: "t5",
        timestamp: "t5",
      },
    ],
  ]);
  const uploaded = { type: "fileUploaded", fileId: "ada_bo.f1", mimeType: "x/y", size: 1 } as const;
  expect(names({ ...base, ...uploaded })).toEqual([]);
  expect(names({ seq: 3, at: 5, type: "hidden" })).toEqual([]);
  const later: object = { ...base, type: "of a later version" };
  expect(names(later as ReaderEvent)).toEqual([]); // what a newer object may send
});

test("a receipt is told as the last step that it made, and not again", () => {
  const receipt = { userId: "bo", delivered: 4, read: 2 };
  expect(statusChange(undefined, receipt)).toEqual({ userId: "bo", status: "READ", upToSeq: 2 });
  expect(statusChange({ userId: "bo", delivered: 3, read: 2 }, receipt)).toEqual({
    userId: "bo",
    status: "DELIVERED",
    upToSeq: 4,
  });
  expect(statusChange(receipt, receipt)).toBeNull();
});

test("who has read up to the end has read the conversation", () => {
  const change = { userId: "bo", status: "READ" as const, upToSeq: 4 };
  const told = (head: number) =>
    renderStatus(id, change, { head, readCount: 2, timestamp: "t" }).map(([name]) => name);
  expect(told(4)).toEqual(["messageStatusChanged", "conversationRead"]);
  expect(told(5)).toEqual(["messageStatusChanged"]);
});

test("chat-svc's message names the pair; one of the system names nobody", () => {
  const event = {
    seq: 1,
    at: 5,
    type: "message" as const,
    senderId: "bo",
    clientMessageId: "k",
    message: draftOf({
      text_content: "see",
      attachment_url: "/u/cat.png",
      attachment_mimetype: "image/png",
    }),
  };
  expect(svcMessage(id, event, context.time)).toEqual({
    message_id: "ada_bo.1",
    conversation_id: "ada_bo",
    seq: 1,
    sender_id: "bo",
    receiver_id: "ada",
    text_content: "see",
    attachment_url: "/u/cat.png",
    attachment_filename: null,
    attachment_mimetype: "image/png",
    message_type: "IMAGE",
    is_spam: false,
    client_message_id: "k",
    timestamp: "t5",
  });
  const spam = { ...event, isSpam: true as const };
  expect(svcMessage(id, spam, context.time)).toMatchObject({ is_spam: true });
  const system = { ...event, message: { type: "SYSTEM" as const, content: "accepted" } };
  expect(svcMessage(id, system, context.time)).toMatchObject({
    sender_id: "SYSTEM_NOTIFICATION",
    receiver_id: null,
  });
});
