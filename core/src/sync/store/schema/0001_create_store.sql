-- The work of one person on one device. Frozen: a change is a new file.

-- Whose file this is.
CREATE TABLE owner (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    user BLOB NOT NULL CHECK (length(user) = 16),
    device BLOB NOT NULL CHECK (length(device) = 16)
) STRICT;

-- Single values, as JSON.
CREATE TABLE state (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where the chain of commands goes on, however many of its links were forgotten.
CREATE TABLE chain (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    next_seq INTEGER NOT NULL CHECK (next_seq > 0),
    head BLOB NOT NULL CHECK (length(head) = 32)
) STRICT;

CREATE TABLE commands (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    trip BLOB CHECK (length(trip) = 16),
    kind TEXT NOT NULL,
    -- As it was first written; the chain hashes it.
    body TEXT NOT NULL,
    -- The links of the chain before and after it.
    before BLOB NOT NULL CHECK (length(before) = 32),
    after BLOB NOT NULL CHECK (length(after) = 32),
    occurred_ms INTEGER NOT NULL,
    -- Absent until the server answered.
    outcome TEXT CHECK (outcome IN ('applied', 'rejected')),
    answer TEXT,
    CHECK ((outcome IS NULL) = (answer IS NULL))
) STRICT;
CREATE INDEX commands_waiting ON commands (seq) WHERE outcome IS NULL;
CREATE INDEX commands_waiting_of_trip ON commands (trip, seq) WHERE outcome IS NULL;
CREATE TRIGGER commands_stay BEFORE DELETE ON commands WHEN old.outcome IS NULL BEGIN
    SELECT RAISE(ABORT, 'a command that waits is never deleted');
END;
CREATE TRIGGER commands_stand BEFORE UPDATE OF seq, id, trip, kind, body, before, after, occurred_ms
    ON commands BEGIN
    SELECT RAISE(ABORT, 'a command never changes');
END;
CREATE TRIGGER answers_stand BEFORE UPDATE OF outcome, answer ON commands
    WHEN old.outcome IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'an answer is final');
END;

-- Trips as the device knows them, as JSON.
CREATE TABLE trips (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    body TEXT NOT NULL
) STRICT;

-- Pieces of tracks as they are sent.
CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    -- Absent for what was driven between trips.
    trip BLOB CHECK (length(trip) = 16),
    content BLOB NOT NULL CHECK (length(content) > 0),
    points INTEGER NOT NULL CHECK (points > 0),
    last_ms INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1))
) STRICT;
CREATE INDEX segments_waiting ON segments (id) WHERE sent = 0;
CREATE TRIGGER segments_stay BEFORE DELETE ON segments WHEN old.sent = 0 BEGIN
    SELECT RAISE(ABORT, 'a segment that waits is never deleted');
END;

CREATE TABLE points (
    id INTEGER PRIMARY KEY,
    trip BLOB CHECK (length(trip) = 16),
    at_ms INTEGER NOT NULL,
    accuracy_mm INTEGER NOT NULL,
    lat_e7 INTEGER NOT NULL,
    lng_e7 INTEGER NOT NULL,
    speed_mm_s INTEGER,
    heading_cdeg INTEGER,
    -- Absent until it is packed.
    segment INTEGER REFERENCES segments (id)
) STRICT;
-- A measurement counts once, however often it is told. So no two segments are the same, either.
CREATE UNIQUE INDEX points_once ON points (
    at_ms, lat_e7, lng_e7, accuracy_mm, ifnull(speed_mm_s, -1), ifnull(heading_cdeg, -1)
);
CREATE INDEX points_of_trip ON points (trip, at_ms);
CREATE INDEX points_unsealed ON points (trip, id) WHERE segment IS NULL;
CREATE INDEX points_of_segment ON points (segment) WHERE segment IS NOT NULL;
CREATE TRIGGER points_stay BEFORE DELETE ON points
    WHEN NOT EXISTS (SELECT 1 FROM segments WHERE id = old.segment AND sent = 1) BEGIN
    SELECT RAISE(ABORT, 'a point that waits is never deleted');
END;

-- Files, and the pieces in which their content lies.
CREATE TABLE blobs (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    -- What is announced to the server, as JSON.
    body TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size > 0),
    taken_ms INTEGER NOT NULL,
    -- So many of its bytes the server has.
    sent INTEGER NOT NULL DEFAULT 0 CHECK (sent BETWEEN 0 AND size)
) STRICT;
CREATE INDEX blobs_waiting ON blobs (number, size) WHERE sent < size;
CREATE TRIGGER blobs_stay BEFORE DELETE ON blobs WHEN old.sent < old.size BEGIN
    SELECT RAISE(ABORT, 'a file that waits is never deleted');
END;
CREATE TABLE blob_pieces (
    blob INTEGER NOT NULL REFERENCES blobs (number) ON DELETE CASCADE,
    piece INTEGER NOT NULL CHECK (piece >= 0),
    content BLOB NOT NULL CHECK (length(content) > 0),
    PRIMARY KEY (blob, piece)
) STRICT;
