//! Turn restrictions: what signs forbid, as bans of ways through segments.
//!
//! "Only" signs are turned into bans of everything else. What cannot be understood (members that are
//! missing, ways that do not meet) or holds only at times is left out, as routing engines do.

use std::collections::{BTreeMap, BTreeSet};

use wayfare_core::roads::{JunctionIndex, Segment, TurnBan};

use super::network::{Network, Piece};
use crate::osm::{Extract, MemberKind, Relation, Tags};

/// More ways than this between the first and the last are no real restriction.
const VIA_WAYS_MAX: usize = 8;
/// Kinds of vehicles that a car is, from the most to the least specific.
const CAR: [&str; 3] = ["motorcar", "motor_vehicle", "vehicle"];

/// A segment in the direction in which it is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Driven {
    segment: u32,
    from: JunctionIndex,
    to: JunctionIndex,
}

/// Where one may turn: the segments up to the turn, and the junction after the first of them.
type Approach = (Vec<u32>, JunctionIndex);

/// What an "only" sign says at the end of an approach: the junction, and where one has to go.
#[derive(Debug)]
struct Only {
    at: JunctionIndex,
    exits: BTreeSet<u32>,
}

/// The turns that signs forbid.
pub(super) fn bans(extract: &Extract, network: &Network) -> Vec<TurnBan> {
    let mut bans: BTreeSet<(Vec<u32>, JunctionIndex)> = BTreeSet::new();
    let mut only: BTreeMap<Approach, Only> = BTreeMap::new();
    for relation in extract.relations() {
        let Some(sign) = sign_of(relation.tags) else {
            continue;
        };
        let Some(turn) = Turn::of(&relation, network) else {
            continue;
        };
        for approach in turn.approaches() {
            if sign.starts_with("only_") {
                let entry = only.entry(approach).or_insert_with(|| Only {
                    at: turn.exit_at,
                    exits: BTreeSet::new(),
                });
                entry.exits.extend(&turn.exits);
            } else {
                let banned = turn.exits.iter().map(|exit| through(&approach, *exit));
                bans.extend(banned.filter(|ban| !is_way_back(ban)));
            }
        }
    }
    let leaving = leaving(network);
    for (approach, only) in &only {
        let others = leaving.get(&only.at).into_iter().flatten();
        let banned = others
            .filter(|other| !only.exits.contains(other))
            .map(|other| through(approach, *other));
        bans.extend(banned.filter(|ban| !is_way_back(ban)));
    }
    bans.into_iter()
        .map(|(segments, first_via)| TurnBan {
            segments,
            first_via,
        })
        .collect()
}

fn through((segments, first_via): &Approach, exit: u32) -> (Vec<u32>, JunctionIndex) {
    let mut segments = segments.clone();
    segments.push(exit);
    (segments, *first_via)
}

/// Turning round on a street is no turn that signs at junctions are about.
fn is_way_back((segments, _): &(Vec<u32>, JunctionIndex)) -> bool {
    matches!(segments.as_slice(), [.., a, b] if a == b)
}

/// The segments on which one may leave each junction where a sign could stand.
fn leaving(network: &Network) -> BTreeMap<JunctionIndex, Vec<u32>> {
    let mut leaving: BTreeMap<JunctionIndex, Vec<u32>> = BTreeMap::new();
    for (index, segment) in (0_u32..).zip(&network.segments) {
        if segment.forward_dkmh > 0 {
            leaving.entry(segment.start).or_default().push(index);
        }
        if segment.backward_dkmh > 0 {
            leaving.entry(segment.end).or_default().push(index);
        }
    }
    leaving
}

/// What the sign says to cars at all times: `no_left_turn`, `only_straight_on` …
fn sign_of<'a>(tags: Tags<'a>) -> Option<&'a str> {
    let kind = tags.get("type")?;
    let is_for_cars = kind == "restriction"
        || kind
            .strip_prefix("restriction:")
            .is_some_and(|vehicle| CAR.contains(&vehicle));
    // Older tags for signs that hold at times.
    const AT_TIMES: [&str; 4] = ["day_on", "day_off", "hour_on", "hour_off"];
    let holds_at_times = AT_TIMES.iter().any(|key| tags.get(key).is_some());
    let spares_cars = tags
        .get("except")
        .is_some_and(|all| all.split(';').any(|one| CAR.contains(&one.trim())));
    if !is_for_cars || holds_at_times || spares_cars {
        return None;
    }
    let of_cars = tags.iter().find(|(key, _)| {
        key.strip_prefix("restriction:")
            .is_some_and(|vehicle| CAR.contains(&vehicle))
    });
    let sign = of_cars
        .map(|(_, sign)| sign)
        .or_else(|| tags.get("restriction"))?;
    (sign.starts_with("no_") || sign.starts_with("only_")).then_some(sign)
}

/// A restriction on the network.
#[derive(Debug)]
struct Turn {
    /// The junction where one comes from the first ways.
    enter_at: JunctionIndex,
    /// Segments on which one arrives there.
    entries: Vec<u32>,
    /// Between the first and the last ways, in driving order.
    between: Vec<u32>,
    /// The junction where one goes into the last ways.
    exit_at: JunctionIndex,
    /// Segments into which one goes there.
    exits: Vec<u32>,
}

impl Turn {
    fn of(relation: &Relation, network: &Network) -> Option<Self> {
        let via_node = relation
            .members
            .iter()
            .find_map(|member| match member.kind {
                MemberKind::Node(node) if member.role == "via" => Some(node),
                _ => None,
            });
        let (from, to) = (
            known_ways(relation, "from", network),
            known_ways(relation, "to", network),
        );
        let (enter_at, between, exit_at) = match via_node {
            Some(node) => {
                let junction = *network.at_node.get(&node)?;
                (junction, Vec::new(), junction)
            }
            None => chain(&via_ways(relation, network)?, &from, &to, network)?,
        };
        let entries = ends(&from, enter_at, network, Driven::arrives_at);
        let exits = ends(&to, exit_at, network, Driven::leaves_from);
        let is_complete = !entries.is_empty() && !exits.is_empty();
        is_complete.then_some(Self {
            enter_at,
            entries,
            between,
            exit_at,
            exits,
        })
    }

    fn approaches(&self) -> Vec<Approach> {
        let approach = |entry: &u32| {
            let mut segments = vec![*entry];
            segments.extend(&self.between);
            (segments, self.enter_at)
        };
        self.entries.iter().map(approach).collect()
    }
}

/// The ways between; `None` if a car cannot use all of them.
fn via_ways<'a>(relation: &Relation, network: &'a Network) -> Option<Vec<&'a [Piece]>> {
    let ways = known_ways(relation, "via", network);
    let count = relation
        .members
        .iter()
        .filter(|member| member.role == "via")
        .count();
    (ways.len() == count && !relation.is_cut).then_some(ways)
}

/// The members of a role that cars may use. The others forbid nothing.
fn known_ways<'a>(relation: &Relation, role: &str, network: &'a Network) -> Vec<&'a [Piece]> {
    relation
        .members
        .iter()
        .filter(|member| member.role == role)
        .filter_map(|member| match member.kind {
            MemberKind::Way(way) => network.pieces.get(&way).map(Vec::as_slice),
            MemberKind::Node(_) => None,
        })
        .collect()
}

impl Driven {
    fn arrives_at(&self, junction: JunctionIndex) -> bool {
        self.to == junction
    }

    fn leaves_from(&self, junction: JunctionIndex) -> bool {
        self.from == junction
    }
}

/// The segments of some ways that end at a junction, each way giving one at most: a way that goes on
/// in both directions does not tell which of them is meant.
fn ends(
    ways: &[&[Piece]],
    junction: JunctionIndex,
    network: &Network,
    fits: fn(&Driven, JunctionIndex) -> bool,
) -> Vec<u32> {
    ways.iter()
        .filter_map(|pieces| {
            let mut found = pieces
                .iter()
                .flat_map(|piece| driven(*piece, network))
                .filter(|driven| fits(driven, junction))
                .map(|driven| driven.segment);
            let one = found.next()?;
            found.next().is_none().then_some(one)
        })
        .collect()
}

/// The directions in which a piece may be driven.
fn driven(piece: Piece, network: &Network) -> impl Iterator<Item = Driven> {
    let segment = network
        .segments
        .get(usize::try_from(piece.segment).unwrap_or(usize::MAX));
    let speeds = |segment: &Segment| [segment.forward_dkmh, segment.backward_dkmh];
    let [forward, backward] = segment.map(speeds).unwrap_or_default();
    let along = Driven {
        segment: piece.segment,
        from: piece.from,
        to: piece.to,
    };
    let against = Driven {
        segment: piece.segment,
        from: piece.to,
        to: piece.from,
    };
    let one = (forward > 0).then_some(along);
    one.into_iter().chain((backward > 0).then_some(against))
}

/// The way through whole ways from one of the first to one of the last: where it begins, its
/// segments, where it ends.
fn chain(
    via: &[&[Piece]],
    from: &[&[Piece]],
    to: &[&[Piece]],
    network: &Network,
) -> Option<(JunctionIndex, Vec<u32>, JunctionIndex)> {
    if via.is_empty() || via.len() > VIA_WAYS_MAX {
        return None;
    }
    let turned: Vec<&[Piece]> = via.iter().rev().copied().collect();
    [via, &turned].into_iter().find_map(|order| {
        let starts = junctions_of(order.first()?);
        starts.into_iter().find_map(|start| {
            let (segments, end) = follow(order, start, network)?;
            let begins = !ends(from, start, network, Driven::arrives_at).is_empty();
            let goes_on = !ends(to, end, network, Driven::leaves_from).is_empty();
            (begins && goes_on).then_some((start, segments, end))
        })
    })
}

/// Both ends of a way.
fn junctions_of(pieces: &[Piece]) -> Vec<JunctionIndex> {
    let ends = [
        pieces.first().map(|piece| piece.from),
        pieces.last().map(|piece| piece.to),
    ];
    ends.into_iter().flatten().collect()
}

/// The segments of some ways one after the other, starting at a junction; and where they end.
fn follow(
    ways: &[&[Piece]],
    start: JunctionIndex,
    network: &Network,
) -> Option<(Vec<u32>, JunctionIndex)> {
    let mut segments = Vec::new();
    let mut at = start;
    for pieces in ways {
        let is_forward = pieces.first()?.from == at;
        let mut go = |piece: &Piece| {
            let next = driven(*piece, network).find(|driven| driven.from == at)?;
            segments.push(next.segment);
            at = next.to;
            Some(())
        };
        if is_forward {
            pieces.iter().try_for_each(&mut go)?;
        } else {
            pieces.iter().rev().try_for_each(&mut go)?;
        }
    }
    Some((segments, at))
}
