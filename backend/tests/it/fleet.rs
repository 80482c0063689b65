//! `/v1/drivers` and `/v1/vehicles`: profiles, vehicles, going online.

mod availability;
mod drivers;
mod vehicles;
