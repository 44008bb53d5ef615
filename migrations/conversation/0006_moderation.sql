ALTER TABLE event ADD COLUMN flag TEXT; -- of messages: core/moderation/message-flag.ts; null while nobody has said anything

-- Who has reported which message, once each.
CREATE TABLE report (
  seq INTEGER NOT NULL,        -- the message
  user_id TEXT NOT NULL,
  PRIMARY KEY (seq, user_id)
) WITHOUT ROWID;

-- Events that the deployment's staff has not been told of yet.
CREATE TABLE staff_notice (seq INTEGER PRIMARY KEY);

-- Whose messages are being erased: what stands below `before` is still to be looked at.
CREATE TABLE erasure (
  user_id TEXT PRIMARY KEY,
  actor_id TEXT NOT NULL,      -- who wanted it, and might
  before INTEGER NOT NULL
) WITHOUT ROWID;
