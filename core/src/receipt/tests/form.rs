//! The exact text of version 1. Receipts are kept for years: these texts may only change together
//! with [`VERSION`].

use super::*;
use crate::trip::Party;

const HEAD: &str = concat!(
    r#"{"v":1,"trip":"trip_000000000000000000000000000000c1","#,
    r#""quote":"quote_000000000000000000000000000000a1","#,
    r#""rider":"rider_000000000000000000000000000000b1","#,
    r#""driver":"driver_000000000000000000000000000000d1","vehicle_class":"standard","#,
    r#""tariff":{"id":"tariff_demo","version":3,"#,
    r#""digest":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},"#,
);

const TAIL: &str = concat!(
    r#","fare":{"currency":"EUR","lines":[{"kind":"base","amount_minor":250},"#,
    r#"{"kind":"tax","detail":"VAT","amount_minor":25}],"total_minor":275,"tip_minor":0,"#,
    r#""driver_share_minor":200},"issued_at":"2026-11-20T11:15:00Z"}"#,
);

/// A receipt of this charge; the numbers only show the form.
fn of(charge: Charged) -> Receipt {
    let mut tariff = TariffRef::of(&tariff());
    tariff.digest = "00112233445566778899aabbccddeeff"
        .repeat(2)
        .parse()
        .unwrap();
    Receipt {
        v: VERSION,
        trip: TripId::from_uuid(Uuid::from_u128(0xc1)),
        quote: QuoteId::from_uuid(Uuid::from_u128(0xa1)),
        rider: RiderId::from_uuid(Uuid::from_u128(0xb1)),
        driver: Some(DriverId::from_uuid(Uuid::from_u128(0xd1))),
        vehicle_class: VehicleClass::Standard,
        tariff,
        charge,
        fare: serde_json::from_str(
            r#"{"currency": "EUR", "total_minor": 275, "tip_minor": 0, "driver_share_minor": 200,
                "lines": [{"kind": "base", "amount_minor": 250},
                          {"kind": "tax", "detail": "VAT", "amount_minor": 25}]}"#,
        )
        .unwrap(),
        issued_at: at("2026-11-20T11:15:00Z"),
    }
}

fn assert_form(receipt: &Receipt, charge: &str) {
    let form = format!("{HEAD}\"charge\":{charge}{TAIL}");
    assert_eq!(serde_json::to_string(receipt).unwrap(), form);
    assert_eq!(serde_json::from_str::<Receipt>(&form).unwrap(), *receipt);
}

fn driven() -> Driven {
    Driven {
        ride: Some(RideLength {
            distance_m: 7300,
            duration_s: 730,
        }),
        replanned: None,
        started_at: "2026-11-20T12:00:00+01:00".parse().unwrap(),
        wait_s: 200,
        waypoints: vec![WaypointFacts { wait_s: 40 }],
        tolls: vec!["a8_la_turbie".to_owned()],
        zones: vec!["airport".to_owned()],
        loading_s: 0,
        unloading_s: 0,
        tip_minor: 150,
    }
}

fn proof() -> TrackProof {
    let digest = serde_json::to_value("ab".repeat(32)).unwrap();
    TrackProof {
        digest: serde_json::from_value(digest).unwrap(),
        reading: Reading {
            distance_mm: 7_300_250,
            points: 74,
            inaccurate: 2,
            too_fast: 1,
            first_at: Some(at("2026-11-20T11:00:00Z")),
            last_at: Some(at("2026-11-20T11:12:10Z")),
            first_used_at: Some(at("2026-11-20T11:00:00.500Z")),
            last_used_at: None,
            gaps: crate::track::Gaps {
                count: 1,
                by_road_mm: 700_000,
                straight_mm: 0,
            },
        },
    }
}

fn trip(track: Option<TrackProof>) -> Charged {
    let started_at = "2026-11-20T12:00:00+01:00".parse().unwrap();
    Charged::Trip {
        basis: Basis::DrivenDistanceDiffers,
        quoted: Facts::ride(5000, 700, started_at),
        driven: driven(),
        started_at: started_at.to_utc(),
        completed_at: at("2026-11-20T11:12:10Z"),
        track,
    }
}

const TRIP: &str = concat!(
    r#"{"kind":"trip","basis":"driven_distance_differs","#,
    r#""quoted":{"distance_m":5000,"duration_s":700,"wait_s":0,"waypoints":[],"#,
    r#""started_at":"2026-11-20T12:00:00+01:00","tolls":[],"zones":[],"surge_bps":10000,"#,
    r#""weight_kg":0,"loading_s":0,"unloading_s":0,"tip_minor":0},"#,
    r#""driven":{"ride":{"distance_m":7300,"duration_s":730},"replanned":null,"#,
    r#""started_at":"2026-11-20T12:00:00+01:00","wait_s":200,"waypoints":[{"wait_s":40}],"#,
    r#""tolls":["a8_la_turbie"],"zones":["airport"],"loading_s":0,"unloading_s":0,"#,
    r#""tip_minor":150},"#,
    r#""started_at":"2026-11-20T11:00:00Z","completed_at":"2026-11-20T11:12:10Z""#,
);

#[test]
fn a_trip_with_a_track_is_exactly_this() {
    const PROOF: &str = concat!(
        r#","track":{"digest":"#,
        r#""abababababababababababababababababababababababababababababababab","#,
        r#""reading":{"distance_mm":7300250,"points":74,"inaccurate":2,"too_fast":1,"#,
        r#""first_at":"2026-11-20T11:00:00Z","last_at":"2026-11-20T11:12:10Z","#,
        r#""first_used_at":"2026-11-20T11:00:00.500Z","last_used_at":null,"#,
        r#""gaps":{"count":1,"by_road_mm":700000,"straight_mm":0}}}}"#,
    );
    assert_form(&of(trip(Some(proof()))), &format!("{TRIP}{PROOF}"));
}

#[test]
fn a_trip_without_a_track_is_exactly_this() {
    assert_form(&of(trip(None)), &format!("{TRIP}}}"));
}

#[test]
fn a_cancellation_is_exactly_this() {
    let charge = Charged::Cancellation {
        facts: CancellationFacts {
            by: Party::Driver,
            no_show: true,
            assigned_at: Some(at("2026-11-20T11:00:00Z")),
            arrived_at: Some(at("2026-11-20T11:04:00Z")),
            pickup_at: None,
            cancelled_at: at("2026-11-20T11:09:00Z"),
        },
        rule: CancellationRule::NoShow,
    };
    assert_form(
        &of(charge),
        concat!(
            r#"{"kind":"cancellation","facts":{"by":"driver","no_show":true,"#,
            r#""assigned_at":"2026-11-20T11:00:00Z","arrived_at":"2026-11-20T11:04:00Z","#,
            r#""pickup_at":null,"cancelled_at":"2026-11-20T11:09:00Z"},"rule":"no_show"}"#,
        ),
    );
}

#[test]
fn a_newer_version_is_refused_as_such_whatever_else_it_says() {
    let mut content = serde_json::to_value(of(trip(None))).unwrap();
    content["v"] = 2.into();
    content["charge"] = "of another form".into();
    let jws = key(1).sign(Purpose::Receipt, &content).unwrap();
    assert!(matches!(
        read_receipt(&ring(), &jws),
        Err(ReceiptError::TooNew { found: 2 })
    ));
}

#[test]
fn unknown_and_missing_fields_are_refused_at_every_level() {
    let right = serde_json::to_value(of(trip(None))).unwrap();
    let forge = |change: fn(&mut Value)| {
        let mut content = right.clone();
        change(&mut content);
        content
    };
    for content in [
        forge(|receipt| receipt["discount"] = 1.into()),
        forge(|receipt| receipt["charge"]["discount"] = 1.into()),
        forge(|receipt| receipt["charge"]["driven"]["discount"] = 1.into()),
        forge(|receipt| receipt["tariff"]["discount"] = 1.into()),
        forge(|receipt| receipt["charge"]["kind"] = "gift".into()),
        forge(|receipt| receipt["v"] = 0.into()),
        forge(|receipt| drop(receipt.as_object_mut().unwrap().remove("fare"))),
    ] {
        let jws = key(1).sign(Purpose::Receipt, &content).unwrap();
        assert!(matches!(
            read_receipt(&ring(), &jws),
            Err(ReceiptError::Signature(SignatureError::Payload(_)))
        ));
    }
}
