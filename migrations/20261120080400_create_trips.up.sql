-- Trips, everything that happened to them, where the cars drove, and what both sides thought of it.
CREATE SCHEMA trips;

CREATE TABLE trips.trips (
    id uuid PRIMARY KEY,
    rider_id uuid NOT NULL REFERENCES identity.users (id),
    quote_id uuid NOT NULL CONSTRAINT trips_quote_key UNIQUE REFERENCES pricing.quotes (id),
    vehicle_class text NOT NULL,
    pickup_lat_e7 integer NOT NULL,
    pickup_lng_e7 integer NOT NULL,
    dropoff_lat_e7 integer NOT NULL,
    dropoff_lng_e7 integer NOT NULL,
    distance_m bigint NOT NULL CONSTRAINT trips_distance CHECK (distance_m >= 0),
    duration_s bigint NOT NULL CONSTRAINT trips_duration CHECK (duration_s >= 0),
    -- What the driver calls the rider, as it was when the trip was asked for.
    rider_name text,
    pin text NOT NULL CONSTRAINT trips_pin CHECK (pin ~ '^[0-9]{4}$'),
    status text NOT NULL CONSTRAINT trips_status CHECK (status IN
        ('requested', 'assigned', 'arrived', 'in_progress', 'completed', 'cancelled', 'expired')),
    version integer NOT NULL CONSTRAINT trips_version CHECK (version > 0),
    releases integer NOT NULL CONSTRAINT trips_releases CHECK (releases >= 0),
    driver_id uuid REFERENCES fleet.drivers (id),
    vehicle_id uuid REFERENCES fleet.vehicles (id),
    -- Driver and car as the rider saw them when the offer was accepted.
    driver_card jsonb,
    -- The state as the domain writes it, with all its times.
    state jsonb NOT NULL,
    cancel_note text CONSTRAINT trips_cancel_note CHECK (length(cancel_note) BETWEEN 1 AND 500),
    requested_at timestamptz NOT NULL,
    last_event_at timestamptz NOT NULL,
    -- As quoted until the trip is completed, then as charged.
    fare jsonb NOT NULL,
    CONSTRAINT trips_driver_with_vehicle CHECK ((driver_id IS NULL) = (vehicle_id IS NULL)
        AND (driver_id IS NULL) = (driver_card IS NULL)),
    CONSTRAINT trips_driver_by_status CHECK (CASE status
        WHEN 'requested' THEN driver_id IS NULL
        WHEN 'expired' THEN driver_id IS NULL
        WHEN 'cancelled' THEN true
        ELSE driver_id IS NOT NULL
    END),
    CONSTRAINT trips_state_of_status CHECK (state ->> 'status' = status)
);
-- A driver drives one trip at a time; a rider waits for or rides in one trip at a time.
CREATE UNIQUE INDEX trips_one_active_per_driver ON trips.trips (driver_id)
    WHERE status IN ('assigned', 'arrived', 'in_progress');
CREATE UNIQUE INDEX trips_one_active_per_rider ON trips.trips (rider_id)
    WHERE status IN ('requested', 'assigned', 'arrived', 'in_progress');
CREATE INDEX trips_of_rider ON trips.trips (rider_id, id DESC);
CREATE INDEX trips_of_driver ON trips.trips (driver_id, id DESC);
CREATE INDEX trips_requested ON trips.trips (requested_at) WHERE status = 'requested';

CREATE TABLE trips.events (
    trip_id uuid NOT NULL REFERENCES trips.trips (id),
    version integer NOT NULL CONSTRAINT events_version CHECK (version > 0),
    kind text NOT NULL,
    payload jsonb NOT NULL,
    actor jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (trip_id, version)
);
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON trips.events
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON trips.events
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TABLE trips.track_points (
    trip_id uuid NOT NULL REFERENCES trips.trips (id),
    recorded_at timestamptz NOT NULL,
    lat_e7 integer NOT NULL,
    lng_e7 integer NOT NULL,
    accuracy_m real NOT NULL,
    speed_mps real,
    heading_deg real,
    PRIMARY KEY (trip_id, recorded_at)
);

CREATE TABLE trips.ratings (
    trip_id uuid NOT NULL REFERENCES trips.trips (id),
    side text NOT NULL CONSTRAINT ratings_side CHECK (side IN ('rider', 'driver')),
    about_user_id uuid NOT NULL REFERENCES identity.users (id),
    stars smallint NOT NULL CONSTRAINT ratings_stars CHECK (stars BETWEEN 1 AND 5),
    comment text CONSTRAINT ratings_comment CHECK (length(comment) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL,
    CONSTRAINT ratings_once PRIMARY KEY (trip_id, side)
);
CREATE INDEX ratings_about ON trips.ratings (about_user_id);
