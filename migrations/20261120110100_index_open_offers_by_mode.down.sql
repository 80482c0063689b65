-- no-transaction
DROP INDEX CONCURRENTLY dispatch.offers_one_in_turn_per_trip;
