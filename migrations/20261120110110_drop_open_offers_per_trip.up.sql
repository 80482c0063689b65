-- no-transaction
DROP INDEX CONCURRENTLY dispatch.offers_one_open_per_trip;
