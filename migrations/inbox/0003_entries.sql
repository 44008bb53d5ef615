-- The conversation list as it is shown. Derived: each row is what its Conversation last said of itself to this user.
-- No index: a list reads all rows and sorts them, so that hearing of a message costs one row.
CREATE TABLE entry (
  conversation_id TEXT PRIMARY KEY,
  head INTEGER NOT NULL,        -- states are ordered by head, then by stamp
  stamp INTEGER NOT NULL,
  upkeep TEXT NOT NULL,         -- kept: the Conversation tells of every change; live, ask: it has to be asked
  present INTEGER NOT NULL,     -- 1 while this user has a direct socket there
  type TEXT NOT NULL,
  activity_at INTEGER NOT NULL, -- epoch ms
  unread INTEGER NOT NULL,
  summary TEXT NOT NULL,        -- JSON object: durable-objects/conversation-answers.ts
  changed_at INTEGER NOT NULL   -- epoch ms, by this object's clock
) WITHOUT ROWID;

-- Conversations that left the list, for clients that ask what changed.
CREATE TABLE departure (
  conversation_id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE preference (
  conversation_id TEXT PRIMARY KEY,
  muted INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  marked_unread INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Live connections that carry many conversations.
CREATE TABLE connection (
  gateway TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  connected_at INTEGER NOT NULL,
  PRIMARY KEY (gateway, connection_id)
) WITHOUT ROWID;

CREATE TABLE blocked (
  user_id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE setting (
  key TEXT PRIMARY KEY,         -- lastSeen, invisible
  value INTEGER NOT NULL
) WITHOUT ROWID;

-- When the object has to look after something; one alarm serves the earliest.
CREATE TABLE due (
  kind TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;
