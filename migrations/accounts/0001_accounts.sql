-- People who sign in here. Looked up across conversations, never on the send path.
CREATE TABLE user (
  user_id TEXT PRIMARY KEY,
  matricule TEXT NOT NULL UNIQUE COLLATE NOCASE,
  email TEXT UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL COLLATE NOCASE,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL, -- worker/auth/password.ts
  created_at INTEGER NOT NULL  -- epoch ms
) WITHOUT ROWID;
CREATE INDEX user_name ON user (name, user_id);

-- One row per refresh token; all that descend from one sign-in are a family and are revoked together.
CREATE TABLE refresh_token (
  token_hash TEXT PRIMARY KEY, -- SHA-256, base64url: the token itself is nowhere
  family_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES user (user_id),
  expires_at INTEGER NOT NULL, -- epoch ms
  used_at INTEGER              -- when it was exchanged for the next one
) WITHOUT ROWID;
CREATE INDEX refresh_token_family ON refresh_token (family_id);
CREATE INDEX refresh_token_user ON refresh_token (user_id);
