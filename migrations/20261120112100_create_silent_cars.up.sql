-- Trips whose rider was told that the car is no longer heard, until it is heard again: so that it is
-- said once, whichever process notices.
CREATE TABLE dispatch.silent_cars (
    trip_id uuid PRIMARY KEY REFERENCES trips.trips (id),
    last_at timestamptz NOT NULL
);
