//! The tariffs that a new city begins with, until its operator sets others.

use std::collections::BTreeMap;

use wayfare_core::money::Currency;
use wayfare_core::pricing::{
    CancellationFees, Commission, DistanceTier, LineKind, Night, Rounding, RoundingMode,
    TariffSpec, Tax, TimeTier,
};
use wayfare_core::vehicle::VehicleClass;

use crate::platform::config::PricingConfig;

/// A tariff for each class of vehicle, in the city's currency and time zone.
pub(super) fn default_tariffs(config: &PricingConfig, currency: Currency) -> Vec<TariffSpec> {
    let prices = |class| match class {
        VehicleClass::Standard => Prices {
            base: 150,
            per_km: 75,
            per_min: 14,
            minimum: 350,
        },
        VehicleClass::Xl => Prices {
            base: 250,
            per_km: 115,
            per_min: 20,
            minimum: 550,
        },
    };
    VehicleClass::ALL
        .into_iter()
        .map(|class| tariff(config, currency, class, prices(class)))
        .collect()
}

struct Prices {
    base: i64,
    per_km: i64,
    per_min: i64,
    minimum: i64,
}

fn tariff(
    config: &PricingConfig,
    currency: Currency,
    vehicle_class: VehicleClass,
    prices: Prices,
) -> TariffSpec {
    use LineKind as L;
    let ride = vec![
        L::Base,
        L::Distance,
        L::Time,
        L::Waiting,
        L::Night,
        L::Surge,
    ];
    let others = [
        L::Waypoints,
        L::MinimumTopUp,
        L::BookingFee,
        L::Cancellation,
        L::NoShow,
    ];
    let taxed = [ride.as_slice(), others.as_slice()].concat();
    TariffSpec {
        id: format!("default_{vehicle_class}"),
        version: 1,
        currency,
        timezone: config.timezone.name().to_owned(),
        vehicle_class,
        base_minor: prices.base,
        distance_tiers: vec![
            DistanceTier {
                from_m: 0,
                per_km_minor: prices.per_km,
            },
            DistanceTier {
                from_m: 10_000,
                per_km_minor: prices.per_km * 9 / 10,
            },
        ],
        time_tiers: vec![TimeTier {
            from_s: 0,
            per_min_minor: prices.per_min,
        }],
        free_wait_s: 180,
        waypoint_free_wait_s: 60,
        wait_per_min_minor: 25,
        per_waypoint_minor: 100,
        free_loading_s: 600,
        loading_per_min_minor: 20,
        included_weight_kg: 20,
        per_extra_kg_minor: 5,
        night: Night {
            windows: Vec::new(),
            bps: 0,
        },
        surge_cap_bps: 20_000,
        minimum_minor: prices.minimum,
        tolls: BTreeMap::new(),
        zones: BTreeMap::new(),
        booking_fee_minor: 60,
        platform_lines: vec![L::BookingFee],
        taxes: vec![Tax {
            name: "VAT".to_owned(),
            bps: 600,
            on: taxed,
        }],
        rounding: Rounding {
            unit_minor: 5,
            mode: RoundingMode::HalfEven,
        },
        commission: Commission {
            bps: 1500,
            on: ride,
        },
        requote_over_m: 1200,
        cancellation: Some(CancellationFees {
            free_s: 120,
            fee_minor: prices.minimum / 2,
            free_if_late_s: 900,
            scheduled_free_s: 3600,
            no_show_fee_minor: prices.minimum,
            driver_share_bps: 8000,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wayfare_core::pricing::Tariff;

    #[test]
    fn the_tariffs_of_a_new_city_are_valid() {
        let config = PricingConfig {
            currency: "EUR".into(),
            timezone: chrono_tz::Europe::Lisbon,
            quote_ttl_s: 300,
            detour_bps: 13_000,
            planned_speed_kmh: 28,
            signing_key: None,
        };
        let tariffs = default_tariffs(&config, Currency::EUR);
        assert_eq!(tariffs.len(), VehicleClass::ALL.len());
        for spec in tariffs {
            assert!(Tariff::new(spec.clone()).is_ok(), "{}", spec.id);
        }
    }
}
