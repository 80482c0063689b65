//! How large packed roads are, and how fast they open and answer, on one thread.
//!
//! `cargo run --release -p wayfare-city --example roads_speed [FILE.osm.pbf]`; without a file, on a
//! made-up city of 150,000 arcs.

use std::error::Error;
use std::time::{Duration, Instant};

use wayfare_city::{osm, roads};
use wayfare_core::city::PackBytes;
use wayfare_core::geo::{LatLng, LatLngError};
use wayfare_core::roads::{
    ArcId, ContractionInput, Cost, RoadClass, RoadData, RoadNetwork, Search, Seed, Segment,
    SegmentFlags, encode,
};

const RUNS: usize = 10;
const PAIRS: usize = 2_000;
const PLACES: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let data = match std::env::args().nth(1) {
        Some(file) => roads::collect(&osm::read(file.as_ref(), &mut |_| {})?),
        None => grid(200)?,
    };
    let data = data.in_packing_order();
    let input = ContractionInput::of(&data)?;
    let (took, contraction) = timed(|| roads::contract(&input, &mut |_| {}));
    println!("contracted in {:.1} s", took.as_secs_f64());
    let bytes = encode(&data, &contraction)?;
    println!("{} bytes", bytes.len());

    let bytes = PackBytes::new(bytes);
    let (took, network) = best(|| RoadNetwork::open(bytes.clone()));
    let network = network?;
    println!("opened in {:.1} ms: {:?}", ms(took), network.size());

    let mut dice = Dice(1);
    let mut places = |count: usize| -> Vec<Vec<Seed>> {
        (0..count).map(|_| place(&network, &mut dice)).collect()
    };
    let mut search = Search::default();
    let (from, to) = (places(PAIRS), places(PAIRS));
    let (took, found) = best(|| {
        let pairs = from.iter().zip(&to);
        let paths = pairs.filter_map(|(from, to)| network.shortest(&mut search, from, to));
        paths.count()
    });
    let each_us = ms(took) * 1_000.0 / PAIRS as f64;
    println!("{each_us:.1} µs for a route; {found} of {PAIRS} found");

    let (from, to) = (places(PLACES), places(PLACES));
    let (took, cells) = best(|| network.costs(&mut search, &from, &to));
    let found = cells.iter().flatten().count();
    println!("{:.2} ms for {PLACES} x {PLACES}; {found} found", ms(took));

    let slower = |arc| network.arc(arc).map_or(1, |arc| arc.duration_ms * 11 / 10);
    let (took, other) = best(|| network.reweighted(slower));
    other?;
    println!("{:.1} ms for other speeds", ms(took));
    Ok(())
}

/// A place in the middle of a random, well-connected segment.
fn place(network: &RoadNetwork, dice: &mut Dice) -> Vec<Seed> {
    loop {
        let arc = ArcId(dice.below(network.arc_count()));
        if network.is_well_connected(arc) {
            let arcs = [Some(arc), network.reverse(arc)];
            return arcs
                .into_iter()
                .flatten()
                .map(|arc| middle(network, arc))
                .collect();
        }
    }
}

fn middle(network: &RoadNetwork, arc: ArcId) -> Seed {
    let (duration_ms, length_mm) = network.arc(arc).map_or((0, 0), |arc| {
        (i64::from(arc.duration_ms) / 2, i64::from(arc.length_mm) / 2)
    });
    Seed {
        arc,
        offset: Cost {
            weight: duration_ms,
            duration_ms,
            length_mm,
        },
    }
}

/// Streets in rows and columns: every tenth is a fast one, every fifth a one-way.
fn grid(side: u32) -> Result<RoadData, LatLngError> {
    let mut dice = Dice(7);
    let mut data = RoadData {
        names: vec![String::new()],
        ..RoadData::default()
    };
    for row in 0..side {
        for column in 0..side {
            let lat = 41.0 + f64::from(row) * 1e-3 + f64::from(dice.below(500)) * 1e-6;
            let lng = -8.0 + f64::from(column) * 1.3e-3 + f64::from(dice.below(500)) * 1e-6;
            data.junctions.push(LatLng::from_degrees(lat, lng)?);
            let here = row * side + column;
            let mut street = |line: u32, end: u32| {
                let dkmh = if line.is_multiple_of(10) { 600 } else { 250 };
                data.segments.push(Segment {
                    start: here,
                    end,
                    bends: Vec::new(),
                    class: RoadClass::Residential,
                    forward_dkmh: dkmh,
                    backward_dkmh: if line % 5 == 3 { 0 } else { dkmh },
                    name: 0,
                    flags: SegmentFlags::default(),
                });
            };
            if column + 1 < side {
                street(row, here + 1);
            }
            if row + 1 < side {
                street(column, here + side);
            }
        }
    }
    Ok(data)
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let result = run();
    (began.elapsed(), result)
}

/// The fastest of several runs, and what the last one gave.
fn best<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let (mut least, mut result) = timed(&mut run);
    for _ in 1..RUNS {
        let (took, next) = timed(&mut run);
        least = least.min(took);
        result = next;
    }
    (least, result)
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

/// Numbers that look random and are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u32) -> u32 {
        const FACTOR: u64 = 6_364_136_223_846_793_005;
        self.0 = self
            .0
            .wrapping_mul(FACTOR)
            .wrapping_add(1_442_695_040_888_963_407);
        let scaled = ((self.0 >> 33) * u64::from(below)) >> 31;
        u32::try_from(scaled).unwrap_or(0)
    }
}
