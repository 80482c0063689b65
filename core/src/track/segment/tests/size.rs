//! How large segments are. The figures are in `docs/offline/time-and-pin.md`; run with `--nocapture`
//! to see them.

use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;

use super::*;

/// Writes the points as a device does, and answers the bytes for each 1,000 points.
fn bytes_per_thousand(points: &[SegmentPoint]) -> usize {
    let written = points.chunks(SEGMENT_POINTS_MAX).map(|points| {
        let bytes = write_segment(points).unwrap();
        assert_eq!(read_segment(&bytes).unwrap(), points);
        bytes.len()
    });
    written.sum::<usize>() * 1_000 / points.len()
}

/// Half an hour of a car in a city as a phone records it: a point every 3 s with a few milliseconds
/// more or less, up to 50 km/h, with stops at lights, turns at corners, and noise on everything.
fn city_ride() -> Vec<SegmentPoint> {
    // A small linear congruential sequence: the ride is the same on every machine.
    let mut state = 7_u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let (mut at_ms, mut lat, mut lng) = (1_795_176_000_000, 41.15, -8.61);
    let (mut speed, mut heading_cdeg) = (0.0_f64, 9_000_i32);
    (0..600)
        .map(|step| {
            at_ms += 3_000 + i64::from(draw(7)) - 3;
            let wanted = if step % 40 < 8 { 0.0 } else { 13.9 };
            speed += (wanted - speed) * 0.4;
            if step % 25 == 0 {
                heading_cdeg = (heading_cdeg + 9_000).rem_euclid(CIRCLE_CDEG.into());
            }
            let metre = 1.0 / 111_195.0;
            let noise = |drawn: u32| (f64::from(drawn) - 100.0) / 100.0;
            let direction = (f64::from(heading_cdeg) / 100.0).to_radians();
            let (north, east) = (libm::cos(direction), libm::sin(direction));
            lat += (speed * 3.0 * north + noise(draw(201))) * metre;
            lng += (speed * 3.0 * east + noise(draw(201))) * metre / 0.753;
            let shown_speed = (speed + noise(draw(201)) * 0.2).max(0.0);
            let turned = i32::try_from(draw(201)).unwrap() * 3 - 300;
            let shown_heading = (heading_cdeg + turned).rem_euclid(CIRCLE_CDEG.into());
            let accuracy_m = 4.0 + f64::from(draw(4)) * 0.5;
            let at = DateTime::from_timestamp_millis(at_ms).unwrap();
            let position = LatLng::from_degrees(lat, lng).unwrap();
            SegmentPoint {
                point: TrackPoint::new(at, position, accuracy_m, Some(shown_speed)).unwrap(),
                heading_cdeg: Some(u16::try_from(shown_heading).unwrap()),
            }
        })
        .collect()
}

#[test]
fn a_point_every_three_seconds_is_about_ten_bytes() {
    let ride = city_ride();
    let full = bytes_per_thousand(&ride);
    // As many phones record it: no speed, no heading, whole seconds.
    let bare: Vec<SegmentPoint> = ride
        .iter()
        .map(|point| SegmentPoint {
            point: TrackPoint {
                at_ms: point.point.at_ms / 1_000 * 1_000,
                accuracy_mm: 5_000,
                speed_mm_s: None,
                ..point.point
            },
            heading_cdeg: None,
        })
        .collect();
    let bare = bytes_per_thousand(&bare);
    eprintln!("1,000 points of a generated ride: {full} bytes, without speed and heading {bare}");
    assert!(full < 12_500, "{full}");
    assert!(bare < 7_500, "{bare}");
}

#[test]
fn a_recorded_ride_is_small_too() {
    let name = "../../shared/data/porto/traces.csv.gz";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let mut rows = csv::Reader::from_reader(GzDecoder::new(file));
    let mut points = Vec::new();
    for row in rows.records().take(200) {
        let row = row.unwrap();
        let started_ms = row[2].parse::<i64>().unwrap() * 1_000;
        let interval_ms = row[3].parse::<i64>().unwrap() * 1_000;
        let places: Vec<(f64, f64)> = serde_json::from_str(&row[4]).unwrap();
        let times = (0..).map(|step| started_ms + step * interval_ms);
        points.extend(times.zip(places).map(|(at_ms, (lng, lat))| SegmentPoint {
            point: TrackPoint {
                at_ms,
                accuracy_mm: 5_000,
                position: LatLng::from_degrees(lat, lng).unwrap(),
                speed_mm_s: None,
            },
            heading_cdeg: None,
        }));
    }
    let bytes = bytes_per_thousand(&points);
    eprintln!("1,000 points of 200 recorded rides, one every 15 s: {bytes} bytes");
    assert!(bytes < 9_000, "{bytes}");
}
