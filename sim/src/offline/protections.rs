//! What keeps a shift without a network from harm. Tests take one away and see harm done.

/// What the server, the network and the program around a device do against harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protections {
    /// The server knows a command that comes again.
    pub(super) server_knows_commands: bool,
    /// The server knows a segment that comes again under the same name.
    pub(super) server_knows_segments: bool,
    /// A batch that fails in the middle keeps nothing of the command that failed.
    pub(super) batch_rolls_back: bool,
    /// The feed gives every message after the cursor.
    pub(super) feed_is_whole: bool,
    /// The server checks a file against its fingerprint and place.
    pub(super) blobs_are_checked: bool,
    /// A device keeps what the server calls too large.
    pub(super) device_keeps_refused: bool,
    /// Every point comes into a segment.
    pub(super) segments_are_whole: bool,
    /// A device's time does not follow the clock on the wall.
    pub(super) clock_is_monotonic: bool,
}

impl Default for Protections {
    fn default() -> Self {
        Self {
            server_knows_commands: true,
            server_knows_segments: true,
            batch_rolls_back: true,
            feed_is_whole: true,
            blobs_are_checked: true,
            device_keeps_refused: true,
            segments_are_whole: true,
            clock_is_monotonic: true,
        }
    }
}
