//! What stands between the network and the handlers: limits, identity, problems, logs, metrics.

mod body;
mod edge;
mod gzip;
mod octets;
mod principal;
mod problem;
mod signed_in;
mod success;

pub use body::{Body, read_json};
pub use edge::{Allowed, Edge, WAIT_MAX, too_many};
pub use octets::Octets;
pub use principal::{AccessCheck, Identified, Principal};
pub use problem::problem_of;
pub use signed_in::SignedIn;
pub use success::{Created, NoContent};

use poem_openapi::param::Header;

/// The value of an `Idempotency-Key` header.
pub type IdempotencyKey = Header<Option<String>>;
