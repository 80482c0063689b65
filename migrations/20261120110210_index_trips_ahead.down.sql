-- no-transaction
DROP INDEX CONCURRENTLY trips.trips_one_forward_per_driver;
