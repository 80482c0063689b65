use uuid::Uuid;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::vehicle::VehicleClass;

use super::*;

/// What an admin and the driver are told about a gate.
fn told(gate: Gate) -> (String, String) {
    let verdict = Verdict::Dropped(gate);
    (verdict.explain(None), verdict.tell_driver(None))
}

fn assert_told(gate: Gate, admin: &str, driver: &str) {
    let (to_admin, to_driver) = told(gate);
    assert_eq!(to_admin, admin);
    assert_eq!(to_driver, driver);
}

#[test]
fn a_silent_car_is_told_with_its_age() {
    assert_told(
        Gate::Silent {
            age_s: 95,
            limit_s: 60,
        },
        "The last position was 95 s old; after 60 s a car counts as offline.",
        "We had not heard from your phone for 2 minutes. Please check its connection.",
    );
}

#[test]
fn a_driver_with_a_trip_is_told() {
    assert_told(
        Gate::Driving,
        "The driver had a trip that was not about to end.",
        "You had a trip at that time.",
    );
}

#[test]
fn a_driver_with_an_offer_is_told() {
    assert_told(
        Gate::HasOffer,
        "The driver had another offer to answer.",
        "You had another offer to answer at that time.",
    );
}

#[test]
fn a_driver_who_finishes_late_is_told_with_the_time() {
    assert_told(
        Gate::FinishesLate {
            free_in_s: 300,
            limit_s: 240,
        },
        "The driver's trip was to end in 300 s; only those that end within 240 s count.",
        "Your trip was to last another 5 minutes, and the rider could not wait so long.",
    );
}

#[test]
fn another_class_is_told_by_name() {
    assert_told(
        Gate::OtherClass {
            has: VehicleClass::Standard,
            wanted: VehicleClass::Xl,
        },
        "The driver drives standard; xl was asked for.",
        "This trip was for another class of vehicle than yours.",
    );
}

#[test]
fn missing_seats_are_counted() {
    assert_told(
        Gate::TooFewSeats { has: 1, needed: 6 },
        "The vehicle has 1 seat; 6 are needed.",
        "This trip needed more seats than your vehicle has.",
    );
}

#[test]
fn a_load_is_told_in_kilograms() {
    assert_told(
        Gate::TooSmallLoad {
            has_kg: 400,
            needed_kg: 900,
        },
        "The vehicle takes 400 kg; 900 kg are needed.",
        "This trip's load was more than your vehicle takes.",
    );
}

#[test]
fn what_a_rider_needs_is_told_to_admins_only() {
    let names = [
        "a ramp or lift for wheelchairs",
        "room for a folded wheelchair",
        "a child seat",
        "permission for animals",
    ];
    for (feature, name) in VehicleFeature::ALL.into_iter().zip(names) {
        assert_told(
            Gate::MissingFeature { feature },
            &format!("The vehicle lacks {name}, which is needed."),
            "This trip needed something that your vehicle does not have.",
        );
    }
}

#[test]
fn a_driver_who_did_not_take_it_is_told() {
    assert_told(
        Gate::AskedBefore,
        "The driver was asked for this trip before and did not take it.",
        "You had been asked for this trip before.",
    );
}

#[test]
fn a_driver_who_gave_it_back_is_told() {
    assert_told(
        Gate::GaveBack,
        "The driver took this trip before and gave it back.",
        "You had this trip before and gave it back.",
    );
}

#[test]
fn an_own_trip_is_told() {
    assert_told(
        Gate::OwnTrip,
        "It is the driver's own trip as a rider.",
        "You booked this trip yourself.",
    );
}

#[test]
fn who_does_not_want_to_meet_whom_is_not_told_to_the_driver() {
    assert_told(
        Gate::Blocked,
        "The rider or the driver does not want to meet the other again.",
        "This trip was offered to other drivers.",
    );
}

#[test]
fn a_driver_on_the_way_home_is_told_how_far_it_was() {
    assert_told(
        Gate::NotOnTheWayHome {
            before_m: 10_000,
            after_m: 9_040,
        },
        "The driver was going home, 10.0 km away; after this trip it would have been 9.0 km.",
        "You were on your way home, and this trip did not lead there.",
    );
}

#[test]
fn a_driver_in_another_queue_is_told() {
    assert_told(
        Gate::WaitsInQueue,
        "The driver waited in the queue of a zone, and the pickup is not in it.",
        "You were waiting in a zone's queue, and this trip began elsewhere.",
    );
}

#[test]
fn a_car_out_of_reach_is_told_with_the_distance() {
    assert_told(
        Gate::OutOfReach {
            straight_m: 8_130,
            radius_m: 5_500,
        },
        "The car was 8.1 km away in a straight line; the search reached 5.5 km.",
        "You were about 8 km away, farther than we were searching.",
    );
}

#[test]
fn nearer_cars_are_counted() {
    assert_told(
        Gate::EnoughNearer { nearer: 30 },
        "The search took 30 suitable cars that were nearer.",
        "Enough other drivers were nearer.",
    );
}

#[test]
fn a_missing_road_is_told() {
    assert_told(
        Gate::NoRoad,
        "No road led from the car to the pickup.",
        "We found no road from where you were to the rider.",
    );
}

#[test]
fn a_car_too_far_by_road_is_told_with_the_distance() {
    assert_told(
        Gate::TooFarByRoad {
            road_m: 6_400,
            radius_m: 5_500,
        },
        "The car was 6.4 km away by road; the search reached 5.5 km.",
        "You were about 6 km away, farther than we were searching.",
    );
}

#[test]
fn a_queue_is_told_with_the_place_in_it() {
    assert_told(
        Gate::BehindInQueue { before: 1 },
        "In the queue of the zone 1 driver came before this one.",
        "In the queue of the zone 1 driver came before you.",
    );
    let (_, driver) = told(Gate::BehindInQueue { before: 3 });
    assert_eq!(
        driver,
        "In the queue of the zone 3 drivers came before you."
    );
}

#[test]
fn lengths_that_kilometres_do_not_tell_apart_are_told_in_metres() {
    let (admin, _) = told(Gate::TooFarByRoad {
        road_m: 5_012,
        radius_m: 5_000,
    });
    assert_eq!(
        admin,
        "The car was 5012 m away by road; the search reached 5000 m."
    );
}

#[test]
fn short_lengths_are_rough_for_drivers() {
    for (metres, told) in [(0, "100 m"), (240, "200 m"), (949, "900 m"), (950, "1 km")] {
        assert_eq!(rough_length(metres), told);
    }
}

#[test]
fn the_largest_numbers_are_told() {
    let (admin, driver) = told(Gate::OutOfReach {
        straight_m: u32::MAX,
        radius_m: u32::MAX,
    });
    assert!(admin.contains("4294967.3 km"), "{admin}");
    assert!(driver.contains("4294967 km"), "{driver}");
    let (_, driver) = told(Gate::Silent {
        age_s: u32::MAX,
        limit_s: 0,
    });
    assert!(driver.contains("71582788 minutes"), "{driver}");
    let worst = Cost {
        way_ms: i64::MIN,
        finishing_ms: i64::MIN,
        ..Cost::default()
    };
    let lost = Verdict::Lost {
        cost: worst,
        asked_for: None,
    };
    assert!(lost.explain(Some(&worst)).contains("-9223372036854775.8 s"));
    assert!(lost.tell_driver(Some(&worst)).contains("about as near"));
}

const COST: Cost = Cost {
    way_ms: 300_000,
    finishing_ms: 0,
    idle_ms: -12_340,
    rating_ms: 2_000,
    cancel_ms: 0,
    way_m: 3_200,
};

const LOST: Verdict = Verdict::Lost {
    cost: COST,
    asked_for: None,
};

#[test]
fn whoever_was_asked_is_told_the_cost() {
    let asked = Verdict::Asked { cost: COST };
    assert_eq!(
        asked.explain(None),
        "The driver was asked, at 289.6 s (way 300.0 s for 3.2 km, time without a trip -12.3 s, \
         rating 2.0 s)."
    );
    assert_eq!(asked.tell_driver(None), "You were asked for this trip.");
}

#[test]
fn whoever_lost_is_told_against_whom_in_numbers_only() {
    let best = Cost {
        way_ms: 120_000,
        way_m: 950,
        ..Cost::default()
    };
    assert_eq!(
        LOST.explain(Some(&best)),
        "It would have been 289.6 s (way 300.0 s for 3.2 km, time without a trip -12.3 s, rating \
         2.0 s); asking somebody else cost 120.0 s (way 120.0 s for 950 m)."
    );
    assert_eq!(
        LOST.tell_driver(Some(&best)),
        "Another driver was 3 minutes nearer."
    );
}

#[test]
fn a_driver_who_is_free_sooner_could_be_there_sooner() {
    let best = Cost {
        way_ms: 290_000,
        ..Cost::default()
    };
    let later = Verdict::Lost {
        cost: Cost {
            finishing_ms: 60_000,
            ..COST
        },
        asked_for: None,
    };
    assert_eq!(
        later.tell_driver(Some(&best)),
        "Another driver could be there 70 seconds sooner."
    );
}

#[test]
fn a_driver_who_was_as_near_is_told_what_else_counts() {
    let best = Cost {
        way_ms: 310_000,
        idle_ms: -36_000,
        ..Cost::default()
    };
    assert!(LOST.tell_driver(Some(&best)).contains("about as near"));
}

#[test]
fn whoever_was_asked_for_another_trip_is_told() {
    let trip = TripId::from_uuid(Uuid::from_u128(7));
    let verdict = Verdict::Lost {
        cost: COST,
        asked_for: Some(trip),
    };
    assert!(verdict.explain(None).contains(&trip.to_string()));
    assert_eq!(
        verdict.tell_driver(None),
        "You were asked for another trip at that time."
    );
}

#[test]
fn it_is_told_if_nobody_was_asked() {
    assert!(
        LOST.explain(None)
            .ends_with("nobody was asked in this round.")
    );
    assert_eq!(
        LOST.tell_driver(None),
        "Nobody was asked for this trip at that time."
    );
}

#[test]
fn the_best_of_those_who_were_asked_is_found() {
    let asked = |number: u128, way_ms: i64| Considered {
        driver: DriverId::from_uuid(Uuid::from_u128(number)),
        verdict: Verdict::Asked {
            cost: Cost { way_ms, ..COST },
        },
    };
    let lost = Considered {
        driver: DriverId::from_uuid(Uuid::from_u128(9)),
        verdict: LOST,
    };
    let considered = [asked(1, 400_000), lost, asked(2, 350_000)];
    let (best, cost) = Considered::best_asked(&considered).unwrap();
    assert_eq!(best.driver, considered[2].driver);
    assert_eq!(cost.way_ms, 350_000);
    assert!(Considered::best_asked(&[lost]).is_none());
}
