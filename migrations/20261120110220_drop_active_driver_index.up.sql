-- no-transaction
DROP INDEX CONCURRENTLY trips.trips_one_active_per_driver;
