-- Trips with stops on the way, trips for later, trips for somebody else, and changed stops.
ALTER TABLE trips.trips
    ADD COLUMN waypoints jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN pickup_at timestamptz,
    -- Who rides if it is not the one who asked. Kept here and not in events, so that it can be erased.
    ADD COLUMN passenger_name text
        CONSTRAINT trips_passenger_name CHECK (length(passenger_name) BETWEEN 1 AND 60),
    ADD COLUMN passenger_phone text,
    ADD COLUMN for_someone_else boolean NOT NULL DEFAULT false,
    -- The stops as they are now; absent as long as they are those that were asked for.
    ADD COLUMN stops jsonb,
    ADD COLUMN stop_changes integer NOT NULL DEFAULT 0
        CONSTRAINT trips_stop_changes CHECK (stop_changes >= 0),
    ADD COLUMN visits jsonb NOT NULL DEFAULT '[]',
    -- By what a trip that is over was priced.
    ADD COLUMN basis text,
    ADD CONSTRAINT trips_passenger_whole CHECK
        ((passenger_name IS NULL) = (passenger_phone IS NULL)),
    ADD CONSTRAINT trips_passenger_of_trip CHECK (for_someone_else OR passenger_name IS NULL);

ALTER TABLE payments.transactions
    DROP CONSTRAINT transactions_kind,
    ADD CONSTRAINT transactions_kind CHECK
        (kind IN ('trip_charge', 'cash_payment', 'cancellation_fee'));
ALTER TABLE payments.trip_payments
    DROP CONSTRAINT trip_payments_method,
    ADD CONSTRAINT trip_payments_method CHECK (method IN ('cash', 'account'));
