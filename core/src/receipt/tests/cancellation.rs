//! Receipts of trips that were called off.

use super::*;
use crate::pricing::cancellation_charge;
use crate::trip::Party;

fn tariff_with_fees() -> Tariff {
    let mut spec: Value = serde_json::from_str(DEMO_TARIFF).unwrap();
    spec["cancellation"] = serde_json::json!({
        "free_s": 120, "fee_minor": 400, "free_if_late_s": 900, "scheduled_free_s": 3600,
        "no_show_fee_minor": 600, "driver_share_bps": 5000,
    });
    Tariff::new(serde_json::from_value(spec).unwrap()).unwrap()
}

/// The rider calls it off five minutes after a driver took it.
fn late() -> CancellationFacts {
    CancellationFacts {
        by: Party::Rider,
        no_show: false,
        assigned_at: Some(at("2026-11-20T11:00:00Z")),
        arrived_at: None,
        pickup_at: None,
        cancelled_at: at("2026-11-20T11:05:00Z"),
    }
}

fn cancelled() -> Receipt {
    let tariff = tariff_with_fees();
    let charge = cancellation_charge(&tariff, &late()).unwrap();
    Receipt {
        tariff: TariffRef::of(&tariff),
        charge: Charged::Cancellation {
            facts: late(),
            rule: charge.rule,
        },
        fare: charge.fare.unwrap(),
        ..receipt()
    }
}

fn verify(receipt: &Receipt) -> Result<Receipt, ReceiptError> {
    verify_receipt(&ring(), &sign(receipt), &tariff_with_fees(), None)
}

#[test]
fn a_receipt_of_a_late_cancellation_verifies() {
    assert_eq!(cancelled().fare.total_minor, 400);
    assert_eq!(verify(&cancelled()).unwrap(), cancelled());
}

#[test]
fn another_fee_is_refused() {
    let mut forged = cancelled();
    forged.fare.lines[0].amount_minor += 100;
    forged.fare.total_minor += 100;
    assert!(matches!(
        verify(&forged),
        Err(ReceiptError::FareDiffers(FareDifference::Line { .. }))
    ));
}

#[test]
fn another_rule_is_refused() {
    let mut forged = cancelled();
    forged.charge = Charged::Cancellation {
        facts: late(),
        rule: CancellationRule::NoShow,
    };
    assert!(matches!(
        verify(&forged),
        Err(ReceiptError::OtherRule {
            wanted: CancellationRule::TooLate,
            found: CancellationRule::NoShow,
        })
    ));
}

#[test]
fn a_free_cancellation_cannot_be_charged() {
    let mut forged = cancelled();
    forged.charge = Charged::Cancellation {
        facts: CancellationFacts {
            cancelled_at: at("2026-11-20T11:01:00Z"),
            ..late()
        },
        rule: CancellationRule::JustAssigned,
    };
    assert!(matches!(
        verify(&forged),
        Err(ReceiptError::NothingToCharge)
    ));
}

#[test]
fn a_cancellation_has_no_track() {
    let track = northward();
    assert!(matches!(
        verify_receipt(
            &ring(),
            &sign(&cancelled()),
            &tariff_with_fees(),
            Some(&track)
        ),
        Err(ReceiptError::UnexpectedTrack)
    ));
}
