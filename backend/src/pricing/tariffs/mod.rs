//! The price rules of the city. A version never changes; a new price is a new version.

mod defaults;
mod queries;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use wayfare_core::money::Currency;
use wayfare_core::pricing::{
    self, CancellationFacts, Facts, Fare, Tariff, TariffRef, TariffSpec, WaypointFacts,
};
use wayfare_core::trip::{Party, WAYPOINTS_MAX};
use wayfare_core::wire::{ErrorCode, FieldProblem, NewTariff, TariffList, TariffVersion};

use self::defaults::default_tariffs;
use self::queries::TariffRow;
use super::json::{self, field, fields, from_json, parse, to_json};
use crate::platform::clock;
use crate::platform::config::PricingConfig;
use crate::platform::failure::{Failure, on_constraint};

/// The most versions that one answer lists.
const LIST_MAX: i64 = 500;
/// Names of tariffs stand in paths.
const ID_LENGTH_MAX: usize = 60;
/// The most taxes, and the most entries of every other list.
const TAXES_MAX: usize = 20;
const LIST_LENGTH_MAX: usize = 500;
/// Far above every price, far below what 64 bits hold: sums of many fares must fit as well.
const TOTAL_MAX_MINOR: i64 = 1_000_000_000_000_000;

/// Gives a new city its first tariffs.
pub async fn ensure_tariffs(pool: &PgPool, config: &PricingConfig) -> Result<(), Failure> {
    let currency = city_currency(config)?;
    let mut transaction = pool.begin().await?;
    if queries::count_tariffs(&mut transaction).await? > 0 {
        return Ok(());
    }
    // Only a new city waits here, for another server that finds it new as well.
    queries::lock_tariffs(&mut transaction).await?;
    if queries::count_tariffs(&mut transaction).await? == 0 {
        for spec in default_tariffs(config, currency) {
            let (version, json) = (database_version(spec.version)?, to_json(&spec)?);
            queries::insert_tariff(&mut transaction, &spec, version, json, clock::now()).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// Enters the next version of a tariff, or the first one of a new tariff.
pub async fn create_tariff(
    connection: &mut PgConnection,
    config: &PricingConfig,
    wanted: &NewTariff,
) -> Result<TariffVersion, Failure> {
    let spec = parse(&wanted.spec, "spec").map_err(|problem| invalid(vec![problem]))?;
    let tariff = Tariff::new(spec).map_err(|problems| invalid(fields(&problems)))?;
    let spec = tariff.spec();
    check_for_city(spec, config)?;
    check_dearest_trip(&tariff)?;
    let now = clock::now();
    let valid_from = wanted.valid_from.map_or(now, clock::as_kept);
    if valid_from < now {
        let problem = field("valid_from", "lies in the past");
        return Err(invalid(vec![problem]));
    }
    let version = database_version(spec.version)?;
    let newest = queries::find_newest_version(connection, &spec.id).await?;
    let next = match newest {
        None => 1,
        Some(newest) => {
            check_same_class(connection, spec, newest).await?;
            newest.saturating_add(1)
        }
    };
    let taken = || {
        let detail = format!("tariff {} has a version {version} already", spec.id);
        Failure::refused(ErrorCode::AlreadyExists, detail)
    };
    if version < next {
        return Err(taken());
    }
    if version > next {
        let problem = format!("is not {next}, the next one of tariff {}", spec.id);
        return Err(invalid(vec![field("version", &problem)]));
    }
    queries::insert_tariff(connection, spec, version, to_json(spec)?, valid_from)
        .await
        .map_err(|error| on_constraint(error, "tariffs_pkey", taken))?;
    show(&tariff, valid_from)
}

/// The newest versions of all tariffs.
pub async fn list_tariffs(connection: &mut PgConnection) -> Result<TariffList, Failure> {
    let rows = queries::list_tariffs(connection, LIST_MAX).await?;
    let shown = |row: TariffRow| show(&valid(row.spec)?, row.valid_from);
    Ok(TariffList {
        tariffs: rows.into_iter().map(shown).collect::<Result<_, _>>()?,
    })
}

/// One version of a tariff, for whoever has to compute a price again.
pub async fn get_tariff_version(
    connection: &mut PgConnection,
    id: &str,
    version: u32,
) -> Result<TariffVersion, Failure> {
    let row = find(connection, id, version).await?;
    show(&valid(row.spec)?, row.valid_from)
}

/// The tariff that a quote or receipt names.
pub(super) async fn get_tariff(
    connection: &mut PgConnection,
    id: &str,
    version: u32,
) -> Result<Tariff, Failure> {
    valid(find(connection, id, version).await?.spec)
}

/// The tariff in force for each class of vehicle.
pub(super) async fn list_in_force(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Vec<Tariff>, Failure> {
    let specs = queries::list_tariffs_in_force(connection, now).await?;
    specs.into_iter().map(valid).collect()
}

async fn find(connection: &mut PgConnection, id: &str, version: u32) -> Result<TariffRow, Failure> {
    let Ok(version) = i32::try_from(version) else {
        return Err(Failure::not_found("tariff"));
    };
    let row = queries::find_tariff(connection, id, version).await?;
    row.ok_or_else(|| Failure::not_found("tariff"))
}

fn valid(json: Value) -> Result<Tariff, Failure> {
    let spec: TariffSpec = from_json(json)?;
    Tariff::new(spec).map_err(|problems| match problems.into_iter().next() {
        Some(problem) => Failure::broken("a tariff in the database is not valid", problem),
        None => Failure::refused(ErrorCode::Internal, "a tariff in the database is not valid"),
    })
}

fn check_for_city(spec: &TariffSpec, config: &PricingConfig) -> Result<(), Failure> {
    let mut errors = check_lengths(spec);
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if spec.id.len() > ID_LENGTH_MAX || !spec.id.bytes().all(plain) {
        errors.push(field("id", "is not up to 60 of a-z, 0-9, _ and -"));
    }
    if spec.currency != city_currency(config)? {
        errors.push(field("currency", "is not the city's"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(invalid(errors))
    }
}

/// Amounts may be any, but the dearest trip there can be must have a fare: a tariff that fails in the
/// middle of a ride is found here.
fn check_dearest_trip(tariff: &Tariff) -> Result<(), Failure> {
    const DAYS_30_S: i64 = 30 * 24 * 3600;
    let spec = tariff.spec();
    let dearest = Facts {
        wait_s: DAYS_30_S,
        waypoints: vec![WaypointFacts { wait_s: DAYS_30_S }; WAYPOINTS_MAX],
        tolls: spec.tolls.keys().cloned().collect(),
        zones: spec.zones.keys().cloned().collect(),
        surge_bps: spec.surge_cap_bps,
        weight_kg: 100_000,
        loading_s: DAYS_30_S,
        unloading_s: DAYS_30_S,
        ..Facts::ride(10_000_000, DAYS_30_S, clock::now().fixed_offset())
    };
    let fits = |fare: &Fare| fare.total_minor <= TOTAL_MAX_MINOR;
    let ride_fits = pricing::compute(tariff, &dearest).is_ok_and(|fare| fits(&fare));
    let fees_fit = [Party::Rider, Party::Driver].into_iter().all(|by| {
        let charge = pricing::cancellation_charge(tariff, &latest_cancellation(by));
        charge.is_ok_and(|charge| charge.fare.iter().all(fits))
    });
    if ride_fits && fees_fit {
        return Ok(());
    }
    let problem = "has amounts so high that a trip can cost more than can be counted";
    Err(invalid(vec![field("spec", problem)]))
}

/// The rider's when the driver waits, and the driver's because the rider did not come.
fn latest_cancellation(by: Party) -> CancellationFacts {
    let now = clock::now();
    CancellationFacts {
        by,
        no_show: by == Party::Driver,
        assigned_at: Some(now - TimeDelta::days(1)),
        arrived_at: Some(now - TimeDelta::days(1)),
        pickup_at: None,
        cancelled_at: now,
    }
}

/// Quotes and receipts hold every line and are signed, so there is an end to how long they may be.
fn check_lengths(spec: &TariffSpec) -> Vec<FieldProblem> {
    let lists = [
        ("taxes", spec.taxes.len()),
        ("distance_tiers", spec.distance_tiers.len()),
        ("time_tiers", spec.time_tiers.len()),
        ("night.windows", spec.night.windows.len()),
        ("tolls", spec.tolls.len()),
        ("zones", spec.zones.len()),
    ];
    let long = lists.into_iter().filter(|(name, length)| {
        let max = if *name == "taxes" {
            TAXES_MAX
        } else {
            LIST_LENGTH_MAX
        };
        *length > max
    });
    let mut errors: Vec<FieldProblem> = long
        .map(|(name, _)| field(name, "has too many entries"))
        .collect();
    let ids = spec.tolls.keys().chain(spec.zones.keys());
    let names = ids.chain(spec.taxes.iter().map(|tax| &tax.name));
    if names.into_iter().any(|name| name.len() > ID_LENGTH_MAX) {
        errors.push(field("spec", "has a name of more than 60 bytes"));
    }
    errors
}

/// A tariff's versions price one class of vehicle: quotes look for the newest one of a class.
async fn check_same_class(
    connection: &mut PgConnection,
    spec: &TariffSpec,
    newest: i32,
) -> Result<(), Failure> {
    let version = u32::try_from(newest).unwrap_or_default();
    let before = get_tariff(connection, &spec.id, version).await?;
    if before.spec().vehicle_class == spec.vehicle_class {
        return Ok(());
    }
    let problem = "is not the class of the versions before";
    Err(invalid(vec![field("vehicle_class", problem)]))
}

fn city_currency(config: &PricingConfig) -> Result<Currency, Failure> {
    let currency = config.currency.parse();
    currency.map_err(|error| Failure::broken("reading the currency", error))
}

fn invalid(errors: Vec<FieldProblem>) -> Failure {
    json::invalid(ErrorCode::InvalidTariff, "tariff", errors)
}

fn show(tariff: &Tariff, valid_from: DateTime<Utc>) -> Result<TariffVersion, Failure> {
    let (spec, named) = (tariff.spec(), TariffRef::of(tariff));
    Ok(TariffVersion {
        id: named.id,
        version: named.version,
        vehicle_class: spec.vehicle_class,
        valid_from,
        digest: named.digest.to_string(),
        spec: to_json(spec)?,
    })
}

pub(super) fn database_version(version: u32) -> Result<i32, Failure> {
    i32::try_from(version).map_err(|_| {
        let problem = field("version", "is too large");
        invalid(vec![problem])
    })
}
