//! The meter on tracks as devices record them: noisy, with gaps, late and twice.
//!
//! The recorded ones are taxi rides from Porto. They are not part of the project; without them that
//! test says so and passes, and the generated ones beside it always run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use wayfare_core::geo::LatLng;
use wayfare_core::track::{Meter, Pushed, StraightLine, TrackDigest, TrackPoint, measure};

/// Arrival order: points swap with a neighbour and every third comes again.
fn disturbed(track: &[TrackPoint]) -> Vec<TrackPoint> {
    let mut arrived: Vec<TrackPoint> = track.to_vec();
    arrived.chunks_mut(5).for_each(<[TrackPoint]>::reverse);
    arrived
        .iter()
        .enumerate()
        .flat_map(|(index, point)| std::iter::repeat_n(*point, 1 + usize::from(index % 3 == 0)))
        .collect()
}

/// Checks one track and answers its length in millimetres.
fn check(name: &str, track: &[TrackPoint]) -> u64 {
    let whole = measure(track, &StraightLine);
    let arrived = disturbed(track);
    let mut meter = Meter::new(StraightLine);
    for point in &arrived {
        assert_ne!(meter.push(*point), Pushed::TooLate, "{name}");
    }
    assert_eq!(meter.reading(), whole, "{name}");
    assert_eq!(measure(&arrived, &StraightLine), whole, "{name}");
    assert_eq!(TrackDigest::of(&arrived), TrackDigest::of(track), "{name}");
    let (first, last) = (whole.first_used_at.unwrap(), whole.last_used_at.unwrap());
    let duration_ms = u64::try_from((last - first).num_milliseconds()).unwrap();
    // Two points may each be off by 8 m while standing; beyond that no ride is faster than the limit.
    assert!(
        whole.distance_mm <= 55 * duration_ms + 16_000,
        "{name}: {whole:?}"
    );
    whole.distance_mm
}

fn point(at_ms: i64, lng: f64, lat: f64) -> TrackPoint {
    TrackPoint {
        at_ms,
        accuracy_mm: 5_000,
        position: LatLng::from_degrees(lat, lng).unwrap(),
        speed_mm_s: None,
    }
}

#[test]
fn generated_tracks_are_measured_alike_however_they_arrive() {
    for seed in 0_u32..200 {
        // A small linear congruential sequence: the tracks are the same on every machine.
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut draw = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from((state >> 8) % below)
        };
        let (mut at_ms, mut lng, mut lat) = (1_372_636_853_000, -8.61, 41.14);
        let track: Vec<TrackPoint> = (0..60 + seed)
            .map(|step| {
                at_ms += if step % 41 == 40 { 180_000 } else { 15_000 };
                lng += (draw(2000) - 900.0) * 1e-6;
                lat += (draw(2000) - 900.0) * 1e-6;
                point(at_ms, lng, lat)
            })
            .collect();
        assert!(check(&format!("generated {seed}"), &track) > 0);
    }
}

#[test]
fn recorded_tracks_are_measured_alike_however_they_arrive() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/porto/traces.csv.gz");
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let mut rows = csv::Reader::from_reader(GzDecoder::new(file));
    let (mut tracks, mut distance_mm) = (0_u32, 0);
    for row in rows.records() {
        let row = row.unwrap();
        let started_ms = row[2].parse::<i64>().unwrap() * 1000;
        let interval_ms = row[3].parse::<i64>().unwrap() * 1000;
        let places: Vec<(f64, f64)> = serde_json::from_str(&row[4]).unwrap();
        let times = (0..).map(|step| started_ms + step * interval_ms);
        let track: Vec<TrackPoint> = times
            .zip(places)
            .map(|(at_ms, (lng, lat))| point(at_ms, lng, lat))
            .collect();
        tracks += 1;
        distance_mm += check(&row[0], &track);
    }
    assert!(tracks > 7000, "{tracks}");
    let mean_m = distance_mm / u64::from(tracks) / 1000;
    // A taxi ride in a city.
    assert!((3_000..10_000).contains(&mean_m), "{mean_m}");
}
