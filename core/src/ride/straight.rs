//! The plan of a ride where nobody knows the roads.

use serde::{Deserialize, Serialize};

use crate::geo::LatLng;
use crate::pricing::RideLength;

const BPS: i64 = 10_000;
const M_PER_KM: i64 = 1000;
const MM_PER_M: u64 = 1000;
const S_PER_H: i64 = 3600;

/// How straight lines from stop to stop become a plan: made longer by the city's detour and driven at
/// its usual speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StraightPlan {
    /// How much longer a way is than the straight line, in basis points: 13,000 is a third more.
    pub detour_bps: u32,
    /// How fast a car is on the whole, in km/h; 0 counts as 1.
    pub speed_kmh: u32,
}

impl StraightPlan {
    /// The planned length of a ride through these places.
    pub fn length(self, places: &[LatLng]) -> RideLength {
        let straight_mm = places.windows(2).fold(0_u64, |sum, leg| match leg {
            [from, to] => sum.saturating_add(from.distance_mm(*to)),
            _ => sum,
        });
        let straight_m = i64::try_from(straight_mm.div_euclid(MM_PER_M)).unwrap_or(i64::MAX);
        let distance_m = straight_m
            .saturating_mul(self.detour_bps.into())
            .div_euclid(BPS);
        let m_per_h = i64::from(self.speed_kmh.max(1)).saturating_mul(M_PER_KM);
        RideLength {
            distance_m,
            duration_s: distance_m
                .saturating_mul(S_PER_H)
                .checked_div(m_per_h)
                .unwrap_or(i64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(lats: &[f64]) -> RideLength {
        let plan = StraightPlan {
            detour_bps: 13_000,
            speed_kmh: 36,
        };
        let at = |lat: &f64| LatLng::from_degrees(*lat, -8.61).unwrap();
        plan.length(&lats.iter().map(at).collect::<Vec<_>>())
    }

    #[test]
    fn a_ride_is_longer_than_the_straight_line() {
        // 0.01 degrees of latitude are 1111.95 m; at 36 km/h a second is 10 m.
        let wanted = RideLength {
            distance_m: 1444,
            duration_s: 144,
        };
        assert_eq!(length(&[41.15, 41.16]), wanted);
    }

    #[test]
    fn stops_on_the_way_make_it_longer() {
        // 0.02 and 0.01 degrees of latitude are 3335.85 m: 3335 × 1.3 is 4335.5.
        let wanted = RideLength {
            distance_m: 4335,
            duration_s: 433,
        };
        assert_eq!(length(&[41.15, 41.17, 41.16]), wanted);
    }

    #[test]
    fn one_place_is_no_way() {
        let none = RideLength {
            distance_m: 0,
            duration_s: 0,
        };
        assert_eq!((length(&[41.15]), length(&[])), (none, none));
    }
}
