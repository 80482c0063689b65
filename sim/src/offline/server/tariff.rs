//! The tariff of the simulated city: tight tiers and taxes, so that a second or a metre too much shows.

use std::collections::BTreeMap;

use wayfare_core::money::Currency;
use wayfare_core::pricing::{
    CancellationFees, Commission, DistanceTier, LineKind, Night, Rounding, RoundingMode, Tariff,
    TariffError, TariffSpec, Tax, TimeTier,
};
use wayfare_core::vehicle::VehicleClass;

/// The tariff by which everything is priced.
pub(super) fn tariff() -> Result<Tariff, Vec<TariffError>> {
    use LineKind as L;
    let ride = vec![L::Base, L::Distance, L::Time, L::Waiting, L::Waypoints];
    let fees = [L::MinimumTopUp, L::BookingFee, L::Cancellation, L::NoShow];
    Tariff::new(TariffSpec {
        id: "offline".to_owned(),
        version: 1,
        currency: Currency::EUR,
        timezone: "Europe/Lisbon".to_owned(),
        vehicle_class: VehicleClass::Standard,
        base_minor: 150,
        distance_tiers: vec![DistanceTier {
            from_m: 0,
            per_km_minor: 9_870,
        }],
        time_tiers: vec![TimeTier {
            from_s: 0,
            per_min_minor: 613,
        }],
        free_wait_s: 30,
        waypoint_free_wait_s: 20,
        wait_per_min_minor: 311,
        per_waypoint_minor: 70,
        free_loading_s: 0,
        loading_per_min_minor: 0,
        included_weight_kg: 0,
        per_extra_kg_minor: 0,
        night: Night {
            windows: Vec::new(),
            bps: 0,
        },
        surge_cap_bps: 20_000,
        minimum_minor: 300,
        tolls: BTreeMap::new(),
        zones: BTreeMap::new(),
        booking_fee_minor: 25,
        platform_lines: vec![L::BookingFee],
        taxes: vec![Tax {
            name: "VAT".to_owned(),
            bps: 600,
            on: [ride.as_slice(), &fees].concat(),
        }],
        rounding: Rounding {
            unit_minor: 1,
            mode: RoundingMode::HalfEven,
        },
        commission: Commission {
            bps: 2_000,
            on: ride,
        },
        requote_over_m: 150,
        cancellation: Some(CancellationFees {
            free_s: 60,
            fee_minor: 200,
            free_if_late_s: 1_800,
            scheduled_free_s: 3_600,
            no_show_fee_minor: 400,
            driver_share_bps: 8_000,
        }),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tariff_is_valid() {
        assert!(super::tariff().is_ok(), "{:?}", super::tariff().err());
    }
}
