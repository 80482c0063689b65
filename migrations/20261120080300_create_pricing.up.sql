-- Tariffs, whose versions never change, and the prices that were promised by them.
CREATE SCHEMA pricing;

CREATE TABLE pricing.tariffs (
    id text NOT NULL,
    version integer NOT NULL CONSTRAINT tariffs_version CHECK (version > 0),
    vehicle_class text NOT NULL,
    spec jsonb NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX tariffs_in_force ON pricing.tariffs (vehicle_class, valid_from DESC, version DESC);
CREATE TRIGGER tariffs_append_only BEFORE UPDATE OR DELETE ON pricing.tariffs
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER tariffs_no_truncate BEFORE TRUNCATE ON pricing.tariffs
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TABLE pricing.quotes (
    id uuid PRIMARY KEY,
    rider_id uuid NOT NULL REFERENCES identity.users (id),
    vehicle_class text NOT NULL,
    pickup_lat_e7 integer NOT NULL,
    pickup_lng_e7 integer NOT NULL,
    dropoff_lat_e7 integer NOT NULL,
    dropoff_lng_e7 integer NOT NULL,
    distance_m bigint NOT NULL CONSTRAINT quotes_distance CHECK (distance_m >= 0),
    duration_s bigint NOT NULL CONSTRAINT quotes_duration CHECK (duration_s >= 0),
    facts jsonb NOT NULL,
    fare jsonb NOT NULL,
    tariff_id text NOT NULL,
    tariff_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT quotes_tariff FOREIGN KEY (tariff_id, tariff_version)
        REFERENCES pricing.tariffs (id, version)
);
CREATE INDEX quotes_expires_at ON pricing.quotes (expires_at);
