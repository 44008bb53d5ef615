-- One row. It stays when the list is deleted: an id is never used again, and neither are its keys in conversations.
CREATE TABLE list (
  broadcast_id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,  -- epoch ms
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER            -- null while the list is there
) WITHOUT ROWID;

CREATE TABLE admin (
  user_id TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Who is sent to, in the owner's order.
CREATE TABLE recipient (
  place INTEGER PRIMARY KEY,    -- 0, 1, 2, …
  user_id TEXT NOT NULL,
  name TEXT NOT NULL            -- for a conversation that has to be founded
);

-- Owner and admins whose Inbox is still to be told.
CREATE TABLE announcement (
  user_id TEXT PRIMARY KEY,
  listed INTEGER NOT NULL       -- 1: the list is theirs; 0: not any more
) WITHOUT ROWID;

CREATE TABLE message (
  n INTEGER PRIMARY KEY,        -- 1, 2, 3, … without a gap
  sender_id TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  client_message_id TEXT NOT NULL,
  body TEXT NOT NULL,           -- JSON, as conversations get it
  accepted_at INTEGER NOT NULL, -- epoch ms
  completed_at INTEGER,         -- null while anybody is pending
  UNIQUE (sender_id, client_message_id)
);

-- Each message with each of those who were recipients when it was accepted.
CREATE TABLE job (
  n INTEGER NOT NULL,
  place INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,          -- core/broadcast/delivery.ts
  seq INTEGER,                  -- sent: where, in the direct conversation
  code TEXT,                    -- failed, or pending after a failed try: why
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,      -- pending: not to be tried before; epoch ms
  PRIMARY KEY (n, place)
) WITHOUT ROWID;

-- When the object has to look after something; one alarm serves the earliest.
CREATE TABLE due (
  kind TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;
