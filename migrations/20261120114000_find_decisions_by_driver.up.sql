-- Who was looked at, as the last 32 bits of the drivers' ids, which are random: a driver asks what
-- became of the requests nearby, and `considered` is not readable for the database. Few wrong rows are
-- found with the right ones; who reads them looks into `considered`. The table is still empty.
ALTER TABLE dispatch.decisions ADD COLUMN drivers integer[] NOT NULL DEFAULT '{}';
CREATE INDEX decisions_of_driver ON dispatch.decisions USING gin (drivers);
