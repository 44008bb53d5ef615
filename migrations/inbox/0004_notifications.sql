-- What the deployment told this user beside conversations; the newest only. `n` ascends: pages go by it.
CREATE TABLE notification (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,      -- the sender's: told once, however often it comes
  at INTEGER NOT NULL,          -- epoch ms
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  data TEXT NOT NULL            -- JSON object
);
