-- What the member's Inbox said of his being seen: core/visibility.ts. Who has never turned invisible stands at 0.
ALTER TABLE member ADD COLUMN visibility INTEGER NOT NULL DEFAULT 0;
