-- no-transaction
DROP INDEX CONCURRENTLY trips.trips_one_live_per_rider;
