//! Trips: their states and events, the tracks of their cars, and the ratings of both sides.
//!
//! Every change goes the same way: the trip's row is locked, the core decides, and the new state,
//! the event, what it causes (charge, offers) and the messages to both sides are written in one
//! transaction.

pub mod api;
mod change;
mod claims;
mod consequences;
mod ending;
pub mod forward;
pub mod own;
mod plans;
mod queries;
mod ratings;
mod reported;
mod resume;
mod rows;
pub mod service;
mod track;
mod view;

pub use change::{Change, change_trip};
pub use claims::{check_claim, give_up_tracks};
pub use forward::{Engaged, Engagement, Ride};
pub use ratings::rate_trip;
pub use reported::{Report, Reported, hold_rider, report_step};
pub use rows::StoredTrip;
pub use track::{
    DrivenTrip, Recorded, Sent, StoredPoint, TrackOwner, create_track_partitions, keep_late,
    list_driven, list_last_points, lock_track, record_tracks,
};
