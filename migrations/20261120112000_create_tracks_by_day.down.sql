ALTER TABLE trips.tracks DETACH PARTITION trips.track_points;
INSERT INTO trips.track_points
    (trip_id, recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg)
SELECT trip_id, recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg
FROM trips.tracks;
DROP TABLE trips.tracks;
