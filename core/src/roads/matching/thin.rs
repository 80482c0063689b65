//! Which points of a track take part: points by time, those that are useless left out, and those
//! that say nothing new put aside.

use super::TrackFix;
use super::likelihood::sigma_m;
use crate::geo::LatLng;

/// Points closer to the last one than this many standard deviations are noise.
const THIN_SIGMAS: f64 = 1.5;
const THIN_M_MIN: f64 = 5.0;
const THIN_M_MAX: f64 = 30.0;

/// A point that is good for something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    /// Position in the track.
    pub(super) index: usize,
    pub(super) at: LatLng,
    pub(super) at_ms: i64,
    /// Standard deviation along each axis in metres.
    pub(super) sigma_m: f64,
}

/// A point that is matched, and those after it that are no farther from it than noise explains.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) point: Sighting,
    pub(super) followers: Vec<Sighting>,
}

impl Kept {
    /// How far from the point a follower may be, in metres.
    pub(super) fn reach_m(sigma_m: f64) -> f64 {
        (THIN_SIGMAS * sigma_m).clamp(THIN_M_MIN, THIN_M_MAX)
    }
}

/// The points that take part, by time.
pub(super) fn thin(track: &[TrackFix]) -> Vec<Kept> {
    let mut sightings: Vec<Sighting> = track
        .iter()
        .enumerate()
        .filter_map(|(index, fix)| {
            Some(Sighting {
                index,
                at: fix.at,
                at_ms: fix.at_ms,
                sigma_m: sigma_m(fix.accuracy_m)?,
            })
        })
        .collect();
    sightings.sort_by_key(|sighting| sighting.at_ms);
    let mut kept: Vec<Kept> = Vec::new();
    for sighting in sightings {
        match kept.last_mut() {
            Some(last)
                if last.point.at.distance_m(sighting.at)
                    < Kept::reach_m(last.point.sigma_m.max(sighting.sigma_m)) =>
            {
                last.followers.push(sighting);
            }
            _ => kept.push(Kept {
                point: sighting,
                followers: Vec::new(),
            }),
        }
    }
    kept
}
