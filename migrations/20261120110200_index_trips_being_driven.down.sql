-- no-transaction
DROP INDEX CONCURRENTLY trips.trips_one_driven_per_driver;
