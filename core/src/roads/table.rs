//! Durations and lengths between many places at once.

use super::hierarchy::Search;
use super::network::RoadNetwork;
use crate::geo::LatLng;

/// Durations and lengths from each start to each end, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Number of starts.
    pub rows: usize,
    /// Number of ends.
    pub columns: usize,
    /// Milliseconds and millimetres; `None` where no road leads.
    pub cells: Vec<Option<(u64, u64)>>,
}

impl RoadNetwork {
    /// The fastest way from each start to each end. `slowness_bps` as in
    /// [`RouteRequest`](super::RouteRequest).
    pub fn table(
        &self,
        _search: &mut Search,
        _from: &[LatLng],
        _to: &[LatLng],
        _slowness_bps: u32,
    ) -> Table {
        Table::default() // Stub
    }
}
