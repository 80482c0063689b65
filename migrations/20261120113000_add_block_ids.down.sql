ALTER TABLE dispatch.blocks DROP COLUMN called, DROP COLUMN id;
