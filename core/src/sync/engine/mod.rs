//! When a device speaks to the server, and about what: a state machine without I/O.
//!
//! Whoever drives it tells it what happened ([`Input`]) and does what it says ([`Effect`]). It knows
//! time only as milliseconds that are passed in and randomness only as the seed it was made with.
//! One call is under way at a time, and a waiting call for changes beside it. Trip commands come
//! before changes, these before tracks, these before files; on a metered network files wait.

mod answers;
mod lane;
mod machine;
mod pause;

use serde::{Deserialize, Serialize};

use crate::id::BlobId;
use crate::wire::ErrorCode;

pub use machine::{CALL_MAX_MS, CHUNK_BYTES_MAX, Engine, FILES_WAIT_MAX_MS, POLL_S};

/// What kind of network there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Network {
    /// None.
    #[default]
    Offline,
    /// One that costs by what is sent.
    Metered,
    /// One that does not.
    Unmetered,
}

/// What waits on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pending {
    /// Commands that the server has not answered.
    pub commands: u64,
    /// Segments of tracks that the server does not have.
    pub segments: u64,
    /// Files that the server does not have.
    pub blobs: u64,
}

/// Names a call until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// What is asked of the server. The content is read from the store when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Registers the device.
    Register,
    /// Sends the oldest commands that wait, at most so many.
    Commands {
        /// How many.
        max: u32,
    },
    /// Asks for the person's state as a whole.
    Snapshot,
    /// Asks for what is new, and waits for it.
    Changes {
        /// How long, in seconds; 0 does not wait.
        wait_s: u32,
    },
    /// Sends the oldest segment that waits.
    Segment,
    /// Says that there is a file, and asks how much of it the server has.
    BeginBlob,
    /// Sends the next piece of the file that is under way.
    Chunk {
        /// Which one.
        blob: BlobId,
        /// At most so many bytes.
        max: u32,
    },
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered, and what was answered is in the store.
    Done {
        /// There is more of the same: further changes, or further pieces of the file.
        more: bool,
        /// The file that is under way, for `BeginBlob`.
        blob: Option<BlobId>,
    },
    /// The server refused.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its code, if it gave one.
        code: Option<ErrorCode>,
        /// After how many milliseconds it wants to be asked again.
        retry_after_ms: Option<u64>,
    },
    /// No answer came.
    Lost,
    /// Answered, but nothing came of it. The same is asked again after a pause.
    Stuck,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The program began, or a person signed in.
    Started,
    /// Time went by.
    Tick,
    /// The network changed.
    Network(Network),
    /// Something new waits on the device.
    Local,
    /// The server said, by whatever way, that there is something new.
    Push,
    /// Whether somebody listens who will say [`Push`](Self::Push), so that no call has to wait for
    /// changes.
    Listening(bool),
    /// A call ended.
    Answered {
        /// Which one.
        call: CallId,
        /// How.
        outcome: Outcome,
    },
    /// The person signed in again after `NeedsSignIn`.
    SignedIn,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Ask the server.
    Call {
        /// Answer with this.
        id: CallId,
        /// What.
        call: Call,
    },
    /// Nobody waits for this call any more.
    Abandon(CallId),
    /// Come back with `Tick` at this time at the latest, in the milliseconds of the inputs.
    WakeAt(u64),
    /// The person has to sign in again; everything is kept.
    NeedsSignIn,
}

#[cfg(test)]
mod tests;
