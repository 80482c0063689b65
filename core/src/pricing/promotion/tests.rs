//! Codes, every refusal at its limit, and rules that cannot be.

use super::*;

type Change = fn(&mut PromotionUse);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn spec() -> PromotionSpec {
    PromotionSpec {
        code: "welcome-10".parse().unwrap(),
        promo: Promo::Percent {
            bps: 1000,
            cap_minor: 300,
        },
        valid_from: at("2026-11-01T00:00:00Z"),
        valid_until: at("2026-12-01T00:00:00Z"),
        vehicle_classes: vec![VehicleClass::Standard],
        first_trips: Some(3),
        uses_max: Some(1000),
        uses_per_rider_max: 2,
        minimum_minor: 800,
    }
}

/// Just within every limit.
fn wanted() -> PromotionUse {
    PromotionUse {
        now: at("2026-11-30T23:59:59.999Z"),
        vehicle_class: VehicleClass::Standard,
        completed_trips: 2,
        uses: 999,
        uses_by_rider: 1,
        before_fees_minor: 800,
    }
}

#[test]
fn a_promotion_is_refused_beyond_each_limit_by_its_name() {
    use PromotionRefusal as Refusal;
    let promotion = Promotion::new(spec()).unwrap();
    assert_eq!(promotion.redeem(&wanted()), Ok(spec().promo));
    let begun = PromotionUse {
        now: spec().valid_from,
        ..wanted()
    };
    assert_eq!(promotion.redeem(&begun), Ok(spec().promo));
    // From the last rule to the first, so that the order shows.
    let cases: [(Refusal, Change); 7] = [
        (Refusal::BelowMinimum, |u| u.before_fees_minor = 799),
        (Refusal::UsedByRider, |u| u.uses_by_rider = 2),
        (Refusal::UsedUp, |u| u.uses = 1000),
        (Refusal::NotNew, |u| u.completed_trips = 3),
        (Refusal::WrongClass, |u| u.vehicle_class = VehicleClass::Xl),
        (Refusal::Over, |u| u.now = at("2026-12-01T00:00:00Z")),
        (Refusal::NotYet, |u| u.now = at("2026-10-31T23:59:59.999Z")),
    ];
    let mut breaks_more_and_more = wanted();
    for (refusal, change) in cases {
        let mut breaks_one = wanted();
        change(&mut breaks_one);
        assert_eq!(promotion.redeem(&breaks_one), Err(refusal));
        change(&mut breaks_more_and_more);
        assert_eq!(promotion.redeem(&breaks_more_and_more), Err(refusal));
    }
}

#[test]
fn without_limits_everybody_can_use_it() {
    let promotion = Promotion::new(PromotionSpec {
        vehicle_classes: vec![],
        first_trips: None,
        uses_max: None,
        minimum_minor: 0,
        ..spec()
    });
    let anybody = PromotionUse {
        vehicle_class: VehicleClass::Xl,
        completed_trips: u32::MAX,
        uses: u32::MAX,
        before_fees_minor: 0,
        ..wanted()
    };
    assert_eq!(promotion.unwrap().redeem(&anybody), Ok(spec().promo));
}

#[test]
fn every_rule_that_cannot_be_is_named() {
    let fields = |spec: PromotionSpec| {
        let problems = Promotion::new(spec).unwrap_err();
        problems.into_iter().map(|p| p.field).collect::<Vec<_>>()
    };
    let nothing_right = PromotionSpec {
        promo: Promo::Percent {
            bps: 10_001,
            cap_minor: 0,
        },
        valid_until: spec().valid_from,
        vehicle_classes: vec![VehicleClass::Xl, VehicleClass::Xl],
        first_trips: Some(0),
        uses_max: Some(0),
        uses_per_rider_max: 0,
        minimum_minor: -1,
        ..spec()
    };
    assert_eq!(
        fields(nothing_right),
        [
            "promo.bps",
            "promo.cap_minor",
            "valid_until",
            "vehicle_classes[1]",
            "first_trips",
            "uses_max",
            "uses_per_rider_max",
            "minimum_minor",
        ]
    );
    let nothing_off = PromotionSpec {
        promo: Promo::Fixed { amount_minor: 0 },
        ..spec()
    };
    assert_eq!(fields(nothing_off), ["promo.amount_minor"]);
}

#[test]
fn a_code_is_taken_in_small_letters_and_kept_in_capitals() {
    for text in ["welcome-10", "Welcome-10", "WELCOME-10"] {
        let code: PromoCode = text.parse().unwrap();
        assert_eq!(code.as_str(), "WELCOME-10");
        assert_eq!(serde_json::to_value(&code).unwrap(), "WELCOME-10");
    }
    let longest = "A".repeat(24);
    assert_eq!(longest.parse::<PromoCode>().unwrap().to_string(), longest);
    let too_long = "A".repeat(25);
    for text in [
        "",
        "AB",
        too_long.as_str(),
        "A B",
        "ÄPFEL",
        "A_B",
        "ab\u{131}",
    ] {
        assert_eq!(text.parse::<PromoCode>(), Err(PromoCodeError), "{text}");
    }
    assert!(serde_json::from_str::<PromoCode>("\"A B\"").is_err());
}

#[test]
fn a_promotion_is_written_as_json_and_unknown_fields_are_refused() {
    let json = serde_json::json!({
        "code": "WELCOME-10",
        "promo": {"kind": "percent", "bps": 1000, "cap_minor": 300},
        "valid_from": "2026-11-01T00:00:00Z",
        "valid_until": "2026-12-01T00:00:00Z",
        "vehicle_classes": ["standard"],
        "first_trips": 3,
        "uses_max": 1000,
        "uses_per_rider_max": 2,
        "minimum_minor": 800,
    });
    assert_eq!(serde_json::to_value(spec()).unwrap(), json);
    let mut unknown = json;
    unknown["minimum"] = 800.into();
    assert!(serde_json::from_value::<PromotionSpec>(unknown).is_err());
}
