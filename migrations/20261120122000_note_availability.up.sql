-- When the driver last said whether they want offers: what was said before and is told late by a device
-- without a network does not count any more. Null: before anybody noted it.
ALTER TABLE fleet.drivers ADD COLUMN availability_at timestamptz;
