//! What the city's ground makes of a track: gaps are bridged by road, and toll lines are crossed.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use wayfare_core::ride::{DrivenWay, Ground, NoGround, PackGround};
use wayfare_core::track::TrackPoint;

use super::city::City;
use crate::platform::failure::Failure;

/// Reads a track, in a thread that may take its time. Without a pack, gaps are straight lines.
pub async fn read_track(city: &City, track: &[TrackPoint]) -> Result<DrivenWay, Failure> {
    let Some(pack) = city.pack() else {
        return Ok(NoGround.read(track));
    };
    let ground = PackGround::new(Arc::clone(pack));
    let track = track.to_vec();
    spawn_blocking(move || ground.read(&track))
        .await
        .map_err(|error| Failure::broken("reading a track", error))
}
