//! The places of a leg where something has to be told, found one by one and then joined.

use std::ops::Range;

use super::super::drive::Part;
use super::super::network::RoadNetwork;
use super::Maneuver;
use super::choice::{Crossing, by_angle, is_main, is_slight, is_turn};
use super::roundabout::passage;
use super::sight::{bearing_into, bearing_out_of, turned};
use crate::roads::data::RoadClass;

/// A slip road up to this length is a part of a turn, in millimetres; of a trunk road half of it.
const SLIP_MM_MAX: u64 = 200_000;
/// A turn over a slip road turns at least by this, in degrees.
const SLIP_TURN_DEG: f64 = 45.0;
/// Two turns up to this far apart may be one turn round: the gap of a dual carriageway.
const GAP_MM_MAX: u64 = 50_000;
/// Two turns of one kind up to this far apart are driven as one.
const JOINED_MM_MAX: u64 = 20_000;
/// A bend up to this far before a roundabout belongs to its entry.
const ENTRY_MM_MAX: u64 = 40_000;
/// Two turns together that turn the car round, in degrees.
const ROUND_DEG: f64 = 150.0;
/// What is left of two turns against each other is straight on below this.
const STRAIGHT_DEG: f64 = 30.0;
/// A street that goes on under a new name is worth a word if it does so for this long.
const NEW_NAME_MM_MIN: u64 = 300_000;

/// An instruction before it is put into words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Draft {
    /// The part at whose start it is told.
    pub(super) part: usize,
    /// The first part that is driven when it is done: the same, or that behind a roundabout.
    pub(super) after: usize,
    pub(super) maneuver: Maneuver,
    /// To the right, or negative to the left, in degrees.
    angle: f64,
}

impl Draft {
    pub(super) fn at(part: usize, maneuver: Maneuver) -> Self {
        Self {
            part,
            after: part,
            maneuver,
            angle: 0.0,
        }
    }
}

/// Everything between `Depart` and `Arrive`, in driving order.
pub(super) fn drafts(network: &RoadNetwork, parts: &[Part]) -> Vec<Draft> {
    let single = one_by_one(network, parts);
    let joined = join(parts, single);
    with_new_names(network, parts, joined)
}

fn one_by_one(network: &RoadNetwork, parts: &[Part]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut index = 1;
    while index < parts.len() {
        let found = around(network, parts, index)
            .or_else(|| over_slip_road(parts, index))
            .or_else(|| at_junction(network, parts, index));
        drafts.extend(found);
        let done = found.map_or(index, |draft| draft.after);
        index = done.max(index).saturating_add(1);
    }
    drafts
}

/// A roundabout that is entered here.
fn around(network: &RoadNetwork, parts: &[Part], index: usize) -> Option<Draft> {
    let before = parts.get(index.checked_sub(1)?)?;
    let entry = parts.get(index)?;
    if before.arc.flags.roundabout || !entry.arc.flags.roundabout {
        return None;
    }
    let passage = passage(network, parts, index)?;
    Some(Draft {
        part: index,
        after: passage.after,
        maneuver: Maneuver::Roundabout(passage.exit),
        angle: 0.0,
    })
}

/// A turn over a short slip road that begins here, from a road into another.
fn over_slip_road(parts: &[Part], index: usize) -> Option<Draft> {
    let (driven, ahead) = parts.split_at_checked(index)?;
    let (before, slip) = (driven.last()?, ahead.first()?);
    let length_max = match slip.arc.class {
        RoadClass::Motorway => return None,
        _ if is_main(&slip.arc) => SLIP_MM_MAX / 2,
        _ => SLIP_MM_MAX,
    };
    if before.arc.flags.link || !slip.arc.flags.link {
        return None;
    }
    let links = ahead.iter().take_while(|part| part.arc.flags.link).count();
    let after = index.saturating_add(links);
    let (up_to, behind) = parts.split_at_checked(after)?;
    let end = behind.first()?;
    let length_mm = end.starts_mm.saturating_sub(slip.starts_mm);
    let enters_roundabout = end.arc.flags.roundabout || before.arc.flags.roundabout;
    if length_mm > length_max || enters_roundabout || turns_round(up_to) {
        return None;
    }
    let angle = turned(bearing_out_of(driven)?, bearing_into(behind)?);
    (angle.abs() >= SLIP_TURN_DEG).then(|| Draft {
        part: index,
        after,
        maneuver: by_angle(angle),
        angle,
    })
}

/// Whether the last of these parts goes back over the one before it.
fn turns_round(parts: &[Part]) -> bool {
    let mut last = parts.iter().rev();
    let pair = last.next().zip(last.next());
    pair.is_some_and(|(b, a)| a.arc.segment == b.arc.segment && a.arc.forward != b.arc.forward)
}

/// A junction. On a roundabout nothing is told but where to leave it: to who started on it, as a
/// turn.
fn at_junction(network: &RoadNetwork, parts: &[Part], index: usize) -> Option<Draft> {
    let (before, after) = (parts.get(index.checked_sub(1)?)?, parts.get(index)?);
    if before.arc.flags.roundabout && after.arc.flags.roundabout {
        return None;
    }
    let crossing = Crossing::at(network, parts, index)?;
    Some(Draft {
        part: index,
        after: index,
        maneuver: crossing.maneuver()?,
        angle: crossing.angle,
    })
}

/// Makes one of two turns that are driven as one.
fn join(parts: &[Part], drafts: Vec<Draft>) -> Vec<Draft> {
    let mut joined: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let pair = joined.last().and_then(|last| joint(parts, last, &draft));
        match pair {
            None => joined.push(draft),
            Some(both) => {
                joined.pop();
                joined.extend(both);
            }
        }
    }
    joined
}

/// The one instruction for two turns, which may be none at all; `None` if they are two.
fn joint(parts: &[Part], first: &Draft, second: &Draft) -> Option<Option<Draft>> {
    let before = parts.get(first.part.checked_sub(1)?)?;
    let (middle, after) = (parts.get(first.after)?, parts.get(second.after)?);
    let second_start = parts.get(second.part)?;
    let gap_mm = second_start.starts_mm.saturating_sub(middle.starts_mm);
    if is_slight(first.maneuver) && matches!(second.maneuver, Maneuver::Roundabout(_)) {
        return (gap_mm <= ENTRY_MM_MAX).then_some(Some(*second));
    }
    // A turn round that was made of two may get a third.
    let is_joined = first.maneuver == Maneuver::UTurn && first.part != first.after;
    if !(is_turn(first.maneuver) || is_joined) || !is_turn(second.maneuver) {
        return None;
    }
    let angle = overall_angle(parts, first, second)?;
    let both = |maneuver| Draft {
        part: first.part,
        after: second.after,
        maneuver,
        angle,
    };
    let (from, into) = (before.arc.name, after.arc.name);
    if angle.abs() >= ROUND_DEG && from == into {
        return (gap_mm <= GAP_MM_MAX).then(|| Some(both(Maneuver::UTurn)));
    }
    let is_no_street = [0, from, into].contains(&middle.arc.name);
    // Two forks close to each other stay two.
    let are_bends = first.angle.abs().min(second.angle.abs()) >= STRAIGHT_DEG;
    if gap_mm > JOINED_MM_MAX || !is_no_street || !are_bends {
        return None;
    }
    Some(if angle.abs() >= STRAIGHT_DEG {
        Some(both(by_angle(angle)))
    } else {
        (from != into).then(|| both(Maneuver::Continue))
    })
}

/// From before the first turn to behind the second, on the side to which both turn.
fn overall_angle(parts: &[Part], first: &Draft, second: &Draft) -> Option<f64> {
    let driven = parts.get(..first.part)?;
    let ahead = parts.get(second.after..)?;
    let angle = turned(bearing_out_of(driven)?, bearing_into(ahead)?);
    let is_one_side = first.angle * second.angle > 0.0;
    Some(if is_one_side && angle * first.angle < 0.0 {
        angle - 360.0_f64.copysign(angle)
    } else {
        angle
    })
}

/// Adds a word where the street goes on under another name for long.
fn with_new_names(network: &RoadNetwork, parts: &[Part], drafts: Vec<Draft>) -> Vec<Draft> {
    let mut all = Vec::with_capacity(drafts.len());
    let ends = drafts.iter().map(|draft| draft.part).chain([parts.len()]);
    let starts = std::iter::once(0).chain(drafts.iter().map(|draft| draft.after));
    let tellers = std::iter::once(None).chain(drafts.iter().copied().map(Some));
    for ((teller, start), end) in tellers.zip(starts).zip(ends) {
        all.extend(teller);
        all.extend(new_names(network, parts, start..end));
    }
    all
}

/// The new names from one instruction to the next. Those that a motorway takes on its bridges are
/// not worth a word, nor is a road that carries one number more.
fn new_names(network: &RoadNetwork, parts: &[Part], range: Range<usize>) -> Vec<Draft> {
    let (mut told, mut class) = (0, None);
    let mut found = Vec::new();
    let driven = parts.get(range.clone()).unwrap_or_default();
    for (part, index) in driven.iter().zip(range.start..) {
        let class_before = class.replace(part.arc.class);
        let name = part.arc.name;
        if name == 0 || name == told {
            continue;
        }
        if told == 0 || share_a_number(network.name(told), network.name(name)) {
            told = name;
            continue;
        }
        let stays_on_motorway =
            part.arc.class == RoadClass::Motorway && class_before == Some(RoadClass::Motorway);
        if !stays_on_motorway && run_mm(parts, index, range.end) >= NEW_NAME_MM_MIN {
            told = name;
            found.push(Draft::at(index, Maneuver::Continue));
        }
    }
    found
}

/// Whether two lists of road numbers ("B 3;B 535") have one in common.
fn share_a_number(one: &str, other: &str) -> bool {
    let mut numbers = one.split(';').map(str::trim);
    numbers.any(|number| other.split(';').any(|another| another.trim() == number))
}

/// How long a name is kept, up to the part `end`, stretches without a name included.
fn run_mm(parts: &[Part], start: usize, end: usize) -> u64 {
    let driven = parts.get(start..end).unwrap_or_default();
    let Some(first) = driven.first() else {
        return 0;
    };
    let keeps = |part: &&Part| [0, first.arc.name].contains(&part.arc.name);
    let run = driven.iter().take_while(keeps);
    run.map(|part| u64::from(part.arc.length_mm))
        .fold(0, u64::saturating_add)
}
