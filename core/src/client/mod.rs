//! The client of the backend's API, for phones, the admin's desktop and simulations.
//!
//! A [`Client`] holds the session of one device. It refreshes tokens by itself, and repeats a
//! request that was lost on the way: every request that changes something carries an idempotency
//! key that stays the same when it is repeated, so it is carried out once. What the server refuses
//! is not repeated. [`Stream`] is the live feed: it reconnects by itself and resumes where it was.

mod calls;
mod error;
mod sender;
mod session;
mod stream;
mod sync;
mod transport;

pub use error::ClientError;
pub use sender::LocationSender;
pub use stream::{Stream, StreamUpdate};
pub use transport::{CallOutcome, CallRecord, Client, ClientOptions, Observer};
