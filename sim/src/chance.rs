//! Randomness that a seed repeats.
//!
//! Every actor draws from a generator of its own, so that what one of them does never depends on
//! how fast another is served.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// The generator of one actor or of one part of the city.
pub type Chance = Xoshiro256PlusPlus;

/// Whose generator it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The streets of the generated city.
    Streets,
    /// A part of the generated town.
    Town(usize),
    /// When and where riders want to go.
    Demand,
    /// Where drivers begin their day.
    Fleet,
    /// What one driver does.
    Driver(usize),
    /// What one rider does.
    Rider(usize),
    /// What one driver answers when asked about one rider's trip.
    Answer {
        /// Number of the rider.
        rider: usize,
        /// Number of the driver.
        driver: usize,
    },
    /// Where one driver goes without a trip after one rider.
    Roam {
        /// Number of the rider, from 1; 0 before the first.
        rider: usize,
        /// Number of the driver.
        driver: usize,
    },
}

/// The generator of one stream under a seed.
pub fn chance(seed: u64, stream: Stream) -> Chance {
    let (kind, index) = match stream {
        Stream::Streets => (1_u64, 0),
        Stream::Demand => (2, 0),
        Stream::Fleet => (3, 0),
        Stream::Driver(index) => (4, index),
        Stream::Rider(index) => (5, index),
        Stream::Town(part) => (6, part),
        Stream::Answer { rider, .. } => (7, rider),
        Stream::Roam { rider, .. } => (8, rider),
    };
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    let bits = mixed(mixed(mixed(seed) ^ kind) ^ index);
    let (Stream::Answer { driver, .. } | Stream::Roam { driver, .. }) = stream else {
        return Chance::seed_from_u64(bits);
    };
    let driver = u64::try_from(driver).unwrap_or(u64::MAX);
    Chance::seed_from_u64(mixed(bits ^ driver))
}

/// Spreads the bits of a number, so that neighbours have nothing in common (the finalizer of
/// MurmurHash3). What `seed_from_u64` does with them is not enough for that: it walks in steps.
fn mixed(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x632b_e59b_d9b4_e019);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

/// A normally distributed number with mean 0 and deviation 1 (Box–Muller).
pub fn normal(chance: &mut Chance) -> f64 {
    let radius = (-2.0 * (1.0 - chance.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * chance.random::<f64>()).cos()
}

/// The wait until the next of events that come at a rate, one by one and on their own.
pub fn exponential(chance: &mut Chance, per_s: f64) -> f64 {
    -(1.0 - chance.random::<f64>()).ln() / per_s
}

/// The position in a list of weights, each drawn as often as its weight says.
pub fn weighted(chance: &mut Chance, weights: impl Iterator<Item = f64> + Clone) -> Option<usize> {
    let total: f64 = weights.clone().sum();
    let mut left = chance.random::<f64>() * total;
    let mut last = None;
    for (index, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
        if left < weight {
            return Some(index);
        }
        left -= weight;
        last = Some(index);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_streams_differ() {
        let draw = |seed, stream| chance(seed, stream).random::<u64>();
        assert_eq!(draw(7, Stream::Driver(3)), draw(7, Stream::Driver(3)));
        assert_ne!(draw(7, Stream::Driver(3)), draw(8, Stream::Driver(3)));
        assert_ne!(draw(7, Stream::Driver(3)), draw(7, Stream::Driver(4)));
        assert_ne!(draw(7, Stream::Driver(3)), draw(7, Stream::Rider(3)));
    }

    #[test]
    fn people_are_independent_of_each_other() {
        // How many of a thousand riders have a small third number, for several seeds.
        for seed in 0..20 {
            let small = (0..1000)
                .filter(|rider| {
                    let mut chance = chance(seed, Stream::Rider(*rider));
                    chance.random::<f64>();
                    chance.random::<f64>();
                    chance.random::<f64>() < 0.1
                })
                .count();
            assert!((60..140).contains(&small), "seed {seed}: {small} of 1000");
        }
    }

    #[test]
    fn waits_have_the_mean_of_their_rate() {
        let mut chance = chance(1, Stream::Demand);
        let sum: f64 = (0..20_000).map(|_| exponential(&mut chance, 0.25)).sum();
        assert!((sum / 20_000.0 - 4.0).abs() < 0.1, "{sum}");
    }

    #[test]
    fn weights_decide_how_often() {
        let mut chance = chance(1, Stream::Demand);
        let mut drawn = [0_u32; 3];
        for _ in 0..10_000 {
            drawn[weighted(&mut chance, [3.0, 0.0, 1.0].into_iter()).unwrap()] += 1;
        }
        assert_eq!(drawn[1], 0);
        assert!((7300..7700).contains(&drawn[0]), "{drawn:?}");
        assert_eq!(weighted(&mut chance, std::iter::empty()), None);
    }
}
