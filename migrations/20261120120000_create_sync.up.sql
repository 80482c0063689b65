-- What devices keep for people who are without a network, and what they sent of it.
CREATE SCHEMA sync;

CREATE TABLE sync.devices (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id),
    name text NOT NULL CONSTRAINT devices_name CHECK (length(name) BETWEEN 1 AND 60),
    public_key bytea NOT NULL CONSTRAINT devices_key CHECK (length(public_key) = 32),
    -- The last command of its chain, and the link after it.
    last_seq bigint NOT NULL DEFAULT 0 CONSTRAINT devices_seq CHECK (last_seq >= 0),
    head bytea NOT NULL CONSTRAINT devices_head CHECK (length(head) = 32),
    registered_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);
CREATE INDEX devices_of_user ON sync.devices (user_id);

-- What a person's devices check PINs with.
CREATE TABLE sync.pin_keys (
    user_id uuid PRIMARY KEY REFERENCES identity.users (id),
    key bytea NOT NULL CONSTRAINT pin_keys_length CHECK (length(key) = 32)
);

-- Every command that a device sent, once, with the answer that it got.
CREATE TABLE sync.commands (
    id uuid PRIMARY KEY,
    device_id uuid NOT NULL REFERENCES sync.devices (id),
    user_id uuid NOT NULL REFERENCES identity.users (id),
    seq bigint NOT NULL CONSTRAINT commands_seq CHECK (seq > 0),
    kind text NOT NULL,
    trip_id uuid,
    -- As it was first written; the chain hashes it.
    body text NOT NULL,
    hash bytea NOT NULL CONSTRAINT commands_hash CHECK (length(hash) = 32),
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT commands_outcome CHECK (outcome IN ('applied', 'rejected')),
    answer jsonb NOT NULL
);
CREATE INDEX commands_of_device ON sync.commands (device_id, seq);
CREATE INDEX commands_of_trip ON sync.commands (trip_id) WHERE trip_id IS NOT NULL;
CREATE TRIGGER commands_append_only BEFORE UPDATE OR DELETE ON sync.commands
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER commands_no_truncate BEFORE TRUNCATE ON sync.commands
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

-- What an admin should look at.
CREATE TABLE sync.flags (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    user_id uuid NOT NULL REFERENCES identity.users (id),
    device_id uuid REFERENCES sync.devices (id),
    command_id uuid,
    trip_id uuid REFERENCES trips.trips (id),
    detail text NOT NULL CONSTRAINT flags_detail CHECK (length(detail) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid REFERENCES identity.users (id),
    CONSTRAINT flags_resolved CHECK ((resolved_at IS NULL) = (resolved_by IS NULL))
);
CREATE INDEX flags_open ON sync.flags (id DESC) WHERE resolved_at IS NULL;

-- Pieces of tracks as they came. A driver has a piece once, whatever trip it is of.
CREATE TABLE sync.segments (
    user_id uuid NOT NULL REFERENCES identity.users (id),
    sha256 bytea NOT NULL CONSTRAINT segments_hash CHECK (length(sha256) = 32),
    -- Absent for what was driven between trips.
    trip_id uuid REFERENCES trips.trips (id),
    content bytea NOT NULL CONSTRAINT segments_size CHECK (length(content) BETWEEN 1 AND 65536),
    points integer NOT NULL CONSTRAINT segments_points CHECK (points BETWEEN 1 AND 1000),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, sha256)
);
CREATE INDEX segments_of_trip ON sync.segments (trip_id) WHERE trip_id IS NOT NULL;

-- Files, and the pieces in which they come.
CREATE TABLE sync.blobs (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id),
    kind text NOT NULL CONSTRAINT blobs_kind CHECK (kind IN ('photo', 'signature', 'document')),
    trip_id uuid REFERENCES trips.trips (id),
    media_type text NOT NULL CONSTRAINT blobs_media_type CHECK (length(media_type) BETWEEN 3 AND 60),
    size bigint NOT NULL CONSTRAINT blobs_size CHECK (size BETWEEN 1 AND 10485760),
    sha256 bytea NOT NULL CONSTRAINT blobs_hash CHECK (length(sha256) = 32),
    received bigint NOT NULL DEFAULT 0 CONSTRAINT blobs_received CHECK (received BETWEEN 0 AND size),
    taken_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT blobs_complete CHECK ((completed_at IS NULL) OR received = size)
);
CREATE INDEX blobs_of_user ON sync.blobs (user_id, created_at);
CREATE INDEX blobs_of_trip ON sync.blobs (trip_id) WHERE trip_id IS NOT NULL;
CREATE TABLE sync.blob_pieces (
    blob_id uuid NOT NULL REFERENCES sync.blobs (id),
    first_byte bigint NOT NULL CONSTRAINT blob_pieces_first CHECK (first_byte >= 0),
    content bytea NOT NULL CONSTRAINT blob_pieces_size CHECK (length(content) BETWEEN 1 AND 1048576),
    PRIMARY KEY (blob_id, first_byte)
);
