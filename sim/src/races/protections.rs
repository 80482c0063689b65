//! What keeps races from doing harm. Tests take one away and see harm done.

/// What the server and its database do against races.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protections {
    /// The unique index on accepted offers.
    pub(super) accepted_index: bool,
    /// An offer is accepted only while it is open and in time.
    pub(super) open_check: bool,
    /// A trip's row is locked before anything is decided about it.
    pub(super) trip_lock: bool,
    /// A round locks the lease first and writes nothing if it is somebody else's.
    pub(super) lease_fence: bool,
}

impl Default for Protections {
    fn default() -> Self {
        Self {
            accepted_index: true,
            open_check: true,
            trip_lock: true,
            lease_fence: true,
        }
    }
}
