-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY trips_one_forward_per_driver ON trips.trips (driver_id)
    WHERE forward;
