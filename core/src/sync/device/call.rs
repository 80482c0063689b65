//! What a device asks of the server, and what comes back, without saying by which way.

use crate::id::{BlobId, TripId};
use crate::sync::ChainHash;
use crate::wire::{
    BatchAnswer, Blob, ChangesPage, CommandBatch, Device, NewBlob, NewDevice, Problem, SegmentKept,
    Snapshot,
};

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// `POST /v1/devices`: registers the device.
    Register(NewDevice),
    /// `POST /v1/sync/commands`: what was done here.
    Commands(CommandBatch),
    /// `GET /v1/sync/snapshot`: the person's state as a whole.
    Snapshot,
    /// `GET /v1/sync/changes`: what is new after a cursor.
    Changes {
        /// The cursor.
        cursor: i64,
        /// How long the server may wait for something new, in seconds.
        wait_s: u32,
    },
    /// `PUT /v1/trips/{trip_id}/track/{sha256}`: a piece of a track; or of the way between trips,
    /// `PUT /v1/drivers/me/track/{sha256}`.
    Segment {
        /// Of this trip, or of none.
        trip: Option<TripId>,
        /// The hash of the bytes.
        sha256: ChainHash,
        /// As `track::segment` writes them.
        bytes: Vec<u8>,
    },
    /// `POST /v1/blobs`: announces a file, and asks how much of it is there.
    BeginBlob(NewBlob),
    /// `PATCH /v1/blobs/{blob_id}`: the next piece of a file.
    Chunk {
        /// The file.
        blob: BlobId,
        /// How many bytes of it come before.
        offset: u64,
        /// The piece.
        bytes: Vec<u8>,
    },
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To `Register`.
    Registered(Device),
    /// To `Commands`.
    Batch(BatchAnswer),
    /// To `Snapshot`.
    Snapshot(Box<Snapshot>),
    /// To `Changes`.
    Changes(ChangesPage),
    /// To `Segment`.
    Segment(SegmentKept),
    /// To `BeginBlob` and `Chunk`.
    Blob(Blob),
    /// The server refused.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, if that could be read.
        problem: Option<Problem>,
        /// After how many milliseconds it wants to be asked again.
        retry_after_ms: Option<u64>,
    },
    /// Nothing came back, or nothing that could be read.
    Lost,
}
