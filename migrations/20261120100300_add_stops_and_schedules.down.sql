-- The ledger may hold fees by now, and its rows never go: it stays open for them.
ALTER TABLE trips.trips
    DROP COLUMN waypoints,
    DROP COLUMN pickup_at,
    DROP COLUMN passenger_name,
    DROP COLUMN passenger_phone,
    DROP COLUMN for_someone_else,
    DROP COLUMN stops,
    DROP COLUMN stop_changes,
    DROP COLUMN visits,
    DROP COLUMN basis;
