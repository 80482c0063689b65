//! What the trips context offers over HTTP.

mod admin;
mod step;
mod stops;
mod trips;

pub use admin::AdminTripsApi;
pub use stops::TripStopsApi;
pub use trips::TripsApi;
