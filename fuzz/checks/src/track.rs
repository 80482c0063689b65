//! Tracks: one reading and one digest, however the points arrive.

use arbitrary::Unstructured;
use wayfare_core::track::{
    Meter, POINTS_MAX, Pushed, Reading, StraightLine, TrackDigest, TrackPoint, measure, parse_track,
};

use crate::{as_json, assert_reads_back, from_bytes};

/// Checks a track read from these bytes.
///
/// # Panics
///
/// When a promise is broken.
pub fn track(data: &[u8]) {
    let points = match as_json(data) {
        Some(text) => parse_track(text).ok(),
        None => from_bytes::track(&mut Unstructured::new(data)).ok(),
    };
    let Some(points) = points else { return };
    assert!(points.len() <= POINTS_MAX);
    check(&points);
}

fn check(points: &[TrackPoint]) {
    let reading = measure(points, &StraightLine);
    let mut ordered = points.to_vec();
    ordered.sort_unstable();
    let (_, metered) = meter(&ordered);
    assert_eq!(metered, reading, "a meter that took them in order");
    let (complete, metered) = meter(points);
    assert!(
        !complete || metered == reading,
        "a meter that took them all"
    );

    let reversed: Vec<TrackPoint> = points.iter().rev().copied().collect();
    assert_eq!(measure(&reversed, &StraightLine), reading, "reversed");
    assert_eq!(
        TrackDigest::of(&reversed),
        TrackDigest::of(points),
        "reversed"
    );
    let twice = [points, &reversed].concat();
    assert_eq!(measure(&twice, &StraightLine), reading, "twice");

    let used = reading.inaccurate.saturating_add(reading.too_fast);
    assert!(used <= reading.points, "{reading:?}");
    assert!(reading.points as usize <= points.len(), "{reading:?}");
    let bridged = reading
        .gaps
        .straight_mm
        .saturating_add(reading.gaps.by_road_mm);
    assert!(bridged <= reading.distance_mm, "{reading:?}");
    assert!(reading.duration_s() >= 0, "{reading:?}");
    assert_reads_back(&reading);
}

/// What a meter reads that took the points in this order, and whether none came too late for it.
fn meter(points: &[TrackPoint]) -> (bool, Reading) {
    let mut meter = Meter::new(StraightLine);
    let mut complete = true;
    for point in points {
        complete &= meter.push(*point) != Pushed::TooLate;
    }
    (complete, meter.reading())
}
