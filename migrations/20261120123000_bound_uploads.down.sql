DROP INDEX sync.blobs_unfinished;
DROP INDEX sync.segments_by_time;
