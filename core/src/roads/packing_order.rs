//! Roads in an order that packs well and is fast to search: near ones together, each beginning where
//! the one before ends.

use std::collections::HashMap;

use super::data::{RoadData, Segment};
use super::network::flat::index_of;
use super::snap_index::hilbert;
use crate::geo::LatLng;

/// A chain of segments ends after so many, so that it does not lead far away.
const CHAIN_MAX: usize = 24;

impl RoadData {
    /// The same roads in an order that packs well: segments are renumbered and may be turned round,
    /// junctions and names are renumbered in the order in which segments mention them, and those
    /// that no segment mentions are left out.
    pub fn in_packing_order(self) -> Self {
        let order = Chains::of(&self).order();
        let mut junctions = Renumbering::default();
        let mut names = Renumbering::default();
        // The empty name stays the first.
        names.number(0);
        let mut positions = vec![u32::MAX; self.segments.len()];
        let mut segments = Vec::with_capacity(self.segments.len());
        for (position, (index, forward)) in (0_u32..).zip(order) {
            let Some(segment) = self.segments.get(index_of(index)) else {
                continue;
            };
            let mut segment = segment.clone();
            if !forward {
                segment.turn_round();
            }
            segment.start = junctions.number(segment.start);
            segment.end = junctions.number(segment.end);
            segment.name = names.number(segment.name);
            segments.push(segment);
            if let Some(place) = positions.get_mut(index_of(index)) {
                *place = position;
            }
        }
        let mut turn_bans = self.turn_bans;
        for ban in &mut turn_bans {
            for segment in &mut ban.segments {
                *segment = positions
                    .get(index_of(*segment))
                    .copied()
                    .unwrap_or(u32::MAX);
            }
            ban.first_via = junctions.number(ban.first_via);
        }
        turn_bans.sort_by(|a, b| (&a.segments, a.first_via).cmp(&(&b.segments, b.first_via)));
        turn_bans.dedup();
        Self {
            junctions: junctions.apply(&self.junctions, |at| *at),
            segments,
            names: names.apply(&self.names, String::clone),
            turn_bans,
            drives_on_left: self.drives_on_left,
        }
    }
}

impl Segment {
    /// The same road, stated from its other end.
    fn turn_round(&mut self) {
        std::mem::swap(&mut self.start, &mut self.end);
        std::mem::swap(&mut self.forward_dkmh, &mut self.backward_dkmh);
        let flags = &mut self.flags;
        std::mem::swap(&mut flags.signals_at_start, &mut flags.signals_at_end);
        self.bends.reverse();
    }
}

/// New numbers in the order in which old ones are mentioned.
#[derive(Default)]
struct Renumbering {
    new: HashMap<u32, u32>,
    old: Vec<u32>,
}

impl Renumbering {
    fn number(&mut self, old: u32) -> u32 {
        let next = u32::try_from(self.old.len()).unwrap_or(u32::MAX);
        let new = *self.new.entry(old).or_insert(next);
        if new == next {
            self.old.push(old);
        }
        new
    }

    /// What is numbered, in the new order. What does not exist is left out.
    fn apply<T>(&self, items: &[T], copy: impl Fn(&T) -> T) -> Vec<T> {
        let old = self.old.iter().filter_map(|old| items.get(index_of(*old)));
        old.map(copy).collect()
    }
}

/// Puts segments together to chains.
struct Chains<'a> {
    data: &'a RoadData,
    /// The segments at each junction.
    at: Vec<Vec<u32>>,
    is_taken: Vec<bool>,
    order: Vec<(u32, bool)>,
}

impl<'a> Chains<'a> {
    fn of(data: &'a RoadData) -> Self {
        let mut at = vec![Vec::new(); data.junctions.len()];
        for (index, segment) in (0_u32..).zip(&data.segments) {
            for junction in [segment.start, segment.end] {
                if let Some(list) = at.get_mut(index_of(junction)) {
                    list.push(index);
                }
            }
        }
        Self {
            data,
            at,
            is_taken: vec![false; data.segments.len()],
            order: Vec::with_capacity(data.segments.len()),
        }
    }

    /// The segments with their directions: chains, those first that start first on a Hilbert curve.
    fn order(mut self) -> Vec<(u32, bool)> {
        let along_curve = along_curve(&self.data.junctions);
        for junction in along_curve {
            while let Some(first) = self.next(junction, None) {
                self.follow(first, junction);
            }
        }
        // A segment that ends nowhere does not lie on the curve; whoever packs it refuses it.
        let taken = std::mem::take(&mut self.is_taken);
        let missing = (0_u32..).zip(taken).filter(|(_, is_taken)| !is_taken);
        self.order.extend(missing.map(|(index, _)| (index, true)));
        self.order
    }

    fn follow(&mut self, first: u32, start: u32) {
        let (mut index, mut junction) = (first, start);
        for _ in 0..CHAIN_MAX {
            let Some(segment) = self.data.segments.get(index_of(index)) else {
                return;
            };
            let forward = segment.start == junction;
            self.order.push((index, forward));
            if let Some(is_taken) = self.is_taken.get_mut(index_of(index)) {
                *is_taken = true;
            }
            junction = if forward { segment.end } else { segment.start };
            let Some(next) = self.next(junction, Some(segment)) else {
                return;
            };
            index = next;
        }
    }

    /// A segment at a junction that is not taken yet: the one that is most like the last.
    fn next(&self, junction: u32, last: Option<&Segment>) -> Option<u32> {
        let here = self.at.get(index_of(junction))?.iter().copied();
        let free = here.filter(|index| self.is_taken.get(index_of(*index)) == Some(&false));
        free.max_by_key(|index| {
            let segment = self.data.segments.get(index_of(*index));
            let likeness = last
                .zip(segment)
                .map(|(last, segment)| (last.name == segment.name, last.class == segment.class));
            (likeness, std::cmp::Reverse(*index))
        })
    }
}

/// Junctions in the order of a Hilbert curve through all of them.
fn along_curve(junctions: &[LatLng]) -> Vec<u32> {
    let lats = junctions.iter().map(|at| at.lat_e7());
    let lngs = junctions.iter().map(|at| at.lng_e7());
    let (south, west) = (
        lats.clone().min().unwrap_or(0),
        lngs.clone().min().unwrap_or(0),
    );
    let height = lats.max().unwrap_or(0).abs_diff(south);
    let width = lngs.max().unwrap_or(0).abs_diff(west);
    let size = u64::from(height.max(width)).saturating_add(1);
    let cell = |at: i32, low: i32| {
        let cell = u64::from(at.abs_diff(low))
            .saturating_mul(1 << 16)
            .checked_div(size);
        cell.and_then(|cell| u32::try_from(cell).ok()).unwrap_or(0)
    };
    let mut order: Vec<(u32, u32)> = junctions
        .iter()
        .map(|at| hilbert(cell(at.lng_e7(), west), cell(at.lat_e7(), south)))
        .zip(0..)
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, junction)| junction).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Cost;
    use super::super::hierarchy::{Search, Seed};
    use super::super::network::{ArcId, RoadNetwork};
    use super::super::sample::{Dice, RandomRoads, network, packed};

    /// The arc along the same positions.
    fn twin(of: ArcId, from: &RoadNetwork, to: &RoadNetwork) -> Vec<ArcId> {
        let shape = from.shape(of);
        let duration_ms = from.arc(of).unwrap().duration_ms;
        let arcs = (0..to.arc_count()).map(ArcId);
        let is_twin = |arc: &ArcId| {
            to.shape(*arc) == shape && to.arc(*arc).unwrap().duration_ms == duration_ms
        };
        arcs.filter(is_twin).collect()
    }

    #[test]
    fn reordered_roads_are_the_same_roads() {
        let mut search = Search::default();
        for seed in 0..20 {
            let data = RandomRoads::seeded(seed).build();
            let before = network(&data);
            let after = network(&data.in_packing_order());
            assert_eq!(before.arc_count(), after.arc_count());
            let mut dice = Dice::seeded(seed);
            for _ in 0..20 {
                let ends = [0; 2].map(|_| ArcId(dice.below(before.arc_count())));
                let twins = ends.map(|arc| twin(arc, &before, &after));
                let [from, to] = ends.map(|arc| {
                    [Seed {
                        arc,
                        offset: Cost::default(),
                    }]
                });
                let [[twin_from], [twin_to]] = [&twins[0][..], &twins[1][..]] else {
                    continue;
                };
                let [twin_from, twin_to] = [twin_from, twin_to].map(|arc| {
                    [Seed {
                        arc: *arc,
                        offset: Cost::default(),
                    }]
                });
                let old = before
                    .shortest(&mut search, &from, &to)
                    .map(|path| path.cost.weight);
                let new = after.shortest(&mut search, &twin_from, &twin_to);
                assert_eq!(new.map(|path| path.cost.weight), old);
            }
        }
    }

    #[test]
    fn reordered_roads_take_fewer_bytes() {
        let roads = RandomRoads {
            width: 20,
            height: 20,
            ..RandomRoads::seeded(1)
        };
        let data = roads.build();
        assert!(packed(&data.clone().in_packing_order()).len() < packed(&data).len());
    }

    #[test]
    fn reordering_twice_changes_nothing_more() {
        let once = RandomRoads::seeded(3).build().in_packing_order();
        let names: BTreeSet<&String> = once.names.iter().collect();
        assert_eq!(names.len(), once.names.len());
        assert_eq!(once.names[0], "");
        assert_eq!(once.segments[0].start, 0);
    }
}
