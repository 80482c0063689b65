-- What demand and supply do to prices at the moment, a row for each H3 cell where they do anything.
CREATE TABLE pricing.surge_cells (
    cell text PRIMARY KEY CONSTRAINT surge_cells_cell CHECK (cell ~ '^8[0-9a-f]{14}$'),
    surge_bps bigint NOT NULL CONSTRAINT surge_cells_surge CHECK (surge_bps BETWEEN 10000 AND 100000),
    -- The numbers behind it, as the core gave them.
    state jsonb NOT NULL,
    observed_at timestamptz NOT NULL
);
