-- The log is the only truth of a conversation. Row 0 is its founding, messages and changes follow from 1.
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,        -- epoch ms, never before the event in front of it
  type TEXT NOT NULL,         -- protocol/event.ts
  sender_id TEXT NOT NULL,
  client_message_id TEXT,     -- the sender's key; null when no client sent the event
  body TEXT NOT NULL          -- JSON of the type's own part
);

-- Exactly once: a resent key finds its first row. Partial, so that keyless events cost one row, not two.
CREATE UNIQUE INDEX event_key ON event (sender_id, client_message_id) WHERE client_message_id IS NOT NULL;

CREATE TABLE member (
  user_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  announced INTEGER NOT NULL DEFAULT 0 -- 1 once the member's Inbox knows
) WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) WITHOUT ROWID;
