use serde_json::json;
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

use super::*;

/// One of each gate, with the numbers that are shown for it.
fn gates() -> [(Gate, Option<u32>, Option<u32>); 19] {
    let silent = Gate::Silent {
        age_s: 95,
        limit_s: 60,
    };
    let late = Gate::FinishesLate {
        free_in_s: 300,
        limit_s: 240,
    };
    let class = Gate::OtherClass {
        has: VehicleClass::Xl,
        wanted: VehicleClass::Standard,
    };
    let load = Gate::TooSmallLoad {
        has_kg: 500,
        needed_kg: 900,
    };
    let feature = Gate::MissingFeature {
        feature: VehicleFeature::Pets,
    };
    let reach = Gate::OutOfReach {
        straight_m: 5100,
        radius_m: 5000,
    };
    let road = Gate::TooFarByRoad {
        road_m: 6100,
        radius_m: 5500,
    };
    let home = Gate::NotOnTheWayHome {
        before_m: 4000,
        after_m: 9000,
    };
    [
        (silent, Some(95), Some(60)),
        (Gate::Driving, None, None),
        (Gate::HasOffer, None, None),
        (late, Some(300), Some(240)),
        (class, None, None),
        (Gate::TooFewSeats { has: 4, needed: 6 }, Some(4), Some(6)),
        (load, Some(500), Some(900)),
        (feature, None, None),
        (Gate::AskedBefore, None, None),
        (Gate::GaveBack, None, None),
        (Gate::OwnTrip, None, None),
        (Gate::Blocked, None, None),
        (home, Some(9000), Some(4000)),
        (Gate::WaitsInQueue, None, None),
        (reach, Some(5100), Some(5000)),
        (Gate::EnoughNearer { nearer: 30 }, Some(30), None),
        (Gate::NoRoad, None, None),
        (road, Some(6100), Some(5500)),
        (Gate::BehindInQueue { before: 3 }, Some(3), None),
    ]
}

#[test]
fn every_gate_is_shown_under_its_name_with_its_numbers() {
    for (gate, found, limit) in gates() {
        let view = gate_view(gate);
        assert_eq!(json!(gate)["gate"], json!(view.name.as_str()));
        assert_eq!(json!(view.name), json!(view.name.as_str()));
        assert_eq!((view.found, view.limit), (found, limit), "{gate:?}");
        assert_eq!(view.unit.is_some(), found.is_some(), "{gate:?}");
        let classes = (view.vehicle_class, view.wanted_class);
        let is_class = view.name == GateName::OtherClass;
        let shown = is_class.then_some((VehicleClass::Xl, VehicleClass::Standard));
        assert_eq!(classes, (shown.map(|two| two.0), shown.map(|two| two.1)));
        let is_feature = view.name == GateName::MissingFeature;
        assert_eq!(
            view.missing_feature,
            is_feature.then_some(VehicleFeature::Pets)
        );
    }
}

#[test]
fn drivers_are_told_a_reason_for_all_gates_but_those_that_are_not_their_business() {
    for (gate, ..) in gates() {
        let reason = words::own_reason(&Verdict::Dropped(gate), None);
        let is_told = !matches!(gate, Gate::OwnTrip | Gate::Blocked);
        assert_eq!(reason.is_some(), is_told, "{gate:?}");
    }
}
