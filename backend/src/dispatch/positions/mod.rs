//! Where drivers are: from the phone to everybody who looks.
//!
//! A batch of points comes by HTTP or over the stream. Those of a trip are kept with it, many
//! drivers' at once; the newest one goes into the live index, to the other instances, and to the
//! riders who wait for the car. Only points of trips are kept: everything else is memory. A batch that
//! could not be kept is an error that the phone is told, and sends again; nothing is lost silently.
//!
//! A car that is silent is offline, not standing: whoever is shown a position is told its age.

pub mod api;
mod format;
mod group;
mod live;
mod presence;
mod queries;
mod record;
mod sharing;
pub mod silence;

pub use group::{Recorder, RecorderWork};
pub use live::find_car;
pub use presence::Presence;
pub use record::record_locations;
pub use sharing::{FIXES, PositionChange, SharedFixes};
