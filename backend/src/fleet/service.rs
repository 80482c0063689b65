//! Driver profiles, and what other contexts may ask about drivers and vehicles.

use std::collections::HashSet;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wayfare_core::id::{DriverId, UserId, VehicleId};
use wayfare_core::phone::Phone;
use wayfare_core::wire::{AvailabilityStatus, Driver, ErrorCode, NewDriver, TripVehicle};

use super::availability::{self, OnlineDriver};
use super::queries::{self, StatusColumn};
use super::vehicles::vehicle_from;
use crate::app::App;
use crate::identity;
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::platform::plain_text::clean_line;

const NAME_LENGTH_MAX: usize = 60;

/// A driver and a vehicle as a rider sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriverCard {
    /// What riders call the driver.
    pub name: String,
    /// What the rider looks for.
    pub vehicle: TripVehicle,
}

/// Registers a person as a driver.
pub(super) async fn create_driver(
    app: &App,
    driver: DriverId,
    wanted: &NewDriver,
    key: Option<&str>,
) -> Result<Driver, Failure> {
    let name = clean_line("name", &wanted.name, NAME_LENGTH_MAX)?;
    let asked = Asked {
        user: driver.into(),
        operation: "create_driver".to_owned(),
        key,
    };
    let mut work = match Work::begin(&app.pool, asked, wanted).await? {
        Begun::New(work) => work,
        Begun::Replayed(profile) => return Ok(profile),
    };
    let is_active = app.config.fleet.auto_approve_drivers;
    let row = queries::NewDriverRow {
        id: driver,
        name: &name,
        is_active,
        now: clock::now(),
    };
    queries::insert_driver(work.connection(), row)
        .await
        .map_err(|error| on_constraint(error, "drivers_pkey", has_profile))?;
    let profile = get_driver_in(work.connection(), driver).await?;
    let profile = work.commit(profile).await?;
    tracing::info!(driver = %driver, is_active, "driver registered");
    Ok(profile)
}

/// A driver's own profile.
pub(super) async fn get_driver(app: &App, driver: DriverId) -> Result<Driver, Failure> {
    get_driver_in(&mut *app.pool.acquire().await?, driver).await
}

/// The profile as this transaction sees it.
pub async fn get_driver_in(
    connection: &mut PgConnection,
    driver: DriverId,
) -> Result<Driver, Failure> {
    let row = queries::find_driver(connection, driver)
        .await?
        .ok_or_else(|| Failure::not_found("driver profile"))?;
    let vehicles = queries::list_vehicles(connection, driver).await?;
    Ok(Driver {
        id: driver,
        name: row.name,
        status: row.status.into(),
        availability: row.availability.into(),
        vehicle_id: row.vehicle_id.map(VehicleId::from_uuid),
        vehicles: vehicles
            .into_iter()
            .map(vehicle_from)
            .collect::<Result<_, _>>()?,
    })
}

/// Whether a person has a driver profile, approved or not.
pub async fn driver_exists(connection: &mut PgConnection, user: UserId) -> Result<bool, Failure> {
    Ok(queries::driver_exists(connection, user.into()).await?)
}

/// Whether a driver wants offers.
pub async fn is_online(connection: &mut PgConnection, driver: DriverId) -> Result<bool, Failure> {
    let row = queries::find_driver(connection, driver).await?;
    let row = row.ok_or_else(no_profile)?;
    Ok(AvailabilityStatus::from(row.availability) == AvailabilityStatus::Online)
}

/// Those of these people who are drivers.
pub async fn drivers_among(
    connection: &mut PgConnection,
    people: &[DriverId],
) -> Result<HashSet<DriverId>, Failure> {
    let ids: Vec<Uuid> = people.iter().map(|driver| driver.uuid()).collect();
    let drivers = queries::list_drivers_among(connection, &ids).await?;
    Ok(drivers.into_iter().map(DriverId::from_uuid).collect())
}

/// Everybody who is online and approved.
pub async fn online_drivers(connection: &mut PgConnection) -> Result<Vec<OnlineDriver>, Failure> {
    availability::online_drivers(connection).await
}

/// Those of the drivers who are online and approved, and stay so until the transaction ends. One who is
/// just changing that is left out.
pub async fn hold_online(
    connection: &mut PgConnection,
    drivers: &[DriverId],
) -> Result<HashSet<DriverId>, Failure> {
    let ids: Vec<Uuid> = drivers.iter().map(|driver| driver.uuid()).collect();
    let held = queries::hold_online_drivers(connection, &ids).await?;
    Ok(held.into_iter().map(DriverId::from_uuid).collect())
}

/// What a rider is shown of a driver and one of the driver's vehicles.
pub async fn driver_card(
    connection: &mut PgConnection,
    driver: DriverId,
    vehicle: VehicleId,
) -> Result<DriverCard, Failure> {
    let profile = queries::find_driver(connection, driver)
        .await?
        .ok_or_else(|| Failure::not_found("driver"))?;
    let row = queries::find_vehicle(connection, driver, vehicle)
        .await?
        .ok_or_else(|| Failure::not_found("vehicle of this driver"))?;
    let vehicle = TripVehicle {
        id: vehicle,
        plate: row.plate,
        make: row.make,
        model: row.model,
        colour: row.colour,
    };
    Ok(DriverCard {
        name: profile.name,
        vehicle,
    })
}

/// Lets a registered driver drive. Doing it again changes nothing; a blocked driver stays blocked.
pub async fn approve_driver_by_phone(pool: &PgPool, phone: &Phone) -> Result<DriverId, Failure> {
    let mut transaction = pool.begin().await?;
    let user = identity::service::find_user_by_phone(&mut transaction, phone)
        .await?
        .ok_or_else(|| Failure::not_found("account with this phone"))?;
    let driver = DriverId::from(user);
    let status = queries::find_driver_status_for_update(&mut transaction, driver)
        .await?
        .ok_or_else(|| Failure::not_found("driver with this phone"))?;
    match status {
        StatusColumn::Blocked => {
            let detail = "this driver is blocked";
            return Err(Failure::refused(ErrorCode::DriverNotActive, detail));
        }
        StatusColumn::Pending => queries::set_driver_active(&mut transaction, driver).await?,
        StatusColumn::Active => {}
    }
    transaction.commit().await?;
    tracing::info!(driver = %driver, "driver approved");
    Ok(driver)
}

fn has_profile() -> Failure {
    Failure::refused(
        ErrorCode::DriverProfile,
        "this account has a driver profile already",
    )
}

pub(super) fn no_profile() -> Failure {
    Failure::refused(
        ErrorCode::DriverProfile,
        "this account has no driver profile",
    )
}
