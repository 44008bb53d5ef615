/** Rows as the first schema of each class held them, by table: every later step has to bring them along unharmed. */
export const OLD_ROWS = {
  conversation: {
    meta: `INSERT INTO meta (key, value) VALUES
      ('charter', '{"conversationId":"old","type":"group","name":"Old","epoch":"epoch-1","createdAt":10}'),
      ('acked_seq', 1)`,
    member: `INSERT INTO member (user_id, name, role, joined_at, announced) VALUES
      ('alice', 'Alice', 'owner', 10, 1), ('bob', 'Bob', 'member', 10, 0)`,
    event: `INSERT INTO event (seq, at, type, sender_id, client_message_id, body) VALUES
      (0, 10, 'founded', 'alice', NULL, '{"type":"group","name":"Old","members":[]}'),
      (1, 11, 'message', 'alice', 'k1', '{"type":"TEXT","content":"one"}'),
      (2, 12, 'message', 'bob', 'k1', '{"type":"TEXT","content":"two"}')`,
  },
  inbox: {
    membership:
      "INSERT INTO membership (conversation_id, joined_at) VALUES ('old', 10), ('new', 11)",
  },
  outbox: {
    dirty: "INSERT INTO dirty (conversation_id) VALUES ('one'), ('two')",
    meta: "INSERT INTO meta (key, value) VALUES ('epoch', 4)",
  },
  broadcast: {
    list: `INSERT INTO list (broadcast_id, owner_id, name, created_at, updated_at)
      VALUES ('old', 'alice', 'Old', 10, 10)`,
    admin: "INSERT INTO admin (user_id) VALUES ('bob')",
    recipient: "INSERT INTO recipient (place, user_id, name) VALUES (0, 'carol', 'Carol')",
    announcement: "INSERT INTO announcement (user_id, listed) VALUES ('bob', 1)",
    message: `INSERT INTO message (n, sender_id, sender_name, client_message_id, body, accepted_at)
      VALUES (1, 'alice', 'Alice', 'k1', '{"type":"TEXT","content":"one"}', 11)`,
    job: `INSERT INTO job (n, place, user_id, name, state, attempts, due_at)
      VALUES (1, 0, 'carol', 'Carol', 'pending', 0, 11)`,
  },
} as const;
