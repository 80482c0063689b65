//! Commands of devices: each applied once, or refused once.
//!
//! A batch goes through these checks, in this order: the device is known; the texts are commands of
//! this device without a gap between them; nothing is missing before them that the device still has;
//! the device sealed them. What fails one of these changes nothing. Then they are applied
//! in *runs*: consecutive commands of one trip are one transaction, with a savepoint each, so that a
//! command that is refused leaves the others alone. The place in the chain moves in the same
//! transaction, and so does the answer that is kept: a command that comes again gets it again.
//!
//! The device's row is locked for a run. A second batch of the same device waits, and then finds
//! duplicates. If the server fails in the middle, what was done so far is answered; the device
//! sends the rest again.

mod action;
pub mod api;
mod batch;
mod kept;
mod queries;
mod run;
mod service;
mod time;
