//! Durations and lengths between many places at once.

use super::hierarchy::{Search, Seed};
use super::network::RoadNetwork;
use super::route::scaled_ms;
use super::snap::{RoadStop, Snapped};
use crate::geo::LatLng;

/// Milliseconds and millimetres; `None` where no road leads.
pub(super) type Cell = Option<(u64, u64)>;

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
        let any_end = ends.iter().any(is_on_island);
        let mut rows: Vec<(&mut [Cell], &Option<RoadStop>)> = cells
            .chunks_mut(columns)
            .zip(starts)
            .filter(|(row, start)| {
                !row.iter().all(Option::is_some) && (any_end || is_on_island(start))
            })
            .collect();
        // All at once: the searches from the ends serve every row.
        let moved: Vec<Option<RoadStop>> = rows.iter().map(|(_, start)| (*start).clone()).collect();
        let others = self.cells(search, &moved, ends, mainland);
        for ((row, start), others) in rows.iter_mut().zip(others.chunks(columns)) {
            for ((cell, other), end) in row.iter_mut().zip(others).zip(ends) {
                if cell.is_none() && (is_on_island(end) || is_on_island(start)) {
                    *cell = *other;
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

pub(super) fn nearest(stop: &RoadStop) -> &Snapped {
    &stop.nearest
}

pub(super) fn mainland(stop: &RoadStop) -> &Snapped {
    stop.mainland()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roads::route::RouteRequest;
    use crate::roads::sample::{Dice, RandomRoads, network};
    use crate::roads::town::{Town, road};

    /// What routes say of every pair.
    fn by_routes(roads: &RoadNetwork, from: &[LatLng], to: &[LatLng], bps: u32) -> Table {
        let pairs = from
            .iter()
            .flat_map(|from| to.iter().map(move |to| vec![*from, *to]));
        let cell = |stops| {
            let request = RouteRequest {
                slowness_bps: bps,
                geometry: false,
                steps: false,
                stops,
            };
            let route = roads
                .with_search(|search| roads.route(search, &request))
                .ok()?;
            Some((route.duration_ms, route.length_mm))
        };
        Table {
            rows: from.len(),
            columns: to.len(),
            cells: pairs.map(cell).collect(),
        }
    }

    /// Durations are equal; of ways that take equally long a table may know another.
    fn assert_same(found: &Table, expected: &Table, what: &str) {
        let durations = |table: &Table| -> Vec<Option<u64>> {
            let cells = table.cells.iter();
            cells
                .map(|cell| cell.map(|(duration_ms, _)| duration_ms))
                .collect()
        };
        assert_eq!(
            (found.rows, found.columns),
            (expected.rows, expected.columns)
        );
        assert_eq!(durations(found), durations(expected), "{what}");
        let cells = || found.cells.iter().zip(&expected.cells);
        let same = cells()
            .filter(|(found, expected)| found == expected)
            .count();
        assert!(same * 100 >= found.cells.len() * 95, "{what}: {same}");
    }

    #[test]
    fn a_table_says_what_routes_say() {
        let mut known = 0;
        for seed in 0..30 {
            let roads = network(&RandomRoads::seeded(seed).build());
            let mut dice = Dice::seeded(seed + 300);
            let mut places = |count| -> Vec<LatLng> {
                let place = |dice: &mut Dice| {
                    let lat_e7 = 411_480_000 + dice.below(80_000) as i32;
                    let lng_e7 = -86_120_000 + dice.below(110_000) as i32;
                    LatLng::from_e7(lat_e7, lng_e7).unwrap()
                };
                (0..count).map(|_| place(&mut dice)).collect()
            };
            let (from, mut to) = (places(6), places(5));
            to.push(from[2]);
            let found = roads.with_search(|search| roads.table(search, &from, &to, 12_345));
            let expected = by_routes(&roads, &from, &to, 12_345);
            assert_same(&found, &expected, &format!("seed {seed}"));
            assert_eq!(found.cells[2 * 6 + 5], Some((0, 0)));
            known += found.cells.iter().flatten().count();
        }
        assert!(known > 500, "{known}");
    }

    #[test]
    fn places_on_islands_are_as_in_routes() {
        let mut town = Town::with_streets();
        town.add(road("Island"), &[(-500, -500), (-400, -500)]);
        town.add(road("Out").one_way(), &[(0, 0), (-300, 0)]);
        let spots = [(-480, -490), (-410, -490), (300, 320), (-290, 4), (840, 20)];
        let places: Vec<LatLng> = spots
            .iter()
            .map(|(east, north)| town.at(*east, *north))
            .collect();
        let roads = town.open();
        let found = roads.with_search(|search| roads.table(search, &places, &places, 10_000));
        let expected = by_routes(&roads, &places, &places, 10_000);
        assert_same(&found, &expected, "islands");
        assert!(found.cells.iter().all(Option::is_some));
    }

    #[test]
    fn a_table_of_nothing_is_empty() {
        let town = Town::with_streets();
        let roads = town.open();
        let none = roads.with_search(|search| roads.table(search, &[], &[town.at(0, 0)], 10_000));
        assert_eq!((none.rows, none.columns, none.cells.len()), (0, 1, 0));
        let none = roads.with_search(|search| roads.table(search, &[town.at(0, 0)], &[], 10_000));
        assert_eq!((none.rows, none.columns, none.cells.len()), (1, 0, 0));
    }
}
