-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY trips_one_active_per_rider ON trips.trips (rider_id)
    WHERE status IN ('requested', 'assigned', 'arrived', 'in_progress');
