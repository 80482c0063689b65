ALTER TABLE payments.trip_payments
    DROP CONSTRAINT trip_payments_method,
    ADD CONSTRAINT trip_payments_method CHECK (method IN ('cash'));
ALTER TABLE payments.transactions
    DROP CONSTRAINT transactions_kind,
    ADD CONSTRAINT transactions_kind CHECK (kind IN ('trip_charge', 'cash_payment'));
ALTER TABLE trips.track_points
    ALTER COLUMN accuracy_m TYPE real,
    ALTER COLUMN speed_mps TYPE real;
ALTER TABLE trips.trips
    DROP COLUMN waypoints,
    DROP COLUMN pickup_at,
    DROP COLUMN passenger_name,
    DROP COLUMN passenger_phone,
    DROP COLUMN for_someone_else,
    DROP COLUMN stops,
    DROP COLUMN stop_changes,
    DROP COLUMN visits,
    DROP COLUMN basis;
