-- Mutes of people who have left: whoever comes back is still muted. core/changes/membership-changes.ts
CREATE TABLE kept_mute (
  user_id TEXT PRIMARY KEY,
  until INTEGER NOT NULL -- epoch ms
) WITHOUT ROWID;
