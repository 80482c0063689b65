//! What the city's ground makes of a track: gaps are bridged by road, and toll lines are crossed.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use wayfare_core::city::CityPack;
use wayfare_core::roads::TrackFix;
use wayfare_core::track::{Reading, StraightLine, TrackPoint, measure};

use super::city::City;
use crate::platform::failure::Failure;

const MM_PER_M: f64 = 1000.0;

/// What a track says on this city's ground.
#[derive(Debug)]
pub struct DrivenWay {
    /// Distance, duration and what became of the points. Without a pack, gaps are straight lines.
    pub reading: Reading,
    /// The toll lines that were crossed, in order; `None` without a pack.
    pub tolls: Option<Vec<String>>,
}

/// Reads a track, in a thread that may take its time.
pub async fn read_track(city: &City, track: &[TrackPoint]) -> Result<DrivenWay, Failure> {
    let Some(pack) = city.pack().cloned() else {
        return Ok(DrivenWay {
            reading: measure(track, &StraightLine),
            tolls: None,
        });
    };
    let track = track.to_vec();
    let read = move || DrivenWay {
        reading: measure(&track, &Arc::clone(&pack.roads)),
        tolls: Some(tolls(&pack, &track)),
    };
    spawn_blocking(read)
        .await
        .map_err(|error| Failure::broken("reading a track", error))
}

/// The toll lines that a track crosses by road: a car that stands at a line, whose position drifts to
/// and fro across it, has not crossed it each time.
fn tolls(pack: &CityPack, track: &[TrackPoint]) -> Vec<String> {
    if !pack.has_tolls() {
        return Vec::new();
    }
    let fixes: Vec<TrackFix> = track
        .iter()
        .map(|point| TrackFix {
            at: point.position,
            at_ms: point.at_ms,
            accuracy_m: Some(f64::from(point.accuracy_mm) / MM_PER_M),
        })
        .collect();
    let matched = pack
        .roads
        .with_search(|search| pack.roads.match_track(search, &fixes));
    let drives = matched.drives.iter();
    drives
        .flat_map(|drive| pack.zones.tolls_along(&drive.geometry))
        .collect()
}
