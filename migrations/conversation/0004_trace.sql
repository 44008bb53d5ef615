-- The trace that a change is part of, as its client named it (W3C traceparent). No row of its own: rows are the bill.
ALTER TABLE event ADD COLUMN traceparent TEXT;
