//! What a writer says, and the server that hears it.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use wayfare_core::id::{BlobId, TripId};
use wayfare_core::sync::ChainHash;
use wayfare_core::sync::store::{StoredBlob, StoredCommand, StoredSegment};
use wayfare_core::track::segment::read_segment;

/// A line of a writer. What is sent is said before it is marked as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub(super) enum Said {
    /// A command is sent.
    Command { seq: u64, text: String },
    /// A segment is sent.
    Segment {
        sha256: ChainHash,
        trip: Option<TripId>,
        bytes: Vec<u8>,
    },
    /// A photo is sent up to this byte.
    Photo { id: BlobId, up_to: u64 },
    /// This step is committed.
    Done { step: u64 },
    /// The writer cannot go on.
    Failed { words: String },
}

impl From<&StoredCommand> for Said {
    fn from(command: &StoredCommand) -> Self {
        Self::Command {
            seq: command.seq,
            text: command.text.clone(),
        }
    }
}

impl From<&StoredSegment> for Said {
    fn from(segment: &StoredSegment) -> Self {
        Self::Segment {
            sha256: segment.sha256,
            trip: segment.trip,
            bytes: segment.bytes.clone(),
        }
    }
}

impl Said {
    /// The next chunk of a photo.
    pub(super) fn chunk(photo: &StoredBlob, bytes: u64) -> Self {
        Self::Photo {
            id: photo.blob.blob_id,
            up_to: photo.sent + bytes,
        }
    }
}

/// A measured point, as what it is compared by: when and on which trip.
pub(super) type Measured = (i64, Option<TripId>);

/// What the server has.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) commands: BTreeMap<u64, String>,
    segments: HashSet<ChainHash>,
    /// How often each point came, in different segments.
    pub(super) points: HashMap<Measured, u64>,
    pub(super) photos: HashMap<BlobId, u64>,
    /// What contradicts what was sent before, or cannot be read.
    pub(super) contradictions: u64,
}

impl Server {
    /// Takes what was sent. The same again changes nothing.
    pub(super) fn take(&mut self, said: Said) {
        match said {
            Said::Command { seq, text } => {
                let known = self.commands.entry(seq).or_insert_with(|| text.clone());
                self.contradictions += u64::from(*known != text);
            }
            Said::Segment {
                sha256,
                trip,
                bytes,
            } => {
                if self.segments.insert(sha256) {
                    self.take_points(trip, &bytes);
                }
            }
            Said::Photo { id, up_to } => {
                let has = self.photos.entry(id).or_default();
                *has = up_to.max(*has);
            }
            Said::Done { .. } | Said::Failed { .. } => {}
        }
    }

    fn take_points(&mut self, trip: Option<TripId>, bytes: &[u8]) {
        match read_segment(bytes) {
            Ok(points) => {
                for point in points {
                    *self.points.entry((point.point.at_ms, trip)).or_default() += 1;
                }
            }
            Err(error) => {
                eprintln!("wayfare-sim: a segment cannot be read: {error}");
                self.contradictions += 1;
            }
        }
    }
}
