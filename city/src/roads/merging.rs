//! Segments that are one street cut in two become one again.
//!
//! Mappers cut ways where a bus line or a surface begins; to a driver nothing changes there. Fewer
//! segments make a smaller pack and faster searches. Where a ban turns, and where a light stands,
//! the cut stays.

use std::collections::HashSet;

use wayfare_core::roads::{JunctionIndex, RoadData, Segment, SegmentFlags};

/// A segment in one of its directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Directed {
    segment: usize,
    forward: bool,
}

/// Which segments end at each junction; `None` where a cut has to stay.
type Joints = Vec<Option<[usize; 2]>>;

/// Merges what can be merged.
pub(super) fn merge(roads: RoadData) -> RoadData {
    let joints = joints(&roads);
    let mut merged = RoadData {
        names: roads.names.clone(),
        drives_on_left: roads.drives_on_left,
        ..RoadData::default()
    };
    let mut new_of: Vec<Option<u32>> = vec![None; roads.segments.len()];
    for segment in 0..roads.segments.len() {
        if new_of.get(segment).copied().flatten().is_some() {
            continue;
        }
        for chain in chains(&roads, &joints, segment) {
            let index = u32::try_from(merged.segments.len()).unwrap_or(u32::MAX);
            for part in &chain {
                if let Some(new) = new_of.get_mut(part.segment) {
                    *new = Some(index);
                }
            }
            merged.segments.extend(joined(&roads, &chain));
        }
    }
    merged.turn_bans = roads.turn_bans.clone();
    for segment in merged
        .turn_bans
        .iter_mut()
        .flat_map(|ban| &mut ban.segments)
    {
        *segment = new_of
            .get(slot(*segment))
            .copied()
            .flatten()
            .unwrap_or(*segment);
    }
    keep_used_junctions(&roads, &mut merged);
    merged
}

/// The junctions where two segments are the same street.
fn joints(roads: &RoadData) -> Joints {
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); roads.junctions.len()];
    for (index, segment) in roads.segments.iter().enumerate() {
        for end in [segment.start, segment.end] {
            if let Some(ends) = ends.get_mut(slot(end)) {
                ends.push(index);
            }
        }
    }
    let turning = turning(roads);
    let joint = |(junction, ends): (u32, Vec<usize>)| {
        let [a, b] = *ends.as_slice() else {
            return None;
        };
        let (first, second) = (roads.segments.get(a)?, roads.segments.get(b)?);
        let is_joint = a != b && !turning.contains(&junction) && continues(first, second, junction);
        is_joint.then_some([a, b])
    };
    (0_u32..).zip(ends).map(joint).collect()
}

/// The junctions at which some ban turns.
fn turning(roads: &RoadData) -> HashSet<JunctionIndex> {
    let mut turning = HashSet::new();
    for ban in &roads.turn_bans {
        let mut at = ban.first_via;
        turning.insert(at);
        let inner = ban.segments.get(1..ban.segments.len().saturating_sub(1));
        for index in inner.unwrap_or_default() {
            if let Some(segment) = roads.segments.get(slot(*index)) {
                at = other_end(segment, at);
                turning.insert(at);
            }
        }
    }
    turning
}

/// Whether a segment goes on as another at a junction without anything that a driver could tell.
fn continues(first: &Segment, second: &Segment, at: JunctionIndex) -> bool {
    let without_lights = |flags: SegmentFlags| SegmentFlags {
        signals_at_end: false,
        signals_at_start: false,
        ..flags
    };
    // Towards the junction, away from it, and whether a light stands there.
    let here = |segment: &Segment| {
        if segment.end == at {
            (
                segment.forward_dkmh,
                segment.backward_dkmh,
                segment.flags.signals_at_end,
            )
        } else {
            (
                segment.backward_dkmh,
                segment.forward_dkmh,
                segment.flags.signals_at_start,
            )
        }
    };
    let ((towards, away, light), (other_towards, other_away, other_light)) =
        (here(first), here(second));
    first.class == second.class
        && first.name == second.name
        && without_lights(first.flags) == without_lights(second.flags)
        && (towards, away) == (other_away, other_towards)
        && !light
        && !other_light
}

/// The longest chain through a segment; in two halves if it would end where it starts, because a
/// loop does not tell in which direction a ban drives it.
fn chains(roads: &RoadData, joints: &Joints, segment: usize) -> Vec<Vec<Directed>> {
    let seed = Directed {
        segment,
        forward: true,
    };
    let mut first = seed;
    let mut is_ring = false;
    while let Some(before) = next(roads, joints, first.turned()) {
        if before.segment == segment {
            is_ring = true;
            break;
        }
        first = before.turned();
    }
    if is_ring {
        first = seed;
    }
    let mut chain = vec![first];
    let mut last = first;
    while let Some(after) = next(roads, joints, last) {
        if after.segment == first.segment {
            break;
        }
        chain.push(after);
        last = after;
    }
    let closes = first.from(roads) == last.to(roads);
    if closes && chain.len() > 1 {
        let half = chain.split_off(1);
        return vec![chain, half];
    }
    vec![chain]
}

fn next(roads: &RoadData, joints: &Joints, at: Directed) -> Option<Directed> {
    let junction = at.to(roads)?;
    let [a, b] = joints.get(slot(junction)).copied().flatten()?;
    let segment = if a == at.segment { b } else { a };
    let forward = roads.segments.get(segment)?.start == junction;
    Some(Directed { segment, forward })
}

impl Directed {
    fn turned(self) -> Self {
        Self {
            forward: !self.forward,
            ..self
        }
    }

    fn from(self, roads: &RoadData) -> Option<JunctionIndex> {
        self.turned().to(roads)
    }

    fn to(self, roads: &RoadData) -> Option<JunctionIndex> {
        let segment = roads.segments.get(self.segment)?;
        Some(if self.forward {
            segment.end
        } else {
            segment.start
        })
    }
}

/// One segment of a chain.
fn joined(roads: &RoadData, chain: &[Directed]) -> Option<Segment> {
    let mut whole: Option<Segment> = None;
    for part in chain {
        let mut segment = roads.segments.get(part.segment)?.clone();
        if !part.forward {
            segment = turned(segment);
        }
        whole = Some(match whole {
            None => segment,
            Some(mut whole) => {
                whole.bends.push(*roads.junctions.get(slot(segment.start))?);
                whole.bends.append(&mut segment.bends);
                whole.end = segment.end;
                whole.flags.signals_at_end = segment.flags.signals_at_end;
                whole
            }
        });
    }
    whole
}

fn turned(segment: Segment) -> Segment {
    let mut turned = Segment {
        start: segment.end,
        end: segment.start,
        forward_dkmh: segment.backward_dkmh,
        backward_dkmh: segment.forward_dkmh,
        flags: SegmentFlags {
            signals_at_end: segment.flags.signals_at_start,
            signals_at_start: segment.flags.signals_at_end,
            ..segment.flags
        },
        ..segment
    };
    turned.bends.reverse();
    turned
}

/// Numbers the junctions anew.
fn keep_used_junctions(roads: &RoadData, merged: &mut RoadData) {
    let mut new_of: Vec<Option<JunctionIndex>> = vec![None; roads.junctions.len()];
    let vias = merged.turn_bans.iter_mut().map(|ban| &mut ban.first_via);
    let ends = merged
        .segments
        .iter_mut()
        .flat_map(|segment| [&mut segment.start, &mut segment.end]);
    for junction in ends.chain(vias) {
        let old = slot(*junction);
        let (Some(new), Some(at)) = (new_of.get_mut(old), roads.junctions.get(old)) else {
            continue;
        };
        *junction = *new.get_or_insert_with(|| {
            merged.junctions.push(*at);
            u32::try_from(merged.junctions.len() - 1).unwrap_or(u32::MAX)
        });
    }
}

fn other_end(segment: &Segment, end: JunctionIndex) -> JunctionIndex {
    if segment.start == end {
        segment.end
    } else {
        segment.start
    }
}

fn slot(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
