//! Ways by road in free traffic.

use std::time::Duration;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::RoadNetwork;

/// Durations as the roads say, unchanged by the time of day.
pub(super) const FREE_BPS: u32 = 10_000;

/// A way by road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) duration: Duration,
    pub(super) length_m: u64,
}

/// The fastest way, or `None` where no road leads.
pub(super) fn way(roads: &RoadNetwork, from: LatLng, to: LatLng) -> Option<Way> {
    let table = roads.with_search(|search| roads.table(search, &[from], &[to], FREE_BPS));
    let (duration_ms, length_mm) = table.cells.first().copied().flatten()?;
    Some(Way {
        duration: Duration::from_millis(duration_ms),
        length_m: length_mm / 1000,
    })
}
