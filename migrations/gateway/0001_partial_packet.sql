-- The first frames of a Socket.IO packet whose attachments are still to come, so that they survive sleep.
CREATE TABLE partial_packet (
  sid TEXT NOT NULL,
  n INTEGER NOT NULL,
  frame ANY NOT NULL,
  PRIMARY KEY (sid, n)
) WITHOUT ROWID;
