-- no-transaction
CREATE INDEX CONCURRENTLY trips_by_request ON trips.trips (requested_at);
