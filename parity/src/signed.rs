//! Receipts: signed, and verified by computing them again.

use uuid::Uuid;
use wayfare_core::id::{DriverId, QuoteId, RiderId, TripId};
use wayfare_core::pricing::{Driven, Facts, Settlement, Tariff, TariffRef};
use wayfare_core::receipt::{Charged, Receipt, sign_receipt, verify_receipt};
use wayfare_core::signing::{KeyId, KeyRing, SigningKey};

use crate::records::Records;

/// Writes the signed receipt of a trip, and what becomes of it at a phone.
///
/// The receipt has no track, so it verifies only where no ride is proven: the refusals are as good
/// an answer to compare.
pub(crate) fn write(
    records: &mut Records<'_>,
    tariff: &Tariff,
    quoted: &Facts,
    driven: &Driven,
    settlement: &Settlement,
) {
    let key = SigningKey::from_seed(KeyId(1), &[42; 32]);
    let started_at = driven.started_at.to_utc();
    let receipt = Receipt {
        v: 1,
        trip: TripId::from_uuid(Uuid::from_u128(1)),
        quote: QuoteId::from_uuid(Uuid::from_u128(2)),
        rider: RiderId::from_uuid(Uuid::from_u128(3)),
        driver: Some(DriverId::from_uuid(Uuid::from_u128(4))),
        vehicle_class: tariff.spec().vehicle_class,
        tariff: TariffRef::of(tariff),
        charge: Charged::Trip {
            basis: settlement.basis,
            quoted: quoted.clone(),
            driven: driven.clone(),
            started_at,
            completed_at: started_at,
            track: None,
        },
        fare: settlement.fare.clone(),
        issued_at: started_at,
    };
    let signed = sign_receipt(&key, &receipt);
    records.outcome("receipt", &signed);
    if let Ok(signed) = signed {
        let ring = KeyRing::from_iter([key.public()]);
        records.outcome("verified", &verify_receipt(&ring, &signed, tariff, None));
    }
}
