-- What the person is to be told, until it was seen; and what the server does not take, which stays
-- here without standing in the way of the rest. Frozen: a change is a new file.

CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1))
) STRICT;
CREATE INDEX notices_unseen ON notices (id) WHERE seen = 0;

-- The server's code.
ALTER TABLE segments ADD COLUMN refused TEXT;
DROP INDEX segments_waiting;
CREATE INDEX segments_waiting ON segments (id) WHERE sent = 0 AND refused IS NULL;

ALTER TABLE blobs ADD COLUMN refused TEXT;
DROP INDEX blobs_waiting;
CREATE INDEX blobs_waiting ON blobs (number, size) WHERE sent < size AND refused IS NULL;
