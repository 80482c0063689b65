-- no-transaction
DROP INDEX CONCURRENTLY trips.trips_by_request;
