-- Who has blocked somebody is asked for as well as whom somebody has blocked.
CREATE INDEX block_of ON block (blocked_id);

-- How new the blocks of somebody are: core/visibility.ts. Somebody who has never changed who sees him has none, and somebody
-- may be here before he is a member: of a direct conversation that is not founded yet.
CREATE TABLE block_list (
  user_id TEXT PRIMARY KEY,
  visibility INTEGER NOT NULL
) WITHOUT ROWID;
