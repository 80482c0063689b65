-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY trips_one_active_per_driver ON trips.trips (driver_id)
    WHERE status IN ('assigned', 'arrived', 'in_progress');
