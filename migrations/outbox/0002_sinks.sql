-- Each sink has a cursor, a connection and a list of who waits for it. In `dirty` are those that know of no sink yet.
CREATE TABLE waiting (
  sink TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  PRIMARY KEY (sink, conversation_id)
) WITHOUT ROWID;

-- Every conversation that ever published here, so that a backfill or an audit can go through all of them.
CREATE TABLE conversation (
  conversation_id TEXT PRIMARY KEY
) WITHOUT ROWID;
