DROP TABLE dispatch.silent_cars;
