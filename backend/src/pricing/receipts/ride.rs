//! What a ride costs: by the server's own points, or as a device claims.

use sqlx::PgConnection;
use wayfare_core::id::QuoteId;
use wayfare_core::pricing::{Basis, Fare, RideLength, Tariff};
use wayfare_core::receipt::Charged;
use wayfare_core::ride::{self, Found, Ridden, RidePrice, check_claim, price_found};
use wayfare_core::sync::FareClaim;
use wayfare_core::track::{TrackDigest, TrackPoint};
use wayfare_core::trip::Trip;

use super::{Issue, driver_of, issue_receipt, tariff_of};
use crate::app::App;
use crate::places::read_track;
use crate::platform::failure::Failure;
use crate::pricing::fees;
use crate::pricing::quotes::{PromisedQuote, get_quote, length_along, straight_plan};

/// A ride that is over.
#[derive(Debug, Clone, Copy)]
pub struct RideOver<'a> {
    /// The trip, completed.
    pub trip: &'a Trip,
    /// The quote that it was asked for with.
    pub quote: QuoteId,
    /// The plan along the stops as they are now.
    pub plan: RideLength,
    /// The points of the ride that the server has.
    pub track: &'a [TrackPoint],
}

/// What a ride costs.
#[derive(Debug)]
pub struct Priced {
    /// The fare.
    pub fare: Fare,
    /// By what it was priced.
    pub basis: Basis,
    /// What became of the claim, if there was one.
    pub verdict: Option<Verdict>,
}

/// What becomes of a claimed fare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is charged, and the track is awaited.
    Accepted,
    /// It is charged; the server has the same track and comes to the same fare.
    Verified,
    /// It is not charged, for this reason: the server's own points are.
    Refused(String),
}

/// Prices a ride that is over and issues its receipt. What a device claims is charged unless what the
/// server knows contradicts it.
pub async fn settle_ride(
    connection: &mut PgConnection,
    app: &App,
    over: &RideOver<'_>,
    claim: Option<&FareClaim>,
) -> Result<Priced, Failure> {
    let quote = get_quote(connection, over.quote, over.trip.request.rider).await?;
    let tariff = tariff_of(connection, &quote).await?;
    let ridden = ridden(app, over, (&quote, &tariff))?;
    let (price, verdict) = match claim {
        None => (own_price(app, &ridden).await?, None),
        Some(claim) => {
            let (price, verdict) = judge(app, &ridden, claim).await?;
            (price, Some(verdict))
        }
    };
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
    Ok(Priced {
        fare,
        basis,
        verdict,
    })
}

/// What the ride costs by the server's own points, if they are those of this fingerprint.
pub async fn price_by_track(
    connection: &mut PgConnection,
    app: &App,
    over: &RideOver<'_>,
    digest: TrackDigest,
) -> Result<Option<Fare>, Failure> {
    let quote = get_quote(connection, over.quote, over.trip.request.rider).await?;
    let tariff = tariff_of(connection, &quote).await?;
    let ridden = ridden(app, over, (&quote, &tariff))?;
    if TrackDigest::of(&ridden.track) != digest {
        return Ok(None);
    }
    let price = own_price(app, &ridden).await?;
    Ok(Some(price.settlement.fare))
}

/// By what a claimed ride is charged, and what becomes of the claim.
async fn judge(
    app: &App,
    ridden: &Ridden<'_>,
    claim: &FareClaim,
) -> Result<(RidePrice, Verdict), Failure> {
    let settlement = match check_claim(&ridden.over, claim) {
        Ok(settlement) => settlement,
        Err(refusal) => {
            let verdict = Verdict::Refused(refusal.to_string());
            return Ok((own_price(app, ridden).await?, verdict));
        }
    };
    let awaited = claim
        .track
        .is_some_and(|track| track.digest != TrackDigest::of(&ridden.track));
    if awaited {
        let price = RidePrice {
            driven: claim.driven.clone(),
            track: claim.track,
            settlement,
        };
        return Ok((price, Verdict::Accepted));
    }
    // There is nothing to wait for: the server has the same points, or the device has none.
    let own = own_price(app, ridden).await?;
    let verdict = if own.settlement.fare == claim.fare {
        Verdict::Verified
    } else {
        Verdict::Refused(other_fare(&claim.fare, &own.settlement.fare))
    };
    Ok((own, verdict))
}

/// How two fares of one ride differ, in words.
pub(crate) fn other_fare(claimed: &Fare, own: &Fare) -> String {
    format!(
        "the device comes to {} {} and the server to {}, in minor units",
        claimed.total_minor, claimed.currency, own.total_minor
    )
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

/// Asks the city's ground about a ride and prices it by the server's own points.
async fn own_price(app: &App, ridden: &Ridden<'_>) -> Result<RidePrice, Failure> {
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
