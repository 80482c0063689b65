//! Searches on the hierarchy against a plain search on arcs that knows nothing of it.
#![expect(clippy::cast_possible_truncation, reason = "small made-up numbers")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::super::data::RoadData;
use super::super::network::{ArcId, RoadArc, RoadNetwork};
use super::super::sample::{Dice, RandomRoads, network};
use super::*;

/// A plain search on one network.
struct Plain<'a> {
    network: &'a RoadNetwork,
    /// Sequences of arcs that no drive may contain.
    banned: Vec<Vec<u32>>,
}

impl<'a> Plain<'a> {
    fn of(data: &'a RoadData, network: &'a RoadNetwork) -> Self {
        let banned = data.turn_bans.iter();
        Self {
            network,
            banned: banned.flat_map(|ban| sequences(network, ban)).collect(),
        }
    }

    fn arc(&self, arc: u32) -> RoadArc {
        self.network.arc(ArcId(arc)).unwrap()
    }

    /// Weight from the start of an arc through a turn.
    fn weight(&self, from: u32, turn_ms: u32, into: u32) -> i64 {
        let (from, into) = (self.arc(from), self.arc(into));
        let enters = into.flags.destination_only && !from.flags.destination_only;
        let surcharge_ms = if enters { 3_600_000 } else { 0 };
        i64::from(from.duration_ms) + i64::from(turn_ms) + surcharge_ms
    }

    fn is_banned(&self, drive: &[u32]) -> bool {
        self.banned.iter().any(|ban| drive.ends_with(ban))
    }

    /// Least weight from the start of an arc to the start of each arc that at least one turn leads
    /// to.
    fn weights_from(&self, start: u32) -> BTreeMap<u32, i64> {
        let mut arrivals = BTreeMap::new();
        let mut done = BTreeMap::new();
        let mut open = BinaryHeap::from([Reverse((0_i64, vec![start]))]);
        while let Some(Reverse((weight, drive))) = open.pop() {
            if done.contains_key(&drive) {
                continue;
            }
            done.insert(drive.clone(), weight);
            let arc = *drive.last().unwrap();
            for (ArcId(next), turn_ms) in self.network.turns(ArcId(arc)) {
                let mut further = [drive.as_slice(), &[next]].concat();
                if self.is_banned(&further) {
                    continue;
                }
                let total = weight + self.weight(arc, turn_ms, next);
                let arrival = arrivals.entry(next).or_insert(total);
                *arrival = total.min(*arrival);
                // Forget what no ban begins with.
                while further.len() > 1 && !self.banned.iter().any(|b| b.starts_with(&further)) {
                    further.remove(0);
                }
                open.push(Reverse((total, further)));
            }
        }
        arrivals
    }

    /// Least weight from one of the starts to one of the ends.
    fn weight_between(&self, from: &[Seed], to: &[Seed]) -> Option<i64> {
        let mut best: Option<i64> = None;
        for start in from {
            let arrivals = self.weights_from(start.arc.0);
            for end in to {
                let onward = arrivals.get(&end.arc.0).copied();
                let (o, d) = (start.offset, end.offset);
                let stays =
                    start.arc == end.arc && (o.weight, o.length_mm) <= (d.weight, d.length_mm);
                let weights = [onward, stays.then_some(0)].into_iter().flatten();
                let total = weights.map(|w| w - o.weight + d.weight).min();
                best = [best, total].into_iter().flatten().min();
            }
        }
        best
    }

    /// Checks that a path is a legal drive and costs what it says.
    fn check(&self, path: &Path, from: &[Seed], to: &[Seed]) {
        let (start, end) = (&from[path.from], &to[path.to]);
        assert_eq!(path.arcs.first(), Some(&start.arc));
        assert_eq!(path.arcs.last(), Some(&end.arc));
        let mut cost = Cost::default();
        for pair in path.arcs.windows(2) {
            let turns = self.network.turns(pair[0]);
            let (_, turn_ms) = turns.iter().find(|(arc, _)| *arc == pair[1]).unwrap();
            let arc = self.arc(pair[0].0);
            cost.weight += self.weight(pair[0].0, *turn_ms, pair[1].0);
            cost.duration_ms += i64::from(arc.duration_ms) + i64::from(*turn_ms);
            cost.length_mm += i64::from(arc.length_mm);
        }
        cost.weight += end.offset.weight - start.offset.weight;
        cost.duration_ms += end.offset.duration_ms - start.offset.duration_ms;
        cost.length_mm += end.offset.length_mm - start.offset.length_mm;
        assert_eq!(path.cost, cost);
        let drive: Vec<u32> = path.arcs.iter().map(|arc| arc.0).collect();
        for end in 1..=drive.len() {
            assert!(!self.is_banned(&drive[..end]), "a ban is driven");
        }
    }

    /// A place on a random segment: a seed on each of its arcs.
    fn place(&self, dice: &mut Dice) -> Vec<Seed> {
        let arc = ArcId(dice.below(self.network.arc_count()));
        self.place_on(arc, dice.below(1_001))
    }

    /// A place this many thousandths along an arc, with its counterpart on the other arc.
    fn place_on(&self, arc: ArcId, thousandths: u32) -> Vec<Seed> {
        let offset = |arc: ArcId, part: u32| {
            let arc = self.arc(arc.0);
            let share = |whole: u32| i64::from(whole) * i64::from(part) / 1_000;
            Cost {
                weight: share(arc.duration_ms),
                duration_ms: share(arc.duration_ms),
                length_mm: share(arc.length_mm),
            }
        };
        let mut seeds = vec![Seed {
            arc,
            offset: offset(arc, thousandths),
        }];
        seeds.extend(self.network.reverse(arc).map(|back| Seed {
            arc: back,
            offset: offset(back, 1_000 - thousandths),
        }));
        seeds
    }

    /// Compares with the plain search: the weight of `shortest` and `costs`, and the way.
    fn compare(&self, search: &mut Search, places: &[(Vec<Seed>, Vec<Seed>)]) {
        let (from, to): (Vec<_>, Vec<_>) = places.iter().cloned().unzip();
        let table = self.network.costs(search, &from, &to);
        assert_eq!(table.len(), from.len() * to.len());
        let starts: Vec<&[Seed]> = from.iter().map(Vec::as_slice).collect();
        for (column, end) in to.iter().enumerate() {
            let toward = self.network.costs_toward(search, &starts, end);
            let of_end: Vec<_> = table.iter().skip(column).step_by(to.len()).collect();
            let weight = |cost: &Option<Cost>| cost.map(|cost| cost.weight);
            assert!(toward.iter().map(weight).eq(of_end.into_iter().map(weight)));
        }
        for (row, start) in from.iter().enumerate() {
            for (column, end) in to.iter().enumerate() {
                let weight = self.weight_between(start, end);
                let cell = table[row * to.len() + column];
                assert_eq!(cell.map(|cost| cost.weight), weight, "cell {row}, {column}");
                let path = self.network.shortest(search, start, end);
                assert_eq!(path.as_ref().map(|path| path.cost.weight), weight);
                if let (Some(path), Some(cell)) = (path, cell) {
                    self.check(&path, start, end);
                    // Of several ways of one weight either may be taken.
                    if self.is_only_way(search, &path, start, end) {
                        assert_eq!(path.cost, cell);
                    }
                }
            }
        }
    }

    /// Whether a path weighs less than any other. Approximately: weights with millisecond steps
    /// are rarely equal, so it looks whether surcharges could hide a difference.
    fn is_only_way(&self, _: &mut Search, path: &Path, _: &[Seed], _: &[Seed]) -> bool {
        path.cost.weight < 3_600_000
    }
}

/// The sequences of arcs that a ban means: its segments in order, the first driven to `first_via`.
fn sequences(network: &RoadNetwork, ban: &crate::roads::TurnBan) -> Vec<Vec<u32>> {
    let arcs = |segment: u32| {
        (0..network.arc_count())
            .filter(move |arc| network.arc(ArcId(*arc)).unwrap().segment == segment)
    };
    let end = |arc: u32| network.arc(ArcId(arc)).unwrap().to;
    let start = |arc: u32| network.arc(ArcId(arc)).unwrap().from;
    let first = arcs(ban.segments[0]).filter(|arc| end(*arc) == ban.first_via);
    let mut all: Vec<Vec<u32>> = first.map(|arc| vec![arc]).collect();
    for segment in &ban.segments[1..] {
        let longer = all.iter().flat_map(|begun| {
            let via = end(*begun.last().unwrap());
            let next = arcs(*segment).filter(move |arc| start(*arc) == via);
            next.map(|arc| [begun.as_slice(), &[arc]].concat())
        });
        all = longer.collect();
    }
    all
}

#[test]
fn searches_find_what_a_plain_search_finds() {
    let mut search = Search::default();
    for seed in 0..120 {
        let data = RandomRoads::seeded(seed).build();
        let network = network(&data);
        let plain = Plain::of(&data, &network);
        let mut dice = Dice::seeded(seed);
        let places: Vec<_> = (0..4)
            .map(|_| (plain.place(&mut dice), plain.place(&mut dice)))
            .collect();
        plain.compare(&mut search, &places);
    }
}

#[test]
fn places_on_one_segment_are_joined_straight_or_round_the_block() {
    let mut search = Search::default();
    for seed in 200..260 {
        let data = RandomRoads::seeded(seed).build();
        let network = network(&data);
        let plain = Plain::of(&data, &network);
        let mut dice = Dice::seeded(seed);
        let places: Vec<_> = (0..4)
            .map(|_| {
                let arc = ArcId(dice.below(network.arc_count()));
                // Some at the very same place, some at the ends.
                let from = plain.place_on(arc, dice.below(3) * 500);
                (from, plain.place_on(arc, dice.below(5) * 250))
            })
            .collect();
        plain.compare(&mut search, &places);
    }
}

#[test]
fn bans_through_several_segments_are_never_driven() {
    let mut search = Search::default();
    let mut through_several = 0;
    for seed in 300..360 {
        let roads = RandomRoads {
            bans_percent: 300,
            ..RandomRoads::seeded(seed)
        };
        let data = roads.build();
        through_several += data
            .turn_bans
            .iter()
            .filter(|ban| ban.segments.len() > 2)
            .count();
        let network = network(&data);
        let plain = Plain::of(&data, &network);
        let mut dice = Dice::seeded(seed);
        let places: Vec<_> = (0..3)
            .map(|_| (plain.place(&mut dice), plain.place(&mut dice)))
            .collect();
        plain.compare(&mut search, &places);
    }
    assert!(through_several > 1_000, "{through_several}");
}

#[test]
fn other_speeds_are_followed_exactly_when_all_change_alike() {
    let mut search = Search::default();
    for seed in 400..430 {
        let data = RandomRoads::seeded(seed).build();
        let network = network(&data);
        let same = |ArcId(arc)| network.arc(ArcId(arc)).unwrap().duration_ms;
        let reweighted = network.reweighted(same).unwrap();
        let plain = Plain::of(&data, &reweighted);
        let mut dice = Dice::seeded(seed);
        plain.compare(
            &mut search,
            &[(plain.place(&mut dice), plain.place(&mut dice))],
        );
    }
}

#[test]
fn other_speeds_give_legal_ways_with_exact_costs_close_to_the_best() {
    let mut search = Search::default();
    let (mut found_ms, mut best_ms) = (0, 0);
    for seed in 500..560 {
        let data = RandomRoads::seeded(seed).build();
        let network = network(&data);
        let slower = |ArcId(arc)| {
            let percent = 100 + Dice::seeded(u64::from(arc) + seed).below(60);
            network.arc(ArcId(arc)).unwrap().duration_ms * percent / 100
        };
        let reweighted = network.reweighted(slower).unwrap();
        let plain = Plain::of(&data, &reweighted);
        let mut dice = Dice::seeded(seed);
        let (from, to) = (plain.place(&mut dice), plain.place(&mut dice));
        let path = reweighted.shortest(&mut search, &from, &to);
        let best = plain.weight_between(&from, &to);
        // Whether there is a way at all does not depend on speeds.
        assert_eq!(path.is_some(), best.is_some());
        if let (Some(path), Some(best)) = (path, best) {
            plain.check(&path, &from, &to);
            assert!(path.cost.weight >= best);
            (found_ms, best_ms) = (found_ms + path.cost.weight, best_ms + best);
        }
    }
    assert!(found_ms < best_ms + best_ms / 50, "{found_ms} {best_ms}");
}

#[test]
fn nowhere_is_not_reached_and_nothing_is_found_from_nowhere() {
    let data = RandomRoads::seeded(1).build();
    let network = network(&data);
    let mut search = Search::default();
    let plain = Plain::of(&data, &network);
    let here = plain.place_on(ArcId(0), 500);
    let nowhere = [Seed {
        arc: ArcId(network.arc_count()),
        offset: Cost::default(),
    }];
    assert_eq!(network.shortest(&mut search, &here, &nowhere), None);
    assert_eq!(network.shortest(&mut search, &nowhere, &here), None);
    assert_eq!(network.shortest(&mut search, &[], &here), None);
    let cells = network.costs(
        &mut search,
        &[here.clone(), nowhere.to_vec()],
        &[nowhere.to_vec()],
    );
    assert_eq!(cells, [None, None]);
    let cells = network.costs_toward(&mut search, &[&here, &nowhere], &nowhere);
    assert_eq!(cells, [None, None]);
    let cells = network.costs_toward(&mut search, &[&nowhere, &[]], &here);
    assert_eq!(cells, [None, None]);
    assert_eq!(network.costs(&mut search, &[], &[here]), []);
}

#[test]
fn offsets_out_of_range_do_no_harm() {
    let data = RandomRoads::seeded(2).build();
    let network = network(&data);
    let mut search = Search::default();
    let extreme = |value: i64| Cost {
        weight: value,
        duration_ms: value,
        length_mm: value,
    };
    let seeds: Vec<Seed> = (0..network.arc_count())
        .map(|arc| Seed {
            arc: ArcId(arc),
            offset: extreme([i64::MIN, i64::MAX, -1, 0][arc as usize % 4]),
        })
        .collect();
    network.shortest(&mut search, &seeds, &seeds);
    let places: Vec<Vec<Seed>> = seeds.chunks(2).map(<[Seed]>::to_vec).collect();
    network.costs(&mut search, &places, &places);
    let starts: Vec<&[Seed]> = places.iter().map(Vec::as_slice).collect();
    network.costs_toward(&mut search, &starts, &seeds);
}

#[test]
fn one_search_serves_networks_of_any_size() {
    let mut search = Search::default();
    for (width, seed) in [(9, 1), (3, 2), (12, 3), (2, 4)] {
        let roads = RandomRoads {
            width,
            ..RandomRoads::seeded(seed)
        };
        let data = roads.build();
        let network = network(&data);
        let plain = Plain::of(&data, &network);
        let mut dice = Dice::seeded(seed);
        plain.compare(
            &mut search,
            &[(plain.place(&mut dice), plain.place(&mut dice))],
        );
    }
}

#[test]
fn a_contraction_that_is_none_is_refused() {
    let data = RandomRoads::seeded(7).build();
    let input = ContractionInput::of(&data).unwrap();
    let right = crate::roads::sample::contract(&input);
    assert!(crate::roads::encode(&data, &right).is_ok());
    let refused = |contraction: &Contraction| {
        let result = crate::roads::encode(&data, contraction);
        assert!(matches!(result, Err(RoadsError::Unfit(_))), "{result:?}");
    };
    let mut twice = right.clone();
    twice.ranks[0] = twice.ranks[1];
    refused(&twice);
    let mut few = right.clone();
    few.ranks.pop();
    refused(&few);
    let mut elsewhere = right.clone();
    elsewhere.shortcuts.push((0, input.node_count));
    refused(&elsewhere);
    let mut unfounded = right.clone();
    let lowest = right.ranks.iter().position(|rank| *rank == 0).unwrap() as u32;
    let highest = right
        .ranks
        .iter()
        .position(|rank| *rank == input.node_count - 1)
        .unwrap() as u32;
    unfounded.shortcuts.push((lowest, highest));
    if !input
        .edges
        .iter()
        .any(|(x, y, _)| (*x, *y) == (lowest, highest))
    {
        refused(&unfounded);
    }
}
