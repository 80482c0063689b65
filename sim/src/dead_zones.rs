//! Where some phones have no network: squares of the city, the same ones for a whole day.

use wayfare_core::geo::LatLng;

/// Size of a square: about half a kilometre at the latitudes of most cities.
const SQUARE_E7: i32 = 50_000;
/// Of so many squares one is dead.
const SQUARES_PER_DEAD: u64 = 3;

/// Which drivers' phones have no network where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeadZones {
    seed: u64,
    /// Drivers whose provider leaves holes, of a thousand.
    per_mille: u64,
}

impl DeadZones {
    /// Dead zones for this share of the drivers, 0 to 1.
    pub fn new(seed: u64, share: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is clamped to 0 to 1000"
        )]
        let per_mille = (share.clamp(0.0, 1.0) * 1000.0).round() as u64;
        Self { seed, per_mille }
    }

    /// Whether this driver's phone loses its network in dead zones.
    pub fn has_holes(&self, driver: usize) -> bool {
        // Spread evenly over the numbers, so that a third is a third also of ten drivers.
        let number = driver as u64;
        let before = number.saturating_mul(self.per_mille) / 1000;
        let with = number.saturating_add(1).saturating_mul(self.per_mille) / 1000;
        with > before
    }

    /// Whether a place is in a dead zone.
    pub fn is_dead(&self, at: LatLng) -> bool {
        let square = |e7: i32| u64::from(e7.div_euclid(SQUARE_E7).cast_unsigned());
        let mixed = mix(self.seed ^ mix(square(at.lat_e7()) << 32 | square(at.lng_e7())));
        mixed.is_multiple_of(SQUARES_PER_DEAD)
    }
}

/// SplitMix64: neighbouring numbers come out far apart.
const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_drivers_have_holes_as_was_asked_for() {
        for (share, wanted) in [(0.0, 0), (0.3, 30), (1.0, 100)] {
            let zones = DeadZones::new(1, share);
            let count = (0..100).filter(|driver| zones.has_holes(*driver)).count();
            assert_eq!(count, wanted, "{share}");
        }
    }

    #[test]
    fn about_a_third_of_the_city_is_dead_in_whole_squares() {
        let zones = DeadZones::new(7, 0.3);
        let at = |north: i32, east: i32| LatLng::from_e7(411_500_000 + north, -86_100_000 + east);
        let squares = (0..40).flat_map(|n| (0..40).map(move |e| (n * SQUARE_E7, e * SQUARE_E7)));
        let dead = squares
            .filter(|(north, east)| zones.is_dead(at(*north, *east).unwrap()))
            .count();
        assert!((430..640).contains(&dead), "{dead} of 1600");
        let corner = at(0, 0).unwrap();
        assert_eq!(
            zones.is_dead(corner),
            zones.is_dead(at(40_000, 40_000).unwrap())
        );
        let other = DeadZones::new(8, 0.3);
        let differs = (0..40).any(|n| {
            let place = at(n * SQUARE_E7, 0).unwrap();
            zones.is_dead(place) != other.is_dead(place)
        });
        assert!(differs, "another seed has other holes");
    }
}
