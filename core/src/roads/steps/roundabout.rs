//! Exits of a roundabout, counted as a driver passes them.

use super::super::drive::Part;
use super::super::network::{ArcId, RoadNetwork};
use super::sight::{bearing_ahead, bearing_into, bearing_out_of, turned};

/// A drive through a roundabout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passage {
    /// The first part after it.
    pub(super) after: usize,
    /// The exit taken, from 1.
    pub(super) exit: u8,
}

/// The drive through the roundabout that begins with the part `entry`; `None` if the leg ends on
/// it. Roads that only lead into the roundabout do not count as exits.
pub(super) fn passage(network: &RoadNetwork, parts: &[Part], entry: usize) -> Option<Passage> {
    let mut exits = 0_usize;
    for index in entry.. {
        let after = index.saturating_add(1);
        let here = parts.get(index)?;
        let next = parts.get(after)?;
        let ways = ways_out(network, here.id);
        if next.arc.flags.roundabout {
            exits = exits.saturating_add(ways.len());
            continue;
        }
        let earlier = earlier_exits(network, parts, after, &ways);
        let exit = exits.saturating_add(earlier).saturating_add(1);
        return Some(Passage {
            after,
            exit: u8::try_from(exit).unwrap_or(u8::MAX),
        });
    }
    None
}

/// The arcs that leave a roundabout at the end of one of its arcs.
fn ways_out(network: &RoadNetwork, arc: ArcId) -> Vec<ArcId> {
    let leaves = |id: &ArcId| network.arc(*id).is_some_and(|arc| !arc.flags.roundabout);
    let turns = network.turns(arc).into_iter().map(|(id, _)| id);
    turns.filter(leaves).collect()
}

/// How many exits of the same junction one passes before the one taken: those farther outside.
fn earlier_exits(network: &RoadNetwork, parts: &[Part], after: usize, ways: &[ArcId]) -> usize {
    let Some((driven, ahead)) = parts.split_at_checked(after) else {
        return 0;
    };
    let Some(from_deg) = bearing_out_of(driven) else {
        return 0;
    };
    let outward = |bearing: Option<f64>| {
        let angle = bearing.map_or(0.0, |bearing| turned(from_deg, bearing));
        if network.drives_on_left() {
            -angle
        } else {
            angle
        }
    };
    let taken = outward(bearing_into(ahead));
    let taken_id = ahead.first().map(|part| part.id);
    ways.iter()
        .filter(|id| Some(**id) != taken_id)
        .filter(|id| outward(bearing_ahead(network.shape(**id))) > taken)
        .count()
}
