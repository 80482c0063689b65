-- Promo codes and who used them. The counter and the numbered uses make the limits hold however
-- many people type a code at once.
CREATE TABLE pricing.promotions (
    code text PRIMARY KEY CONSTRAINT promotions_code CHECK (code ~ '^[A-Z0-9-]{3,24}$'),
    rule jsonb NOT NULL,
    uses integer NOT NULL DEFAULT 0 CONSTRAINT promotions_uses CHECK (uses >= 0),
    uses_max integer CONSTRAINT promotions_uses_max CHECK (uses_max > 0),
    uses_per_rider_max integer NOT NULL
        CONSTRAINT promotions_uses_per_rider_max CHECK (uses_per_rider_max > 0),
    created_by uuid NOT NULL REFERENCES identity.users (id),
    created_at timestamptz NOT NULL,
    CONSTRAINT promotions_used_up CHECK (uses_max IS NULL OR uses <= uses_max)
);

CREATE TABLE pricing.promotion_uses (
    code text NOT NULL REFERENCES pricing.promotions (code),
    rider_id uuid NOT NULL REFERENCES identity.users (id),
    -- The rider's first, second, … use of this code.
    number integer NOT NULL CONSTRAINT promotion_uses_number CHECK (number > 0),
    trip_id uuid NOT NULL CONSTRAINT promotion_uses_trip UNIQUE REFERENCES trips.trips (id),
    used_at timestamptz NOT NULL,
    PRIMARY KEY (code, rider_id, number)
);
