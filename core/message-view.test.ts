import fc from "fast-check";
import { expect, test } from "vitest";
import { messageEvent } from "../tests/support/archive-events.ts";
import { parseConversationId, parseMessageId } from "../protocol/ids.ts";
import { messageDocument } from "./bridging/archive-document.ts";
import { messageView } from "./message-view.ts";

const parsed = parseConversationId("alice_bob");
if (!parsed.ok) throw new Error(parsed.error.message);
const conversationId = parsed.value;
const iso = (at: number) => new Date(at).toISOString();

test("a plain message has every field of the contract, absent ones as null or empty", () => {
  const event = { ...messageEvent(3), at: 0 };
  expect(messageView(conversationId, event, iso)).toEqual({
    _id: "alice_bob.3",
    id: "alice_bob.3",
    messageId: "alice_bob.3",
    conversationId: "alice_bob",
    seq: 3,
    senderId: "alice",
    type: "TEXT",
    content: "message 3",
    metadata: null,
    attachments: [],
    deletedAttachments: [],
    replyTo: null,
    mentions: [],
    version: 1,
    editedAt: null,
    deletedAt: null,
    isSpam: false,
    clientMessageId: "c-3",
    createdAt: "1970-01-01T00:00:00.000Z",
    timestamp: "1970-01-01T00:00:00.000Z",
  });
});

test("[CHG-1] what was edited and deleted shows its version and its times, in the reader's way of writing them", () => {
  const event = { ...messageEvent(3), version: 4, editedAt: 1_000, deletedAt: 2_000 };
  expect(messageView(conversationId, event, (at) => at)).toMatchObject({
    version: 4,
    editedAt: 1_000,
    deletedAt: 2_000,
    createdAt: event.at,
  });
});

test("what the sender gave is there unchanged, and the id leads back to the message", () => {
  const message = fc.record({
    type: fc.constantFrom("TEXT", "IMAGE", "CUSTOM", "SYSTEM"),
    content: fc.string({ unit: "binary" }),
    replyTo: fc.string(),
    mentions: fc.array(fc.string()),
    attachments: fc.array(fc.string()),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.nat(), message, (seq, message) => {
      const view = messageView(conversationId, messageEvent(seq, message), iso);
      expect(view).toMatchObject({ seq, ...message });
      expect(parseMessageId(view.messageId)).toEqual({ ok: true, value: { conversationId, seq } });
    }),
  );
});

test("the archive holds what REST shows, field by field, whatever the message", () => {
  const message = fc.record(
    { content: fc.string(), replyTo: fc.string(), mentions: fc.array(fc.string()) },
    { requiredKeys: ["content"] },
  );
  fc.assert(
    fc.property(fc.nat(), message, (seq, message) => {
      const event = messageEvent(seq, message);
      const document = messageDocument(conversationId, event, iso);
      expect(document).toMatchObject(messageView(conversationId, event, iso));
    }),
  );
});
