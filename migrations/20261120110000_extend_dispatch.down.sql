DROP TABLE dispatch.sightings, dispatch.decisions, dispatch.queue_places, dispatch.blocks,
    dispatch.drivers, dispatch.leases;
ALTER TABLE fleet.vehicles
    DROP COLUMN features,
    DROP COLUMN seats,
    DROP COLUMN load_kg;
ALTER TABLE trips.trips
    DROP COLUMN forward,
    DROP COLUMN needs;
ALTER TABLE dispatch.offers
    DROP COLUMN wave,
    DROP COLUMN broadcast,
    DROP COLUMN forward,
    DROP COLUMN pickup_duration_s;
