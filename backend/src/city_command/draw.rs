//! Pairs of positions drawn by a seed: the same number, the same pairs, on every machine.

use wayfare_core::geo::LatLng;
use wayfare_core::roads::{ArcId, RoadNetwork};

/// How far beside its road a position near a road is at most, in metres north and east.
const BESIDE_M: f64 = 30.0;
const METRES_PER_DEGREE: f64 = 111_195.08;

/// Where to go from and where to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) from: LatLng,
    pub(super) to: LatLng,
}

/// A sequence of numbers that looks random (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to 2^64 - 1.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to just below 1.
    pub(crate) fn share(&mut self) -> f64 {
        let top = u32::try_from(self.number() >> 32).unwrap_or(0);
        f64::from(top) / 4_294_967_296.0
    }

    /// From 0 to just below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.number() % bound).unwrap_or(0)
    }

    /// Anywhere in the rectangle that holds the roads.
    pub(super) fn anywhere(&mut self, roads: &RoadNetwork) -> LatLng {
        let (south_west, north_east) = roads.bounds();
        let between = |share: f64, least: f64, most: f64| least + share * (most - least);
        let lat = between(self.share(), south_west.lat(), north_east.lat());
        let lng = between(self.share(), south_west.lng(), north_east.lng());
        LatLng::from_degrees(lat, lng).unwrap_or(south_west)
    }

    /// Beside a bend of a road.
    pub(crate) fn near_road(&mut self, roads: &RoadNetwork) -> LatLng {
        let arcs = usize::try_from(roads.arc_count()).unwrap_or(0);
        let arc = u32::try_from(self.below(arcs)).unwrap_or(0);
        let shape = roads.shape(ArcId(arc));
        let place = self.below(shape.len());
        let Some(bend) = shape.get(place).copied() else {
            return self.anywhere(roads);
        };
        let north = (self.share() * 2.0 - 1.0) * BESIDE_M / METRES_PER_DEGREE;
        let east = (self.share() * 2.0 - 1.0) * BESIDE_M / METRES_PER_DEGREE;
        let cos_lat = bend.lat().to_radians().cos().max(0.01);
        LatLng::from_degrees(bend.lat() + north, bend.lng() + east / cos_lat).unwrap_or(bend)
    }

    /// So many pairs of positions, each drawn in the same way.
    pub(super) fn pairs(
        &mut self,
        count: usize,
        position: impl Fn(&mut Self) -> LatLng,
    ) -> Vec<Pair> {
        (0..count)
            .map(|_| Pair {
                from: position(self),
                to: position(self),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_draws_other_numbers() {
        let draw = |seed| -> Vec<u64> {
            let mut draw = Draw::seeded(seed);
            (0..4).map(|_| draw.number()).collect()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn shares_fill_the_range_from_0_to_1() {
        let mut draw = Draw::seeded(7);
        let shares: Vec<f64> = (0..1000).map(|_| draw.share()).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let mean = shares.iter().sum::<f64>() / 1000.0;
        assert!((mean - 0.5).abs() < 0.05, "{mean}");
    }
}
