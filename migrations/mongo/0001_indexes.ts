/**
 * Indexes of the archive, made at the bridge's start; making one that exists changes nothing.
 * None is unique: `_id` is `<conversationId>.<seq>` already, and documents that an earlier chat system left in the same
 * collection have no seq. `optional` ones are left out where the server cannot make them.
 */
export const INDEXES = [
  {
    collection: "messages",
    name: "conversation_seq",
    key: { conversationId: 1, seq: 1 },
    optional: false,
  },
  {
    collection: "messages",
    name: "sender_time",
    key: { senderId: 1, createdAt: 1 },
    optional: false,
  },
  { collection: "messages", name: "content_text", key: { content: "text" }, optional: true },
  { collection: "conversations", name: "updated", key: { updatedAt: -1 }, optional: false },
  {
    collection: "conversations",
    name: "member_updated",
    key: { "members.userId": 1, updatedAt: -1 },
    optional: true,
  },
  {
    collection: "receipts",
    name: "conversation_user",
    key: { conversationId: 1, userId: 1 },
    optional: false,
  },
  {
    collection: "reports",
    name: "conversation_target",
    key: { conversationId: 1, targetSeq: 1 },
    optional: false,
  },
] as const;
