//! One measurement of a device, in whole numbers.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::error::TrackError;
use crate::geo::LatLng;
use crate::wire::LocationPoint;

/// Where a device was at a moment, in whole numbers, so that every machine holds the same point.
///
/// The order of points is the order of their times; of two at the same time the more accurate one
/// comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackPoint {
    /// When, in milliseconds since 1970, rounded down.
    pub at_ms: i64,
    /// Radius within which the device is with 68 % probability, in millimetres.
    pub accuracy_mm: u32,
    /// Where.
    pub position: LatLng,
    /// Speed in millimetres per second, if the device knew it.
    pub speed_mm_s: Option<u32>,
}

impl TrackPoint {
    /// A point from what a device or a database says: metres, and metres per second. Both are
    /// rounded to thousandths, half away from zero; what does not fit becomes the largest number.
    ///
    /// A database keeps positions in whole numbers: [`LatLng::from_e7`] reads them, and its error
    /// becomes a [`TrackError`] by `?`.
    pub fn new(
        at: DateTime<Utc>,
        position: LatLng,
        accuracy_m: f64,
        speed_mps: Option<f64>,
    ) -> Result<Self, TrackError> {
        let accuracy_mm = thousandths(accuracy_m).ok_or(TrackError::Accuracy { index: None })?;
        let speed_mm_s = speed_mps
            .map(|speed| thousandths(speed).ok_or(TrackError::Speed { index: None }))
            .transpose()?;
        Ok(Self {
            at_ms: at.timestamp_millis(),
            accuracy_mm,
            position,
            speed_mm_s,
        })
    }

    /// When. A moment beyond what calendars reach is their first or last one.
    pub fn at(&self) -> DateTime<Utc> {
        let beyond = if self.at_ms < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        };
        DateTime::from_timestamp_millis(self.at_ms).unwrap_or(beyond)
    }
}

impl TryFrom<&LocationPoint> for TrackPoint {
    type Error = TrackError;

    fn try_from(point: &LocationPoint) -> Result<Self, TrackError> {
        let position = LatLng::from_degrees(point.lat, point.lng)?;
        Self::new(point.t, position, point.accuracy_m, point.speed_mps)
    }
}

/// The points that count, in order: sorted, and of several at one moment only the first.
pub(super) fn in_order(points: &[TrackPoint]) -> Cow<'_, [TrackPoint]> {
    if points.is_sorted_by(|earlier, later| earlier.at_ms < later.at_ms) {
        return Cow::Borrowed(points);
    }
    let mut sorted = points.to_vec();
    sorted.sort_unstable();
    sorted.dedup_by_key(|point| point.at_ms);
    Cow::Owned(sorted)
}

fn thousandths(value: f64) -> Option<u32> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative, and what is too large shall become the largest number"
    )]
    let whole = libm::round(value * 1000.0) as u32;
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LatLngError;

    fn measured(t: &str, accuracy_m: f64, speed_mps: Option<f64>) -> LocationPoint {
        LocationPoint {
            t: t.parse().unwrap(),
            lat: 41.123_456_78,
            lng: -8.6,
            accuracy_m,
            speed_mps,
            heading_deg: Some(10.0),
        }
    }

    fn point(accuracy_m: f64, speed_mps: Option<f64>) -> Result<TrackPoint, TrackError> {
        TrackPoint::try_from(&measured("2026-11-20T11:00:00Z", accuracy_m, speed_mps))
    }

    #[test]
    fn a_measurement_becomes_whole_numbers() {
        let measured = measured("2026-11-20T12:00:00.123999+01:00", 4.9996, Some(13.0005));
        let point = TrackPoint::try_from(&measured).unwrap();
        assert_eq!(point.at_ms, 1_795_172_400_123);
        assert_eq!(point.accuracy_mm, 5000);
        assert_eq!(point.speed_mm_s, Some(13_001));
        assert_eq!(point.position.lat_e7(), 411_234_568);
        assert_eq!(point.at().to_rfc3339(), "2026-11-20T11:00:00.123+00:00");
    }

    #[test]
    fn a_moment_before_1970_is_rounded_down_as_well() {
        let point =
            TrackPoint::try_from(&measured("1969-12-31T23:59:59.9995Z", 0.0, None)).unwrap();
        assert_eq!((point.at_ms, point.speed_mm_s), (-1, None));
    }

    #[test]
    fn a_number_too_large_becomes_the_largest() {
        let point = point(5e6, Some(f64::MAX)).unwrap();
        assert_eq!(
            (point.accuracy_mm, point.speed_mm_s),
            (u32::MAX, Some(u32::MAX))
        );
    }

    #[test]
    fn what_no_device_can_measure_is_refused() {
        for wrong in [-0.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(
                point(wrong, None),
                Err(TrackError::Accuracy { index: None }),
                "{wrong}"
            );
            assert_eq!(
                point(5.0, Some(wrong)),
                Err(TrackError::Speed { index: None }),
                "{wrong}"
            );
        }
        let off_the_earth = LocationPoint {
            lat: 90.1,
            ..measured("2026-11-20T11:00:00Z", 5.0, None)
        };
        assert_eq!(
            TrackPoint::try_from(&off_the_earth),
            Err(TrackError::Position {
                index: None,
                source: LatLngError::Latitude
            })
        );
    }

    #[test]
    fn a_moment_beyond_all_calendars_is_still_in_order() {
        let at = |at_ms| TrackPoint {
            at_ms,
            ..point(5.0, None).unwrap()
        };
        assert!(at(i64::MIN).at() < at(0).at());
        assert!(at(i64::MAX).at() > at(0).at());
    }

    #[test]
    fn of_two_points_at_one_moment_the_more_accurate_counts() {
        let (near, far) = (point(5.0, None).unwrap(), point(20.0, None).unwrap());
        assert_eq!(*in_order(&[far, near]), [near]);
        assert_eq!(*in_order(&[near, far]), [near]);
    }
}
