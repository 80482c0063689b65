//! What the core measures in a track, in both of its ways.

use serde::Serialize;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::{RideLength, proven_ride};
use wayfare_core::track::{Meter, Pushed, Reading, Roads, TrackDigest, TrackPoint, measure};

use crate::dice::Dice;
use crate::recording::Recording;
use crate::records::Records;

/// Writes a track and both ways to measure it; returns the ride that it proves.
pub(crate) fn write(dice: &mut Dice, records: &mut Records<'_>) -> Option<RideLength> {
    let recording = Recording::of_a_ride(dice);
    records.write("recorded", &recording.rows());
    let mut points = Vec::with_capacity(recording.points.len());
    for location in &recording.points {
        match TrackPoint::try_from(location) {
            Ok(point) => points.push(point),
            Err(error) => records.refused("point", &[error]),
        }
    }
    let roads = DetourRoads {
        percent: dice.permille(500).then(|| 100 + dice.below(100)),
    };
    let reading = measure(&points, &roads);
    records.write("measured", &reading);
    records.write("metered", &Metered::as_they_come(&points, roads));
    records.write("digest", &TrackDigest::of(&points));
    let ride = proven_ride(&reading, recording.started_at, recording.completed_at);
    records.write("proven", &ride);
    ride
}

/// A meter that took the points in the order in which they came.
#[derive(Serialize)]
struct Metered {
    taken: u32,
    duplicates: u32,
    too_late: u32,
    reading: Reading,
}

impl Metered {
    fn as_they_come(points: &[TrackPoint], roads: impl Roads) -> Self {
        let mut meter = Meter::new(roads);
        let (mut taken, mut duplicates, mut too_late) = (0, 0, 0);
        for point in points {
            match meter.push(*point) {
                Pushed::Taken => taken += 1,
                Pushed::Duplicate => duplicates += 1,
                Pushed::TooLate => too_late += 1,
            }
        }
        Self {
            taken,
            duplicates,
            too_late,
            reading: meter.reading(),
        }
    }
}

/// Roads on which every way is so many percent of the straight line, or on which none is known.
#[derive(Debug, Clone, Copy)]
struct DetourRoads {
    percent: Option<u64>,
}

impl Roads for DetourRoads {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        self.percent
            .map(|percent| from.distance_mm(to).saturating_mul(percent) / 100)
    }
}
