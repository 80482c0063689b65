//! Tracks as devices record them, with everything that goes wrong: jitter, gaps, jumps, points
//! without accuracy, points twice and points out of order.

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::wire::LocationPoint;

use crate::dice::Dice;
use crate::facts::moment;
use crate::places::anywhere_e7;

const POINTS: (i64, i64) = (10, 60);

/// A few rides are longer than what a meter holds at once.
const LONG_RIDES_PERMILLE: u64 = 10;
const LONG_RIDE_POINTS: (i64, i64) = (300, 600);

const QUARTER_TURN_E7: i64 = 900_000_000;
const HALF_TURN_E7: i64 = 1_800_000_000;
const E7: f64 = 1e7;

/// About 33 m/s along a meridian: 1e-7 degrees are 11 mm.
const SPEED_MAX_E7_S: i64 = 3000;

/// A point as a row: microseconds since 1970, latitude, longitude, accuracy, speed.
type Row = (i64, f64, f64, f64, Option<f64>);

/// What a device sent of a ride, in the order in which it arrived.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) completed_at: DateTime<Utc>,
    pub(crate) points: Vec<LocationPoint>,
}

impl Recording {
    /// A ride from somewhere to somewhere.
    pub(crate) fn of_a_ride(dice: &mut Dice) -> Self {
        let started_at = moment(dice);
        let mut car = Car::somewhere(dice, started_at);
        let (fewest, most) = if dice.permille(LONG_RIDES_PERMILLE) {
            LONG_RIDE_POINTS
        } else {
            POINTS
        };
        let mut points: Vec<LocationPoint> = (0..dice.between(fewest, most))
            .map(|_| car.next_point(dice))
            .collect();
        let completed_at = car.at + TimeDelta::seconds(dice.between(-60, 120));
        send_twice(dice, &mut points);
        mix(dice, &mut points);
        Self {
            started_at,
            completed_at,
            points,
        }
    }

    /// The points as short rows.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |point: &LocationPoint| {
            (
                point.t.timestamp_micros(),
                point.lat,
                point.lng,
                point.accuracy_m,
                point.speed_mps,
            )
        };
        self.points.iter().map(row).collect()
    }
}

/// Where a car is and how it moves, in units of 1e-7 degrees and seconds.
struct Car {
    at: DateTime<Utc>,
    lat_e7: i64,
    lng_e7: i64,
    lat_speed: i64,
    lng_speed: i64,
}

impl Car {
    fn somewhere(dice: &mut Dice, started_at: DateTime<Utc>) -> Self {
        let (lat_e7, lng_e7) = anywhere_e7(dice);
        Self {
            at: started_at + TimeDelta::milliseconds(dice.between(-20_000, 20_000)),
            lat_e7: lat_e7.into(),
            lng_e7: lng_e7.into(),
            lat_speed: dice.between(-SPEED_MAX_E7_S, SPEED_MAX_E7_S),
            lng_speed: dice.between(-SPEED_MAX_E7_S, SPEED_MAX_E7_S),
        }
    }

    /// Drives on to the next measurement.
    fn next_point(&mut self, dice: &mut Dice) -> LocationPoint {
        let passed_us = match dice.below(100) {
            0..=2 => 0,
            3..=6 => dice.between(55_000_000, 65_000_000),
            7 => dice.between(60_000_000, 900_000_000),
            8..=40 => dice.between(1, 9_000_000),
            _ => 1000 * dice.between(900, 5000),
        };
        self.at += TimeDelta::microseconds(passed_us);
        match dice.below(100) {
            // Stands.
            0..=19 => {}
            // Turns.
            20..=34 => {
                self.lat_speed = dice.between(-SPEED_MAX_E7_S, SPEED_MAX_E7_S);
                self.lng_speed = dice.between(-SPEED_MAX_E7_S, SPEED_MAX_E7_S);
                self.drive(passed_us);
            }
            _ => self.drive(passed_us),
        }
        self.measure(dice)
    }

    fn drive(&mut self, passed_us: i64) {
        self.lat_e7 += self.lat_speed * passed_us / 1_000_000;
        self.lng_e7 += self.lng_speed * passed_us / 1_000_000;
    }

    /// What the device says: near the place, sometimes far away, never outside the earth.
    fn measure(&self, dice: &mut Dice) -> LocationPoint {
        let jitter = match dice.below(50) {
            0 => 5_000_000,
            1..=10 => 0,
            _ => 500,
        };
        let lat_e7 = (self.lat_e7 + dice.between(-jitter, jitter))
            .clamp(-QUARTER_TURN_E7 + 1, QUARTER_TURN_E7 - 1);
        let lng_e7 = wrapped(self.lng_e7 + dice.between(-jitter, jitter)).max(-HALF_TURN_E7 + 1);
        LocationPoint {
            t: self.at,
            lat: degrees(dice, lat_e7),
            lng: degrees(dice, lng_e7),
            accuracy_m: accuracy_m(dice),
            speed_mps: dice
                .permille(700)
                .then(|| thousandths(dice.between(0, 45_000))),
            heading_deg: None,
        }
    }
}

/// The same meridian between the two sides of the date line.
fn wrapped(lng_e7: i64) -> i64 {
    (lng_e7 + HALF_TURN_E7).rem_euclid(2 * HALF_TURN_E7) - HALF_TURN_E7
}

/// Degrees, finer than the core keeps them.
fn degrees(dice: &mut Dice, e7: i64) -> f64 {
    (whole(e7) + thousandths(dice.between(-499, 499))) / E7
}

fn accuracy_m(dice: &mut Dice) -> f64 {
    match dice.below(20) {
        0 => 50.0,
        1 => 50.0 + thousandths(dice.between(0, 2)),
        2 => thousandths(dice.between(50_000, 5_000_000)),
        _ => thousandths(dice.between(0, 45_000)),
    }
}

fn thousandths(number: i64) -> f64 {
    whole(number) / 1000.0
}

/// A whole number of at most 32 bits as a float, exactly.
fn whole(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(0))
}

/// A device that heard no answer sends points again.
fn send_twice(dice: &mut Dice, points: &mut Vec<LocationPoint>) {
    for _ in 0..dice.below(4) {
        let again = points[dice.index(points.len())].clone();
        let place = dice.index(points.len());
        points.insert(place, again);
    }
}

/// Some tracks come in order, some nearly, some not at all.
fn mix(dice: &mut Dice, points: &mut [LocationPoint]) {
    let swaps = match dice.below(10) {
        0..=4 => 0,
        5..=7 => 3,
        _ => points.len(),
    };
    for _ in 0..swaps {
        let (one, other) = (dice.index(points.len()), dice.index(points.len()));
        points.swap(one, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_holds_only_points_that_a_device_may_send() {
        for number in 0..500 {
            let recording = Recording::of_a_ride(&mut Dice::new(3, number));
            assert!((10..=603).contains(&recording.points.len()));
            for point in &recording.points {
                assert!(point.lat.abs() <= 90.0, "{point:?}");
                assert!(point.lng.abs() <= 180.0, "{point:?}");
                assert!((0.0..=100_000.0).contains(&point.accuracy_m), "{point:?}");
            }
        }
    }

    #[test]
    fn recordings_have_gaps_duplicates_and_disorder() {
        let all: Vec<Vec<LocationPoint>> = (0..100)
            .map(|number| Recording::of_a_ride(&mut Dice::new(4, number)).points)
            .collect();
        let pairs = || all.iter().flat_map(|points| points.windows(2));
        assert!(pairs().any(|pair| (pair[1].t - pair[0].t).num_seconds() > 60));
        assert!(pairs().any(|pair| pair[0].t > pair[1].t));
        assert!(pairs().any(|pair| pair[0].t == pair[1].t));
        assert!(
            all.iter()
                .any(|points| points.is_sorted_by_key(|point| point.t))
        );
    }

    #[test]
    fn a_few_rides_are_long() {
        let long = (0..1000)
            .filter(|number| {
                Recording::of_a_ride(&mut Dice::new(5, *number))
                    .points
                    .len()
                    >= 300
            })
            .count();
        assert!((1..50).contains(&long), "{long} of 1000");
    }

    #[test]
    fn a_car_that_crosses_the_date_line_goes_on_at_its_other_side() {
        assert_eq!(wrapped(HALF_TURN_E7 + 5), -HALF_TURN_E7 + 5);
        assert_eq!(wrapped(-HALF_TURN_E7 - 5), HALF_TURN_E7 - 5);
        assert_eq!(wrapped(12), 12);
    }
}
