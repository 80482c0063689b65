//! What holds for every track.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::geo::LatLng;
use crate::track::{
    Gaps, Meter, Pushed, Reading, Roads, StraightLine, TrackDigest, TrackPoint, WINDOW, measure,
};

/// Roads that know some ways and not others, and the same always.
#[derive(Clone, Copy)]
struct SomeRoads;

impl Roads for SomeRoads {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        let straight_mm = from.distance_mm(to);
        (from.lat_e7() % 2 == 0).then(|| straight_mm + straight_mm / 3)
    }
}

/// Any point at all.
fn wild_point() -> impl Strategy<Value = TrackPoint> {
    let at_ms = prop_oneof![
        any::<i64>(),
        Just(i64::MIN),
        Just(i64::MAX),
        -2_000_i64..2_000
    ];
    (
        at_ms,
        any::<u32>(),
        -900_000_000..=900_000_000,
        -1_800_000_000..=1_800_000_000,
        any::<Option<u32>>(),
    )
        .prop_map(
            |(at_ms, accuracy_mm, lat_e7, lng_e7, speed_mm_s)| TrackPoint {
                at_ms,
                accuracy_mm,
                position: LatLng::from_e7(lat_e7, lng_e7).unwrap(),
                speed_mm_s,
            },
        )
}

/// One step of a car: how long it takes, how far it goes, how well that is known.
fn step() -> impl Strategy<Value = (i64, i32, i32, u32, Option<u32>)> {
    let ms = prop_oneof![
        20 => Just(1_000_i64),
        5 => 1_i64..10_000,
        2 => 55_000_i64..70_000,
    ];
    // Crawling, driving, and jumps.
    let e7 = || prop_oneof![20 => -400..400, 10 => -3_000..3_000, 1 => -60_000..60_000];
    let accuracy_mm = prop_oneof![20 => 3_000_u32..50_001, 1 => 50_001_u32..90_000];
    let speed_mm_s = prop_oneof![3 => Just(None), 1 => (0_u32..2_500).prop_map(Some)];
    (ms, e7(), e7(), accuracy_mm, speed_mm_s)
}

/// A ride in order, each moment once.
fn ride(points: usize) -> impl Strategy<Value = Vec<TrackPoint>> {
    vec(step(), 0..points).prop_map(|steps| {
        let (mut at_ms, mut lat_e7, mut lng_e7) = (1_795_172_400_000, 411_500_000, -86_100_000);
        let mut points = Vec::new();
        for (ms, north_e7, east_e7, accuracy_mm, speed_mm_s) in steps {
            at_ms += ms;
            lat_e7 += north_e7;
            lng_e7 += east_e7;
            points.push(TrackPoint {
                at_ms,
                accuracy_mm,
                position: LatLng::from_e7(lat_e7, lng_e7).unwrap(),
                speed_mm_s,
            });
        }
        points
    })
}

/// The points in any order, some of them twice, some with a less accurate twin of the same moment.
fn shuffled(
    points: impl Strategy<Value = Vec<TrackPoint>>,
) -> impl Strategy<Value = (Vec<TrackPoint>, Vec<TrackPoint>)> {
    points
        .prop_flat_map(|points| {
            let twins = vec(0_u32..3, points.len());
            (Just(points), twins)
        })
        .prop_map(|(points, twins)| {
            let mut more = points.clone();
            for (point, twin) in points.iter().zip(twins) {
                let worse = TrackPoint {
                    accuracy_mm: point.accuracy_mm.saturating_add(1),
                    speed_mm_s: None,
                    ..*point
                };
                match twin {
                    0 => {}
                    1 => more.push(*point),
                    _ => more.push(worse),
                }
            }
            (points, more)
        })
        .prop_flat_map(|(points, more)| (Just(points), Just(more).prop_shuffle()))
}

/// The rules once more, word by word and with no shortcut, for points in order.
fn measured_plainly(points: &[TrackPoint], roads: &impl Roads) -> (u64, u32, u32, Gaps) {
    let (mut sum_mm, mut inaccurate, mut too_fast) = (0, 0, 0);
    let mut gaps = Gaps::default();
    let mut here: Option<(TrackPoint, TrackPoint)> = None;
    for point in points {
        if point.accuracy_mm > 50_000 {
            inaccurate += 1;
            continue;
        }
        let Some((anchor, last)) = here else {
            here = Some((*point, *point));
            continue;
        };
        let since_ms = |from: TrackPoint| i128::from(point.at_ms) - i128::from(from.at_ms);
        let away_mm = |from: TrackPoint| i128::from(from.position.distance_mm(point.position));
        if away_mm(last) * 1000 > 55_000 * since_ms(last) {
            too_fast += 1;
            continue;
        }
        let slow = match point.speed_mm_s {
            Some(speed_mm_s) => speed_mm_s < 1000,
            None => away_mm(anchor) * 1000 < 1000 * since_ms(anchor),
        };
        if slow && away_mm(anchor) <= 8_000 {
            here = Some((anchor, *point));
            continue;
        }
        let straight_mm = anchor.position.distance_mm(point.position);
        let mut length_mm = straight_mm;
        if since_ms(last) > 60_000 || away_mm(last) > 500_000 {
            gaps.count += 1;
            match roads.length_mm(anchor.position, point.position) {
                Some(by_road_mm) => {
                    gaps.by_road_mm += by_road_mm;
                    length_mm = by_road_mm;
                }
                None => gaps.straight_mm += straight_mm,
            }
        }
        sum_mm += length_mm;
        here = Some((*point, *point));
    }
    (sum_mm, inaccurate, too_fast, gaps)
}

fn pushed(points: &[TrackPoint]) -> Reading {
    let mut meter = Meter::new(SomeRoads);
    for point in points {
        assert_ne!(meter.push(*point), Pushed::TooLate);
    }
    meter.reading()
}

proptest! {
    #[test]
    fn order_and_duplicates_change_nothing((points, more) in shuffled(ride(120))) {
        prop_assert_eq!(measure(&points, &SomeRoads), measure(&more, &SomeRoads));
        prop_assert_eq!(TrackDigest::of(&points), TrackDigest::of(&more));
    }

    #[test]
    fn the_order_of_any_points_changes_nothing(
        (points, more) in vec(wild_point(), 0..40)
            .prop_flat_map(|points| (Just(points.clone()), Just(points).prop_shuffle()))
    ) {
        prop_assert_eq!(measure(&points, &SomeRoads), measure(&more, &SomeRoads));
        prop_assert_eq!(TrackDigest::of(&points), TrackDigest::of(&more));
        prop_assert_eq!(pushed(&more), measure(&points, &SomeRoads));
    }

    #[test]
    fn shortcuts_change_nothing(points in ride(300)) {
        let reading = measure(&points, &SomeRoads);
        let said = (reading.distance_mm, reading.inaccurate, reading.too_fast, reading.gaps);
        prop_assert_eq!(said, measured_plainly(&points, &SomeRoads));
    }

    #[test]
    fn a_meter_agrees_with_the_whole_after_every_point(points in ride(40)) {
        let mut meter = Meter::new(SomeRoads);
        for count in 1..=points.len() {
            prop_assert_eq!(meter.push(points[count - 1]), Pushed::Taken);
            prop_assert_eq!(meter.reading(), measure(&points[..count], &SomeRoads));
        }
    }

    #[test]
    fn any_order_is_right_while_the_window_holds_all((points, more) in shuffled(ride(WINDOW))) {
        prop_assert_eq!(pushed(&more), measure(&points, &SomeRoads));
    }

    #[test]
    fn numbers_at_their_ends_harm_nothing(points in vec(wild_point(), 0..60)) {
        let reading = measure(&points, &StraightLine);
        // Half the earth's girth for each point at the most.
        prop_assert!(reading.distance_mm <= 20_015_115_000 * u64::from(reading.points));
        prop_assert!(reading.distance_m() >= 0 && reading.duration_s() >= 0);
        prop_assert!(reading.gaps.straight_mm <= reading.distance_mm);
        prop_assert!(reading.first_at <= reading.first_used_at || reading.first_used_at.is_none());
        prop_assert!(reading.last_used_at <= reading.last_at);
        prop_assert!(reading.inaccurate + reading.too_fast <= reading.points);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn points_that_come_within_the_window_of_their_place_are_all_counted(
        (points, late_by) in ride(4 * WINDOW).prop_flat_map(|points| {
            let late_by = vec(prop_oneof![3 => Just(0), 1 => 0..=WINDOW], points.len());
            (Just(points), late_by)
        })
    ) {
        // Sorted by place + delay, the earlier one later among equals: whoever belongs behind a
        // point and comes before it lies at most `WINDOW` places behind.
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by_key(|place| (place + late_by[*place], std::cmp::Reverse(*place)));
        let arrived: Vec<_> = order.iter().map(|place| points[*place]).collect();
        prop_assert_eq!(pushed(&arrived), measure(&points, &SomeRoads));
    }
}
