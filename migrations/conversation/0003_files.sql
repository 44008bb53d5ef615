-- Files of the conversation; their bytes are in the file store. A purged file keeps its row, so that no number is reused.
CREATE TABLE file (
  n INTEGER PRIMARY KEY,      -- <conversationId>.f<n>
  state TEXT NOT NULL,        -- core/files/file-record.ts
  uploader_id TEXT NOT NULL,
  name TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  size INTEGER NOT NULL,      -- bytes
  etag TEXT,                  -- the store's name of these very bytes; null until they are there
  upload_id TEXT,             -- the store's name of an unfinished upload in parts
  details TEXT NOT NULL,      -- JSON: FileDetails
  created_at INTEGER NOT NULL, -- epoch ms
  stored_at INTEGER,          -- epoch ms
  due_at INTEGER              -- when the bytes may go, epoch ms; null while nothing is planned
);
CREATE INDEX file_due ON file (due_at) WHERE due_at IS NOT NULL;

-- Parts that came through the worker, for stores that do not list them.
CREATE TABLE file_part (
  n INTEGER NOT NULL,
  part INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (n, part)
) WITHOUT ROWID;

-- Which messages name which files: the bytes stay while there is one.
CREATE TABLE file_reference (
  n INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (n, seq)
) WITHOUT ROWID;
CREATE INDEX file_reference_seq ON file_reference (seq);
