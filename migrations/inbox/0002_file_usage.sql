-- What this user has stored or is uploading, over all conversations: the base of the quota.
CREATE TABLE file_usage (
  file_id TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL
) WITHOUT ROWID;
