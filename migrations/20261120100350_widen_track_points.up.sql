-- Doubles, so that a point's fingerprint is the same on the phone and here. Apart from everything
-- else, because it rewrites the table of points.
ALTER TABLE trips.track_points
    ALTER COLUMN accuracy_m TYPE double precision,
    ALTER COLUMN speed_mps TYPE double precision;
