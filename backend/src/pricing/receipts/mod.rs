//! What trips cost in the end, and the signed receipts that say how it came about.
//!
//! A receipt is written in the transaction that ends its trip. It holds what the core needs to
//! compute every line again, so nobody has to believe the server.

mod queries;
mod ride;

use sqlx::PgConnection;
use wayfare_core::id::{DriverId, QuoteId, TripId};
use wayfare_core::pricing::{
    CancellationCharge, CancellationFacts, Fare, Tariff, TariffRef, cancellation_charge,
};
use wayfare_core::receipt::{Charged, Receipt, sign_receipt};
use wayfare_core::trip::Trip;
use wayfare_core::wire::{CancellationCost, TripReceipt};

pub(crate) use self::ride::other_fare;
pub use self::ride::{Priced, RideOver, Verdict, price_by_track, settle_ride};
use super::quotes::{PromisedQuote, get_quote};
use super::tariffs;
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// Prices a trip that is called off. A receipt is issued if it costs something.
pub async fn settle_cancellation(
    connection: &mut PgConnection,
    app: &App,
    trip: &Trip,
    quote: QuoteId,
    facts: CancellationFacts,
) -> Result<CancellationCharge, Failure> {
    let quote = get_quote(connection, quote, trip.request.rider).await?;
    let tariff = tariff_of(connection, &quote).await?;
    let charge = charge(&tariff, &facts)?;
    if let Some(fare) = &charge.fare {
        let rule = charge.rule;
        let issue = Issue {
            trip,
            quote: &quote,
            tariff: &tariff,
            driver: driver_of(trip),
            charge: Charged::Cancellation { facts, rule },
            fare,
        };
        issue_receipt(connection, app, issue).await?;
    }
    Ok(charge)
}

/// What it would cost to call a trip off.
pub async fn cancellation_cost(
    connection: &mut PgConnection,
    trip: &Trip,
    quote: QuoteId,
    facts: &CancellationFacts,
) -> Result<CancellationCost, Failure> {
    let quote = get_quote(connection, quote, trip.request.rider).await?;
    let tariff = tariff_of(connection, &quote).await?;
    let CancellationCharge { rule, fare } = charge(&tariff, facts)?;
    Ok(CancellationCost { rule, fare })
}

/// What a receipt is for. A trip that was called off and took place after all has one of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    /// A ride.
    Trip,
    /// Calling a trip off.
    Cancellation,
}

impl ReceiptKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Trip => "trip",
            Self::Cancellation => "cancellation",
        }
    }

    const fn of(charge: &Charged) -> Self {
        match charge {
            Charged::Trip { .. } => Self::Trip,
            Charged::Cancellation { .. } => Self::Cancellation,
        }
    }
}

/// The receipt of a trip.
pub async fn get_receipt(
    connection: &mut PgConnection,
    trip: TripId,
    kind: ReceiptKind,
) -> Result<TripReceipt, Failure> {
    let row = queries::find_receipt(connection, trip, kind).await?;
    let row = row.ok_or_else(|| Failure::not_found("receipt"))?;
    Ok(TripReceipt {
        signed: row
            .signed
            .parse()
            .map_err(|error| Failure::broken("reading a receipt", error))?,
        issued_at: row.issued_at,
    })
}

fn charge(tariff: &Tariff, facts: &CancellationFacts) -> Result<CancellationCharge, Failure> {
    cancellation_charge(tariff, facts)
        .map_err(|error| Failure::broken("pricing a cancellation", error))
}

async fn tariff_of(
    connection: &mut PgConnection,
    quote: &PromisedQuote,
) -> Result<Tariff, Failure> {
    tariffs::get_tariff(connection, &quote.tariff_id, quote.tariff_version).await
}

fn driver_of(trip: &Trip) -> Option<DriverId> {
    trip.state.assignment().map(|assignment| assignment.driver)
}

/// A receipt to be.
struct Issue<'a> {
    trip: &'a Trip,
    quote: &'a PromisedQuote,
    tariff: &'a Tariff,
    driver: Option<DriverId>,
    charge: Charged,
    fare: &'a Fare,
}

async fn issue_receipt(
    connection: &mut PgConnection,
    app: &App,
    issue: Issue<'_>,
) -> Result<(), Failure> {
    let request = &issue.trip.request;
    let kind = ReceiptKind::of(&issue.charge);
    let receipt = Receipt {
        v: 1,
        trip: request.trip,
        quote: issue.quote.id,
        rider: request.rider,
        driver: issue.driver,
        vehicle_class: request.vehicle_class,
        tariff: TariffRef::of(issue.tariff),
        charge: issue.charge,
        fare: issue.fare.clone(),
        issued_at: clock::now(),
    };
    let signed = sign_receipt(&app.signing_key, &receipt)
        .map_err(|error| Failure::broken("signing a receipt", error))?;
    let kept = (kind, signed.as_str());
    queries::insert_receipt(connection, request.trip, kept, receipt.issued_at).await?;
    Ok(())
}
