-- Invitations: whoever knows the secret becomes a member, while it holds. core/admission.ts
CREATE TABLE invite (
  invite_id INTEGER PRIMARY KEY,
  secret TEXT NOT NULL UNIQUE,
  maker_id TEXT NOT NULL,
  client_key TEXT NOT NULL,   -- the maker's idempotency key
  created_at INTEGER NOT NULL, -- epoch ms
  expires_at INTEGER NOT NULL, -- epoch ms
  max_uses INTEGER,           -- null: no bound
  uses INTEGER NOT NULL DEFAULT 0,
  revoked_at INTEGER,         -- epoch ms; null while nobody has taken it back
  UNIQUE (maker_id, client_key)
);

-- People who want to become members. Who was refused waits before asking again.
CREATE TABLE join_request (
  user_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL,        -- epoch ms
  refused_at INTEGER          -- epoch ms; null while nobody has answered
) WITHOUT ROWID;
