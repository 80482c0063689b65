-- Offers: a trip proposed to a driver. The indexes decide every race between instances.
CREATE SCHEMA dispatch;

CREATE TABLE dispatch.offers (
    id uuid PRIMARY KEY,
    trip_id uuid NOT NULL REFERENCES trips.trips (id),
    driver_id uuid NOT NULL REFERENCES fleet.drivers (id),
    vehicle_id uuid NOT NULL REFERENCES fleet.vehicles (id),
    -- `released`: accepted, and given back later.
    status text NOT NULL CONSTRAINT offers_status CHECK (status IN
        ('open', 'accepted', 'declined', 'timed_out', 'withdrawn', 'released')),
    pickup_distance_m bigint NOT NULL CONSTRAINT offers_distance CHECK (pickup_distance_m >= 0),
    driver_share_minor bigint NOT NULL,
    decline_reason text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT offers_closed CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT offers_decline CHECK ((status = 'declined') = (decline_reason IS NOT NULL))
);
CREATE UNIQUE INDEX offers_one_open_per_driver ON dispatch.offers (driver_id) WHERE status = 'open';
CREATE UNIQUE INDEX offers_one_open_per_trip ON dispatch.offers (trip_id) WHERE status = 'open';
CREATE UNIQUE INDEX offers_one_accepted_per_trip ON dispatch.offers (trip_id)
    WHERE status = 'accepted';
CREATE INDEX offers_of_trip ON dispatch.offers (trip_id, created_at);
CREATE INDEX offers_open_until ON dispatch.offers (expires_at) WHERE status = 'open';
