//! How long the car stood at a stop, from what its device measured.

use chrono::{DateTime, Utc};

use super::{place, point};
use crate::track::{STAND_RADIUS_M, Stand, TrackPoint, stand};

fn second(count: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(count, 0).unwrap()
}

/// Stood at the start, from second 100 on.
fn stood(points: &[TrackPoint]) -> Stand {
    stand(points, place(0), second(100))
}

fn until(count: i64, left: bool) -> Stand {
    Stand {
        until: second(count),
        left,
    }
}

#[test]
fn a_car_that_drives_on_stood_until_it_was_last_seen_near() {
    let points = [
        point(100, 0),
        point(400, 5),
        point(410, 90),
        point(420, 200),
        point(430, 300),
    ];
    assert_eq!(stood(&points), until(410, true));
}

#[test]
fn a_car_that_stays_stood_until_its_last_point() {
    let points: Vec<_> = (0..=60).map(|step| point(100 + step * 10, 0)).collect();
    assert_eq!(stood(&points), until(700, false));
}

#[test]
fn without_a_point_near_the_place_nobody_saw_the_car_stand() {
    assert_eq!(stood(&[]), until(100, false));
    let only_before = [point(0, 0), point(99, 0)];
    assert_eq!(stood(&only_before), until(100, false));
    let elsewhere = [point(105, 5000), point(110, 5100)];
    assert_eq!(stood(&elsewhere), until(100, true));
}

#[test]
fn the_radius_itself_is_near() {
    let metres = i64::try_from(STAND_RADIUS_M).unwrap();
    assert_eq!(stood(&[point(130, metres - 1)]), until(130, false));
    assert_eq!(stood(&[point(130, metres + 1)]), until(100, true));
    // A hundredth of a metre is the finest step of a position.
    let at_limit = TrackPoint {
        position: place(99_995),
        ..point(130, 0)
    };
    assert_eq!(stood(&[at_limit]), until(130, false));
}

#[test]
fn what_was_measured_before_the_arrival_does_not_count() {
    let points = [
        point(50, 900),
        point(99, 101),
        point(100, 50),
        point(160, 0),
    ];
    assert_eq!(stood(&points), until(160, false));
}

#[test]
fn noise_around_a_standing_car_is_no_departure() {
    let noise_m = [0, 40, -60, 85, -95, 12].into_iter().cycle();
    let mut points: Vec<_> = (0..60)
        .zip(noise_m)
        .map(|(step, north_m)| point(100 + step * 10, north_m))
        .collect();
    // Far away, but so inaccurate that the meter would not use them either.
    for step in [5, 20, 59] {
        points.push(TrackPoint {
            accuracy_mm: 50_001,
            ..point(101 + step * 10, 800)
        });
    }
    assert_eq!(stood(&points), until(690, false));
    // Nor does an inaccurate point show that the car is still there.
    points.push(TrackPoint {
        accuracy_mm: 50_001,
        ..point(900, 0)
    });
    assert_eq!(stood(&points), until(690, false));
    // The limit itself is accurate.
    points.push(TrackPoint {
        accuracy_mm: 50_000,
        ..point(910, 800)
    });
    assert_eq!(stood(&points), until(690, true));
}

#[test]
fn a_car_that_comes_back_has_left_all_the_same() {
    let points = [point(200, 0), point(300, 2000), point(400, 0)];
    assert_eq!(stood(&points), until(200, true));
}

#[test]
fn the_order_of_the_points_and_points_sent_twice_do_not_matter() {
    let mut points = vec![point(100, 0), point(200, 3), point(300, 500), point(310, 0)];
    let in_order = stood(&points);
    points.reverse();
    points.extend_from_within(1..3);
    assert_eq!(stood(&points), in_order);
    assert_eq!(in_order, until(200, true));
}
