-- Every conversation is to know of the blocks, not the direct ones alone: told as a new visibility is, core/visibility.ts.
INSERT INTO setting (key, value) SELECT 'invisible', 2 WHERE EXISTS (SELECT 1 FROM blocked)
  ON CONFLICT DO UPDATE SET value = value + 2;
DELETE FROM setting WHERE key = 'reconciledAt' AND EXISTS (SELECT 1 FROM blocked);
