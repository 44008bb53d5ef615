-- What makes a repeat of a beginning the same file. Null for files from before, and for uploads that were given up.
ALTER TABLE file ADD COLUMN client_key TEXT;
CREATE UNIQUE INDEX file_client_key ON file (uploader_id, client_key) WHERE client_key IS NOT NULL;
