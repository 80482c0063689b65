-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY offers_one_open_per_trip ON dispatch.offers (trip_id)
    WHERE status = 'open';
