DROP INDEX dispatch.decisions_of_driver;
ALTER TABLE dispatch.decisions DROP COLUMN drivers;
