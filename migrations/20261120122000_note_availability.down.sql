ALTER TABLE fleet.drivers DROP COLUMN availability_at;
