-- A person sees and takes back their own wishes by an id that names nobody.
ALTER TABLE dispatch.blocks
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT blocks_id_key UNIQUE,
    -- What the one who wished it called the other on their trip.
    ADD COLUMN called text CONSTRAINT blocks_called CHECK (char_length(called) BETWEEN 1 AND 60);
