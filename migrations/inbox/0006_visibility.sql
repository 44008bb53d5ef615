-- Which visibility the conversation knows of: one below the user's own has to be told yet. core/visibility.ts
ALTER TABLE membership ADD COLUMN visibility INTEGER NOT NULL DEFAULT 0;
