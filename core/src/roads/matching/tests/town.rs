//! A made-up town, cars that drive through it, and receivers that watch them.

#![expect(
    clippy::cast_possible_truncation,
    reason = "the numbers of a town are small"
)]

use crate::geo::LatLng;
use crate::roads::data::{RoadClass, RoadData, Segment, SegmentFlags};
use crate::roads::matching::{MatchedTrack, TrackFix};
use crate::roads::network::{ArcId, RoadNetwork};
use crate::roads::sample::{self, Dice};

pub(crate) const METRE_E7: f64 = 1e7 / 111_195.08;

/// A place so many metres east and north of the town's corner, near the equator, where both have
/// the same length in degrees.
pub(crate) fn place(east_m: f64, north_m: f64) -> LatLng {
    let e7 = |metres: f64| (metres * METRE_E7).round() as i32;
    LatLng::from_e7(e7(north_m), e7(east_m)).unwrap()
}

/// A road with two directions.
pub(crate) fn street(start: u32, end: u32) -> Segment {
    Segment {
        start,
        end,
        bends: Vec::new(),
        class: RoadClass::Residential,
        forward_dkmh: 400,
        backward_dkmh: 400,
        name: 0,
        flags: SegmentFlags::default(),
    }
}

/// Roads between junctions at these places.
pub(crate) fn roads(junctions: &[(f64, f64)], segments: Vec<Segment>) -> RoadData {
    RoadData {
        junctions: junctions.iter().map(|(x, y)| place(*x, *y)).collect(),
        segments,
        names: vec![String::new()],
        ..RoadData::default()
    }
}

/// Blocks of about 110 m by 140 m with bent streets, one in five of them one-way.
pub(crate) fn town(seed: u64) -> RoadData {
    const COLUMNS: u32 = 12;
    const ROWS: u32 = 10;
    let mut dice = Dice::seeded(seed);
    let mut junctions = Vec::new();
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let jitter = |dice: &mut Dice| f64::from(dice.below(41)) - 20.0;
            let east = f64::from(column) * 140.0 + jitter(&mut dice);
            junctions.push((east, f64::from(row) * 110.0 + jitter(&mut dice)));
        }
    }
    let mut segments = Vec::new();
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let here = row * COLUMNS + column;
            if column + 1 < COLUMNS {
                segments.push(bent(&junctions, (here, here + 1), &mut dice));
            }
            if row + 1 < ROWS {
                segments.push(bent(&junctions, (here, here + COLUMNS), &mut dice));
            }
        }
    }
    roads(&junctions, segments)
}

fn bent(junctions: &[(f64, f64)], (start, end): (u32, u32), dice: &mut Dice) -> Segment {
    let (from, to) = (junctions[start as usize], junctions[end as usize]);
    let aside = |dice: &mut Dice| f64::from(dice.below(17)) - 8.0;
    let bend = place(
        f64::midpoint(from.0, to.0) + aside(dice),
        f64::midpoint(from.1, to.1) + aside(dice),
    );
    let mut street = street(start, end);
    street.bends = vec![bend];
    match dice.below(10) {
        0 => street.backward_dkmh = 0,
        1 => street.forward_dkmh = 0,
        _ => {}
    }
    street
}

/// A drive through a network: arcs in driving order, each driven from end to end.
pub(crate) fn wander(network: &RoadNetwork, seed: u64, length_m: f64) -> Vec<ArcId> {
    let mut dice = Dice::seeded(seed);
    let mut arcs = vec![ArcId(dice.below(network.arc_count()))];
    let mut driven_m = 0.0;
    while driven_m < length_m {
        let here = *arcs.last().unwrap();
        driven_m += f64::from(network.arc(here).unwrap().length_mm) / 1000.0;
        let ways: Vec<(ArcId, u32)> = network
            .turns(here)
            .into_iter()
            .filter(|(to, _)| Some(*to) != network.reverse(here))
            .collect();
        // Straight on is the cheapest turn; one in three takes another.
        let straight = ways.iter().min_by_key(|(_, turn_ms)| *turn_ms);
        let Some((straight, _)) = straight else { break };
        let any = ways[dice.below(ways.len() as u32) as usize].0;
        arcs.push(if dice.chance(33) { any } else { *straight });
    }
    arcs
}

/// How a car drives and what its receiver says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    pub(crate) seed: u64,
    pub(crate) every_s: f64,
    pub(crate) noise_m: f64,
    pub(crate) speed_m_s: f64,
}

impl Watched {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            seed,
            every_s: 5.0,
            noise_m: 8.0,
            speed_m_s: 10.0,
        }
    }

    /// The points of a car that drives these arcs.
    pub(crate) fn drive(&self, network: &RoadNetwork, arcs: &[ArcId]) -> Vec<TrackFix> {
        let mut line = Vec::new();
        for arc in arcs {
            line.extend(network.shape(*arc));
        }
        line.dedup();
        self.along(&line)
    }

    /// The points of a car that drives along a line, from its first position to its last.
    pub(crate) fn along(&self, line: &[LatLng]) -> Vec<TrackFix> {
        let mut dice = Dice::seeded(self.seed ^ 0xfeed);
        let step_m = self.every_s * self.speed_m_s;
        let (mut until_m, mut driven_m) = (0.0, 0.0);
        let mut fixes = Vec::new();
        for pair in line.windows(2) {
            let piece_m = pair[0].distance_m(pair[1]);
            while until_m <= driven_m + piece_m {
                let share = (until_m - driven_m) / piece_m.max(0.001);
                let at_ms = (until_m / self.speed_m_s * 1000.0) as i64;
                let there = between(pair[0], pair[1], share);
                fixes.push(fix(noisy(there, self.noise_m, &mut dice), at_ms));
                until_m += step_m;
            }
            driven_m += piece_m;
        }
        fixes
    }

    /// The points of a car that stands, a second apart, the first at a time.
    pub(crate) fn stand(&self, at: LatLng, from_ms: i64, points: usize) -> Vec<TrackFix> {
        let mut dice = Dice::seeded(self.seed ^ 0xbeef);
        (0..points as i64)
            .map(|second| fix(noisy(at, self.noise_m, &mut dice), from_ms + second * 1000))
            .collect()
    }
}

pub(crate) fn fix(at: LatLng, at_ms: i64) -> TrackFix {
    TrackFix {
        at,
        at_ms,
        accuracy_m: None,
    }
}

fn between(from: LatLng, to: LatLng, share: f64) -> LatLng {
    let part = |a: i32, b: i32| (f64::from(a) + share * f64::from(b - a)).round() as i32;
    LatLng::from_e7(
        part(from.lat_e7(), to.lat_e7()),
        part(from.lng_e7(), to.lng_e7()),
    )
    .unwrap()
}

/// Moved by a normal error of this standard deviation along each axis.
fn noisy(at: LatLng, noise_m: f64, dice: &mut Dice) -> LatLng {
    let mut share = || (f64::from(dice.below(1_000_000)) + 1.0) / 1_000_001.0;
    let radius = noise_m * (-2.0 * share().ln()).sqrt();
    let angle = share() * std::f64::consts::TAU;
    let moved = |e7: i32, metres: f64| e7 + (metres * METRE_E7).round() as i32;
    LatLng::from_e7(
        moved(at.lat_e7(), radius * angle.sin()),
        moved(at.lng_e7(), radius * angle.cos()),
    )
    .unwrap()
}

/// How much of a drive was found, and how much of what was found is none of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Score {
    pub(crate) true_m: f64,
    pub(crate) found_m: f64,
    pub(crate) false_m: f64,
}

impl Score {
    pub(crate) fn add(&mut self, network: &RoadNetwork, driven: &[ArcId], matched: &MatchedTrack) {
        let length_m = |arc: &ArcId| f64::from(network.arc(*arc).unwrap().length_mm) / 1000.0;
        let found = matched.drives.iter().flat_map(|drive| {
            // Of the first and the last arc it may have seen a metre or all.
            let last = drive.arcs.len() - 1;
            let arcs = drive.arcs.iter().copied().enumerate();
            arcs.map(move |(place, arc)| (arc, place == 0 || place == last))
        });
        let mut left = driven.to_vec();
        self.true_m += driven.iter().map(length_m).sum::<f64>();
        for (arc, is_end) in found {
            if let Some(place) = left.iter().position(|other| *other == arc) {
                self.found_m += length_m(&arc);
                left.remove(place);
            } else if !is_end {
                self.false_m += length_m(&arc);
            }
        }
    }

    pub(crate) fn found(&self) -> f64 {
        self.found_m / self.true_m
    }

    pub(crate) fn wrong(&self) -> f64 {
        self.false_m / self.true_m
    }
}

pub(crate) fn network(data: &RoadData) -> RoadNetwork {
    sample::network(data)
}
