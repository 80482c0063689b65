-- Drivers and their vehicles. A driver's id is the id of the person.
CREATE SCHEMA fleet;

CREATE TABLE fleet.drivers (
    id uuid PRIMARY KEY REFERENCES identity.users (id),
    name text NOT NULL CONSTRAINT drivers_name_length CHECK (length(name) BETWEEN 1 AND 60),
    status text NOT NULL CONSTRAINT drivers_status CHECK (status IN ('pending', 'active', 'blocked')),
    availability text NOT NULL DEFAULT 'offline'
        CONSTRAINT drivers_availability CHECK (availability IN ('online', 'offline')),
    vehicle_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT drivers_online_with_vehicle CHECK (availability = 'offline' OR vehicle_id IS NOT NULL),
    CONSTRAINT drivers_online_when_active CHECK (availability = 'offline' OR status = 'active')
);
CREATE INDEX drivers_online ON fleet.drivers (id) WHERE availability = 'online';

CREATE TABLE fleet.vehicles (
    id uuid PRIMARY KEY,
    driver_id uuid NOT NULL REFERENCES fleet.drivers (id),
    plate text NOT NULL CONSTRAINT vehicles_plate_key UNIQUE
        CONSTRAINT vehicles_plate_length CHECK (length(plate) BETWEEN 1 AND 16),
    make text NOT NULL CONSTRAINT vehicles_make_length CHECK (length(make) BETWEEN 1 AND 40),
    model text NOT NULL CONSTRAINT vehicles_model_length CHECK (length(model) BETWEEN 1 AND 40),
    colour text NOT NULL CONSTRAINT vehicles_colour_length CHECK (length(colour) BETWEEN 1 AND 40),
    vehicle_class text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT vehicles_of_driver UNIQUE (driver_id, id)
);

-- A driver drives only vehicles of their own.
ALTER TABLE fleet.drivers ADD CONSTRAINT drivers_own_vehicle
    FOREIGN KEY (id, vehicle_id) REFERENCES fleet.vehicles (driver_id, id);
