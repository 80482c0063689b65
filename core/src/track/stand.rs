//! How long the car stood at a place.

use chrono::{DateTime, Utc};

use super::point::{TrackPoint, in_order};
use super::walk::ACCURACY_MM_MAX;
use crate::geo::LatLng;

/// A car farther than this from a place has left it. A car park and a device's error are nearer.
pub const STAND_RADIUS_M: u64 = 100;

/// How long the car stood at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// When it was last seen there before it was seen elsewhere.
    pub until: DateTime<Utc>,
    /// Whether it was seen elsewhere after that.
    pub left: bool,
}

/// How long the car stood at `place`, where it is said to have been `since` this moment.
///
/// Only points from then on count, and only those whose accuracy is within the meter's limit. The
/// stand lasts until the last of them before the first one that is farther away than
/// [`STAND_RADIUS_M`]. It has no length if no point shows the car there. Coming back does not go on
/// with it. The points may stand in any order, and twice.
pub fn stand(points: &[TrackPoint], place: LatLng, since: DateTime<Utc>) -> Stand {
    let mut until = since;
    for point in in_order(points).iter() {
        let at = point.at();
        if at < since || point.accuracy_mm > ACCURACY_MM_MAX {
            continue;
        }
        if is_away(point, place) {
            return Stand { until, left: true };
        }
        until = at;
    }
    Stand { until, left: false }
}

fn is_away(point: &TrackPoint, place: LatLng) -> bool {
    point.position.distance_mm(place) > STAND_RADIUS_M.saturating_mul(1000)
}
