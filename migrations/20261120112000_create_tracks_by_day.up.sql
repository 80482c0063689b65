-- Points of trips by day: the newest days stay small, whatever a city has driven before. Nothing is
-- copied: the table of before is the default partition. It keeps its name, because a program that
-- knows nothing of partitions asks `RETURNING xmax`, which a partitioned table cannot answer. That
-- program writes to the default partition and reads it, and so does this one for the days that have
-- no partition yet; the first one begins a day after it is made.
CREATE TABLE trips.tracks (
    trip_id uuid NOT NULL REFERENCES trips.trips (id),
    recorded_at timestamptz NOT NULL,
    lat_e7 integer NOT NULL,
    lng_e7 integer NOT NULL,
    accuracy_m double precision NOT NULL,
    speed_mps double precision,
    heading_deg real,
    PRIMARY KEY (trip_id, recorded_at)
) PARTITION BY RANGE (recorded_at);

ALTER TABLE trips.tracks ATTACH PARTITION trips.track_points DEFAULT;
