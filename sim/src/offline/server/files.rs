//! Pieces of tracks and files as they came.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use wayfare_core::id::{BlobId, TripId, UserId};
use wayfare_core::sync::ChainHash;
use wayfare_core::sync::device::Answer;
use wayfare_core::track::segment::{SEGMENT_BYTES_MAX, SegmentPoint, read_segment};
use wayfare_core::wire::{Blob, ErrorCode, NewBlob, SegmentKept};

use super::super::protections::Protections;
use super::refusal;
use crate::offline::backend::KeptPoint;

/// The most bytes of a piece of a file.
const PIECE_BYTES_MAX: usize = 1024 * 1024;

/// A piece of a track.
#[derive(Debug)]
struct Segment {
    user: UserId,
    sha256: ChainHash,
    trip: Option<TripId>,
    points: Vec<SegmentPoint>,
}

/// A file.
#[derive(Debug)]
struct File {
    user: UserId,
    new: NewBlob,
    content: Vec<u8>,
    complete: bool,
}

/// A piece of a track as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived<'a> {
    /// Whose.
    pub(super) user: UserId,
    /// The trip that it is said to be of.
    pub(super) trip: Option<TripId>,
    /// What its bytes are said to hash to.
    pub(super) sha256: ChainHash,
    /// The bytes.
    pub(super) bytes: &'a [u8],
}

/// All pieces of tracks and all files.
#[derive(Debug, Default)]
pub(super) struct Files {
    segments: Vec<Segment>,
    blobs: BTreeMap<BlobId, File>,
}

fn hash_of(bytes: &[u8]) -> ChainHash {
    ChainHash::from_bytes(Sha256::digest(bytes).into())
}

impl Files {
    /// Keeps a piece of a track.
    pub(super) fn keep_segment(&mut self, arrived: Arrived<'_>, known: Protections) -> Answer {
        if arrived.bytes.len() > SEGMENT_BYTES_MAX {
            return refusal(413, ErrorCode::BodyTooLarge);
        }
        if hash_of(arrived.bytes) != arrived.sha256 {
            return refusal(422, ErrorCode::ContentMismatch);
        }
        let Ok(points) = read_segment(arrived.bytes) else {
            return refusal(400, ErrorCode::InvalidRequest);
        };
        let count = u32::try_from(points.len()).unwrap_or(u32::MAX);
        let again = self
            .segments
            .iter()
            .any(|kept| kept.user == arrived.user && kept.sha256 == arrived.sha256);
        if !again || !known.server_knows_segments {
            self.segments.push(Segment {
                user: arrived.user,
                sha256: arrived.sha256,
                trip: arrived.trip,
                points,
            });
        }
        Answer::Segment(SegmentKept {
            points: count,
            duplicate: again,
        })
    }

    /// The points of a trip by this person.
    pub(super) fn points_of(&self, user: UserId, trip: TripId) -> Vec<SegmentPoint> {
        self.segments
            .iter()
            .filter(|kept| kept.user == user && kept.trip == Some(trip))
            .flat_map(|kept| kept.points.iter().copied())
            .collect()
    }

    /// How many points there are.
    pub(super) fn points_kept(&self) -> u64 {
        let counts = self.segments.iter().map(|kept| kept.points.len());
        u64::try_from(counts.sum::<usize>()).unwrap_or(u64::MAX)
    }

    /// Every point, as often as it is kept.
    pub(super) fn all_points(&self) -> Vec<KeptPoint> {
        self.segments
            .iter()
            .flat_map(|kept| {
                kept.points.iter().map(|point| KeptPoint {
                    user: kept.user,
                    trip: kept.trip,
                    point: *point,
                })
            })
            .collect()
    }

    /// Every file; without its content while it is not whole.
    pub(super) fn all_blobs(&self) -> Vec<(BlobId, Option<Vec<u8>>)> {
        self.blobs
            .iter()
            .map(|(id, file)| (*id, file.complete.then(|| file.content.clone())))
            .collect()
    }

    /// Says how much of a file is here.
    pub(super) fn begin_blob(&mut self, user: UserId, new: &NewBlob) -> Answer {
        let file = self.blobs.entry(new.blob_id).or_insert_with(|| File {
            user,
            new: new.clone(),
            content: Vec::new(),
            complete: false,
        });
        if file.user != user {
            return refusal(404, ErrorCode::NotFound);
        }
        if file.new != *new {
            return refusal(422, ErrorCode::ContentMismatch);
        }
        Answer::Blob(file.shown())
    }

    /// Takes the next piece of a file.
    pub(super) fn add_chunk(
        &mut self,
        user: UserId,
        (blob, offset): (BlobId, u64),
        bytes: &[u8],
        known: Protections,
    ) -> Answer {
        let Some(file) = self.blobs.get_mut(&blob).filter(|file| file.user == user) else {
            return refusal(404, ErrorCode::NotFound);
        };
        if bytes.is_empty() || bytes.len() > PIECE_BYTES_MAX {
            return refusal(413, ErrorCode::BodyTooLarge);
        }
        if known.blobs_are_checked && file.complete {
            return Answer::Blob(file.shown());
        }
        if known.blobs_are_checked && offset != file.received() {
            return refusal(409, ErrorCode::UploadOffset);
        }
        file.content.extend_from_slice(bytes);
        if file.received() >= file.new.size {
            if known.blobs_are_checked && hash_of(&file.content) != file.new.sha256 {
                file.content.clear();
                return refusal(422, ErrorCode::ContentMismatch);
            }
            file.complete = true;
        }
        Answer::Blob(file.shown())
    }
}

impl File {
    fn received(&self) -> u64 {
        u64::try_from(self.content.len()).unwrap_or(u64::MAX)
    }

    fn shown(&self) -> Blob {
        Blob {
            blob_id: self.new.blob_id,
            size: self.new.size,
            received: self.received().min(self.new.size),
            complete: self.complete,
        }
    }
}
