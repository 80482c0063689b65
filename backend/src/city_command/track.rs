//! `wayfare city match`: a track laid onto the roads.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use wayfare_core::city::CityPack;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{MatchedDrive, MatchedTrack, RoadNetwork, RoadPoint, TrackFix};
use wayfare_core::track::{TrackPoint, parse_track};

use super::{Answer, CityFailure, file, words};

/// A track of the most points there may be has some 15 MiB.
const TRACK_MEBIBYTES_MAX: u64 = 32;

/// Which track.
#[derive(Debug, Args)]
pub(super) struct MatchOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// The points of the track as JSON, as in docs/examples/track.json
    #[arg(long, value_name = "TRACK.json")]
    track: PathBuf,
}

pub(super) fn run(order: &MatchOrder) -> Result<Answer, CityFailure> {
    let track = read_track(order)?;
    let pack = CityPack::open(&order.city)?;
    let fixes: Vec<TrackFix> = track.iter().map(fix).collect();
    let matched = pack
        .roads
        .with_search(|search| pack.roads.match_track(search, &fixes));
    let json = view(&pack.roads, &matched);
    Ok(Answer {
        words: in_words(&matched),
        json,
    })
}

fn read_track(order: &MatchOrder) -> Result<Vec<TrackPoint>, CityFailure> {
    const CODE: &str = "invalid_track";
    let path = &order.track;
    let text = file::read_text(path, TRACK_MEBIBYTES_MAX, CODE)?;
    let wrong = |field: String, problem: String| {
        let detail = format!("{} is not what it should be: {problem}", path.display());
        CityFailure::wrong(CODE, detail).field(field, problem)
    };
    let track = parse_track(&text).map_err(|error| wrong(error.field(), error.to_string()))?;
    if track.is_empty() {
        return Err(wrong("points".to_owned(), "it has no point".to_owned()));
    }
    Ok(track)
}

fn fix(point: &TrackPoint) -> TrackFix {
    TrackFix {
        at: point.position,
        at_ms: point.at_ms,
        accuracy_m: Some(f64::from(point.accuracy_mm) / 1000.0),
    }
}

fn view(roads: &RoadNetwork, matched: &MatchedTrack) -> Value {
    let drives = matched.drives.iter().map(|drive| {
        json!({
            "distance_m": metres(drive.length_mm),
            "first_point": drive.points.0,
            "last_point": drive.points.1,
            "geometry": drive.geometry.iter().map(|at| degrees(*at)).collect::<Vec<_>>(),
        })
    });
    let points = matched.points.iter().map(|point| {
        json!({
            "index": point.index,
            "road": point.on_road.as_ref().map(|on_road| road(roads, on_road)),
        })
    });
    json!({
        "distance_m": metres(driven_mm(&matched.drives)),
        "confidence": (matched.confidence * 1000.0).round() / 1000.0,
        "drives": drives.collect::<Vec<_>>(),
        "points": points.collect::<Vec<_>>(),
    })
}

fn road(roads: &RoadNetwork, on_road: &RoadPoint) -> Value {
    let arc = roads.arc(on_road.arc);
    json!({
        "lat": on_road.at.lat(),
        "lng": on_road.at.lng(),
        "street": arc.map_or("", |arc| roads.name(arc.name)),
        "off_road_m": (on_road.distance_m * 10.0).round() / 10.0,
    })
}

fn degrees(at: LatLng) -> [f64; 2] {
    [at.lat(), at.lng()]
}

fn driven_mm(drives: &[MatchedDrive]) -> u64 {
    drives.iter().map(|drive| drive.length_mm).sum()
}

fn metres(length_mm: u64) -> i64 {
    i64::try_from((length_mm + 500) / 1000).unwrap_or(i64::MAX)
}

fn in_words(matched: &MatchedTrack) -> String {
    let on_road = matched
        .points
        .iter()
        .filter(|point| point.on_road.is_some());
    let mut lines = vec![
        format!(
            "{} by road",
            words::metres(metres(driven_mm(&matched.drives)))
        ),
        format!(
            "  {} of {} points are on roads; confidence {:.0} %",
            on_road.count(),
            matched.points.len(),
            matched.confidence * 100.0
        ),
    ];
    lines.extend(matched.drives.iter().map(|drive| {
        let (first, last) = drive.points;
        let length = words::metres(metres(drive.length_mm));
        format!("  points {first} to {last}: {length}")
    }));
    lines.join("\n")
}
