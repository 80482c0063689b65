//! Quoting rides, and pricing them when they are over.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{QuoteId, RiderId};
use wayfare_core::money::Currency;
use wayfare_core::pricing::{self, Facts, Fare, Tariff, TariffSpec};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, Quote, QuoteList, QuoteRequest};

use super::defaults::default_tariffs;
use super::plan::{Plan, plan_ride};
use super::queries::{self, NewQuote, QuoteRow};
use crate::platform::clock;
use crate::platform::config::PricingConfig;
use crate::platform::failure::Failure;

/// A quote as it was promised, for making a trip of it.
#[derive(Debug, Clone)]
pub struct PromisedQuote {
    /// The quote.
    pub id: QuoteId,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// Planned length in metres.
    pub distance_m: i64,
    /// Planned duration in seconds.
    pub duration_s: i64,
    /// What it costs.
    pub fare: Fare,
    facts: Facts,
    tariff_id: String,
    tariff_version: i32,
    expires_at: DateTime<Utc>,
}

/// Gives a new city its first tariffs.
pub async fn ensure_tariffs(pool: &PgPool, config: &PricingConfig) -> Result<(), Failure> {
    let currency: Currency = config
        .currency
        .parse()
        .map_err(|error| Failure::broken("reading the currency", error))?;
    let mut transaction = pool.begin().await?;
    if queries::count_tariffs(&mut transaction).await? == 0 {
        for spec in default_tariffs(config, currency) {
            let json = to_json(&spec)?;
            let version = database_version(&spec)?;
            queries::ensure_tariff(&mut transaction, &spec, version, json, clock::now()).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// Promises a price for each class of vehicle.
pub async fn create_quotes(
    connection: &mut PgConnection,
    config: &PricingConfig,
    rider: RiderId,
    wanted: &QuoteRequest,
) -> Result<QuoteList, Failure> {
    let pickup = position(wanted.pickup.try_into(), "pickup")?;
    let dropoff = position(wanted.dropoff.try_into(), "dropoff")?;
    let plan = plan_ride(config, pickup, dropoff).ok_or_else(|| {
        let detail = "pickup and dropoff are too close together or too far apart for a trip";
        Failure::refused(ErrorCode::OutsideServiceArea, detail)
    })?;
    let now = clock::now();
    let tariffs = queries::list_tariffs_in_force(connection, now).await?;
    let mut quotes = Vec::with_capacity(tariffs.len());
    for json in tariffs {
        let tariff = valid_tariff(json)?;
        let expires_at = now + TimeDelta::seconds(config.quote_ttl_s.into());
        let quote = Quoted {
            rider,
            pickup,
            dropoff,
            plan,
            now,
            expires_at,
        };
        quotes.push(create_quote(connection, quote, &tariff).await?);
    }
    quotes.sort_by_key(|quote| quote.vehicle_class);
    Ok(QuoteList { quotes })
}

struct Quoted {
    rider: RiderId,
    pickup: LatLng,
    dropoff: LatLng,
    plan: Plan,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

async fn create_quote(
    connection: &mut PgConnection,
    quoted: Quoted,
    tariff: &Tariff,
) -> Result<Quote, Failure> {
    let Plan {
        distance_m,
        duration_s,
    } = quoted.plan;
    let facts = Facts::ride(distance_m, duration_s, quoted.now.fixed_offset());
    let fare = compute(tariff, &facts)?;
    let id = QuoteId::from_uuid(Uuid::now_v7());
    let spec = tariff.spec();
    let row = NewQuote {
        id,
        rider: quoted.rider,
        pickup: quoted.pickup,
        dropoff: quoted.dropoff,
        distance_m,
        duration_s,
        tariff: spec,
        facts: to_json(&facts)?,
        fare: to_json(&fare)?,
        now: quoted.now,
        expires_at: quoted.expires_at,
    };
    queries::insert_quote(connection, row, database_version(spec)?).await?;
    Ok(Quote {
        id,
        vehicle_class: spec.vehicle_class,
        pickup: quoted.pickup.into(),
        dropoff: quoted.dropoff.into(),
        distance_m,
        duration_s,
        fare,
        tariff_id: spec.id.clone(),
        tariff_version: spec.version,
        expires_at: quoted.expires_at,
    })
}

/// A rider's own quote, if its promise still holds.
pub async fn get_valid_quote(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
    now: DateTime<Utc>,
) -> Result<PromisedQuote, Failure> {
    let quote = get_quote(connection, id, rider).await?;
    if quote.expires_at < now {
        let detail = "the quote is too old; ask for a new one";
        return Err(Failure::refused(ErrorCode::QuoteExpired, detail));
    }
    Ok(quote)
}

/// What a quoted ride costs now that it is over: the promise, with the waiting that happened.
pub async fn final_fare(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
    wait_s: i64,
) -> Result<Fare, Failure> {
    let quote = get_quote(connection, id, rider).await?;
    let json = queries::get_tariff(connection, &quote.tariff_id, quote.tariff_version).await?;
    compute(
        &valid_tariff(json)?,
        &Facts {
            wait_s,
            ..quote.facts
        },
    )
}

async fn get_quote(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
) -> Result<PromisedQuote, Failure> {
    let row = queries::find_quote(connection, id, rider).await?;
    promised(row.ok_or_else(|| Failure::not_found("quote"))?)
}

fn promised(row: QuoteRow) -> Result<PromisedQuote, Failure> {
    let broken = |error| Failure::broken("reading a quote's position", error);
    Ok(PromisedQuote {
        id: QuoteId::from_uuid(row.id),
        vehicle_class: row
            .vehicle_class
            .parse()
            .map_err(|error| Failure::broken("reading a quote's class", error))?,
        pickup: LatLng::from_e7(row.pickup_lat_e7, row.pickup_lng_e7).map_err(broken)?,
        dropoff: LatLng::from_e7(row.dropoff_lat_e7, row.dropoff_lng_e7).map_err(broken)?,
        distance_m: row.distance_m,
        duration_s: row.duration_s,
        fare: from_json(row.fare)?,
        facts: from_json(row.facts)?,
        tariff_id: row.tariff_id,
        tariff_version: row.tariff_version,
        expires_at: row.expires_at,
    })
}

fn valid_tariff(json: serde_json::Value) -> Result<Tariff, Failure> {
    let spec: TariffSpec = from_json(json)?;
    Tariff::new(spec).map_err(|problems| match problems.into_iter().next() {
        Some(problem) => Failure::broken("a tariff in the database is not valid", problem),
        None => Failure::refused(ErrorCode::Internal, "a tariff in the database is not valid"),
    })
}

fn compute(tariff: &Tariff, facts: &Facts) -> Result<Fare, Failure> {
    pricing::compute(tariff, facts).map_err(|error| Failure::broken("computing a fare", error))
}

fn position<E: std::fmt::Display>(
    position: Result<LatLng, E>,
    field: &str,
) -> Result<LatLng, Failure> {
    position
        .map_err(|error| Failure::refused(ErrorCode::InvalidRequest, format!("{field}: {error}")))
}

fn database_version(spec: &TariffSpec) -> Result<i32, Failure> {
    i32::try_from(spec.version).map_err(|error| Failure::broken("numbering a tariff", error))
}

fn to_json(value: &impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::broken("keeping a price", error))
}

fn from_json<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|error| Failure::broken("reading a price", error))
}
