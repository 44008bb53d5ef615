-- Which conversations a user belongs to; derived, the Conversation is the authority.
CREATE TABLE membership (
  conversation_id TEXT PRIMARY KEY,
  joined_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX membership_newest ON membership (joined_at DESC, conversation_id);
