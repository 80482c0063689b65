//! What a fare, a point of a track and a settlement cost, beside things whose cost everybody knows.
//!
//! Read the ratios: nanoseconds belong to the machine, ratios hardly do. `docs/benchmarks.md` has the
//! limits and the numbers.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot be set up has nothing to go on with"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use sha2::{Digest, Sha256};
use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};
use wayfare_core::pricing::{Driven, Facts, RideLength, Tariff, compute, settle};
use wayfare_core::track::{Meter, StraightLine, TrackPoint, measure};

/// Points of the track that is measured: three hours with a point every three seconds.
const TRACK_POINTS: i32 = 3600;

fn tariff(json: &str) -> Tariff {
    let spec = serde_json::from_str(json).expect("a tariff");
    Tariff::new(spec).expect("a valid tariff")
}

fn facts(json: &str) -> Facts {
    serde_json::from_str(json).expect("facts")
}

/// The example of `docs/fare.md`.
fn example() -> (Tariff, Facts) {
    (
        tariff(include_str!("../../docs/examples/tariff.json")),
        facts(include_str!("../../docs/examples/facts.json")),
    )
}

/// A trip that meets all sixteen kinds of lines.
fn everything() -> (Tariff, Facts) {
    (
        tariff(include_str!("../../fuzz/seeds/tariff/everything.json")),
        facts(include_str!("../../fuzz/seeds/facts/everything.json")),
    )
}

/// A drive through a city: a point every three seconds, streets of 300 m, stops at lights, jitter of
/// the device, and now and then a bad point or a gap.
fn city_drive() -> Vec<TrackPoint> {
    let (mut lat_e7, mut lng_e7, mut at_ms) = (437_384_176, 74_246_158, 1_763_672_400_000);
    let mut state = 1_u32;
    let mut jitter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i32::try_from(state >> 24).unwrap_or(0) - 128
    };
    let mut points = Vec::new();
    for number in 0..TRACK_POINTS {
        let stands = number % 30 < 5;
        // 10 m/s: 30 m are 2700 units of 1e-7 degrees.
        match (stands, (number / 10) % 2) {
            (true, _) => {}
            (false, 0) => lat_e7 += 2700,
            (false, _) => lng_e7 += 3700,
        }
        at_ms += if number % 500 == 499 { 90_000 } else { 3000 };
        points.push(TrackPoint {
            at_ms,
            accuracy_mm: if number % 100 == 99 { 80_000 } else { 6000 },
            position: LatLng::from_e7(lat_e7 + jitter(), lng_e7 + jitter()).expect("on the earth"),
            speed_mm_s: Some(if stands { 0 } else { 10_000 }),
        });
    }
    points
}

/// A trip that is over: the quote's facts, driven as the track says.
fn driven(quoted: &Facts) -> Driven {
    Driven {
        ride: Some(RideLength {
            distance_m: quoted.distance_m + 2000,
            duration_s: quoted.duration_s + 300,
        }),
        replanned: None,
        started_at: quoted.started_at,
        wait_s: quoted.wait_s,
        waypoints: quoted.waypoints.clone(),
        tolls: quoted.tolls.clone(),
        zones: quoted.zones.clone(),
        loading_s: quoted.loading_s,
        unloading_s: quoted.unloading_s,
        tip_minor: quoted.tip_minor,
    }
}

fn fares(criterion: &mut Criterion) {
    let (tariff, facts) = example();
    criterion.bench_function("fare/example", |bencher| {
        bencher.iter(|| compute(black_box(&tariff), black_box(&facts)));
    });
    let fare = compute(&tariff, &facts).expect("a fare");
    criterion.bench_function("peer/fare as JSON", |bencher| {
        bencher.iter(|| serde_json::to_string(black_box(&fare)));
    });
    let (tariff, facts) = everything();
    criterion.bench_function("fare/all 16 lines", |bencher| {
        bencher.iter(|| compute(black_box(&tariff), black_box(&facts)));
    });
    let driven = driven(&facts);
    criterion.bench_function("settle/driven", |bencher| {
        bencher.iter(|| settle(black_box(&tariff), black_box(&facts), black_box(&driven)));
    });
}

/// Both ways to measure a track; one iteration is one point.
fn tracks(criterion: &mut Criterion) {
    let points = city_drive();
    criterion.bench_function("track/point metered", |bencher| {
        bencher.iter_custom(|iterations| metered(&points, iterations));
    });
    criterion.bench_function("track/point measured", |bencher| {
        bencher.iter_custom(|iterations| measured(&points, iterations));
    });
}

/// Drives the track again and again, until so many points are pushed, and reads each meter once.
fn metered(points: &[TrackPoint], iterations: u64) -> Duration {
    let mut left = iterations;
    let started = Instant::now();
    while left > 0 {
        let mut meter = Meter::new(StraightLine);
        for point in points
            .iter()
            .take(usize::try_from(left).unwrap_or(usize::MAX))
        {
            black_box(meter.push(*black_box(point)));
            left -= 1;
        }
        black_box(meter.reading());
    }
    started.elapsed()
}

/// Measures whole tracks, at least so many points, and takes the share of so many.
fn measured(points: &[TrackPoint], iterations: u64) -> Duration {
    let per_track = points.len() as u64;
    let tracks = iterations.div_ceil(per_track);
    let started = Instant::now();
    for _ in 0..tracks {
        black_box(measure(black_box(points), &StraightLine));
    }
    let each = started.elapsed().as_secs_f64() / (tracks * per_track) as f64;
    Duration::from_secs_f64(each * iterations as f64)
}

fn peers(criterion: &mut Criterion) {
    let points = city_drive();
    let (from, to) = (points[0].position, points[1].position);
    criterion.bench_function("peer/haversine of the platform", |bencher| {
        bencher.iter(|| platform_haversine_m(black_box(from), black_box(to)));
    });
    criterion.bench_function("geo/haversine of libm", |bencher| {
        bencher.iter(|| black_box(from).distance_m(black_box(to)));
    });
    let block = [7_u8; 64];
    criterion.bench_function("peer/SHA-256 of 64 bytes", |bencher| {
        bencher.iter(|| Sha256::digest(black_box(block)));
    });
}

/// The formula of [`LatLng::distance_m`] with the platform's mathematics.
fn platform_haversine_m(from: LatLng, to: LatLng) -> f64 {
    let (lat_a, lat_b) = (from.lat().to_radians(), to.lat().to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lng = ((to.lng().to_radians() - from.lng().to_radians()) / 2.0).sin();
    let a = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lng * half_lng;
    2.0 * EARTH_RADIUS_M * a.sqrt().min(1.0).asin()
}

criterion_group!(pricing, fares, tracks, peers);
criterion_main!(pricing);
