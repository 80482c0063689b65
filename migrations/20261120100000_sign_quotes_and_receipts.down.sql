DROP TABLE pricing.receipts;
ALTER TABLE pricing.quotes
    DROP COLUMN waypoints,
    DROP COLUMN pickup_at,
    DROP COLUMN promo_code,
    DROP COLUMN surge,
    DROP COLUMN signed;
DROP TABLE pricing.signing_keys;
