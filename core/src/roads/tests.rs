//! Roads from data to bytes and back.
#![expect(clippy::cast_possible_truncation, reason = "small made-up numbers")]

use std::collections::BTreeSet;

use super::sample::{Dice, RandomRoads, at, network, packed};
use super::*;
use crate::city::PackBytes;

fn open(bytes: Vec<u8>) -> Result<RoadNetwork, RoadsError> {
    RoadNetwork::open(PackBytes::new(bytes))
}

/// The arc of a segment in a direction.
fn arc_of(network: &RoadNetwork, segment: u32, forward: bool) -> ArcId {
    let is_it = |arc: &ArcId| {
        let arc = network.arc(*arc).unwrap();
        arc.segment == segment && arc.forward == forward
    };
    (0..network.arc_count()).map(ArcId).find(is_it).unwrap()
}

fn segment(start: u32, end: u32) -> Segment {
    Segment {
        start,
        end,
        bends: Vec::new(),
        class: RoadClass::Residential,
        forward_dkmh: 360,
        backward_dkmh: 360,
        name: 0,
        flags: SegmentFlags::default(),
    }
}

/// A crossing (0) with arms to the north (1), east (2), south (3) and west (4), each a segment of
/// about 111 m from the crossing outwards.
fn crossing() -> RoadData {
    RoadData {
        junctions: vec![
            at(0.0, 0.0),
            at(0.001, 0.0),
            at(0.0, 0.001),
            at(-0.001, 0.0),
            at(0.0, -0.001),
        ],
        segments: (1..=4).map(|arm| segment(0, arm)).collect(),
        names: vec![String::new()],
        ..RoadData::default()
    }
}

#[test]
fn everything_comes_back_from_the_bytes() {
    for seed in 0..30 {
        let data = RandomRoads::seeded(seed).build();
        let network = network(&data);
        let mut seen = 0;
        for id in (0..network.arc_count()).map(ArcId) {
            let arc = network.arc(id).unwrap();
            let segment = &data.segments[arc.segment as usize];
            let (start, end) = (segment.start, segment.end);
            let ends = if arc.forward {
                (start, end)
            } else {
                (end, start)
            };
            assert_eq!((arc.from, arc.to), ends);
            assert_eq!((arc.class, arc.flags), (segment.class, segment.flags));
            assert_eq!(network.name(arc.name), data.names[segment.name as usize]);
            let mut shape = vec![data.junctions[start as usize]];
            shape.extend(&segment.bends);
            shape.push(data.junctions[end as usize]);
            if !arc.forward {
                shape.reverse();
            }
            assert_eq!(network.shape(id), shape);
            let dkmh = if arc.forward {
                segment.forward_dkmh
            } else {
                segment.backward_dkmh
            };
            let expected_ms = f64::from(arc.length_mm) * 36.0 / f64::from(dkmh);
            assert!((f64::from(arc.duration_ms) - expected_ms).abs() <= 0.5);
            seen += 1;
        }
        let directions = data.segments.iter().map(|segment| {
            u32::from(segment.forward_dkmh > 0) + u32::from(segment.backward_dkmh > 0)
        });
        assert_eq!(seen, directions.sum::<u32>());
        assert_eq!(network.drives_on_left(), data.drives_on_left);
        assert_eq!(network.arc(ArcId(seen)), None);
        assert!(network.shape(ArcId(seen)).is_empty() && network.turns(ArcId(seen)).is_empty());
        assert_eq!(network.reverse(ArcId(seen)), None);
    }
}

#[test]
fn the_same_roads_have_the_same_bytes() {
    let data = RandomRoads::seeded(11).build();
    assert_eq!(packed(&data), packed(&data.clone()));
}

#[test]
fn at_a_crossing_one_may_go_everywhere_but_back() {
    let network = network(&crossing());
    let from_south = arc_of(&network, 2, false);
    let into: BTreeSet<u32> = network
        .turns(from_south)
        .into_iter()
        .map(|(arc, _)| network.arc(arc).unwrap().segment)
        .collect();
    assert_eq!(into, BTreeSet::from([0, 1, 3]));
    let cost_ms = |segment: u32| {
        let turns = network.turns(from_south);
        let wanted = arc_of(&network, segment, true);
        turns.iter().find(|(arc, _)| *arc == wanted).unwrap().1
    };
    // Straight on, to the right, to the left.
    assert!(cost_ms(0) < 30 && cost_ms(1) > 2_000 && cost_ms(3) > cost_ms(1) + 1_000);
}

#[test]
fn at_a_dead_end_one_turns_round() {
    let network = network(&crossing());
    let northwards = arc_of(&network, 0, true);
    let back = arc_of(&network, 0, false);
    let turns = network.turns(northwards);
    assert_eq!(turns.len(), 1);
    assert_eq!(turns[0].0, back);
    assert!(turns[0].1 > 20_000);
}

#[test]
fn where_only_one_road_runs_both_ways_one_may_turn_round() {
    let mut data = crossing();
    data.segments[1].backward_dkmh = 0;
    data.segments[2].backward_dkmh = 0;
    data.segments[3].forward_dkmh = 0;
    let network = network(&data);
    let from_north = arc_of(&network, 0, false);
    let back = arc_of(&network, 0, true);
    assert!(
        network
            .turns(from_north)
            .iter()
            .any(|(arc, _)| *arc == back)
    );
}

#[test]
fn where_signs_leave_no_other_way_one_may_turn_round() {
    let mut data = crossing();
    data.turn_bans = [0, 1, 3]
        .into_iter()
        .map(|into| TurnBan {
            segments: vec![2, into],
            first_via: 0,
        })
        .collect();
    let network = network(&data);
    let from_south = arc_of(&network, 2, false);
    let back = arc_of(&network, 2, true);
    let turns: Vec<ArcId> = network
        .turns(from_south)
        .iter()
        .map(|(arc, _)| *arc)
        .collect();
    assert_eq!(turns, [back]);
}

#[test]
fn a_banned_turn_is_no_turn() {
    let mut data = crossing();
    data.turn_bans.push(TurnBan {
        segments: vec![2, 3],
        first_via: 0,
    });
    let network = network(&data);
    let from_south = arc_of(&network, 2, false);
    let west = arc_of(&network, 3, true);
    assert!(
        network
            .turns(from_south)
            .iter()
            .all(|(arc, _)| *arc != west)
    );
    assert_eq!(network.turns(from_south).len(), 2);
    // The other way round is allowed.
    let from_west = arc_of(&network, 3, false);
    assert_eq!(network.turns(from_west).len(), 3);
}

#[test]
fn a_light_holds_those_who_drive_towards_it() {
    let mut data = crossing();
    data.segments[2].flags.signals_at_start = true;
    let network = network(&data);
    let straight_ms = |from: u32, into: u32| {
        let turns = network.turns(arc_of(&network, from, false));
        let wanted = arc_of(&network, into, true);
        turns.iter().find(|(arc, _)| *arc == wanted).unwrap().1
    };
    assert_eq!(straight_ms(2, 0), straight_ms(0, 2) + 2_000);
}

#[test]
fn arcs_that_reach_each_other_are_one_component() {
    for seed in 0..40 {
        let data = RandomRoads::seeded(seed).build();
        let network = network(&data);
        let arcs = network.arc_count() as usize;
        let reached: Vec<BTreeSet<ArcId>> = (0..network.arc_count())
            .map(|start| {
                let (mut seen, mut open) = (BTreeSet::from([ArcId(start)]), vec![ArcId(start)]);
                while let Some(arc) = open.pop() {
                    let next = network.turns(arc).into_iter().map(|(next, _)| next);
                    open.extend(next.filter(|next| seen.insert(*next)));
                }
                seen
            })
            .collect();
        let mut sizes = std::collections::BTreeMap::new();
        for arc in 0..arcs {
            *sizes
                .entry(network.component(ArcId(arc as u32)).unwrap())
                .or_insert(0) += 1;
        }
        let largest = *sizes.values().max().unwrap();
        for a in (0..arcs).map(|a| ArcId(a as u32)) {
            for b in (0..arcs).map(|b| ArcId(b as u32)) {
                let both = reached[a.0 as usize].contains(&b) && reached[b.0 as usize].contains(&a);
                assert_eq!(network.component(a) == network.component(b), both);
            }
            let size = sizes[&network.component(a).unwrap()];
            assert_eq!(network.is_well_connected(a), size == largest);
        }
    }
}

#[test]
fn bounds_hold_every_bend() {
    let data = RandomRoads::seeded(5).build();
    let (south_west, north_east) = network(&data).bounds();
    let bends = data.segments.iter().flat_map(|segment| &segment.bends);
    let all: Vec<_> = data.junctions.iter().chain(bends).collect();
    assert_eq!(
        all.iter().map(|at| at.lat_e7()).min(),
        Some(south_west.lat_e7())
    );
    assert_eq!(
        all.iter().map(|at| at.lng_e7()).min(),
        Some(south_west.lng_e7())
    );
    assert_eq!(
        all.iter().map(|at| at.lat_e7()).max(),
        Some(north_east.lat_e7())
    );
    assert_eq!(
        all.iter().map(|at| at.lng_e7()).max(),
        Some(north_east.lng_e7())
    );
}

#[test]
fn roads_that_contradict_themselves_are_refused() {
    let contraction = Contraction {
        ranks: Vec::new(),
        shortcuts: Vec::new(),
    };
    let refused = |data: RoadData| encode(&data, &contraction).unwrap_err();
    assert_eq!(refused(RoadData::default()), RoadsError::Empty);
    let broken: [fn(&mut RoadData); 7] = [
        |data| data.segments[0].end = 5,
        |data| data.segments[0].name = 1,
        |data| data.names[0] = "A street".to_owned(),
        |data| {
            (
                data.segments[0].forward_dkmh,
                data.segments[0].backward_dkmh,
            ) = (0, 0)
        },
        |data| ban(data, vec![0], 0),
        |data| ban(data, vec![0, 9], 0),
        |data| ban(data, vec![0, 1], 1),
    ];
    fn ban(data: &mut RoadData, segments: Vec<u32>, first_via: u32) {
        data.turn_bans.push(TurnBan {
            segments,
            first_via,
        });
    }
    for (index, change) in broken.iter().enumerate() {
        let mut data = crossing();
        change(&mut data);
        assert!(matches!(refused(data), RoadsError::Unfit(_)), "{index}");
    }
}

#[test]
fn other_bytes_are_no_roads() {
    assert_eq!(open(Vec::new()).unwrap_err(), RoadsError::NotRoads);
    assert_eq!(
        open(b"PMTiles\x03 and more".to_vec()).unwrap_err(),
        RoadsError::NotRoads
    );
    let mut newer = packed(&crossing());
    newer[8] = 9;
    let version = RoadsError::Version {
        found: 9,
        expected: 1,
    };
    assert_eq!(open(newer).unwrap_err(), version);
}

#[test]
fn damaged_bytes_are_refused() {
    let bytes = packed(&RandomRoads::seeded(1).build());
    for length in 0..bytes.len() {
        assert!(open(bytes[..length].to_vec()).is_err(), "cut at {length}");
    }
    for position in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[position] ^= 1 << (position % 8);
        assert!(open(flipped).is_err(), "flipped at {position}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(open(longer).is_err());
}

/// Bytes that are damaged but have the right checksum, as nobody but an attacker makes them: they
/// are refused, or they are roads that can be asked.
#[test]
fn forged_bytes_do_no_harm() {
    use sha2::{Digest, Sha256};
    let bytes = packed(&RandomRoads::seeded(1).build());
    let mut dice = Dice::seeded(99);
    let mut search = Search::default();
    let mut opened = 0;
    for _ in 0..1_500 {
        let mut forged = bytes.clone();
        for _ in 0..1 + dice.below(3) {
            let position = 42 + dice.below((forged.len() - 42) as u32) as usize;
            forged[position] = dice.below(256) as u8;
        }
        if dice.chance(10) {
            forged.truncate(54 + dice.below((forged.len() - 54) as u32) as usize);
        }
        let digest = Sha256::digest(&forged[42..]);
        forged[10..42].copy_from_slice(&digest);
        let Ok(network) = open(forged) else { continue };
        opened += 1;
        let places: Vec<Vec<Seed>> = (0..4)
            .map(|_| {
                vec![Seed {
                    arc: ArcId(dice.below(network.arc_count())),
                    offset: Cost::default(),
                }]
            })
            .collect();
        network.shortest(&mut search, &places[0], &places[1]);
        network.costs(&mut search, &places, &places);
        for arc in (0..network.arc_count()).map(ArcId) {
            assert!(network.shape(arc).len() >= 2);
            network.turns(arc);
        }
    }
    assert!(opened > 10, "{opened}");
}
