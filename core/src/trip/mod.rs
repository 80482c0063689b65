//! The trip: its states, the commands that move it and the rules between them.
//!
//! A change is two pure steps. [`decide`] takes the trip, a command and who gives it when, and
//! answers with events or with a [`Refusal`] that names the state and the rule; it changes nothing.
//! [`Trip::apply`] takes an event that was decided, and changes the trip; it refuses nothing.
//!
//! ```text
//! requested → assigned → arrived → in_progress → completed
//!     ↑___________|__________|            (a driver who cancels gives the trip back)
//! requested, assigned, arrived → cancelled;  requested → expired
//! ```

mod command;
mod decide;
mod event;
mod pin;
mod state;

pub use command::{Actor, CancelReason, Command, CommandContext, CommandKind, Party};
pub use decide::{Refusal, Rules, decide};
pub use event::Event;
pub use pin::{Pin, PinError};
pub use state::{Assignment, Trip, TripRequest, TripState, TripStatus};
