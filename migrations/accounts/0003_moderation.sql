-- Messages that members have reported, each once; what its conversation knows is repeated for staff, who are no members.
CREATE TABLE moderation_case (
  message_id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  author_id TEXT NOT NULL,
  content TEXT NOT NULL,       -- as it was reported last
  state TEXT NOT NULL,         -- core/moderation/moderation-case.ts
  action TEXT,                 -- what a resolved one came to
  assignee_id TEXT,
  note TEXT,
  opened_at INTEGER NOT NULL,  -- by its first report, or by the first one after it was closed; epoch ms
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX moderation_case_state ON moderation_case (state, opened_at, message_id);
CREATE INDEX moderation_case_opened ON moderation_case (opened_at, message_id);

CREATE TABLE moderation_report (
  message_id TEXT NOT NULL,
  reporter_id TEXT NOT NULL,
  reason TEXT,
  version INTEGER NOT NULL,    -- which version was reported
  at INTEGER NOT NULL,
  PRIMARY KEY (message_id, reporter_id)
) WITHOUT ROWID;

-- What is told by a conversation may be told twice: its event's id makes it one entry.
ALTER TABLE audit ADD COLUMN event_id TEXT;
CREATE UNIQUE INDEX audit_event ON audit (event_id) WHERE event_id IS NOT NULL;
