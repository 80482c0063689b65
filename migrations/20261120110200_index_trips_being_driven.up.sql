-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY trips_one_driven_per_driver ON trips.trips (driver_id)
    WHERE status IN ('assigned', 'arrived', 'in_progress') AND NOT forward;
