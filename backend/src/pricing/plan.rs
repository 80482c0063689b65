//! The planned length and duration of a ride while there is no road graph: the straight line, made
//! longer by the city's detour and driven at its usual speed.

use wayfare_core::geo::LatLng;

use crate::platform::config::PricingConfig;

const BPS: i64 = 10_000;
const M_PER_KM: i64 = 1000;
const S_PER_H: i64 = 3600;

/// Shorter rides are walks.
const DISTANCE_MIN_M: i64 = 100;
/// Longer rides leave the city.
const DISTANCE_MAX_M: i64 = 200_000;

/// A planned ride.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) distance_m: i64,
    pub(super) duration_s: i64,
}

/// The plan of a ride, or nothing if it is too short or too long for one.
pub(super) fn plan_ride(config: &PricingConfig, pickup: LatLng, dropoff: LatLng) -> Option<Plan> {
    let straight_m = i64::try_from(pickup.distance_mm(dropoff) / 1000).ok()?;
    let distance_m = straight_m * i64::from(config.detour_bps) / BPS;
    if !(DISTANCE_MIN_M..=DISTANCE_MAX_M).contains(&distance_m) {
        return None;
    }
    let duration_s = distance_m * S_PER_H / (i64::from(config.planned_speed_kmh) * M_PER_KM);
    Some(Plan {
        distance_m,
        duration_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(dropoff_lat: f64) -> Option<Plan> {
        let config = PricingConfig {
            currency: "EUR".into(),
            timezone: chrono_tz::Europe::Lisbon,
            quote_ttl_s: 300,
            detour_bps: 13_000,
            planned_speed_kmh: 36,
        };
        let at = |lat| LatLng::from_degrees(lat, -8.61).unwrap();
        plan_ride(&config, at(41.15), at(dropoff_lat))
    }

    #[test]
    fn a_ride_is_longer_than_the_straight_line() {
        // 0.01 degrees of latitude are 1111.95 m; at 36 km/h a second is 10 m.
        assert_eq!(
            plan(41.16),
            Some(Plan {
                distance_m: 1444,
                duration_s: 144
            })
        );
    }

    #[test]
    fn walks_and_journeys_are_no_rides() {
        assert_eq!(plan(41.1505), None);
        assert_eq!(plan(43.0), None);
    }
}
