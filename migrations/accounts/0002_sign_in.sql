-- Sign-ins as their owner sees them; the refresh tokens of a family belong to one.
CREATE TABLE sign_in (
  family_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  device TEXT NOT NULL,        -- what the client calls itself
  started_at INTEGER NOT NULL, -- epoch ms
  used_at INTEGER NOT NULL     -- the last exchange of a token
) WITHOUT ROWID;
CREATE INDEX sign_in_user ON sign_in (user_id);
INSERT INTO sign_in (family_id, user_id, device, started_at, used_at)
  SELECT family_id, user_id, '', min(expires_at) - 2592000000, max(expires_at) - 2592000000
  FROM refresh_token GROUP BY family_id; -- a token lives 30 days

-- How far each bucket of login attempts is filled: core/attempt-bucket.ts.
CREATE TABLE attempt (
  bucket TEXT PRIMARY KEY,     -- SHA-256 of what it counts
  empty_at INTEGER NOT NULL    -- epoch ms
) WITHOUT ROWID;

-- Where an account's owner has signed in from: attacks from elsewhere do not slow them down.
CREATE TABLE known_address (
  user_id TEXT NOT NULL,
  address TEXT NOT NULL,       -- SHA-256
  seen_at INTEGER NOT NULL,    -- epoch ms
  PRIMARY KEY (user_id, address)
) WITHOUT ROWID;

-- Keys of services; the key itself is nowhere.
CREATE TABLE api_key (
  key_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,       -- who the service is in conversations
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL,   -- SHA-256, base64url
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- People who may not come in for now.
CREATE TABLE suspension (
  user_id TEXT PRIMARY KEY,
  until INTEGER NOT NULL,      -- epoch ms
  reason TEXT NOT NULL,
  suspended_by TEXT NOT NULL,
  suspended_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What staff did, to whom, and why. Only ever appended to.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  action TEXT NOT NULL,        -- worker/moderation/audit-log.ts
  target TEXT NOT NULL,        -- a user, a conversation, a message, a key
  details TEXT NOT NULL        -- JSON
);
CREATE INDEX audit_target ON audit (target, id);
