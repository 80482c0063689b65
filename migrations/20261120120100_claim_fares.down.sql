DELETE FROM payments.trip_payments WHERE status = 'void';
DROP INDEX payments.trip_payments_once;
ALTER TABLE payments.trip_payments ADD CONSTRAINT trip_payments_once UNIQUE (trip_id);
ALTER TABLE payments.trip_payments DROP CONSTRAINT trip_payments_status;
ALTER TABLE payments.trip_payments ADD CONSTRAINT trip_payments_status
    CHECK (status IN ('due', 'paid'));
-- Rows of the newer kind stay: the ledger never changes.
ALTER TABLE payments.transactions DROP CONSTRAINT transactions_kind;
ALTER TABLE payments.transactions ADD CONSTRAINT transactions_kind CHECK (kind IN
    ('trip_charge', 'cash_payment', 'cancellation_fee')) NOT VALID;
-- Of a trip with two receipts the older program knows one; a receipt is never deleted, so this fails
-- while there is such a trip.
ALTER TABLE pricing.receipts DROP CONSTRAINT receipts_pkey;
ALTER TABLE pricing.receipts DROP COLUMN kind;
ALTER TABLE pricing.receipts ADD PRIMARY KEY (trip_id);
DROP TABLE trips.fare_claims;
