ALTER TABLE trips.track_points
    ALTER COLUMN accuracy_m TYPE real,
    ALTER COLUMN speed_mps TYPE real;
