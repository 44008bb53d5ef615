-- Conversations whose events could not be handed to the bridge; written only when it is away or has no credit.
CREATE TABLE dirty (
  conversation_id TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) WITHOUT ROWID;
