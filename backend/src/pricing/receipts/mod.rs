//! What trips cost in the end, and the signed receipts that say how it came about.
//!
//! A receipt is written in the transaction that ends its trip. It holds what the core needs to
//! compute every line again, so nobody has to believe the server.

mod queries;

use sqlx::PgConnection;
use wayfare_core::id::{DriverId, QuoteId, TripId};
use wayfare_core::pricing::{
    Basis, CancellationCharge, CancellationFacts, Fare, RideLength, Tariff, TariffRef,
    cancellation_charge,
};
use wayfare_core::receipt::{Charged, Receipt, sign_receipt};
use wayfare_core::ride::{self, Found, Ridden, RidePrice, price_found};
use wayfare_core::track::TrackPoint;
use wayfare_core::trip::Trip;
use wayfare_core::wire::{CancellationCost, TripReceipt};

use super::quotes::{PromisedQuote, get_quote, length_along, straight_plan};
use super::{fees, tariffs};
use crate::app::App;
use crate::places::read_track;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// A ride that is over.
#[derive(Debug, Clone, Copy)]
pub struct RideOver<'a> {
    /// The trip, completed.
    pub trip: &'a Trip,
    /// The quote that it was asked for with.
    pub quote: QuoteId,
    /// The plan along the stops as they are now.
    pub plan: RideLength,
    /// The points of the ride.
    pub track: &'a [TrackPoint],
}

/// What a ride costs.
#[derive(Debug)]
pub struct Priced {
    /// The fare.
    pub fare: Fare,
    /// By what it was priced.
    pub basis: Basis,
}

/// Prices a ride that is over and issues its receipt.
pub async fn settle_ride(
    connection: &mut PgConnection,
    app: &App,
    over: &RideOver<'_>,
) -> Result<Priced, Failure> {
    let quote = get_quote(connection, over.quote, over.trip.request.rider).await?;
    let tariff = tariff_of(connection, &quote).await?;
    let ridden = ridden(app, over, (&quote, &tariff))?;
    let price = ride_price(app, &ridden).await?;
    let (basis, fare) = (price.settlement.basis, price.settlement.fare);
    let charge = Charged::Trip {
        basis,
        quoted: quote.facts.clone(),
        driven: price.driven,
        started_at: ridden.started_at,
        completed_at: ridden.completed_at,
        track: price.track,
    };
    let issue = Issue {
        trip: over.trip,
        quote: &quote,
        tariff: &tariff,
        driver: driver_of(over.trip),
        charge,
        fare: &fare,
    };
    issue_receipt(connection, app, issue).await?;
    Ok(Priced { fare, basis })
}

/// What the core knows of a ride without asking the ground.
fn ridden<'a>(
    app: &App,
    over: &RideOver<'a>,
    (quote, tariff): (&'a PromisedQuote, &'a Tariff),
) -> Result<Ridden<'a>, Failure> {
    let over = ride::RideOver {
        trip: over.trip,
        quoted: &quote.facts,
        tariff,
        plan: over.plan,
        straight: straight_plan(&app.config.pricing),
        track: over.track,
    };
    Ridden::of(&over).map_err(|error| Failure::broken("settling a trip", error))
}

/// Asks the city's ground about a ride and prices it.
async fn ride_price(app: &App, ridden: &Ridden<'_>) -> Result<RidePrice, Failure> {
    let made = match ridden.places_to_plan() {
        Some(places) => length_along(app, &places, ridden.started_at).await,
        None => None,
    };
    let found = Found {
        way: read_track(&app.city, &ridden.track).await?,
        zones: fees::zones_at(&app.city, ridden.ends()),
        made,
    };
    price_found(ridden, found).map_err(|error| Failure::broken("settling a trip", error))
}

fn driver_of(trip: &Trip) -> Option<DriverId> {
    trip.state.assignment().map(|assignment| assignment.driver)
}

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

/// The receipt of a trip.
pub async fn get_receipt(
    connection: &mut PgConnection,
    trip: TripId,
) -> Result<TripReceipt, Failure> {
    let row = queries::find_receipt(connection, trip).await?;
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
    queries::insert_receipt(connection, request.trip, signed.as_str(), receipt.issued_at).await?;
    Ok(())
}
