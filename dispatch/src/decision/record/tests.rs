use proptest::prelude::*;
use wayfare_core::id::TripId;
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

use super::*;
use crate::decision::{Cost, Verdict};
use crate::gate::Gate;

fn any_class() -> impl Strategy<Value = VehicleClass> {
    proptest::sample::select(VehicleClass::ALL.to_vec())
}

fn any_gate() -> impl Strategy<Value = Gate> {
    let two = || any::<(u32, u32)>();
    prop_oneof![
        two().prop_map(|(age_s, limit_s)| Gate::Silent { age_s, limit_s }),
        Just(Gate::Driving),
        Just(Gate::HasOffer),
        two().prop_map(|(free_in_s, limit_s)| Gate::FinishesLate { free_in_s, limit_s }),
        (any_class(), any_class()).prop_map(|(has, wanted)| Gate::OtherClass { has, wanted }),
        any::<(u8, u8)>().prop_map(|(has, needed)| Gate::TooFewSeats { has, needed }),
        two().prop_map(|(has_kg, needed_kg)| Gate::TooSmallLoad { has_kg, needed_kg }),
        proptest::sample::select(VehicleFeature::ALL.to_vec())
            .prop_map(|feature| Gate::MissingFeature { feature }),
        Just(Gate::AskedBefore),
        Just(Gate::GaveBack),
        Just(Gate::OwnTrip),
        Just(Gate::Blocked),
        two().prop_map(|(before_m, after_m)| Gate::NotOnTheWayHome { before_m, after_m }),
        Just(Gate::WaitsInQueue),
        two().prop_map(|(straight_m, radius_m)| Gate::OutOfReach {
            straight_m,
            radius_m
        }),
        any::<u32>().prop_map(|nearer| Gate::EnoughNearer { nearer }),
        Just(Gate::NoRoad),
        two().prop_map(|(road_m, radius_m)| Gate::TooFarByRoad { road_m, radius_m }),
        any::<u32>().prop_map(|before| Gate::BehindInQueue { before }),
    ]
}

fn any_cost() -> impl Strategy<Value = Cost> {
    let any = any::<([i64; 5], u32)>();
    any.prop_map(
        |([way_ms, finishing_ms, idle_ms, rating_ms, cancel_ms], way_m)| Cost {
            way_ms,
            finishing_ms,
            idle_ms,
            rating_ms,
            cancel_ms,
            way_m,
        },
    )
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    let trip = proptest::option::of(any::<u128>());
    prop_oneof![
        3 => any_gate().prop_map(Verdict::Dropped),
        1 => any_cost().prop_map(|cost| Verdict::Asked { cost }),
        1 => (any_cost(), trip).prop_map(|(cost, trip)| Verdict::Lost {
            cost,
            asked_for: trip.map(|trip| TripId::from_uuid(Uuid::from_u128(trip))),
        }),
    ]
}

fn any_considered(most: usize) -> impl Strategy<Value = Vec<Considered>> {
    let one = (any::<u128>(), any_verdict()).prop_map(|(driver, verdict)| Considered {
        driver: DriverId::from_uuid(Uuid::from_u128(driver)),
        verdict,
    });
    proptest::collection::vec(one, 0..=most)
}

/// An id as spread as a real one.
fn uuid(number: u32) -> Uuid {
    Uuid::from_u128(u128::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// What a round in a busy city remembers of a request.
fn typical(cars: u32) -> Vec<Considered> {
    let one = |number: u32| {
        let cost = Cost {
            way_ms: 60_000 + i64::from(number) * 7_919,
            finishing_ms: i64::from(number % 3) * 40_000,
            idle_ms: -i64::from(number) * 613 % 36_000,
            rating_ms: i64::from(number * 37 % 5_000),
            cancel_ms: i64::from(number * 101 % 6_000),
            way_m: 500 + number * 73,
        };
        let verdict = match number % 10 {
            0 => Verdict::Lost {
                cost,
                asked_for: None,
            },
            1 => Verdict::Lost {
                cost,
                asked_for: Some(TripId::from_uuid(uuid(number + 1_000))),
            },
            2 => Verdict::Dropped(Gate::EnoughNearer { nearer: 30 }),
            3 => Verdict::Dropped(Gate::TooFarByRoad {
                road_m: 5_000 + number,
                radius_m: 5_000,
            }),
            _ => Verdict::Dropped(Gate::Driving),
        };
        Considered {
            driver: DriverId::from_uuid(uuid(number)),
            verdict,
        }
    };
    (0..cars).map(one).collect()
}

#[test]
fn a_typical_record_takes_few_bytes_per_car() {
    for cars in [1, 30, 200] {
        let bytes = to_bytes(&typical(cars));
        let most = 3 + cars as usize * 28;
        assert!(bytes.len() <= most, "{cars} cars: {} bytes", bytes.len());
    }
}

#[test]
fn equal_verdicts_are_deflated() {
    let mut considered = typical(200);
    for one in &mut considered {
        one.verdict = Verdict::Dropped(Gate::EnoughNearer { nearer: 30 });
    }
    let bytes = to_bytes(&considered);
    assert_eq!(bytes[0], DEFLATED);
    assert!(bytes.len() < 200 * 16 + 40, "{} bytes", bytes.len());
    assert_eq!(from_bytes(&bytes), Ok(considered));
}

#[test]
fn no_more_is_kept_than_a_decision_remembers() {
    let considered = typical(400);
    let kept = from_bytes(&to_bytes(&considered)).unwrap();
    assert_eq!(kept, considered[..Decision::CONSIDERED_MAX]);
}

#[test]
fn a_newer_format_is_named() {
    assert_eq!(from_bytes(&[7, 0]), Err(DecisionError::Format(7)));
}

#[test]
fn a_record_of_too_many_cars_is_refused() {
    // 2^28 - 1 of them.
    let bytes = [PLAIN, 0xff, 0xff, 0xff, 0x7f];
    assert_eq!(
        from_bytes(&bytes),
        Err(DecisionError::Damaged("it names too many cars"))
    );
}

#[test]
fn a_record_that_inflates_without_end_is_refused() {
    let mut bytes = vec![DEFLATED, 1];
    bytes.extend([0; 16]);
    bytes.extend(deflated(&vec![tag::DRIVING; 1_000_000]).unwrap());
    assert_eq!(
        from_bytes(&bytes),
        Err(DecisionError::Damaged("its verdicts are too long"))
    );
}

#[test]
fn a_number_of_more_than_64_bits_is_refused() {
    for last in [0x02, 0x80] {
        let mut bytes = vec![PLAIN, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        bytes.push(last);
        assert_eq!(
            from_bytes(&bytes),
            Err(DecisionError::Damaged("a number is too large"))
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_record_says_what_was_written(considered in any_considered(60)) {
        prop_assert_eq!(from_bytes(&to_bytes(&considered)), Ok(considered));
    }

    #[test]
    fn a_record_that_ends_early_or_goes_on_is_refused(considered in any_considered(8)) {
        let mut bytes = to_bytes(&considered);
        for end in 0..bytes.len() {
            prop_assert!(from_bytes(&bytes[..end]).is_err(), "first {} bytes", end);
        }
        bytes.push(0);
        prop_assert!(from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_flipped_byte_is_no_reason_to_stop(considered in any_considered(8), flip in 1..=255_u8) {
        let bytes = to_bytes(&considered);
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= flip;
            if let Ok(read) = from_bytes(&damaged) {
                prop_assert!(read.len() <= Decision::CONSIDERED_MAX);
            }
        }
    }

    #[test]
    fn any_bytes_have_an_answer(
        format in 1..=2_u8,
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut record = vec![format];
        record.extend(bytes);
        if let Ok(read) = from_bytes(&record) {
            prop_assert!(read.len() <= 12);
        }
    }
}
