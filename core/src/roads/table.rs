//! Durations and lengths between many places at once.

use super::hierarchy::{Search, Seed};
use super::network::RoadNetwork;
use super::route::scaled_ms;
use super::snap::{RoadStop, Snapped};
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
    /// The fastest way from each start to each end: what [`RoadNetwork::route`] says of each pair.
    /// `slowness_bps` as in [`RouteRequest`](super::RouteRequest).
    pub fn table(
        &self,
        search: &mut Search,
        from: &[LatLng],
        to: &[LatLng],
        slowness_bps: u32,
    ) -> Table {
        let starts: Vec<Option<RoadStop>> = from.iter().map(|at| self.road_stop(*at)).collect();
        let ends: Vec<Option<RoadStop>> = to.iter().map(|at| self.road_stop(*at)).collect();
        let mut cells = self.cells(search, &starts, &ends, nearest);
        self.fill_from_mainland(search, &starts, &ends, &mut cells);
        for (duration_ms, _) in cells.iter_mut().flatten() {
            *duration_ms = scaled_ms(*duration_ms, slowness_bps);
        }
        Table {
            rows: from.len(),
            columns: to.len(),
            cells,
        }
    }

    /// Where the nearest roads are not connected because one is on an island, the next better
    /// connected road is taken.
    fn fill_from_mainland(
        &self,
        search: &mut Search,
        starts: &[Option<RoadStop>],
        ends: &[Option<RoadStop>],
        cells: &mut [Option<(u64, u64)>],
    ) {
        let is_on_island =
            |stop: &Option<RoadStop>| stop.as_ref().is_some_and(RoadStop::is_on_island);
        let columns = ends.len();
        if columns == 0 || cells.iter().all(Option::is_some) {
            return;
        }
        let all_ends = ends.iter().any(is_on_island);
        for (row, start) in cells.chunks_mut(columns).zip(starts) {
            if row.iter().all(Option::is_some) || !(all_ends || is_on_island(start)) {
                continue;
            }
            let start = std::slice::from_ref(start);
            let other = self.cells(search, start, ends, mainland);
            let pairs_on_island = ends
                .iter()
                .map(|end| is_on_island(end) || start.iter().any(is_on_island));
            for ((cell, other), on_island) in row.iter_mut().zip(other).zip(pairs_on_island) {
                if cell.is_none() && on_island {
                    *cell = other;
                }
            }
        }
    }

    /// Milliseconds in free traffic and millimetres.
    fn cells(
        &self,
        search: &mut Search,
        starts: &[Option<RoadStop>],
        ends: &[Option<RoadStop>],
        place: impl Fn(&RoadStop) -> &Snapped,
    ) -> Vec<Option<(u64, u64)>> {
        let seeds = |stops: &[Option<RoadStop>]| -> Vec<Vec<Seed>> {
            let of_stop = |stop: &Option<RoadStop>| {
                let snapped = stop.as_ref().map(&place);
                snapped.map_or_else(Vec::new, |snapped| snapped.seeds.clone())
            };
            stops.iter().map(of_stop).collect()
        };
        let costs = self.costs(search, &seeds(starts), &seeds(ends));
        let pairs = starts
            .iter()
            .flat_map(|start| ends.iter().map(move |end| (start, end)));
        let at_once = |(start, end): (&Option<RoadStop>, &Option<RoadStop>)| {
            let (start, end) = (start.as_ref().map(&place), end.as_ref().map(&place));
            start.zip(end).is_some_and(|(start, end)| start.is_at(end))
        };
        pairs
            .map(at_once)
            .zip(costs)
            .map(|(is_same, cost)| {
                if is_same {
                    return Some((0, 0));
                }
                cost.map(|cost| {
                    (
                        cost.duration_ms.unsigned_abs(),
                        cost.length_mm.unsigned_abs(),
                    )
                })
            })
            .collect()
    }
}

fn nearest(stop: &RoadStop) -> &Snapped {
    &stop.nearest
}

fn mainland(stop: &RoadStop) -> &Snapped {
    stop.mainland()
}
