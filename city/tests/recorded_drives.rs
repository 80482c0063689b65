//! Recorded tracks laid onto real roads.
//!
//! The extracts and tracks are not part of the project; without them these tests say so and pass.
//! The generated ones beside the matching always run. With `--release -- --nocapture` they match
//! every track there is and print what `docs/benchmarks.md` tells.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use wayfare_city::{osm, roads};
use wayfare_core::city::PackBytes;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{ContractionInput, RoadNetwork, Search, TrackFix, encode};

/// Unoptimised programs match only the first few tracks.
const TRACKS_MAX: usize = if cfg!(debug_assertions) { 40 } else { 10_000 };

/// A file of the recorded data, if it is there.
fn data(path: &str) -> Option<PathBuf> {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(path);
    if whole.is_file() {
        return Some(whole);
    }
    eprintln!("skipped: there is no {}", whole.display());
    None
}

fn network(extract: &Path) -> RoadNetwork {
    let data = roads::collect(&osm::read(extract, &mut |_| ()).unwrap());
    let contraction = roads::contract(&ContractionInput::of(&data).unwrap(), &mut |_| {});
    RoadNetwork::open(PackBytes::new(encode(&data, &contraction).unwrap())).unwrap()
}

/// What came of matching tracks.
#[derive(Debug, Default)]
struct Matched {
    tracks: usize,
    points: usize,
    on_road: usize,
    drives: usize,
    /// Lengths of matched drives, and between their points as the crow flies.
    driven_m: f64,
    straight_m: f64,
    confidence: f64,
    took: Duration,
    longest: Duration,
}

impl Matched {
    #[expect(clippy::cast_precision_loss, reason = "no drive is 2^53 mm long")]
    fn add(&mut self, network: &RoadNetwork, search: &mut Search, track: &[TrackFix]) {
        let started = Instant::now();
        let matched = network.match_track(search, track);
        let took = started.elapsed();
        self.took += took;
        self.longest = self.longest.max(took);
        self.tracks += 1;
        self.points += track.len();
        let on_road = matched
            .points
            .iter()
            .filter(|point| point.on_road.is_some());
        self.on_road += on_road.count();
        self.drives += matched.drives.len();
        self.confidence += matched.confidence;
        for drive in &matched.drives {
            self.driven_m += drive.length_mm as f64 / 1000.0;
            let pairs = drive.passages.windows(2);
            self.straight_m += pairs
                .map(|pair| track[pair[0].point].at.distance_m(track[pair[1].point].at))
                .sum::<f64>();
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "some hundred thousands")]
    fn report(&self, name: &str) -> (f64, f64) {
        let share = self.on_road as f64 / self.points as f64;
        let ratio = self.driven_m / self.straight_m;
        println!(
            "{name}: {} tracks, {} points, {:.2} % on a road, {:.2} drives a track, {:.0} km driven, \
             {ratio:.3} of the straight lines, confidence {:.2}, {:.0} µs a point, longest {:.0} ms",
            self.tracks,
            self.points,
            share * 100.0,
            self.drives as f64 / self.tracks as f64,
            self.driven_m / 1000.0,
            self.confidence / self.tracks as f64,
            self.took.as_secs_f64() * 1e6 / self.points as f64,
            self.longest.as_secs_f64() * 1e3,
        );
        (share, ratio)
    }
}

/// Every taxi of a day and a half: a point each 15 seconds.
#[test]
fn taxis_stay_on_the_roads() {
    let (Some(extract), Some(traces)) = (data("porto/metro.osm.pbf"), data("porto/traces.csv.gz"))
    else {
        return;
    };
    let network = network(&extract);
    let mut search = Search::default();
    let mut all = Matched::default();
    let mut rows = csv::Reader::from_reader(GzDecoder::new(File::open(traces).unwrap()));
    for row in rows.records().take(TRACKS_MAX) {
        let row = row.unwrap();
        let start_ms: i64 = row[2].parse::<i64>().unwrap() * 1000;
        let interval_ms: i64 = row[3].parse::<i64>().unwrap() * 1000;
        let points: Vec<[f64; 2]> = serde_json::from_str(&row[4]).unwrap();
        let track: Vec<TrackFix> = (0_i64..)
            .zip(points)
            .map(|(step, [lng, lat])| TrackFix {
                at: LatLng::from_degrees(lat, lng).unwrap(),
                at_ms: start_ms + step * interval_ms,
                accuracy_m: None,
            })
            .collect();
        all.add(&network, &mut search, &track);
    }
    let (share, ratio) = all.report("Porto's taxis");
    assert!(share > 0.97, "{all:?}");
    assert!((0.98..1.12).contains(&ratio), "{all:?}");
}

/// A line drawn along roads in the mountains, without times.
#[test]
fn a_drawn_line_stays_on_its_road() {
    let (Some(extract), Some(line)) = (data("osm/andorra.osm.pbf"), data("gpx/andorra.gpx")) else {
        return;
    };
    let network = network(&extract);
    let mut track: Vec<TrackFix> = Vec::new();
    for point in fs::read_to_string(line).unwrap().split("<trkpt ").skip(1) {
        let number = |name: &str| -> f64 {
            let (_, rest) = point.split_once(&format!("{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        let at = LatLng::from_degrees(number("lat"), number("lon")).unwrap();
        // At ten metres in a second.
        let at_ms = track.last().map_or(0, |last| {
            let metre_ms = i64::try_from(last.at.distance_mm(at)).unwrap() / 10;
            last.at_ms + metre_ms.max(1)
        });
        track.push(TrackFix {
            at,
            at_ms,
            accuracy_m: None,
        });
    }
    let mut all = Matched::default();
    all.add(&network, &mut Search::default(), &track);
    let (share, ratio) = all.report("the line in Andorra");
    assert!(share > 0.95, "{all:?}");
    assert!((0.95..1.05).contains(&ratio), "{all:?}");
    assert_eq!(all.drives, 1, "{all:?}");
}
