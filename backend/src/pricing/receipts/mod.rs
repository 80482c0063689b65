//! What trips cost in the end, and the signed receipts that say how it came about.
//!
//! A receipt is written in the transaction that ends its trip. It holds what the core needs to
//! compute every line again, so nobody has to believe the server.

mod queries;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, QuoteId, TripId};
use wayfare_core::pricing::{
    Basis, CancellationCharge, CancellationFacts, Driven, Fare, RideLength, Tariff, TariffRef,
    WaypointFacts, cancellation_charge, proven_ride, settle,
};
use wayfare_core::receipt::{Charged, Receipt, TrackProof, sign_receipt};
use wayfare_core::track::{TrackDigest, TrackPoint};
use wayfare_core::trip::Trip;
use wayfare_core::wire::{CancellationCost, TripReceipt};

use super::quotes::{PromisedQuote, get_quote};
use super::{fees, tariffs};
use crate::app::App;
use crate::places::{DrivenWay, read_track};
use crate::platform::clock;
use crate::platform::failure::Failure;

/// A ride that is over.
#[derive(Debug)]
pub struct RideOver<'a> {
    /// The trip, completed.
    pub trip: &'a Trip,
    /// The quote that it was asked for with.
    pub quote: QuoteId,
    /// Who drove.
    pub driver: DriverId,
    /// The plan along the stops as they are now.
    pub plan: RideLength,
    /// Where the ride ended.
    pub ended_in: LatLng,
    /// Until when the car stood at a stop that nobody said it left, if it did.
    pub stood_until: Option<DateTime<Utc>>,
    /// When the ride began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub completed_at: DateTime<Utc>,
    /// The points between the two.
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
    let request = &over.trip.request;
    let quote = get_quote(connection, over.quote, request.rider).await?;
    let tariff = tariff_of(connection, &quote).await?;
    let DrivenWay { reading, tolls } = read_track(&app.city, over.track).await?;
    let ride = proven_ride(&reading, over.started_at, over.completed_at);
    let waits = over.trip.waypoint_waits(over.stood_until).into_iter();
    let driven = Driven {
        ride,
        replanned: over.trip.stops_changed().then_some(RideLength {
            // What was measured is driven at least, even where it does not prove the whole ride.
            distance_m: over.plan.distance_m.max(reading.distance_m()),
            ..over.plan
        }),
        started_at: over.started_at.fixed_offset(),
        wait_s: over.trip.wait_s(),
        waypoints: waits.map(|wait_s| WaypointFacts { wait_s }).collect(),
        // Without a whole track, those of the plan count.
        tolls: match tolls.filter(|_| ride.is_some()) {
            Some(crossed) => fees::known_tolls(&tariff, &crossed),
            None => quote.facts.tolls.clone(),
        },
        zones: fees::zones(&app.city, &tariff, [request.pickup, over.ended_in])
            .unwrap_or_else(|| quote.facts.zones.clone()),
        loading_s: 0,
        unloading_s: 0,
        tip_minor: 0,
    };
    let settlement = settle(&tariff, &quote.facts, &driven)
        .map_err(|error| Failure::broken("settling a trip", error))?;
    let has_points = reading.points > 0;
    let charge = Charged::Trip {
        basis: settlement.basis,
        quoted: quote.facts.clone(),
        driven,
        started_at: over.started_at,
        completed_at: over.completed_at,
        track: has_points.then(|| TrackProof {
            digest: TrackDigest::of(over.track),
            reading,
        }),
    };
    let fare = settlement.fare;
    let issue = Issue {
        trip: over.trip,
        quote: &quote,
        tariff: &tariff,
        driver: Some(over.driver),
        charge,
        fare: &fare,
    };
    issue_receipt(connection, app, issue).await?;
    Ok(Priced {
        fare,
        basis: settlement.basis,
    })
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
            driver: trip.state.assignment().map(|assignment| assignment.driver),
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
