-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY trips_one_live_per_rider ON trips.trips (rider_id)
    WHERE status IN ('requested', 'assigned', 'arrived', 'in_progress')
        AND pickup_at IS NULL AND NOT for_someone_else;
