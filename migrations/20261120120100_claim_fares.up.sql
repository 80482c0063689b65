-- What a device computed that a ride costs before its track was here, and what the track said later.
CREATE TABLE trips.fare_claims (
    trip_id uuid PRIMARY KEY REFERENCES trips.trips (id),
    claim jsonb NOT NULL,
    -- accepted: charged by the claim, the track is awaited; refused: charged by what the server had.
    status text NOT NULL CONSTRAINT fare_claims_status CHECK (status IN
        ('accepted', 'refused', 'verified', 'differs', 'missing')),
    detail text,
    claimed_at timestamptz NOT NULL,
    checked_at timestamptz
);
CREATE INDEX fare_claims_open ON trips.fare_claims (claimed_at) WHERE status = 'accepted';

-- A trip that was called off and taken place after all has two receipts: of the fee, and of the ride.
ALTER TABLE pricing.receipts
    ADD COLUMN kind text NOT NULL DEFAULT 'trip'
        CONSTRAINT receipts_kind CHECK (kind IN ('trip', 'cancellation'));
ALTER TABLE pricing.receipts DROP CONSTRAINT receipts_pkey;
ALTER TABLE pricing.receipts ADD PRIMARY KEY (trip_id, kind);

-- The fee of such a trip is given back.
ALTER TABLE payments.transactions DROP CONSTRAINT transactions_kind;
ALTER TABLE payments.transactions ADD CONSTRAINT transactions_kind CHECK (kind IN
    ('trip_charge', 'cash_payment', 'cancellation_fee', 'cancellation_reversal'));
ALTER TABLE payments.trip_payments DROP CONSTRAINT trip_payments_status;
ALTER TABLE payments.trip_payments ADD CONSTRAINT trip_payments_status
    CHECK (status IN ('due', 'paid', 'void'));
ALTER TABLE payments.trip_payments DROP CONSTRAINT trip_payments_once;
CREATE UNIQUE INDEX trip_payments_once ON payments.trip_payments (trip_id) WHERE status <> 'void';
