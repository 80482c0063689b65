//! How much a device keeps of what the server does not have. What is over it is refused; what is
//! there already stays.

/// The most commands that wait.
pub const COMMANDS_MAX: u64 = 50_000;
/// The most points, of which a shift has some 15,000.
pub const POINTS_MAX: u64 = 1_000_000;
/// The most files that wait.
pub const BLOBS_MAX: u64 = 500;
/// The most bytes of files that wait.
pub const BLOB_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// The most bytes of one file.
pub const BLOB_SIZE_MAX: u64 = 10 * 1024 * 1024;
/// The most trips.
pub const TRIPS_MAX: u64 = 1_000;
/// The most bytes of a single value, a trip or a notice, as JSON.
pub const VALUE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// There would be too much of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store has room for {max} {what}")]
pub struct Limit {
    /// Of what.
    pub what: &'static str,
    /// The most of it.
    pub max: u64,
}

impl Limit {
    /// Refuses `count` if it is over `max`.
    pub(super) const fn check(what: &'static str, count: u64, max: u64) -> Result<(), Self> {
        if count > max {
            Err(Self { what, max })
        } else {
            Ok(())
        }
    }
}
