//! What a track proves, by what a trip is priced, and whose facts count.

use proptest::prelude::*;

use super::*;
use crate::pricing::arbitrary::{any_number, facts, not_negative, tariff, usual, usual_facts};
use crate::pricing::{Promo, TariffSpec};
use crate::track::Gaps;

type Change<T> = fn(&mut T);

fn demo() -> Tariff {
    let spec = include_str!("../../../../docs/examples/tariff.json");
    Tariff::new(serde_json::from_str::<TariffSpec>(spec).unwrap()).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const fn ride(distance_m: i64, duration_s: i64) -> RideLength {
    RideLength {
        distance_m,
        duration_s,
    }
}

/// Quoted in the evening for a ride that is driven at night.
fn quoted() -> Facts {
    Facts {
        wait_s: 0,
        zones: vec!["airport".into()],
        surge_bps: 12_500,
        promo: Some(Promo::Fixed { amount_minor: 100 }),
        weight_kg: 25,
        loading_s: 60,
        ..Facts::ride(7345, 912, "2026-11-20T21:50:00+01:00".parse().unwrap())
    }
}

fn driven() -> Driven {
    Driven {
        ride: Some(ride(7400, 1300)),
        replanned: None,
        started_at: "2026-11-20T22:10:00+01:00".parse().unwrap(),
        wait_s: 240,
        waypoints: vec![WaypointFacts { wait_s: 120 }],
        tolls: vec!["a8_la_turbie".into()],
        zones: vec![],
        loading_s: 900,
        unloading_s: 30,
        tip_minor: 200,
    }
}

#[test]
fn the_price_is_the_quotes_unless_a_stop_changed_or_the_way_differs_too_much() {
    let plan = Some(ride(9000, 1200));
    // (proven ride, plan of the changed stops) → basis, distance
    let cases = [
        (Some(ride(7345, 0)), None, Basis::Quote, 7345),
        (Some(ride(8545, 0)), None, Basis::Quote, 7345), // 1200 m more
        (Some(ride(6145, 0)), None, Basis::Quote, 7345), // 1200 m less
        (
            Some(ride(8546, 0)),
            None,
            Basis::DrivenDistanceDiffers,
            8546,
        ),
        (
            Some(ride(6144, 0)),
            None,
            Basis::DrivenDistanceDiffers,
            6144,
        ),
        (Some(ride(0, 0)), None, Basis::DrivenDistanceDiffers, 0),
        (
            Some(ride(i64::MAX, 0)),
            None,
            Basis::DrivenDistanceDiffers,
            i64::MAX,
        ),
        (None, None, Basis::Quote, 7345),
        (Some(ride(7345, 0)), plan, Basis::DrivenStopsChanged, 7345),
        (None, plan, Basis::Replanned, 9000),
    ];
    let mut spec = demo().spec().clone();
    spec.distance_tiers[1].per_km_minor = 1; // so that the longest way fits
    let tariff = Tariff::new(spec).unwrap();
    for (ride, replanned, basis, distance_m) in cases {
        let driven = Driven {
            ride,
            replanned,
            ..driven()
        };
        let settlement = settle(&tariff, &quoted(), &driven).unwrap();
        assert_eq!(settlement.basis, basis, "{ride:?} {replanned:?}");
        assert_eq!(settlement.facts.distance_m, distance_m, "{basis:?}");
    }
}

#[test]
fn under_the_quote_the_waiting_is_driven_and_the_night_is_not() {
    let settlement = settle(&demo(), &quoted(), &driven()).unwrap();
    assert_eq!(
        settlement.facts,
        Facts {
            distance_m: 7345,
            duration_s: 912,
            wait_s: 240,
            waypoints: vec![WaypointFacts { wait_s: 120 }],
            started_at: quoted().started_at,
            tolls: vec!["a8_la_turbie".into()],
            zones: vec!["airport".into()],
            surge_bps: 12_500,
            promo: quoted().promo,
            weight_kg: 25,
            loading_s: 900,
            unloading_s: 30,
            tip_minor: 200,
        }
    );
    assert_eq!(compute(&demo(), &settlement.facts), Ok(settlement.fare));
}

#[test]
fn by_what_was_driven_the_night_and_the_zones_are_driven_too() {
    let long = Driven {
        ride: Some(ride(12_000, 1300)),
        ..driven()
    };
    let settlement = settle(&demo(), &quoted(), &long).unwrap();
    assert_eq!(settlement.basis, Basis::DrivenDistanceDiffers);
    assert_eq!(
        settlement.facts,
        Facts {
            distance_m: 12_000,
            duration_s: 1300,
            wait_s: 240,
            waypoints: vec![WaypointFacts { wait_s: 120 }],
            started_at: long.started_at,
            tolls: vec!["a8_la_turbie".into()],
            zones: vec![],
            loading_s: 900,
            unloading_s: 30,
            tip_minor: 200,
            ..quoted()
        }
    );
    assert_eq!(compute(&demo(), &settlement.facts), Ok(settlement.fare));
}

#[test]
fn what_is_below_zero_is_refused_even_if_the_price_does_not_come_from_it() {
    let cases: [(&str, Change<Driven>); 9] = [
        ("ride.distance_m", |d| d.ride = Some(ride(-1, 1))),
        ("ride.duration_s", |d| d.ride = Some(ride(7345, -1))),
        ("replanned.distance_m", |d| d.replanned = Some(ride(-1, 1))),
        ("replanned.duration_s", |d| d.replanned = Some(ride(1, -1))),
        ("wait_s", |d| d.wait_s = i64::MIN),
        ("loading_s", |d| d.loading_s = -1),
        ("unloading_s", |d| d.unloading_s = -1),
        ("tip_minor", |d| d.tip_minor = -1),
        ("waypoints[0].wait_s", |d| d.waypoints[0].wait_s = -1),
    ];
    for (field, change) in cases {
        let mut broken = driven();
        change(&mut broken);
        let field = field.to_owned();
        let refused = settle(&demo(), &quoted(), &broken);
        assert_eq!(refused, Err(FareError::Negative { field }));
    }
    let moon = Driven {
        tolls: vec!["moon".into()],
        ..driven()
    };
    assert_eq!(
        settle(&demo(), &quoted(), &moon),
        Err(FareError::UnknownToll("moon".into()))
    );
}

/// A track of a ride from 10:00:00 to 10:20:00.5 that proves it.
fn reading() -> Reading {
    Reading {
        distance_mm: 5_000_999,
        points: 100,
        inaccurate: 30,
        too_fast: 20,
        first_at: Some(at("2026-11-20T09:58:00Z")),
        last_at: Some(at("2026-11-20T10:30:00Z")),
        first_used_at: Some(at("2026-11-20T10:01:00Z")),
        last_used_at: Some(at("2026-11-20T10:19:00.5Z")),
        gaps: Gaps {
            count: 3,
            by_road_mm: 4_000_000,
            straight_mm: 1_000_199,
        },
    }
}

fn proven(reading: &Reading) -> Option<RideLength> {
    let (started_at, completed_at) = (at("2026-11-20T10:00:00Z"), at("2026-11-20T10:20:00.5Z"));
    proven_ride(reading, started_at, completed_at)
}

#[test]
fn a_track_proves_the_ride_up_to_each_limit() {
    assert_eq!(proven(&reading()), Some(ride(5000, 1200)));
}

#[test]
fn a_track_beyond_a_limit_proves_nothing() {
    let cases: [(&str, Change<Reading>); 9] = [
        ("no point", |r| {
            *r = Reading {
                points: 0,
                inaccurate: 0,
                too_fast: 0,
                first_used_at: None,
                last_used_at: None,
                ..*r
            }
        }),
        ("one point", |r| {
            (r.points, r.inaccurate, r.too_fast) = (1, 0, 0);
        }),
        ("begins late", |r| {
            r.first_used_at = Some(at("2026-11-20T10:01:00.001Z"));
        }),
        ("begins long before", |r| {
            r.first_used_at = Some(at("2026-11-20T09:58:59.999Z"));
        }),
        ("ends early", |r| {
            r.last_used_at = Some(at("2026-11-20T10:19:00.499Z"));
        }),
        ("ends long after", |r| {
            r.last_used_at = Some(at("2026-11-20T10:21:00.501Z"));
        }),
        ("more than half inaccurate", |r| r.inaccurate = 31),
        ("more than half too fast", |r| r.too_fast = 31),
        ("more left out than there are", |r| r.inaccurate = u32::MAX),
    ];
    for (why, change) in cases {
        let mut reading = reading();
        change(&mut reading);
        assert_eq!(proven(&reading), None, "{why}");
    }
}

#[test]
fn a_way_that_was_bridged_in_straight_lines_is_driven_like_any_other() {
    let reading = Reading {
        gaps: Gaps {
            count: 2,
            by_road_mm: 0,
            straight_mm: 5_000_999,
        },
        ..reading()
    };
    assert_eq!(proven(&reading), Some(ride(5000, 1200)));
}

#[test]
fn a_ride_that_ends_before_it_starts_is_none() {
    let moment = at("2026-11-20T10:00:30Z");
    let reading = Reading {
        first_used_at: Some(moment),
        last_used_at: Some(moment),
        ..reading()
    };
    let later = at("2026-11-20T10:00:31Z");
    assert_eq!(proven_ride(&reading, later, moment), None);
    assert_eq!(proven_ride(&reading, moment, moment), Some(ride(5000, 0)));
}

fn driven_by(number: &BoxedStrategy<i64>) -> impl Strategy<Value = Driven> + use<> {
    let length = || {
        let length = (number.clone(), number.clone());
        proptest::option::of(length.prop_map(|(m, s)| ride(m, s)))
    };
    (length(), length(), facts(number)).prop_map(|(ride, replanned, facts)| Driven {
        ride,
        replanned,
        started_at: facts.started_at,
        wait_s: facts.wait_s,
        waypoints: facts.waypoints,
        tolls: facts.tolls,
        zones: facts.zones,
        loading_s: facts.loading_s,
        unloading_s: facts.unloading_s,
        tip_minor: facts.tip_minor,
    })
}

proptest! {
    #[test]
    fn an_unproven_ride_with_the_same_stops_costs_what_was_promised(
        tariff in tariff(&usual()),
        quoted in usual_facts(),
        started_at in crate::pricing::arbitrary::local_moment(),
    ) {
        let promised = compute(&tariff, &quoted).unwrap();
        let driven = Driven {
            ride: None,
            replanned: None,
            started_at,
            wait_s: quoted.wait_s,
            waypoints: quoted.waypoints.clone(),
            tolls: quoted.tolls.clone(),
            zones: vec![],
            loading_s: quoted.loading_s,
            unloading_s: quoted.unloading_s,
            tip_minor: quoted.tip_minor,
        };
        let settlement = settle(&tariff, &quoted, &driven).unwrap();
        prop_assert_eq!(settlement, Settlement { basis: Basis::Quote, facts: quoted, fare: promised });
    }

    #[test]
    fn any_numbers_at_all_are_settled_or_refused(
        tariff in tariff(&not_negative()),
        quoted in facts(&any_number()),
        driven in driven_by(&any_number()),
    ) {
        if let Ok(settlement) = settle(&tariff, &quoted, &driven) {
            prop_assert_eq!(settlement.facts.surge_bps, quoted.surge_bps);
            prop_assert_eq!(settlement.facts.wait_s, driven.wait_s);
        }
    }
}
