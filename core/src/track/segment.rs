//! A piece of a track as it is kept and sent: immutable, and named by the hash of its bytes. Stub.
//!
//! Points in the order in which they were measured. Each field is the difference to the point
//! before it, as a variable-length integer.

use chrono::{DateTime, Utc};

use super::point::TrackPoint;
use crate::geo::LatLng;

/// The most points in a segment.
pub const SEGMENT_POINTS_MAX: usize = 1_000;
/// The most bytes of a segment.
pub const SEGMENT_BYTES_MAX: usize = 64 * 1024;

/// A measurement as a segment holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentPoint {
    /// When, where, how exact and how fast.
    pub point: TrackPoint,
    /// Direction in hundredths of a degree clockwise from north, if the device knew it.
    pub heading_cdeg: Option<u16>,
}

/// Why bytes are not a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// It begins with something else, or ends too early or too late.
    #[error("these bytes are not a segment of a track")]
    Malformed,
    /// Written by a newer program.
    #[error("this segment is of a newer version")]
    TooNew,
    /// None or too many points.
    #[error("a segment has 1 to {SEGMENT_POINTS_MAX} points")]
    Count,
    /// A point that is nowhere on the earth.
    #[error("a point of the segment is not on the earth")]
    Position,
}

/// Writes points as a segment.
pub fn write_segment(_points: &[SegmentPoint]) -> Result<Vec<u8>, SegmentError> {
    // Stub
    Err(SegmentError::Count)
}

/// Reads a segment.
pub fn read_segment(_bytes: &[u8]) -> Result<Vec<SegmentPoint>, SegmentError> {
    // Stub
    Err(SegmentError::Malformed)
}

/// When the first and the last point of these were measured.
pub fn span(points: &[SegmentPoint]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let at = |point: &SegmentPoint| point.point.at();
    let first = points.iter().map(at).min()?;
    Some((first, points.iter().map(at).max()?))
}

/// Where the last point of these was.
pub fn last_position(points: &[SegmentPoint]) -> Option<LatLng> {
    points
        .iter()
        .max_by_key(|point| point.point.at_ms)
        .map(|point| point.point.position)
}
