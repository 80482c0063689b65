//! A piece of a track as it is kept and sent: immutable, and named by the hash of its bytes.
//!
//! ```text
//! 1 byte    the version, 1
//! varint    how many points, 1 to 1,000
//! each point:
//!   1 byte  flags: 1 speed known, 2 heading known, 4 accuracy as before,
//!           8 as long after the point before as that one was after its own
//!   varint  the step in time minus the step before it, in ms; only without flag 8
//!   varint  latitude minus the one before, in 1e-7 degrees
//!   varint  longitude minus the one before, in 1e-7 degrees
//!   varint  accuracy minus the one before, in mm; only without flag 4
//!   varint  speed minus the last known one, in mm/s; only with flag 1
//!   varint  turn since the last known heading, the short way, in 0.01°; only with flag 2
//! ```
//!
//! What was before the first point is zero. A varint is 7 bits a byte, lowest first, the eighth bit
//! says that more follow; differences are folded so that small ones of either sign are short
//! (0, −1, 1, −2 … become 0, 1, 2, 3 …) and wrap around at the width of their field, so that
//! every point can follow every other one. There is one way to write given points: whatever
//! [`read_segment`] takes, [`write_segment`] writes again byte for byte. `docs/offline/time-and-pin.md`
//! says how large that is.

use chrono::{DateTime, Utc};

use super::point::TrackPoint;
use crate::geo::LatLng;

mod varint;

use varint::Bytes;

/// The most points in a segment.
pub const SEGMENT_POINTS_MAX: usize = 1_000;
/// The most bytes of a segment. No segment that is written comes near it.
pub const SEGMENT_BYTES_MAX: usize = 64 * 1024;

const VERSION: u8 = 1;
const SPEED: u8 = 1;
const HEADING: u8 = 2;
const SAME_ACCURACY: u8 = 4;
const SAME_STEP: u8 = 8;
const ALL_FLAGS: u8 = SPEED | HEADING | SAME_ACCURACY | SAME_STEP;
/// Directions are below this, in hundredths of a degree.
const CIRCLE_CDEG: u16 = 36_000;
const HALF_CIRCLE_CDEG: u16 = 18_000;

/// A measurement as a segment holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentPoint {
    /// When, where, how exact and how fast.
    pub point: TrackPoint,
    /// Direction in hundredths of a degree clockwise from north, below 36,000, if the device knew it.
    pub heading_cdeg: Option<u16>,
}

/// Why bytes are not a segment, or points cannot become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// It begins with something else, ends too early or too late, or is not written the one way.
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
    /// A direction beyond the full circle.
    #[error("a heading is below {CIRCLE_CDEG} hundredths of a degree")]
    Heading,
}

/// Writes points as a segment, in the order in which they are given.
pub fn write_segment(points: &[SegmentPoint]) -> Result<Vec<u8>, SegmentError> {
    let count = u32::try_from(points.len()).map_err(|_| SegmentError::Count)?;
    if points.is_empty() || points.len() > SEGMENT_POINTS_MAX {
        return Err(SegmentError::Count);
    }
    let mut bytes = vec![VERSION];
    varint::put(&mut bytes, u64::from(count));
    let mut before = Before::default();
    for point in points {
        before.write(point, &mut bytes)?;
    }
    Ok(bytes)
}

/// Reads a segment. Whatever the bytes are, it ends after at most [`SEGMENT_POINTS_MAX`] points.
pub fn read_segment(bytes: &[u8]) -> Result<Vec<SegmentPoint>, SegmentError> {
    if bytes.len() > SEGMENT_BYTES_MAX {
        return Err(SegmentError::Malformed);
    }
    let mut bytes = Bytes::of(bytes);
    match bytes.byte()? {
        VERSION => {}
        0 => return Err(SegmentError::Malformed),
        _ => return Err(SegmentError::TooNew),
    }
    let count = usize::try_from(bytes.varint()?).map_err(|_| SegmentError::Count)?;
    if count == 0 || count > SEGMENT_POINTS_MAX {
        return Err(SegmentError::Count);
    }
    let mut before = Before::default();
    let mut points = Vec::with_capacity(count);
    for _ in 0..count {
        points.push(before.read(&mut bytes)?);
    }
    if bytes.is_empty() {
        Ok(points)
    } else {
        Err(SegmentError::Malformed)
    }
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

/// What the next point is written as the difference to.
#[derive(Default)]
struct Before {
    at_ms: i64,
    step_ms: i64,
    lat_e7: i32,
    lng_e7: i32,
    accuracy_mm: u32,
    speed_mm_s: u32,
    heading_cdeg: u16,
}

impl Before {
    fn write(&mut self, point: &SegmentPoint, bytes: &mut Vec<u8>) -> Result<(), SegmentError> {
        let SegmentPoint {
            point,
            heading_cdeg,
        } = *point;
        if heading_cdeg.is_some_and(|heading| heading >= CIRCLE_CDEG) {
            return Err(SegmentError::Heading);
        }
        let step_ms = point.at_ms.wrapping_sub(self.at_ms);
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = flag(point.speed_mm_s.is_some(), SPEED)
            | flag(heading_cdeg.is_some(), HEADING)
            | flag(point.accuracy_mm == self.accuracy_mm, SAME_ACCURACY)
            | flag(step_ms == self.step_ms, SAME_STEP);
        bytes.push(flags);
        if flags & SAME_STEP == 0 {
            varint::put_folded_64(bytes, step_ms.wrapping_sub(self.step_ms));
        }
        let (lat_e7, lng_e7) = (point.position.lat_e7(), point.position.lng_e7());
        varint::put_folded(bytes, lat_e7.wrapping_sub(self.lat_e7));
        varint::put_folded(bytes, lng_e7.wrapping_sub(self.lng_e7));
        if flags & SAME_ACCURACY == 0 {
            let more_mm = point.accuracy_mm.wrapping_sub(self.accuracy_mm);
            varint::put_folded(bytes, more_mm.cast_signed());
        }
        if let Some(speed_mm_s) = point.speed_mm_s {
            let faster_mm_s = speed_mm_s.wrapping_sub(self.speed_mm_s);
            varint::put_folded(bytes, faster_mm_s.cast_signed());
        }
        if let Some(heading_cdeg) = heading_cdeg {
            varint::put_folded(bytes, turn_cdeg(self.heading_cdeg, heading_cdeg));
        }
        self.follow(point, heading_cdeg);
        Ok(())
    }

    fn read(&mut self, bytes: &mut Bytes<'_>) -> Result<SegmentPoint, SegmentError> {
        let flags = bytes.byte()?;
        if flags & !ALL_FLAGS != 0 {
            return Err(SegmentError::Malformed);
        }
        let mut step_ms = self.step_ms;
        if flags & SAME_STEP == 0 {
            step_ms = step_ms.wrapping_add(not_zero(bytes.folded_64()?)?);
        }
        let lat_e7 = self.lat_e7.wrapping_add(bytes.folded()?);
        let lng_e7 = self.lng_e7.wrapping_add(bytes.folded()?);
        let mut accuracy_mm = self.accuracy_mm;
        if flags & SAME_ACCURACY == 0 {
            let more_mm = not_zero(bytes.folded()?)?;
            accuracy_mm = accuracy_mm.wrapping_add(more_mm.cast_unsigned());
        }
        let mut speed_mm_s = None;
        if flags & SPEED != 0 {
            let faster_mm_s = bytes.folded()?.cast_unsigned();
            speed_mm_s = Some(self.speed_mm_s.wrapping_add(faster_mm_s));
        }
        let mut heading_cdeg = None;
        if flags & HEADING != 0 {
            heading_cdeg = Some(turned(self.heading_cdeg, bytes.folded()?)?);
        }
        let point = TrackPoint {
            at_ms: self.at_ms.wrapping_add(step_ms),
            accuracy_mm,
            position: LatLng::from_e7(lat_e7, lng_e7).map_err(|_| SegmentError::Position)?,
            speed_mm_s,
        };
        self.follow(point, heading_cdeg);
        Ok(SegmentPoint {
            point,
            heading_cdeg,
        })
    }

    fn follow(&mut self, point: TrackPoint, heading_cdeg: Option<u16>) {
        *self = Self {
            at_ms: point.at_ms,
            step_ms: point.at_ms.wrapping_sub(self.at_ms),
            lat_e7: point.position.lat_e7(),
            lng_e7: point.position.lng_e7(),
            accuracy_mm: point.accuracy_mm,
            speed_mm_s: point.speed_mm_s.unwrap_or(self.speed_mm_s),
            heading_cdeg: heading_cdeg.unwrap_or(self.heading_cdeg),
        };
    }
}

/// A difference that is not zero: for zero there is a flag, and only one way to write it.
fn not_zero<T: Default + PartialEq>(difference: T) -> Result<T, SegmentError> {
    if difference == T::default() {
        Err(SegmentError::Malformed)
    } else {
        Ok(difference)
    }
}

/// The short way from one direction to another: −18,000 … 17,999 hundredths of a degree.
fn turn_cdeg(from: u16, to: u16) -> i32 {
    let (circle, half) = (i32::from(CIRCLE_CDEG), i32::from(HALF_CIRCLE_CDEG));
    let turn = i32::from(to).saturating_sub(i32::from(from));
    turn.saturating_add(half)
        .rem_euclid(circle)
        .saturating_sub(half)
}

/// The direction after a turn; `Malformed` if that is not the short way.
fn turned(from: u16, turn: i32) -> Result<u16, SegmentError> {
    let to = i32::from(from)
        .checked_add(turn)
        .map(|to| to.rem_euclid(i32::from(CIRCLE_CDEG)))
        .and_then(|to| u16::try_from(to).ok())
        .ok_or(SegmentError::Malformed)?;
    if turn_cdeg(from, to) == turn {
        Ok(to)
    } else {
        Err(SegmentError::Malformed)
    }
}

#[cfg(test)]
mod tests;
