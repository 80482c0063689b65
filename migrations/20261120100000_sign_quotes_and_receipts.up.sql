-- Quotes and receipts are signed. The public keys are kept for ever, so that an old receipt can be
-- checked as long as there is somebody who has it.
CREATE TABLE pricing.signing_keys (
    version integer PRIMARY KEY CONSTRAINT signing_keys_version CHECK (version > 0),
    public_key bytea NOT NULL CONSTRAINT signing_keys_key UNIQUE
        CONSTRAINT signing_keys_length CHECK (length(public_key) = 32),
    created_at timestamptz NOT NULL
);
CREATE TRIGGER signing_keys_append_only BEFORE UPDATE OR DELETE ON pricing.signing_keys
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER signing_keys_no_truncate BEFORE TRUNCATE ON pricing.signing_keys
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

ALTER TABLE pricing.quotes
    ADD COLUMN waypoints jsonb NOT NULL DEFAULT '[]',
    -- When the rider wants to be picked up; absent for now.
    ADD COLUMN pickup_at timestamptz,
    ADD COLUMN promo_code text,
    -- The numbers behind the surge, if there was any.
    ADD COLUMN surge jsonb,
    -- The promise as it was signed; quotes of before have none.
    ADD COLUMN signed text;

CREATE TABLE pricing.receipts (
    trip_id uuid PRIMARY KEY REFERENCES trips.trips (id),
    signed text NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE TRIGGER receipts_append_only BEFORE UPDATE OR DELETE ON pricing.receipts
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER receipts_no_truncate BEFORE TRUNCATE ON pricing.receipts
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
