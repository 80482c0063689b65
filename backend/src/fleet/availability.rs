//! Going online and offline, and who is online.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{Availability, AvailabilityStatus, Driver, ErrorCode};
use wayfare_dispatch::{Capacity, CarProfile, FeatureSet};

use super::queries::{self, OnlineRow, StatusColumn};
use super::service::{get_driver_in, is_online, no_profile};
use super::vehicles::{capacity, features, vehicle_class};
use crate::app::App;
use crate::dispatch::standing;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// A driver who wants offers, and what they drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnlineDriver {
    /// The driver.
    pub driver: DriverId,
    /// The vehicle in use.
    pub vehicle: VehicleId,
    /// What that vehicle can be asked for as.
    pub vehicle_class: VehicleClass,
    /// How much it takes.
    pub capacity: Capacity,
    /// What it has beyond its class.
    pub features: FeatureSet,
}

impl OnlineDriver {
    /// What the driver drives, as dispatch sees it.
    pub const fn profile(&self) -> CarProfile {
        CarProfile {
            vehicle: self.vehicle,
            vehicle_class: self.vehicle_class,
            capacity: self.capacity,
            features: self.features,
        }
    }
}

/// What became of a wish to go online or offline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailabilityChange {
    /// The profile as it is now.
    pub driver: Driver,
    /// Present if the driver is online now.
    pub online: Option<OnlineDriver>,
}

/// Goes online with a vehicle of one's own, or offline. Doing it again changes nothing.
pub(super) async fn set_availability(
    app: &App,
    driver: DriverId,
    wanted: &Availability,
) -> Result<AvailabilityChange, Failure> {
    let mut transaction = app.pool.begin().await?;
    let change = change_availability(&mut transaction, driver, wanted, clock::now()).await?;
    transaction.commit().await?;
    Ok(change)
}

/// The same in the caller's transaction; the driver said so at this time.
pub async fn change_availability(
    connection: &mut PgConnection,
    driver: DriverId,
    wanted: &Availability,
    said_at: DateTime<Utc>,
) -> Result<AvailabilityChange, Failure> {
    let status = queries::find_driver_status_for_update(connection, driver)
        .await?
        .ok_or_else(no_profile)?;
    let online = match wanted.status {
        AvailabilityStatus::Offline => None,
        AvailabilityStatus::Online => {
            Some(online_with(connection, driver, status, wanted.vehicle_id).await?)
        }
    };
    if online.is_some() && !is_online(connection, driver).await? {
        standing::note_idle(connection, driver, clock::now()).await?;
    }
    let vehicle = online.map(|online| online.vehicle);
    queries::set_availability(connection, driver, vehicle, said_at).await?;
    let profile = get_driver_in(connection, driver).await?;
    tracing::info!(driver = %driver, online = online.is_some(), "availability changed");
    Ok(AvailabilityChange {
        driver: profile,
        online,
    })
}

/// Whether the driver went online or offline after this time.
pub async fn said_otherwise_since(
    connection: &mut PgConnection,
    driver: DriverId,
    at: DateTime<Utc>,
) -> Result<bool, Failure> {
    let last = queries::find_availability_at(connection, driver).await?;
    Ok(last.is_some_and(|last| last > at))
}

/// Whether this driver may go online with this vehicle.
async fn online_with(
    connection: &mut PgConnection,
    driver: DriverId,
    status: StatusColumn,
    vehicle: Option<VehicleId>,
) -> Result<OnlineDriver, Failure> {
    let not_active = |detail| Err(Failure::refused(ErrorCode::DriverNotActive, detail));
    match status {
        StatusColumn::Pending => return not_active("this driver waits for approval"),
        StatusColumn::Blocked => return not_active("this driver is blocked"),
        StatusColumn::Active => {}
    }
    let Some(vehicle) = vehicle else {
        let detail = "`vehicle_id` is needed to go online";
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    };
    let row = queries::find_vehicle(connection, driver, vehicle)
        .await?
        .ok_or_else(|| Failure::not_found("vehicle of this driver"))?;
    online_driver_from(OnlineRow {
        driver_id: driver.uuid(),
        vehicle_id: vehicle.uuid(),
        vehicle_class: row.vehicle_class,
        features: row.features,
        seats: row.seats,
        load_kg: row.load_kg,
    })
}

/// Everybody who is online and approved.
pub(super) async fn online_drivers(
    connection: &mut PgConnection,
) -> Result<Vec<OnlineDriver>, Failure> {
    queries::list_online_drivers(connection)
        .await?
        .into_iter()
        .map(online_driver_from)
        .collect()
}

fn online_driver_from(row: OnlineRow) -> Result<OnlineDriver, Failure> {
    let class = vehicle_class(&row.vehicle_class)?;
    Ok(OnlineDriver {
        driver: DriverId::from_uuid(row.driver_id),
        vehicle: VehicleId::from_uuid(row.vehicle_id),
        vehicle_class: class,
        capacity: capacity(class, row.seats, row.load_kg)?,
        features: FeatureSet::of(features(&row.features)?),
    })
}
