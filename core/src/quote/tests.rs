//! What a promise holds to, its exact form, and every change of one byte.

use uuid::Uuid;

use super::*;
use crate::pricing::{LineKind, TariffSpec};
use crate::signing::KeyId;

const DEMO_TARIFF: &str = include_str!("../../../docs/examples/tariff.json");
const DEMO_FACTS: &str = include_str!("../../../docs/examples/facts.json");

fn spec() -> TariffSpec {
    serde_json::from_str(DEMO_TARIFF).unwrap()
}

fn tariff() -> Tariff {
    Tariff::new(spec()).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_seed(KeyId(1), &[1; 32])
}

fn ring() -> KeyRing {
    KeyRing::from_iter([key().public()])
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn promise() -> QuotePromise {
    let facts: Facts = serde_json::from_str(DEMO_FACTS).unwrap();
    QuotePromise {
        v: VERSION,
        quote: QuoteId::from_uuid(Uuid::from_u128(0xa1)),
        rider: RiderId::from_uuid(Uuid::from_u128(0xb1)),
        vehicle_class: VehicleClass::Standard,
        pickup: LatLng::from_e7(437_384_000, 74_246_000).unwrap(),
        waypoints: vec![LatLng::from_e7(437_300_000, 74_200_000).unwrap()],
        dropoff: LatLng::from_e7(436_584_000, 72_159_000).unwrap(),
        pickup_at: None,
        tariff: TariffRef::of(&tariff()),
        fare: compute(&tariff(), &facts).unwrap(),
        facts,
        issued_at: at("2026-11-20T10:55:00Z"),
        expires_at: at("2026-11-20T11:00:00Z"),
    }
}

#[test]
fn a_promise_is_signed_and_read_back() {
    let jws = sign_quote(&key(), &promise()).unwrap();
    let read = verify_quote(&ring(), &jws).unwrap();
    assert_eq!(read, promise());
    read.check_fare(&tariff()).unwrap();
}

/// Signed quotes lie on phones for years: this text may only change together with [`VERSION`].
#[test]
fn the_form_of_version_1_is_exactly_this() {
    const FORM: &str = concat!(
        r#"{"v":1,"quote":"quote_000000000000000000000000000000a1","#,
        r#""rider":"rider_000000000000000000000000000000b1","vehicle_class":"standard","#,
        r#""pickup":{"lat_e7":437384000,"lng_e7":74246000},"#,
        r#""waypoints":[{"lat_e7":437300000,"lng_e7":74200000}],"#,
        r#""dropoff":{"lat_e7":436584000,"lng_e7":72159000},"#,
        r#""pickup_at":"2026-11-21T05:30:00Z","#,
        r#""tariff":{"id":"tariff_demo","version":3,"#,
        r#""digest":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},"#,
        r#""facts":{"distance_m":7345,"duration_s":912,"wait_s":0,"waypoints":[{"wait_s":0}],"#,
        r#""started_at":"2026-11-20T12:00:00+01:00","tolls":["a8_la_turbie"],"#,
        r#""zones":["airport"],"surge_bps":12500,"#,
        r#""promo":{"kind":"fixed","amount_minor":200},"weight_kg":0,"loading_s":0,"#,
        r#""unloading_s":0,"tip_minor":0},"#,
        r#""fare":{"currency":"EUR","lines":[{"kind":"base","amount_minor":250},"#,
        r#"{"kind":"tax","detail":"VAT","amount_minor":25}],"total_minor":275,"tip_minor":0,"#,
        r#""driver_share_minor":200},"#,
        r#""issued_at":"2026-11-20T10:55:00Z","expires_at":"2026-11-20T11:00:00.250Z"}"#,
    );
    let mut promise = promise();
    promise.pickup_at = Some(at("2026-11-21T05:30:00Z"));
    promise.tariff.digest = "00112233445566778899aabbccddeeff"
        .repeat(2)
        .parse()
        .unwrap();
    promise.facts = serde_json::from_str(
        r#"{"distance_m": 7345, "duration_s": 912, "waypoints": [{"wait_s": 0}],
            "started_at": "2026-11-20T12:00:00+01:00", "tolls": ["a8_la_turbie"],
            "zones": ["airport"], "surge_bps": 12500,
            "promo": {"kind": "fixed", "amount_minor": 200}}"#,
    )
    .unwrap();
    promise.fare = serde_json::from_str(
        r#"{"currency": "EUR", "total_minor": 275, "tip_minor": 0, "driver_share_minor": 200,
            "lines": [{"kind": "base", "amount_minor": 250},
                      {"kind": "tax", "detail": "VAT", "amount_minor": 25}]}"#,
    )
    .unwrap();
    promise.expires_at = at("2026-11-20T11:00:00.250Z");
    assert_eq!(serde_json::to_string(&promise).unwrap(), FORM);
    assert_eq!(serde_json::from_str::<QuotePromise>(FORM).unwrap(), promise);
}

#[test]
fn a_quote_in_which_any_byte_was_changed_is_refused() {
    // A short one, because every byte costs a verification.
    let mut promise = promise();
    promise.fare.lines.clear();
    promise.waypoints.clear();
    let jws = sign_quote(&key(), &promise).unwrap();
    let right = jws.as_str().as_bytes();
    let ring = ring();
    let is_accepted = |bytes: Vec<u8>| {
        let jws = String::from_utf8(bytes)
            .ok()
            .and_then(|text| text.parse().ok());
        jws.is_some_and(|jws| verify_quote(&ring, &jws).is_ok())
    };
    assert!(is_accepted(right.to_vec()));
    // The low bit turns most letters of base64url into another one, so that most of these texts
    // get as far as the signature.
    for position in 0..right.len() {
        let mut changed = right.to_vec();
        changed[position] ^= 1;
        assert!(!is_accepted(changed), "byte {position}");
    }
    for position in (0..right.len()).step_by(16) {
        let (mut shorter, mut longer) = (right.to_vec(), right.to_vec());
        shorter.remove(position);
        longer.insert(position, b'A');
        assert!(!is_accepted(shorter), "without byte {position}");
        assert!(!is_accepted(longer), "with a byte before {position}");
    }
}

#[test]
fn a_promised_fare_that_the_tariff_does_not_give_is_found() {
    let mut promise = promise();
    promise.fare.lines[1].amount_minor -= 100;
    promise.fare.total_minor -= 100;
    match promise.check_fare(&tariff()) {
        Err(QuoteError::FareDiffers(FareDifference::Line { kind, .. })) => {
            assert_eq!(kind, LineKind::Distance);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_promise_is_checked_against_its_own_tariff_only() {
    let newer = TariffSpec {
        version: 4,
        ..spec()
    };
    // The same name and version, but not the rules that were promised.
    let altered = TariffSpec {
        per_waypoint_minor: 101,
        ..spec()
    };
    for other in [newer, altered] {
        let other = Tariff::new(other).unwrap();
        assert!(matches!(
            promise().check_fare(&other),
            Err(QuoteError::OtherTariff(_))
        ));
    }
    let xl = QuotePromise {
        vehicle_class: VehicleClass::Xl,
        ..promise()
    };
    assert!(matches!(
        xl.check_fare(&tariff()),
        Err(QuoteError::OtherVehicleClass { .. })
    ));
}

#[test]
fn facts_that_have_no_fare_are_an_error() {
    let mut promise = promise();
    promise.facts.tolls = vec!["unknown".to_owned()];
    assert!(matches!(
        promise.check_fare(&tariff()),
        Err(QuoteError::Fare(FareError::UnknownToll(_)))
    ));
}

#[test]
fn a_promise_expires_at_its_very_moment() {
    let promise = promise();
    assert!(!promise.is_expired(at("2026-11-20T10:59:59.999Z")));
    assert!(promise.is_expired(at("2026-11-20T11:00:00Z")));
}

#[test]
fn a_promise_of_a_newer_version_is_refused_as_such() {
    let mut content = serde_json::to_value(promise()).unwrap();
    content["v"] = 2.into();
    content["a_field_of_version_2"] = true.into();
    let jws = key().sign(Purpose::Quote, &content).unwrap();
    assert!(matches!(
        verify_quote(&ring(), &jws),
        Err(QuoteError::TooNew { found: 2 })
    ));
}

#[test]
fn a_promise_with_unknown_or_missing_fields_is_refused() {
    let right = serde_json::to_value(promise()).unwrap();
    let mut more = right.clone();
    more["discount"] = 1.into();
    let mut less = right.clone();
    less.as_object_mut().unwrap().remove("rider");
    let mut version_0 = right;
    version_0["v"] = 0.into();
    for content in [more, less, version_0] {
        let jws = key().sign(Purpose::Quote, &content).unwrap();
        assert!(matches!(
            verify_quote(&ring(), &jws),
            Err(QuoteError::Signature(SignatureError::Payload(_)))
        ));
    }
}

#[test]
fn a_receipt_is_no_quote() {
    let jws = key().sign(Purpose::Receipt, &promise()).unwrap();
    assert!(matches!(
        verify_quote(&ring(), &jws),
        Err(QuoteError::Signature(SignatureError::OtherPurpose { .. }))
    ));
}
