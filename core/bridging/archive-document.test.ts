import fc from "fast-check";
import { expect, test } from "vitest";
import type { MessageEvent } from "../../protocol/event.ts";
import {
  directConversationId,
  parseConversationId,
  parseUserId,
  type UserId,
} from "../../protocol/ids.ts";
import { DEFAULT_SETTINGS } from "../../protocol/settings.ts";
import { archivedMessage, conversationDocument, messageDocument } from "./archive-document.ts";

function valueOf<T>(result: { ok: true; value: T } | { ok: false }): T {
  if (!result.ok) throw new Error("a fixture does not parse");
  return result.value;
}
const user = (id: string): UserId => valueOf(parseUserId(id));
const group = valueOf(parseConversationId("team-1"));
const direct = directConversationId(user("alice"), user("bob"));
const asText = (at: number) => `t${at}`;

function messageFrom(senderId: string, more: Partial<MessageEvent["message"]> = {}): MessageEvent {
  return {
    seq: 7,
    at: 1_000,
    type: "message",
    senderId,
    clientMessageId: "c-1",
    message: { type: "TEXT", content: "hello", ...more },
  };
}

test("a message carries the fields of both systems", () => {
  const event = messageFrom("alice", { attachments: ["alice_bob.f1"], metadata: { mood: "good" } });
  expect(messageDocument(direct, event, asText)).toEqual({
    _id: "alice_bob.7",
    id: "alice_bob.7",
    messageId: "alice_bob.7",
    conversationId: "alice_bob",
    seq: 7,
    senderId: "alice",
    type: "TEXT",
    content: "hello",
    metadata: { mood: "good" },
    attachments: ["alice_bob.f1"],
    deletedAttachments: [],
    replyTo: null,
    mentions: [],
    version: 1,
    editedAt: null,
    deletedAt: null,
    isSpam: false,
    clientMessageId: "c-1",
    createdAt: "t1000",
    timestamp: "t1000",
    message_id: "alice_bob.7",
    conversation_id: "alice_bob",
    sender_id: "alice",
    receiver_id: "bob",
    text_content: "hello",
    attachment_url: "/files/alice_bob.f1",
    attachment_filename: null,
    attachment_mimetype: null,
    message_type: "TEXT",
    is_spam: false,
  });
});

test("the receiver is the other one of two, and nobody in a group or for the system", () => {
  const receiver = (id: typeof group, senderId: string) =>
    messageDocument(id, messageFrom(senderId), asText).receiver_id;
  expect(receiver(direct, "alice")).toBe("bob");
  expect(receiver(direct, "bob")).toBe("alice");
  expect(receiver(direct, "SYSTEM_NOTIFICATION")).toBeNull();
  expect(receiver(group, "alice")).toBeNull();
  expect(receiver(directConversationId(user("alice"), user("alice")), "alice")).toBe("alice");
});

test("user ids of any characters find their receiver", () => {
  const id = fc
    .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
    .filter((text) => parseUserId(text).ok);
  fc.assert(
    fc.property(id, id, (one, other) => {
      const conversationId = directConversationId(user(one), user(other));
      expect(messageDocument(conversationId, messageFrom(one), asText).receiver_id).toBe(other);
    }),
  );
});

test.each([
  ["a key with `$` in front", { $set: 1 }],
  ["a dotted key", { "a.b": 1 }],
  ["a NUL in a key", { "a\0b": 1 }],
  ["an empty key", { "": 1 }],
  ["a bad key inside a list", { list: [{ $ne: 1 }] }],
  ["great depth", nested(200)],
])("metadata that a document store may refuse is kept as text: %s", (_name, metadata) => {
  const document = messageDocument(group, messageFrom("alice", { metadata }), asText);
  expect(document).toMatchObject({ metadata: null, metadataJson: JSON.stringify(metadata) });
});

test("metadata is never lost: it is there as fields or as text", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (metadata) => {
      const document = messageDocument(group, messageFrom("alice", { metadata }), asText);
      const text =
        "metadataJson" in document ? document.metadataJson : JSON.stringify(document.metadata);
      expect(text).toBe(JSON.stringify(metadata));
    }),
  );
});

test("a founding becomes the conversation", () => {
  const members = [{ userId: "alice", name: "Alice", role: "owner" as const }];
  const event = {
    seq: 0 as const,
    at: 5,
    type: "founded" as const,
    senderId: "alice",
    conversation: { type: "group" as const, name: "Team", members },
  };
  expect(conversationDocument(group, event, asText)).toEqual({
    _id: "team-1",
    conversationId: "team-1",
    type: "group",
    name: "Team",
    avatarFileId: null,
    founderId: "alice",
    members,
    banned: [],
    settings: DEFAULT_SETTINGS,
    dismissedAt: null,
    createdAt: "t5",
    appliedSeq: 0,
  });
});

test("a founding's own settings stand over the defaults", () => {
  const settings = { join: "open" as const };
  const event = {
    seq: 0 as const,
    at: 5,
    type: "founded" as const,
    senderId: "alice",
    conversation: { type: "group" as const, name: null, members: [], settings },
  };
  expect(conversationDocument(group, event, asText).settings).toEqual({
    ...DEFAULT_SETTINGS,
    join: "open",
  });
});

function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 0; level < levels; level++) value = { deeper: value };
  return value;
}

test("[TRC-1] a traced message is archived with its trace, and any other without the field", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const plain = archivedMessage(group, messageFrom("alice"), asText);
  expect(plain).not.toHaveProperty("traceparent");
  const traced = archivedMessage(group, { ...messageFrom("alice"), traceparent }, asText);
  expect(traced).toEqual({ ...plain, traceparent });
});

test("what chat-svc's clients say of their attachment is there flat, beside the metadata", () => {
  const named = {
    attachment_url: "https://files.example/a.pdf",
    attachment_filename: "a.pdf",
    attachment_mimetype: "application/pdf",
  };
  const event = messageFrom("alice", { metadata: { ...named, more: 1 } });
  expect(messageDocument(direct, event, asText)).toMatchObject(named);
});
