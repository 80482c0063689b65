use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

fn trip(number: u128) -> TripId {
    TripId::from_uuid(Uuid::from_u128(number))
}

fn at(second: u32) -> DateTime<Utc> {
    format!("2026-03-01T12:00:{second:02}Z").parse().unwrap()
}

fn bare(verdict: CarVerdict) -> ExplainedCar {
    ExplainedCar {
        driver_id: driver(2),
        verdict,
        sentence: "So it was.".to_owned(),
        gate: None,
        cost: None,
        lost_to: None,
        offer: None,
        sighting: None,
    }
}

const COST: CostView = CostView {
    total_ms: 61_000,
    way_ms: 60_000,
    finishing_ms: 0,
    idle_ms: -1000,
    rating_ms: 2000,
    cancel_ms: 0,
    way_m: 800,
};

#[track_caller]
fn is_written<T>(value: &T, expected: Value)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(serde_json::to_value(value).unwrap(), expected);
    assert_eq!(&serde_json::from_value::<T>(expected).unwrap(), value);
}

#[test]
fn the_json_of_an_explanation() {
    let explanation = DispatchExplanation {
        trip_id: trip(1),
        driver_id: None,
        summary: "Nobody was asked.".to_owned(),
        rounds: vec![ExplainedRound {
            at: at(2),
            radius_m: 5000,
            waves: 1,
            outcome: RoundOutcome::PassedOver,
            cars_considered: 40,
            cars_left_out: 3,
            cars: vec![bare(CarVerdict::NoRecord)],
        }],
        more_before: true,
    };
    is_written(
        &explanation,
        json!({
            "trip_id": "trip_00000000000000000000000000000001",
            "summary": "Nobody was asked.",
            "rounds": [{
                "at": "2026-03-01T12:00:02Z",
                "radius_m": 5000,
                "waves": 1,
                "outcome": "passed_over",
                "cars_considered": 40,
                "cars_left_out": 3,
                "cars": [{
                    "driver_id": "driver_00000000000000000000000000000002",
                    "verdict": "no_record",
                    "sentence": "So it was.",
                }],
            }],
            "more_before": true,
        }),
    );
}

#[test]
fn the_json_of_a_car_that_was_dropped() {
    let gate = GateView {
        name: GateName::Silent,
        found: Some(95),
        limit: Some(60),
        unit: Some(GateUnit::Seconds),
        vehicle_class: None,
        wanted_class: None,
        missing_feature: None,
    };
    let dropped = ExplainedCar {
        gate: Some(gate.clone()),
        ..bare(CarVerdict::Dropped)
    };
    is_written(
        &dropped,
        json!({
            "driver_id": "driver_00000000000000000000000000000002",
            "verdict": "dropped",
            "sentence": "So it was.",
            "gate": {"name": "silent", "found": 95, "limit": 60, "unit": "seconds"},
        }),
    );
    let other_class = GateView {
        name: GateName::OtherClass,
        found: None,
        limit: None,
        unit: None,
        vehicle_class: Some(VehicleClass::Standard),
        wanted_class: Some(VehicleClass::Xl),
        missing_feature: None,
    };
    is_written(
        &other_class,
        json!({"name": "other_class", "vehicle_class": "standard", "wanted_class": "xl"}),
    );
}

#[test]
fn the_json_of_a_car_that_was_asked_and_of_one_that_lost() {
    let asked = ExplainedCar {
        cost: Some(COST),
        offer: Some(OfferFate {
            status: OfferStatus::TimedOut,
            made_at: at(2),
            ended_at: Some(at(17)),
        }),
        ..bare(CarVerdict::Asked)
    };
    let cost = json!({
        "total_ms": 61_000, "way_ms": 60_000, "finishing_ms": 0, "idle_ms": -1000,
        "rating_ms": 2000, "cancel_ms": 0, "way_m": 800,
    });
    is_written(
        &asked,
        json!({
            "driver_id": "driver_00000000000000000000000000000002",
            "verdict": "asked",
            "sentence": "So it was.",
            "cost": cost,
            "offer": {
                "status": "timed_out",
                "made_at": "2026-03-01T12:00:02Z",
                "ended_at": "2026-03-01T12:00:17Z",
            },
        }),
    );
    let lost = ExplainedCar {
        cost: Some(COST),
        lost_to: Some(LostTo {
            driver_id: Some(driver(3)),
            by_ms: Some(-500),
            trip_id: Some(trip(4)),
        }),
        ..bare(CarVerdict::Lost)
    };
    is_written(
        &lost,
        json!({
            "driver_id": "driver_00000000000000000000000000000002",
            "verdict": "lost",
            "sentence": "So it was.",
            "cost": cost,
            "lost_to": {
                "driver_id": "driver_00000000000000000000000000000003",
                "by_ms": -500,
                "trip_id": "trip_00000000000000000000000000000004",
            },
        }),
    );
}

#[test]
fn the_json_of_a_sighting() {
    let sighting = SightingView {
        at: at(10),
        age_s: 4,
        fix_at: at(8),
        doing: Doing::Finishing,
        straight_m: 7200,
        vehicle_class: VehicleClass::Xl,
    };
    is_written(
        &sighting,
        json!({
            "at": "2026-03-01T12:00:10Z",
            "age_s": 4,
            "fix_at": "2026-03-01T12:00:08Z",
            "doing": "finishing",
            "straight_m": 7200,
            "vehicle_class": "xl",
        }),
    );
}

#[test]
fn the_json_of_a_drivers_own_view() {
    let own = OwnDispatch {
        since: at(0),
        cut_short: false,
        requests_near: 3,
        asked: 1,
        reasons: vec![OwnReason {
            count: 2,
            sentence: "Another driver was nearer.".to_owned(),
        }],
        latest: vec![OwnRequest {
            at: at(4),
            distance_m: Some(1200),
            asked: false,
            sentence: "Another driver was nearer.".to_owned(),
        }],
    };
    is_written(
        &own,
        json!({
            "since": "2026-03-01T12:00:00Z",
            "cut_short": false,
            "requests_near": 3,
            "asked": 1,
            "reasons": [{"count": 2, "sentence": "Another driver was nearer."}],
            "latest": [{
                "at": "2026-03-01T12:00:04Z",
                "distance_m": 1200,
                "asked": false,
                "sentence": "Another driver was nearer.",
            }],
        }),
    );
}

#[test]
fn names_are_the_same_on_the_wire_and_in_the_database() {
    let written = |value: Value| value.as_str().unwrap().to_owned();
    for status in OfferStatus::ALL {
        assert_eq!(written(json!(status)), status.as_str());
    }
    for doing in Doing::ALL {
        assert_eq!(written(json!(doing)), doing.as_str());
    }
    for outcome in RoundOutcome::ALL {
        assert_eq!(written(json!(outcome)), outcome.as_str());
    }
    for name in ["silent", "not_on_the_way_home", "too_far_by_road"] {
        let gate: GateName = serde_json::from_value(json!(name)).unwrap();
        assert_eq!(gate.as_str(), name);
    }
}
