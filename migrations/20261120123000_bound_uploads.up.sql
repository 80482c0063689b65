-- How much somebody sent lately is looked up with every piece.
CREATE INDEX segments_by_time ON sync.segments (user_id, received_at);
-- Files that never became whole are removed after some days.
CREATE INDEX blobs_unfinished ON sync.blobs (created_at) WHERE completed_at IS NULL;
