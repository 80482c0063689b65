//! The trip: its states, the commands that move it and the rules between them.
//!
//! A change is two pure steps. [`decide`] takes the trip, a command and who gives it when, and
//! answers with events or with a [`Refusal`] that names the state and the rule; it changes nothing.
//! [`Trip::apply`] takes an event that was decided, and changes the trip; it refuses nothing.
//!
//! ```text
//! requested → assigned → arrived → in_progress (en route to stop k ⇄ at stop k) → completed
//!     ↑___________|__________|        (a driver gives the trip back, or it is reassigned)
//! requested, assigned, arrived → cancelled;  requested → expired
//! all of these → in_progress      (a driver who could not know had begun the ride, with the PIN)
//! ```
//!
//! `docs/trip.md` has the whole table.

mod actor;
mod command;
mod decide;
mod event;
mod facts;
mod history;
mod pin;
mod request;
mod state;
mod status;
mod stops;
mod versioned;

pub use actor::{Actor, Party};
pub use command::{CancelReason, Command, CommandContext, CommandKind};
pub use decide::{Refusal, Rules, decide};
pub use event::Event;
pub use history::Trip;
pub use pin::{Pin, PinError};
pub use request::{RequestError, TripRequest};
pub use state::{Assignment, TripState};
pub use status::{TripStage, TripStatus, UnknownTripStatus};
pub use stops::{Leg, Stops, Visit, WAYPOINTS_MAX};
pub use versioned::{VersionError, Versioned, VersionedBody};
