//! Durations and lengths from some starts to each of many ends: the ways of cars to the pickups
//! they are near.

use super::hierarchy::{Cost, Search, Seed};
use super::network::RoadNetwork;
use super::network::flat::index_of;
use super::route::scaled_ms;
use super::snap::{RoadStop, Snapped};
use super::table::{Cell, mainland, nearest};
use crate::geo::LatLng;

/// An end, and which starts the ways to it are wanted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachTo<'a> {
    /// The end.
    pub to: LatLng,
    /// Positions in the list of starts.
    pub from: &'a [u32],
}

/// Which ways are wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReachRequest<'a> {
    /// The starts. Those that no end wants cost nothing.
    pub from: &'a [LatLng],
    /// The ends.
    pub to: &'a [ReachTo<'a>],
    /// Multiplier of durations as in [`RouteRequest`](super::RouteRequest).
    pub slowness_bps: u32,
    /// Places that are farther than this from their road, in metres, are reached by no road.
    pub road_within_m: f64,
}

impl RoadNetwork {
    /// The fastest ways to each end from the starts that are wanted, in their order: milliseconds
    /// and millimetres, `None` where no road leads or where there is no such start. It is what
    /// [`RoadNetwork::table`] says of these pairs, without the time for all others.
    pub fn reach(
        &self,
        search: &mut Search,
        request: &ReachRequest<'_>,
    ) -> Vec<Vec<Option<(u64, u64)>>> {
        let starts = self.wanted_stops(request);
        let to_end = |end: &ReachTo<'_>| {
            let start = |position: &u32| starts.get(index_of(*position))?.as_ref();
            let starts: Vec<Option<&RoadStop>> = end.from.iter().map(start).collect();
            let mut cells = match self.road_stop(end.to) {
                Some(end) => self.cells_toward(search, &starts, &end, request.road_within_m),
                None => vec![None; starts.len()],
            };
            for (duration_ms, _) in cells.iter_mut().flatten() {
                *duration_ms = scaled_ms(*duration_ms, request.slowness_bps);
            }
            cells
        };
        request.to.iter().map(to_end).collect()
    }

    /// The stops of the starts that are wanted at all.
    fn wanted_stops(&self, request: &ReachRequest<'_>) -> Vec<Option<RoadStop>> {
        let mut is_wanted = vec![false; request.from.len()];
        for position in request.to.iter().flat_map(|end| end.from) {
            if let Some(is_wanted) = is_wanted.get_mut(index_of(*position)) {
                *is_wanted = true;
            }
        }
        let stops = request.from.iter().zip(is_wanted);
        stops
            .map(|(at, is_wanted)| is_wanted.then(|| self.road_stop(*at)).flatten())
            .collect()
    }

    /// Milliseconds in free traffic and millimetres. Where the nearest roads are not connected
    /// because one is on an island, the next better connected road is taken.
    fn cells_toward(
        &self,
        search: &mut Search,
        starts: &[Option<&RoadStop>],
        end: &RoadStop,
        road_within_m: f64,
    ) -> Vec<Cell> {
        let is_cut_off = |start: &RoadStop| start.is_on_island() || end.is_on_island();
        let near = |place: fn(&RoadStop) -> &Snapped, stop| {
            let snapped = place(stop);
            (snapped.point.distance_m <= road_within_m).then_some(snapped)
        };
        let nearest: Vec<Option<&Snapped>> = starts
            .iter()
            .map(|start| near(nearest, (*start)?))
            .collect();
        let mut cells = self.cells_at(search, &nearest, near(self::nearest, end));
        let moved: Vec<Option<&Snapped>> = starts
            .iter()
            .zip(&cells)
            .map(|(start, cell)| start.filter(|start| cell.is_none() && is_cut_off(start)))
            .map(|start| near(mainland, start?))
            .collect();
        if moved.iter().any(Option::is_some) {
            let others = self.cells_at(search, &moved, near(mainland, end));
            for (cell, other) in cells.iter_mut().zip(others) {
                *cell = cell.or(other);
            }
        }
        cells
    }

    fn cells_at(
        &self,
        search: &mut Search,
        starts: &[Option<&Snapped>],
        end: Option<&Snapped>,
    ) -> Vec<Cell> {
        let Some(end) = end else {
            return vec![None; starts.len()];
        };
        let seeds: Vec<&[Seed]> = starts.iter().map(|start| seeds_of(*start)).collect();
        let costs = self.costs_toward(search, &seeds, &end.seeds);
        let cell = |(start, cost): (&Option<&Snapped>, Option<Cost>)| match start {
            Some(start) if start.is_at(end) => Some((0, 0)),
            _ => cost.map(|cost| {
                let duration_ms = cost.duration_ms.unsigned_abs();
                (duration_ms, cost.length_mm.unsigned_abs())
            }),
        };
        starts.iter().zip(costs).map(cell).collect()
    }
}

fn seeds_of(start: Option<&Snapped>) -> &[Seed] {
    start.map_or(&[], |start| &start.seeds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roads::sample::{Dice, RandomRoads, network};
    use crate::roads::town::{Town, road};

    /// Some starts of each end, one of them twice, in no order; sometimes none.
    fn wanted(dice: &mut Dice, starts: usize, ends: usize) -> Vec<Vec<u32>> {
        let starts = u32::try_from(starts).unwrap();
        let mut of_end = || {
            let mut all: Vec<u32> = (0..dice.below(12)).map(|_| dice.below(starts)).collect();
            all.extend(all.first().copied());
            all
        };
        (0..ends).map(|_| of_end()).collect()
    }

    fn request<'a>(from: &'a [LatLng], to: &'a [ReachTo<'a>]) -> ReachRequest<'a> {
        ReachRequest {
            from,
            to,
            slowness_bps: 12_345,
            road_within_m: f64::INFINITY,
        }
    }

    /// How many ways there are, and how many cells of both are the same.
    struct Compared {
        known: usize,
        same: usize,
    }

    /// Compares with the table of all pairs. Durations are equal; of ways that take equally long
    /// each may know another, which happens in streets like a grid.
    fn compare(
        roads: &RoadNetwork,
        from: &[LatLng],
        to: &[LatLng],
        wanted: &[Vec<u32>],
    ) -> Compared {
        let ends: Vec<ReachTo<'_>> = to
            .iter()
            .zip(wanted)
            .map(|(to, from)| ReachTo { to: *to, from })
            .collect();
        let found = roads.with_search(|search| roads.reach(search, &request(from, &ends)));
        let table = roads.with_search(|search| roads.table(search, from, to, 12_345));
        let cell = |column: usize, row: &u32| table.cells[*row as usize * table.columns + column];
        let expected: Vec<Vec<Cell>> = wanted
            .iter()
            .enumerate()
            .map(|(column, rows)| rows.iter().map(|row| cell(column, row)).collect())
            .collect();
        let durations = |cells: &[Vec<Cell>]| -> Vec<Vec<Option<u64>>> {
            let duration = |cell: &Cell| cell.map(|(duration_ms, _)| duration_ms);
            let of_end = cells.iter();
            of_end
                .map(|cells| cells.iter().map(duration).collect())
                .collect()
        };
        assert_eq!(durations(&found), durations(&expected));
        let pairs = || found.iter().flatten().zip(expected.iter().flatten());
        Compared {
            known: pairs().filter(|(found, _)| found.is_some()).count(),
            same: pairs()
                .filter(|(found, expected)| found == expected)
                .count(),
        }
    }

    #[test]
    fn the_ways_to_an_end_are_those_of_a_table() {
        let (mut known, mut same, mut all) = (0, 0, 0);
        for seed in 0..60 {
            let roads = network(&RandomRoads::seeded(seed).build());
            let mut dice = Dice::seeded(seed + 700);
            let mut places = |count: usize| -> Vec<LatLng> {
                let mut side = |low: i32, length| low + i32::try_from(dice.below(length)).unwrap();
                let mut place = || {
                    LatLng::from_e7(side(411_480_000, 80_000), side(-86_120_000, 110_000)).unwrap()
                };
                (0..count).map(|_| place()).collect()
            };
            let (from, mut to) = (places(25), places(8));
            to.push(from[2]);
            let mut wanted = wanted(&mut dice, from.len(), to.len());
            wanted[8].push(2);
            let compared = compare(&roads, &from, &to, &wanted);
            known += compared.known;
            same += compared.same;
            all += wanted.iter().map(Vec::len).sum::<usize>();
        }
        assert!(known > 1_500, "{known}");
        assert!(same * 100 >= all * 98, "{same} of {all}");
    }

    #[test]
    fn places_on_one_street_are_joined_straight_or_round_the_block() {
        let mut town = Town::with_streets();
        town.add(
            road("Loop").one_way(),
            &[(0, 0), (-200, 0), (-200, 200), (0, 200)],
        );
        let spots = [
            (-20, 1),
            (-150, 2),
            (-90, 0),
            (310, 301),
            (380, 299),
            (340, 300),
        ];
        let places: Vec<LatLng> = spots.map(|(east, north)| town.at(east, north)).to_vec();
        let roads = town.open();
        let wanted = vec![vec![0, 1, 2, 3, 4, 5]; places.len()];
        assert_eq!(compare(&roads, &places, &places, &wanted).known, 36);
    }

    #[test]
    fn cars_on_islands_set_off_from_the_next_better_road() {
        let mut town = Town::with_streets();
        town.add(road("Island"), &[(-500, -500), (-400, -500)]);
        town.add(road("Out").one_way(), &[(0, 0), (-300, 0)]);
        let spots = [(-480, -490), (-410, -490), (300, 320), (-290, 4), (840, 20)];
        let places: Vec<LatLng> = spots.map(|(east, north)| town.at(east, north)).to_vec();
        let roads = town.open();
        let wanted = vec![vec![4, 3, 2, 1, 0]; places.len()];
        assert_eq!(compare(&roads, &places, &places, &wanted).known, 25);
    }

    #[test]
    fn a_start_that_does_not_exist_reaches_nothing() {
        let town = Town::with_streets();
        let roads = town.open();
        let here = town.at(10, 20);
        let ends = [(); 2].map(|()| ReachTo {
            to: here,
            from: &[1, 0, u32::MAX],
        });
        let reach =
            |ends: &[_]| roads.with_search(|search| roads.reach(search, &request(&[here], ends)));
        let found = reach(&ends);
        assert_eq!(found, vec![vec![None, Some((0, 0)), None]; 2]);
        let found = reach(&[]);
        assert_eq!(found, Vec::<Vec<Cell>>::new());
    }

    #[test]
    fn no_road_leads_from_far_beside_it() {
        let mut town = Town::with_streets();
        town.add(road("Island"), &[(-500, -500), (-400, -500)]);
        let spots = [(10, 20), (810, 840), (-480, -490)];
        let places: Vec<LatLng> = spots.map(|(east, north)| town.at(east, north)).to_vec();
        let roads = town.open();
        let ends: Vec<ReachTo<'_>> = places
            .iter()
            .map(|to| ReachTo {
                to: *to,
                from: &[0, 1, 2],
            })
            .collect();
        let known = |road_within_m| -> Vec<bool> {
            let request = ReachRequest {
                road_within_m,
                ..request(&places, &ends)
            };
            let cells = roads.with_search(|search| roads.reach(search, &request));
            cells.iter().flatten().map(Option::is_some).collect()
        };
        let (yes, no) = (true, false);
        assert_eq!(known(1_000.0), [yes; 9]);
        // The island is near itself, but far from the other streets.
        assert_eq!(known(100.0), [yes, yes, no, yes, yes, no, no, no, yes]);
        assert_eq!(known(30.0), [yes, no, no, no, no, no, no, no, yes]);
        assert_eq!(known(0.5), [no; 9]);
    }
}
