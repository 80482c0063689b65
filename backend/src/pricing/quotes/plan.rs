//! The planned length and duration of a ride while there is no road graph: the straight lines from
//! stop to stop, made longer by the city's detour and driven at its usual speed.

use wayfare_core::geo::LatLng;
use wayfare_core::pricing::RideLength;

use crate::platform::config::PricingConfig;

const BPS: i64 = 10_000;
const M_PER_KM: i64 = 1000;
const S_PER_H: i64 = 3600;

/// Shorter rides are walks.
const DISTANCE_MIN_M: i64 = 100;
/// Longer rides leave the city.
const DISTANCE_MAX_M: i64 = 200_000;

/// The plan of a ride from the first of these places over the others to the last, or nothing if it
/// is too short or too long for one.
pub(super) fn plan_ride(config: &PricingConfig, places: &[LatLng]) -> Option<RideLength> {
    let plan = length_along(config, places);
    (DISTANCE_MIN_M..=DISTANCE_MAX_M)
        .contains(&plan.distance_m)
        .then_some(plan)
}

/// The plan of what is left of a ride, or nothing if that leaves the city.
pub(super) fn plan_ahead(config: &PricingConfig, places: &[LatLng]) -> Option<RideLength> {
    let plan = length_along(config, places);
    (plan.distance_m <= DISTANCE_MAX_M).then_some(plan)
}

/// The planned length along these places, however short.
pub(super) fn length_along(config: &PricingConfig, places: &[LatLng]) -> RideLength {
    let straight_mm = places.windows(2).fold(0_u64, |sum, leg| match leg {
        [from, to] => sum.saturating_add(from.distance_mm(*to)),
        _ => sum,
    });
    let straight_m = i64::try_from(straight_mm / 1000).unwrap_or(i64::MAX);
    let distance_m = straight_m.saturating_mul(config.detour_bps.into()) / BPS;
    let m_per_h = i64::from(config.planned_speed_kmh) * M_PER_KM;
    RideLength {
        distance_m,
        duration_s: distance_m.saturating_mul(S_PER_H) / m_per_h,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(lats: &[f64]) -> Option<RideLength> {
        let config = PricingConfig {
            currency: "EUR".into(),
            timezone: chrono_tz::Europe::Lisbon,
            quote_ttl_s: 300,
            detour_bps: 13_000,
            planned_speed_kmh: 36,
            signing_key: None,
        };
        let at = |lat: &f64| LatLng::from_degrees(*lat, -8.61).unwrap();
        plan_ride(&config, &lats.iter().map(at).collect::<Vec<_>>())
    }

    #[test]
    fn a_ride_is_longer_than_the_straight_line() {
        // 0.01 degrees of latitude are 1111.95 m; at 36 km/h a second is 10 m.
        let wanted = RideLength {
            distance_m: 1444,
            duration_s: 144,
        };
        assert_eq!(plan(&[41.15, 41.16]), Some(wanted));
    }

    #[test]
    fn stops_on_the_way_make_it_longer() {
        // 0.02 and 0.01 degrees of latitude are 3335.85 m: 3335 × 1.3 is 4335.5.
        let wanted = RideLength {
            distance_m: 4335,
            duration_s: 433,
        };
        assert_eq!(plan(&[41.15, 41.17, 41.16]), Some(wanted));
    }

    #[test]
    fn walks_and_journeys_are_no_rides() {
        assert_eq!(plan(&[41.15, 41.1505]), None);
        assert_eq!(plan(&[41.15, 43.0]), None);
        assert_eq!(plan(&[41.15]), None);
    }
}
