-- Broadcast lists that the user owns or may send to; derived, the Broadcast is the authority.
CREATE TABLE broadcast (
  broadcast_id TEXT PRIMARY KEY,
  listed_at INTEGER NOT NULL    -- epoch ms
) WITHOUT ROWID;
