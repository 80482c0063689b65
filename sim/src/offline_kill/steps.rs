//! What a writer does, step by step, from a seed and the number of the step alone.

use chrono::{DateTime, Duration, Utc};
use rand::{RngExt, SeedableRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{BlobId, CommandId, TripId};
use wayfare_core::sync::ChainHash;
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::wire::{BlobKind, NewBlob};

use crate::chance::Chance;

/// A step: one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The person does so many things, and is told of them.
    Act(u64),
    /// So many points are measured.
    Drive(u64),
    /// A photo of so many bytes is taken.
    Photograph(usize),
    /// All of these at once.
    Everything(u64),
    /// The server answers so many commands.
    Hear(u32),
    /// Points are packed, all of them or those that fill a segment.
    Pack(bool),
    /// The server has the next segment.
    SendTrack,
    /// The server has some more of the next photo.
    SendPhoto,
    /// The person has seen the oldest notice.
    Read,
    /// What happened more than a hundred steps ago is forgotten.
    Forget,
}

/// The most points of a segment here, so that there are many.
pub(super) const SEGMENT_POINTS: u32 = 40;
/// The bytes of a photo that are sent at once.
pub(super) const CHUNK_BYTES: u32 = 64 * 1024;
/// Forgotten is what is so many steps old.
const REMEMBERED: u64 = 100;

/// What is done from a seed on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    seed: u64,
}

impl Plan {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(super) fn step(self, number: u64) -> Step {
        let mut chance = self.chance(number);
        match chance.random_range(0..100_u32) {
            0..22 => Step::Act(chance.random_range(1..=4)),
            22..44 => Step::Drive(chance.random_range(1..=30)),
            44..50 => Step::Photograph(chance.random_range(1..=200_000)),
            50..55 => Step::Everything(chance.random_range(1..=12)),
            55..68 => Step::Hear(chance.random_range(1..=6)),
            68..76 => Step::Pack(chance.random_bool(0.3)),
            76..86 => Step::SendTrack,
            86..92 => Step::SendPhoto,
            92..98 => Step::Read,
            _ => Step::Forget,
        }
    }

    /// How many commands, points and bytes of a photo a step adds.
    pub(super) fn added(self, number: u64) -> (u64, u64, usize) {
        match self.step(number) {
            Step::Act(count) => (count, 0, 0),
            Step::Drive(count) => (0, count, 0),
            Step::Photograph(bytes) => (0, 0, bytes),
            Step::Everything(count) => (count, count * 3, 5_000),
            _ => (0, 0, 0),
        }
    }

    /// The bytes of a step's photo.
    pub(super) fn photo(self, number: u64) -> Vec<u8> {
        let (_, _, bytes) = self.added(number);
        let mut content = vec![0; bytes];
        rand::Rng::fill_bytes(&mut self.chance(number), &mut content);
        content
    }

    fn chance(self, number: u64) -> Chance {
        Chance::seed_from_u64(self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

/// The trip that a step is about; none now and then.
pub(super) fn trip(number: u64) -> Option<TripId> {
    let trip = number / 30;
    (trip % 4 != 0).then(|| TripId::from_uuid(Uuid::from_u128(u128::from(trip))))
}

/// When a step happens.
pub(super) fn at(number: u64) -> DateTime<Utc> {
    let begin = DateTime::UNIX_EPOCH + Duration::days(20_000);
    begin + Duration::seconds(i64::try_from(number).unwrap_or(0))
}

/// Before this a step forgets.
pub(super) fn forgotten(number: u64) -> DateTime<Utc> {
    at(number.saturating_sub(REMEMBERED))
}

/// A command of a step, with its text.
pub(super) fn command(number: u64, part: u64) -> (CommandId, String) {
    let id = Uuid::from_u128(u128::from(number) << 64 | u128::from(part));
    let text = format!("{{\"step\":{number},\"part\":{part}}}");
    (CommandId::from_uuid(id), text)
}

/// A point of a step. No two are the same.
pub(super) fn point(number: u64, part: u64) -> Option<SegmentPoint> {
    let lat_e7 = 411_000_000 + i32::try_from(number % 1_000_000).ok()?;
    let lng_e7 = -86_000_000 + i32::try_from(part).ok()?;
    Some(SegmentPoint {
        point: TrackPoint {
            at_ms: at(number).timestamp_millis() + i64::try_from(part).ok()?,
            accuracy_mm: 4_000,
            position: LatLng::from_e7(lat_e7, lng_e7).ok()?,
            speed_mm_s: (part % 3 != 0).then_some(9_000),
        },
        heading_cdeg: None,
    })
}

/// The points of a step.
pub(super) fn points(number: u64, count: u64) -> Vec<SegmentPoint> {
    (0..count).filter_map(|part| point(number, part)).collect()
}

/// What is announced of a step's photo.
pub(super) fn blob(number: u64, content: &[u8]) -> NewBlob {
    NewBlob {
        blob_id: blob_id(number),
        kind: BlobKind::Photo,
        trip_id: trip(number),
        media_type: "image/jpeg".to_owned(),
        size: u64::try_from(content.len()).unwrap_or(u64::MAX),
        sha256: ChainHash::from_bytes(Sha256::digest(content).into()),
        taken_at: at(number),
    }
}

pub(super) fn blob_id(number: u64) -> BlobId {
    BlobId::from_uuid(Uuid::from_u128(u128::from(number)))
}
