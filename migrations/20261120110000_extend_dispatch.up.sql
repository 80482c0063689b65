-- Dispatch with one leader per market, offers in waves, trips accepted ahead of the end of another
-- one, queues, what weighs for and against a driver, and a record of every decision.

-- Who dispatches a market. The database's clock decides; a higher epoch means another leader.
CREATE TABLE dispatch.leases (
    market text PRIMARY KEY CONSTRAINT leases_market CHECK (market ~ '^[a-z0-9_-]{1,40}$'),
    holder uuid NOT NULL,
    epoch bigint NOT NULL CONSTRAINT leases_epoch CHECK (epoch > 0),
    expires_at timestamptz NOT NULL
);

ALTER TABLE dispatch.offers
    ADD COLUMN wave integer NOT NULL DEFAULT 1 CONSTRAINT offers_wave CHECK (wave > 0),
    -- Several drivers are asked at once, and the first to accept gets the trip.
    ADD COLUMN broadcast boolean NOT NULL DEFAULT false,
    -- The driver finishes another trip first.
    ADD COLUMN forward boolean NOT NULL DEFAULT false,
    ADD COLUMN pickup_duration_s bigint
        CONSTRAINT offers_pickup_duration CHECK (pickup_duration_s >= 0);

ALTER TABLE trips.trips
    -- Assigned to a driver who finishes another trip first.
    ADD COLUMN forward boolean NOT NULL DEFAULT false,
    -- What the vehicle must offer beyond its class.
    ADD COLUMN needs jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT trips_forward CHECK (NOT forward OR status = 'assigned');

ALTER TABLE fleet.vehicles
    ADD COLUMN features text[] NOT NULL DEFAULT '{}'
        CONSTRAINT vehicles_features CHECK
            (features <@ ARRAY['wheelchair', 'folded_wheelchair', 'child_seat', 'pets']),
    ADD COLUMN seats smallint CONSTRAINT vehicles_seats CHECK (seats BETWEEN 1 AND 60),
    ADD COLUMN load_kg integer CONSTRAINT vehicles_load CHECK (load_kg BETWEEN 0 AND 60000);

-- What weighs for and against asking a driver. Counted when it happens, so that a round reads one row
-- per driver.
CREATE TABLE dispatch.drivers (
    driver_id uuid PRIMARY KEY REFERENCES fleet.drivers (id),
    -- Without a trip since then.
    idle_since timestamptz NOT NULL,
    accepted bigint NOT NULL DEFAULT 0 CONSTRAINT drivers_accepted CHECK (accepted >= 0),
    declined bigint NOT NULL DEFAULT 0 CONSTRAINT drivers_declined CHECK (declined >= 0),
    timed_out bigint NOT NULL DEFAULT 0 CONSTRAINT drivers_timed_out CHECK (timed_out >= 0),
    -- Trips given back after they were accepted.
    gave_back bigint NOT NULL DEFAULT 0 CONSTRAINT drivers_gave_back CHECK (gave_back >= 0),
    stars bigint NOT NULL DEFAULT 0 CONSTRAINT drivers_stars CHECK (stars >= 0),
    ratings bigint NOT NULL DEFAULT 0 CONSTRAINT drivers_ratings CHECK (ratings >= 0),
    -- On the way home: only trips that lead there.
    home_lat_e7 integer,
    home_lng_e7 integer,
    home_until timestamptz,
    -- How often the driver went home on this day.
    home_day date,
    home_uses integer NOT NULL DEFAULT 0 CONSTRAINT drivers_home_uses CHECK (home_uses >= 0),
    CONSTRAINT drivers_home_whole CHECK ((home_lat_e7 IS NULL) = (home_lng_e7 IS NULL)
        AND (home_lat_e7 IS NULL) = (home_until IS NULL))
);

-- Two people who do not meet again, and who wished it.
CREATE TABLE dispatch.blocks (
    rider_id uuid NOT NULL REFERENCES identity.users (id),
    driver_id uuid NOT NULL REFERENCES fleet.drivers (id),
    wished_by text NOT NULL CONSTRAINT blocks_wished_by CHECK
        (wished_by IN ('rider', 'driver', 'admin')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (rider_id, driver_id, wished_by),
    CONSTRAINT blocks_two_people CHECK (rider_id <> driver_id)
);
CREATE INDEX blocks_of_driver ON dispatch.blocks (driver_id);

-- Drivers who wait in the queue of a zone, first come first served.
CREATE TABLE dispatch.queue_places (
    driver_id uuid PRIMARY KEY REFERENCES fleet.drivers (id),
    zone text NOT NULL,
    since timestamptz NOT NULL,
    -- Since when the car was seen elsewhere; the place is lost after a while.
    away_since timestamptz
);
CREATE INDEX queue_places_of_zone ON dispatch.queue_places (zone, since);

-- What each round decided about each request. A partition per day, dropped after a week.
CREATE TABLE dispatch.decisions (
    market text NOT NULL,
    at timestamptz NOT NULL,
    trip_id uuid NOT NULL,
    waves integer NOT NULL,
    radius_m bigint NOT NULL,
    outcome text NOT NULL CONSTRAINT decisions_outcome CHECK
        (outcome IN ('asked', 'nobody_fits', 'passed_over')),
    left_out bigint NOT NULL,
    -- The cars that were looked at, compact.
    considered bytea NOT NULL,
    PRIMARY KEY (trip_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE dispatch.decisions_other PARTITION OF dispatch.decisions DEFAULT;

-- Where the drivers were and what they were doing whenever a round decided something and it had
-- changed, so that a round can also be explained to those whose cars were too far to be looked at.
CREATE TABLE dispatch.sightings (
    driver_id uuid NOT NULL,
    at timestamptz NOT NULL,
    lat_e7 integer NOT NULL,
    lng_e7 integer NOT NULL,
    fix_at timestamptz NOT NULL,
    state text NOT NULL,
    vehicle_class text NOT NULL,
    PRIMARY KEY (driver_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE dispatch.sightings_other PARTITION OF dispatch.sightings DEFAULT;
