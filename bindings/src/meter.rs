//! The meter of a running ride.

use std::sync::{Mutex, PoisonError};

use chrono::DateTime;
use wayfare_core::geo::LatLng;
use wayfare_core::track::{self, Pushed, Reading, StraightLine, TrackPoint};

/// A point that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PointError {
    /// A number or the time is out of its range.
    #[error("{reason}")]
    OutOfRange {
        /// Which one.
        reason: String,
    },
}

/// Where the device was at a moment.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct MeterPoint {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lng: f64,
    /// Radius within which the device is with 68 % probability, in metres.
    pub accuracy_m: f64,
    /// Metres per second, if the device knows it.
    pub speed_mps: Option<f64>,
}

/// What became of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PointOutcome {
    /// It is in.
    Taken,
    /// There is a point of this moment already.
    Duplicate,
    /// It came too late for the meter. Measure the whole track anew when the ride is over.
    TooLate,
}

/// Driven distance and time so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct MeterReading {
    /// Metres, rounded down.
    pub distance_m: i64,
    /// Seconds from the first to the last point.
    pub duration_s: i64,
    /// Gaps that were bridged in a straight line.
    pub gaps: u32,
}

/// Measures a ride while it is driven, in constant memory.
#[derive(Debug, uniffi::Object)]
pub struct Meter(Mutex<track::Meter<StraightLine>>);

#[uniffi::export]
impl Meter {
    /// A meter that has seen nothing.
    #[uniffi::constructor]
    #[expect(
        clippy::new_without_default,
        reason = "the constructor of Kotlin and Swift"
    )]
    pub fn new() -> Self {
        Self(Mutex::new(track::Meter::new(StraightLine)))
    }

    /// Takes a point.
    pub fn push(&self, point: MeterPoint) -> Result<PointOutcome, PointError> {
        let point = read(point).map_err(|reason| PointError::OutOfRange { reason })?;
        let mut meter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match meter.push(point) {
            Pushed::Taken => PointOutcome::Taken,
            Pushed::Duplicate => PointOutcome::Duplicate,
            Pushed::TooLate => PointOutcome::TooLate,
        })
    }

    /// What the points so far say.
    pub fn reading(&self) -> MeterReading {
        let meter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown(&meter.reading())
    }
}

fn read(point: MeterPoint) -> Result<TrackPoint, String> {
    let at = DateTime::from_timestamp_millis(point.at_ms);
    let at = at.ok_or_else(|| "the time is out of range".to_owned())?;
    let position = LatLng::from_degrees(point.lat, point.lng).map_err(|error| error.to_string())?;
    TrackPoint::new(at, position, point.accuracy_m, point.speed_mps)
        .map_err(|error| error.to_string())
}

fn shown(reading: &Reading) -> MeterReading {
    MeterReading {
        distance_m: reading.distance_m(),
        duration_s: reading.duration_s(),
        gaps: reading.gaps.count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(second: i64, lat: f64) -> MeterPoint {
        MeterPoint {
            at_ms: 1_764_000_000_000 + second * 1000,
            lat,
            lng: -8.61,
            accuracy_m: 5.0,
            speed_mps: Some(10.0),
        }
    }

    #[test]
    fn a_ride_is_measured_as_it_is_driven() {
        let meter = Meter::new();
        // 0.0009 degrees of latitude are 100.08 m, so four of them in 40 s.
        for step in [0, 1, 3, 2, 4, 4] {
            let outcome = meter.push(point(step * 10, 41.15 + 0.0009 * step as f64));
            assert_ne!(outcome, Ok(PointOutcome::TooLate));
        }
        let reading = meter.reading();
        assert_eq!(
            (reading.distance_m, reading.duration_s, reading.gaps),
            (400, 40, 0)
        );
    }

    #[test]
    fn a_point_that_is_none_changes_nothing() {
        let meter = Meter::new();
        for wrong in [
            MeterPoint {
                lat: 91.0,
                ..point(0, 0.0)
            },
            MeterPoint {
                lng: f64::NAN,
                ..point(0, 0.0)
            },
            MeterPoint {
                accuracy_m: -1.0,
                ..point(0, 0.0)
            },
            MeterPoint {
                at_ms: i64::MAX,
                ..point(0, 0.0)
            },
        ] {
            assert!(meter.push(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(meter.reading().distance_m, 0);
    }
}
