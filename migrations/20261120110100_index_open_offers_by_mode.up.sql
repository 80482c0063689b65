-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY offers_one_in_turn_per_trip ON dispatch.offers (trip_id)
    WHERE status = 'open' AND NOT broadcast;
