DROP TABLE pricing.surge_cells;
