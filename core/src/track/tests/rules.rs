//! Each rule of the driven distance, at its limit and beyond.

use super::{place, point};
use crate::geo::LatLng;
use crate::track::{
    Gaps, Meter, Pushed, Reading, Roads, StraightLine, TrackPoint, WINDOW, measure,
};

/// A way that is always so long.
struct Way(Option<u64>);

impl Roads for Way {
    fn length_mm(&self, _from: LatLng, _to: LatLng) -> Option<u64> {
        self.0
    }
}

fn read(points: &[TrackPoint]) -> Reading {
    measure(points, &StraightLine)
}

/// The driven millimetres and how many points were left out as inaccurate and as too fast.
fn driven(points: &[TrackPoint]) -> (u64, u32, u32) {
    let reading = read(points);
    assert_eq!(usize::try_from(reading.points).unwrap(), points.len());
    (reading.distance_mm, reading.inaccurate, reading.too_fast)
}

fn with_speed(point: TrackPoint, speed_mm_s: u32) -> TrackPoint {
    TrackPoint {
        speed_mm_s: Some(speed_mm_s),
        ..point
    }
}

fn mm(from: &TrackPoint, to: &TrackPoint) -> u64 {
    from.position.distance_mm(to.position)
}

/// A point of the same moment at exactly this distance to the north-east.
fn away_by(start: &TrackPoint, distance_mm: u64) -> TrackPoint {
    let (lat_e7, lng_e7) = (start.position.lat_e7(), start.position.lng_e7());
    let longest_e7 = i32::try_from(distance_mm / 11).unwrap();
    (0..longest_e7)
        .flat_map(|north_e7| {
            // Where the distance is reached along this parallel, by halving.
            let at = |east_e7| TrackPoint {
                position: LatLng::from_e7(lat_e7 + north_e7, lng_e7 + east_e7).unwrap(),
                ..*start
            };
            let (mut near_e7, mut far_e7) = (0, 2 * longest_e7);
            while far_e7 - near_e7 > 1 {
                let middle_e7 = i32::midpoint(near_e7, far_e7);
                if mm(start, &at(middle_e7)) < distance_mm {
                    near_e7 = middle_e7;
                } else {
                    far_e7 = middle_e7;
                }
            }
            [at(near_e7), at(far_e7)]
        })
        .find(|found| mm(start, found) == distance_mm)
        .unwrap()
}

#[test]
fn no_points_say_nothing() {
    let reading = read(&[]);
    assert_eq!((reading.distance_mm, reading.points), (0, 0));
    assert_eq!((reading.first_at, reading.last_used_at), (None, None));
    assert_eq!((reading.distance_m(), reading.duration_s()), (0, 0));
}

#[test]
fn one_point_is_a_time_and_no_way() {
    let reading = read(&[point(7, 0)]);
    assert_eq!(reading.distance_mm, 0);
    assert_eq!(reading.first_used_at, Some(point(7, 0).at()));
    assert_eq!(reading.last_at, reading.first_at);
}

#[test]
fn a_drive_is_the_sum_of_its_segments() {
    let end = TrackPoint {
        position: place(30_010),
        ..point(9, 0)
    };
    let points = [point(0, 0), point(3, 40), point(6, 75), end];
    let sum_mm = points.windows(2).map(|pair| mm(&pair[0], &pair[1])).sum();
    assert_eq!(driven(&points), (sum_mm, 0, 0));
    let reading = read(&points);
    assert_eq!(reading.distance_m(), 119, "119.99 m are 119 whole ones");
    assert_eq!(reading.duration_s(), 9);
    assert_eq!(reading.gaps, Gaps::default());
}

#[test]
fn a_point_over_50_m_of_accuracy_is_left_out() {
    let at = |accuracy_mm| TrackPoint {
        accuracy_mm,
        ..point(3, 100)
    };
    let ends = [point(0, 0), point(6, 20)];
    let through = mm(&ends[0], &at(0)) + mm(&at(0), &ends[1]);
    assert_eq!(driven(&[ends[0], at(50_000), ends[1]]), (through, 0, 0));
    let past = mm(&ends[0], &ends[1]);
    assert_eq!(driven(&[ends[0], at(50_001), ends[1]]), (past, 1, 0));
}

#[test]
fn points_left_out_count_for_the_time_of_the_ride_and_not_as_used() {
    let blurred = |at_s| TrackPoint {
        accuracy_mm: 50_001,
        ..point(at_s, 0)
    };
    let reading = read(&[blurred(0), point(10, 0), point(20, 100), blurred(30)]);
    assert_eq!(reading.duration_s(), 30);
    assert_eq!(reading.first_used_at, Some(point(10, 0).at()));
    assert_eq!(reading.last_used_at, Some(point(20, 0).at()));
}

#[test]
fn a_point_that_implies_more_than_55_metres_a_second_is_left_out() {
    let start = point(0, 0);
    let mut far = away_by(&start, 110_000);
    far.at_ms = 2_000;
    assert_eq!(driven(&[start, far]), (110_000, 0, 0));
    far.at_ms -= 1;
    assert_eq!(driven(&[start, far]), (0, 0, 1));
    let after = point(4, 60);
    let past_mm = mm(&start, &after);
    assert_eq!(driven(&[start, far, after]), (past_mm, 0, 1));
}

#[test]
fn speed_is_implied_from_the_last_point_used_and_not_from_one_left_out() {
    // 6 km in a second and gone again: the car drives on from where it was.
    let points = [point(0, 0), point(1, 6000), point(2, 20), point(3, 40)];
    let sum_mm = mm(&points[0], &points[2]) + mm(&points[2], &points[3]);
    assert_eq!(driven(&points), (sum_mm, 0, 1));
}

#[test]
fn a_point_within_8_m_is_still_under_1_metre_a_second_alone() {
    let start = point(0, 0);
    let cases = [
        // Speed as the device says it.
        (with_speed(point(2, 7), 999), 0),
        (with_speed(point(2, 7), 1000), 7),
        (with_speed(point(2, 9), 0), 9),
        // Speed as the way implies it.
        (point(8, 7), 0),
        (point(6, 7), 7),
        (point(30, 9), 9),
    ];
    for (point, counted_m) in cases {
        let counted_mm = driven(&[start, point]).0;
        assert_eq!(
            (counted_mm + 500) / 1000,
            counted_m,
            "{point:?}: {counted_mm} mm"
        );
    }
}

#[test]
fn the_limits_of_standing_still_are_exact() {
    let start = point(0, 0);
    let at = |distance_mm, at_ms| TrackPoint {
        at_ms,
        ..away_by(&start, distance_mm)
    };
    assert_eq!(driven(&[start, at(8_000, 60_000)]).0, 0);
    assert_eq!(driven(&[start, at(8_001, 60_000)]).0, 8_001);
    assert_eq!(driven(&[start, at(7_000, 7_001)]).0, 0);
    assert_eq!(driven(&[start, at(7_000, 7_000)]).0, 7_000, "1 m/s drives");
}

#[test]
fn noise_around_a_parked_car_never_adds_up() {
    // Up to 8 m away from the first point, in all directions, for an hour.
    let noise = |step: i64| {
        let (north, east) = [(6, 0), (0, 9), (-7, 0), (0, -9), (3, 4), (-5, -5)]
            [usize::try_from(step % 6).unwrap()];
        LatLng::from_e7(
            411_500_000 + north * 100_000 / 1112,
            -86_100_000 + east * 90,
        )
        .unwrap()
    };
    let parked = |at_s, speed_mm_s| TrackPoint {
        at_ms: at_s * 1000,
        accuracy_mm: 12_000,
        position: if at_s == 0 { place(0) } else { noise(at_s) },
        speed_mm_s,
    };
    let every_second: Vec<_> = (0..3600).map(|at_s| parked(at_s, Some(300))).collect();
    assert_eq!(driven(&every_second), (0, 0, 0));
    let speedless: Vec<_> = (0..360).map(|step| parked(step * 10, None)).collect();
    assert_eq!(driven(&speedless), (0, 0, 0));
    let reading = read(&every_second);
    assert_eq!(reading.last_used_at, reading.last_at, "still points count");
}

#[test]
fn crawling_is_counted_though_no_step_leaves_the_8_m() {
    for speed_mm_s in [None, Some(900)] {
        let crawl: Vec<_> = (0..=1112)
            .map(|at_s| TrackPoint {
                at_ms: at_s * 1000,
                accuracy_mm: 5_000,
                position: place(at_s * 900),
                speed_mm_s,
            })
            .collect();
        let (distance_mm, ..) = driven(&crawl);
        assert!(
            (992_000..=1_001_000).contains(&distance_mm),
            "{speed_mm_s:?}: {distance_mm} mm"
        );
    }
}

#[test]
fn a_gap_is_longer_than_a_minute_or_500_m() {
    let cases = [
        (point(60, 100), 0),
        (point(61, 100), 1),
        (
            TrackPoint {
                at_ms: 20_000,
                ..away_by(&point(0, 0), 500_000)
            },
            0,
        ),
        (
            TrackPoint {
                at_ms: 20_000,
                ..away_by(&point(0, 0), 500_001)
            },
            1,
        ),
        // A car that stood for an hour: no gap, however long no point came.
        (point(3600, 5), 0),
    ];
    for (end, count) in cases {
        let reading = read(&[point(0, 0), end]);
        assert_eq!(reading.gaps.count, count, "{end:?}");
        let straight_mm = if count == 0 { 0 } else { reading.distance_mm };
        assert_eq!(
            (reading.gaps.straight_mm, reading.gaps.by_road_mm),
            (straight_mm, 0)
        );
    }
    let mut millisecond_over = point(60, 100);
    millisecond_over.at_ms += 1;
    assert_eq!(read(&[point(0, 0), millisecond_over]).gaps.count, 1);
}

#[test]
fn a_gap_counts_from_the_last_point_and_its_way_from_the_last_counted_place() {
    // It stands within 8 m of the start for two minutes, and is then away within half a minute.
    let still = with_speed(point(120, 5), 0);
    let points = [point(0, 0), still, point(150, 100)];
    let reading = read(&points);
    assert_eq!(reading.gaps.count, 0);
    assert_eq!(reading.distance_mm, mm(&points[0], &points[2]));

    // 503 m from the start, but 498 m from where it was last.
    assert_eq!(read(&[point(0, 0), still, point(150, 503)]).gaps.count, 0);
    let reading = read(&[point(0, 0), still, point(150, 506)]);
    assert_eq!(reading.gaps.count, 1);
    let from_start_mm = mm(&points[0], &point(150, 506));
    assert_eq!(reading.gaps.straight_mm, from_start_mm);
}

#[test]
fn a_tunnel_is_bridged_by_road_where_one_is_known_and_else_straight() {
    let points = [
        point(0, 0),
        point(10, 200),
        point(130, 2200),
        point(140, 2400),
    ];
    let outside = mm(&points[0], &points[1]) + mm(&points[2], &points[3]);
    let straight_mm = mm(&points[1], &points[2]);

    let by_road = measure(&points, &Way(Some(2_345_678)));
    assert_eq!(by_road.distance_mm, outside + 2_345_678);
    assert_eq!(
        by_road.gaps,
        Gaps {
            count: 1,
            by_road_mm: 2_345_678,
            straight_mm: 0
        }
    );
    let straight = measure(&points, &Way(None));
    assert_eq!(straight.distance_mm, outside + straight_mm);
    assert_eq!(
        straight.gaps,
        Gaps {
            count: 1,
            by_road_mm: 0,
            straight_mm
        }
    );
}

#[test]
fn a_way_by_road_is_never_shorter_than_the_straight_line() {
    let points = [point(0, 0), point(120, 2000)];
    let straight_mm = mm(&points[0], &points[1]);
    for by_road_mm in [0, 1, straight_mm - 1, straight_mm] {
        let reading = measure(&points, &Way(Some(by_road_mm)));
        assert_eq!(reading.distance_mm, straight_mm);
        assert_eq!(reading.gaps.by_road_mm, straight_mm);
        assert_eq!(reading.gaps.straight_mm, 0);
    }
}

#[test]
fn sums_stop_at_their_largest_number() {
    let points = [point(0, 0), point(100, 600), point(200, 1200)];
    let reading = measure(&points, &Way(Some(u64::MAX)));
    assert_eq!(reading.distance_mm, u64::MAX);
    assert_eq!(
        reading.distance_m(),
        i64::try_from(u64::MAX / 1000).unwrap()
    );
}

#[test]
fn a_meter_says_what_became_of_each_point() {
    let mut meter = Meter::new(StraightLine);
    assert_eq!(meter.push(point(10, 0)), Pushed::Taken);
    assert_eq!(meter.push(point(10, 0)), Pushed::Duplicate);
    assert_eq!(meter.push(point(30, 200)), Pushed::Taken);
    assert_eq!(meter.push(point(5, 0)), Pushed::Taken);
    let more_accurate = TrackPoint {
        accuracy_mm: 1_000,
        ..point(30, 300)
    };
    assert_eq!(meter.push(more_accurate), Pushed::Duplicate);
    let kept = [point(5, 0), point(10, 0), more_accurate];
    assert_eq!(meter.reading(), read(&kept));
    assert_eq!(meter.push(point(30, 200)), Pushed::Duplicate);
    assert_eq!(meter.reading(), read(&kept));
}

#[test]
fn a_meter_settles_what_is_older_than_its_window() {
    let window = i64::try_from(WINDOW).unwrap();
    let mut meter = Meter::new(StraightLine);
    for at_s in 1..=window {
        assert_eq!(meter.push(point(at_s * 10, at_s)), Pushed::Taken);
    }
    assert_eq!(meter.push(point(5, 0)), Pushed::Taken, "its place is first");
    assert_eq!(meter.push(point(5, 0)), Pushed::TooLate);
    assert_eq!(meter.push(point(4, 0)), Pushed::TooLate);
    assert_eq!(meter.push(point(6, 0)), Pushed::Taken);
    assert_eq!(meter.push(point(window * 10 + 1, 0)), Pushed::Taken);
    assert_eq!(meter.push(point(10, 1)), Pushed::TooLate);
    assert_eq!(meter.push(point(20, 2)), Pushed::Duplicate);
    let reading = meter.reading();
    assert_eq!(usize::try_from(reading.points).unwrap(), WINDOW + 3);
    assert_eq!(reading.first_at, Some(point(5, 0).at()));
}
