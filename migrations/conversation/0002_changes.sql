-- Messages change in place, so that a late reader gets what stands now; the change itself is an event of its own.
ALTER TABLE event ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE event ADD COLUMN edited_at INTEGER;    -- epoch ms
ALTER TABLE event ADD COLUMN deleted_at INTEGER;   -- epoch ms; the body is empty then
ALTER TABLE event ADD COLUMN mentions TEXT;        -- JSON array of user ids; null when nobody is mentioned

-- What a message said before: readable to its author and to moderators.
CREATE TABLE version (
  seq INTEGER NOT NULL,        -- the message
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,         -- when this version was written, epoch ms
  content TEXT NOT NULL,
  replaced_by INTEGER NOT NULL, -- the event that ended it
  PRIMARY KEY (seq, version)
) WITHOUT ROWID;

CREATE TABLE reaction (
  seq INTEGER NOT NULL,        -- the message
  emoji TEXT NOT NULL,
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (seq, emoji, user_id)
) WITHOUT ROWID;

-- Messages that a member took out of his own sight.
CREATE TABLE hidden (
  user_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (user_id, seq)
) WITHOUT ROWID;

ALTER TABLE member ADD COLUMN joined_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN history_from INTEGER NOT NULL DEFAULT 0; -- reads what comes after it
ALTER TABLE member ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;  -- epoch ms
ALTER TABLE member ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;         -- the member's place in the receipt chunks
UPDATE member SET slot = (SELECT count(*) FROM member AS before WHERE before.user_id < member.user_id);

CREATE TABLE ban (user_id TEXT PRIMARY KEY) WITHOUT ROWID;

-- Members who have left, until their Inboxes know.
CREATE TABLE departed (user_id TEXT PRIMARY KEY) WITHOUT ROWID;

-- Members who do not take each other's messages: told by their Inboxes.
CREATE TABLE block (
  user_id TEXT NOT NULL,
  blocked_id TEXT NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
) WITHOUT ROWID;

-- Receipts of 64 members a row, so that a second of reading costs one row and not one for each of them.
CREATE TABLE receipt (
  chunk INTEGER PRIMARY KEY,   -- slot / 64
  cursors TEXT NOT NULL        -- JSON: {head, members: [userId, delivered, deliveredAt, read, readAt][]}
);

-- Gateways that carry this conversation to their sockets, so that they still do after a sleep.
CREATE TABLE subscriber (
  gateway TEXT PRIMARY KEY,
  users TEXT NOT NULL          -- JSON array: whose connections follow the conversation there
) WITHOUT ROWID;

-- When the object has to look after something; one alarm serves the earliest.
CREATE TABLE due (
  kind TEXT PRIMARY KEY,
  at INTEGER NOT NULL          -- epoch ms
) WITHOUT ROWID;
