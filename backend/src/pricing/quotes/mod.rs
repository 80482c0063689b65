//! Promising prices: one quote per class of vehicle, signed.

mod plan;
mod queries;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{QuoteId, RiderId};
use wayfare_core::pricing::surge::Cell;
use wayfare_core::pricing::{
    self, Facts, Fare, PromoCode, RideLength, Tariff, TariffRef, WaypointFacts,
};
use wayfare_core::quote::{QuotePromise, sign_quote};
use wayfare_core::ride::known_tolls;
use wayfare_core::trip::Stops;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{CellSurgeView, ErrorCode, Point, Quote, QuoteList, QuoteRequest};

pub use self::plan::{Plan, length_along, plan, plan_ahead, straight_plan};
use self::queries::{NewQuote, QuoteRow};
use super::json::{from_json, to_json};
use super::promotions::{self, Redeemable};
use super::{fees, surge, tariffs};
use crate::app::App;
use crate::platform::clock;
use crate::platform::config::TripsConfig;
use crate::platform::failure::Failure;

/// A quote as it was promised, for making a trip of it and for pricing the trip when it is over.
#[derive(Debug, Clone)]
pub struct PromisedQuote {
    /// The quote.
    pub id: QuoteId,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// The stops on the way.
    pub waypoints: Vec<LatLng>,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// When the rider wants to be picked up; absent for now.
    pub pickup_at: Option<DateTime<Utc>>,
    /// The promo code that it was made with.
    pub promo_code: Option<PromoCode>,
    /// What it costs.
    pub fare: Fare,
    /// The planned facts.
    pub facts: Facts,
    /// The tariff.
    pub tariff_id: String,
    /// The tariff's version.
    pub tariff_version: u32,
    expires_at: DateTime<Utc>,
}

/// What all quotes of one request share.
struct Wanted<'a> {
    rider: RiderId,
    pickup: LatLng,
    stops: &'a Stops,
    plan: Plan,
    pickup_at: Option<DateTime<Utc>>,
    surge: Option<CellSurgeView>,
    now: DateTime<Utc>,
}

/// Promises a price for each class of vehicle.
pub async fn create_quotes(
    connection: &mut PgConnection,
    app: &App,
    rider: RiderId,
    request: &QuoteRequest,
) -> Result<QuoteList, Failure> {
    let now = clock::now();
    let pickup = position(request.pickup, "pickup")?;
    let stops = read_stops(&request.waypoints, request.dropoff)?;
    let pickup_at = request.pickup_at.map(clock::as_kept);
    check_schedule(&app.config.trips, pickup_at, now)?;
    fees::check_pickup(&app.city, pickup)?;
    let begins = pickup_at.unwrap_or(now);
    let plan = plan(app, &stops.route_from(pickup), begins).await?;
    // Nobody knows what demand will be when a scheduled trip begins.
    let surge = match pickup_at {
        None => surge::find(connection, Cell::of(pickup)).await?,
        Some(_) => None,
    };
    let promotion = match &request.promo_code {
        None => None,
        Some(code) => Some(promotions::find_redeemable(connection, code, rider).await?),
    };
    let wanted = Wanted {
        rider,
        pickup,
        stops: &stops,
        plan,
        pickup_at,
        surge,
        now,
    };
    let mut refusal = None;
    let mut quotes = Vec::new();
    for tariff in tariffs::list_in_force(connection, now).await? {
        let mut facts = planned_facts(app, &wanted, &tariff);
        let promo = redeem(&tariff, &facts, promotion.as_ref(), now)?;
        facts.promo = promo.as_ref().ok().copied().flatten();
        refusal = promo.err().or(refusal);
        let applied = facts.promo.and(request.promo_code.as_ref());
        quotes.push(create_quote(connection, app, &wanted, &tariff, facts, applied).await?);
    }
    let applied_nowhere = quotes
        .iter()
        .all(|quote| quote.fare.sum_minor(pricing::LineKind::Promo) == 0);
    if let (Some(refusal), true) = (refusal, applied_nowhere) {
        return Err(refusal);
    }
    quotes.sort_by_key(|quote| quote.vehicle_class);
    Ok(QuoteList { quotes })
}

/// What the promotion takes off with this tariff, or why it takes nothing.
fn redeem(
    tariff: &Tariff,
    facts: &Facts,
    promotion: Option<&Redeemable>,
    now: DateTime<Utc>,
) -> Result<Result<Option<pricing::Promo>, Failure>, Failure> {
    let Some(promotion) = promotion else {
        return Ok(Ok(None));
    };
    let plain = compute(tariff, facts)?;
    let class = tariff.spec().vehicle_class;
    Ok(promotion
        .redeem(class, plain.before_fees_minor(), now)
        .map(Some))
}

async fn create_quote(
    connection: &mut PgConnection,
    app: &App,
    wanted: &Wanted<'_>,
    tariff: &Tariff,
    facts: Facts,
    promo_code: Option<&PromoCode>,
) -> Result<Quote, Failure> {
    let spec = tariff.spec();
    let promise = QuotePromise {
        v: 1,
        quote: QuoteId::from_uuid(Uuid::now_v7()),
        rider: wanted.rider,
        vehicle_class: spec.vehicle_class,
        pickup: wanted.pickup,
        waypoints: wanted.stops.waypoints.clone(),
        dropoff: wanted.stops.dropoff,
        pickup_at: wanted.pickup_at,
        tariff: TariffRef::of(tariff),
        fare: compute(tariff, &facts)?,
        facts,
        issued_at: wanted.now,
        expires_at: wanted.now + TimeDelta::seconds(app.config.pricing.quote_ttl_s.into()),
    };
    let signed = sign_quote(&app.signing_key, &promise)
        .map_err(|error| Failure::broken("signing a quote", error))?;
    let code = promo_code.map(ToString::to_string);
    let row = NewQuote {
        promise: &promise,
        tariff_version: tariffs::database_version(spec.version)?,
        waypoints: to_json(&promise.waypoints)?,
        facts: to_json(&promise.facts)?,
        fare: to_json(&promise.fare)?,
        promo_code: code.as_deref(),
        surge: wanted.surge.as_ref().map(to_json).transpose()?,
        signed: signed.as_str(),
    };
    queries::insert_quote(connection, row).await?;
    Ok(Quote {
        id: promise.quote,
        vehicle_class: promise.vehicle_class,
        pickup: promise.pickup.into(),
        waypoints: promise
            .waypoints
            .iter()
            .map(|place| (*place).into())
            .collect(),
        dropoff: promise.dropoff.into(),
        pickup_at: promise.pickup_at,
        distance_m: promise.facts.distance_m,
        duration_s: promise.facts.duration_s,
        fare: promise.fare,
        tariff_id: promise.tariff.id,
        tariff_version: promise.tariff.version,
        surge: wanted.surge.clone(),
        expires_at: promise.expires_at,
        signed,
    })
}

fn planned_facts(app: &App, wanted: &Wanted<'_>, tariff: &Tariff) -> Facts {
    let begins = wanted.pickup_at.unwrap_or(wanted.now);
    let RideLength {
        distance_m,
        duration_s,
    } = wanted.plan.length;
    let mut facts = Facts::ride(distance_m, duration_s, begins.fixed_offset());
    facts.waypoints = vec![WaypointFacts { wait_s: 0 }; wanted.stops.waypoints.len()];
    facts.tolls = known_tolls(tariff, &wanted.plan.tolls);
    let ends = [wanted.pickup, wanted.stops.dropoff];
    facts.zones = fees::zones(&app.city, tariff, ends).unwrap_or_default();
    if let Some(surge) = &wanted.surge {
        facts.surge_bps = surge.surge.surge_bps;
    }
    facts
}

/// A rider's own quote, if its promise still holds.
pub async fn get_valid_quote(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
    now: DateTime<Utc>,
) -> Result<PromisedQuote, Failure> {
    let quote = get_quote(connection, id, rider).await?;
    if quote.expires_at <= now {
        let detail = "the quote is too old; ask for a new one";
        return Err(Failure::refused(ErrorCode::QuoteExpired, detail));
    }
    Ok(quote)
}

/// A rider's own quote, whatever its age.
pub(super) async fn get_quote(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
) -> Result<PromisedQuote, Failure> {
    let row = queries::find_quote(connection, id, rider).await?;
    promised(row.ok_or_else(|| Failure::not_found("quote"))?)
}

/// By what a trip of a quote is priced when it is over.
#[derive(Debug)]
pub struct Terms {
    /// The promo code that it was made with.
    pub promo_code: Option<PromoCode>,
    /// The planned facts.
    pub facts: Facts,
    /// The tariff.
    pub tariff: Tariff,
}

/// By what a trip of this rider's quote is priced, whatever the quote's age.
pub async fn get_terms(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
) -> Result<Terms, Failure> {
    let quote = get_quote(connection, id, rider).await?;
    let tariff = tariffs::get_tariff(connection, &quote.tariff_id, quote.tariff_version).await?;
    Ok(Terms {
        promo_code: quote.promo_code,
        facts: quote.facts,
        tariff,
    })
}

/// What a trip would cost with other stops, everything else being as quoted.
pub async fn estimate(
    connection: &mut PgConnection,
    app: &App,
    quote: (QuoteId, RiderId),
    plan: &Plan,
    stops: &Stops,
) -> Result<Fare, Failure> {
    let quote = get_quote(connection, quote.0, quote.1).await?;
    let tariff = tariffs::get_tariff(connection, &quote.tariff_id, quote.tariff_version).await?;
    let ends = [quote.pickup, stops.dropoff];
    let facts = Facts {
        distance_m: plan.length.distance_m,
        duration_s: plan.length.duration_s,
        waypoints: vec![WaypointFacts { wait_s: 0 }; stops.waypoints.len()],
        tolls: known_tolls(&tariff, &plan.tolls),
        zones: fees::zones(&app.city, &tariff, ends).unwrap_or(quote.facts.zones),
        ..quote.facts
    };
    compute(&tariff, &facts)
}

fn promised(row: QuoteRow) -> Result<PromisedQuote, Failure> {
    let broken = |error| Failure::broken("reading a quote's position", error);
    let code = row.promo_code.map(|code| code.parse()).transpose();
    Ok(PromisedQuote {
        id: QuoteId::from_uuid(row.id),
        vehicle_class: row
            .vehicle_class
            .parse()
            .map_err(|error| Failure::broken("reading a quote's class", error))?,
        pickup: LatLng::from_e7(row.pickup_lat_e7, row.pickup_lng_e7).map_err(broken)?,
        waypoints: from_json(row.waypoints)?,
        dropoff: LatLng::from_e7(row.dropoff_lat_e7, row.dropoff_lng_e7).map_err(broken)?,
        pickup_at: row.pickup_at,
        promo_code: code.map_err(|error| Failure::broken("reading a promo code", error))?,
        fare: from_json(row.fare)?,
        facts: from_json(row.facts)?,
        tariff_id: row.tariff_id,
        tariff_version: u32::try_from(row.tariff_version)
            .map_err(|error| Failure::broken("reading a tariff's version", error))?,
        expires_at: row.expires_at,
    })
}

fn compute(tariff: &Tariff, facts: &Facts) -> Result<Fare, Failure> {
    pricing::compute(tariff, facts).map_err(|error| Failure::broken("computing a fare", error))
}

fn check_schedule(
    config: &TripsConfig,
    pickup_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let Some(pickup_at) = pickup_at else {
        return Ok(());
    };
    let ahead = |seconds: u32| now + TimeDelta::seconds(seconds.into());
    let allowed = ahead(config.schedule_ahead_min_s)..=ahead(config.schedule_ahead_max_s);
    if allowed.contains(&pickup_at) {
        return Ok(());
    }
    let detail = format!(
        "a trip for later is {} minutes to {} days ahead",
        config.schedule_ahead_min_s / 60,
        config.schedule_ahead_max_s / 86_400
    );
    Err(Failure::refused(ErrorCode::ScheduleRefused, detail))
}

/// The stops of a request, or which of its fields is no position.
pub fn read_stops(waypoints: &[Point], dropoff: Point) -> Result<Stops, Failure> {
    let waypoints = waypoints.iter().enumerate();
    Ok(Stops {
        waypoints: waypoints
            .map(|(index, place)| position(*place, &format!("waypoints[{index}]")))
            .collect::<Result<_, _>>()?,
        dropoff: position(dropoff, "dropoff")?,
    })
}

fn position(place: Point, field: &str) -> Result<LatLng, Failure> {
    LatLng::try_from(place)
        .map_err(|error| Failure::refused(ErrorCode::InvalidRequest, format!("{field}: {error}")))
}
