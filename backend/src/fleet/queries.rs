//! SQL of the schema `fleet`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::wire::{AvailabilityStatus, DriverStatus};

/// `fleet.drivers.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum StatusColumn {
    Pending,
    Active,
    Blocked,
}

impl From<StatusColumn> for DriverStatus {
    fn from(column: StatusColumn) -> Self {
        match column {
            StatusColumn::Pending => Self::Pending,
            StatusColumn::Active => Self::Active,
            StatusColumn::Blocked => Self::Blocked,
        }
    }
}

/// `fleet.drivers.availability`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum AvailabilityColumn {
    Online,
    Offline,
}

impl From<AvailabilityColumn> for AvailabilityStatus {
    fn from(column: AvailabilityColumn) -> Self {
        match column {
            AvailabilityColumn::Online => Self::Online,
            AvailabilityColumn::Offline => Self::Offline,
        }
    }
}

pub(super) struct NewDriverRow<'a> {
    pub(super) id: DriverId,
    pub(super) name: &'a str,
    pub(super) is_active: bool,
    pub(super) now: DateTime<Utc>,
}

pub(super) async fn insert_driver(
    connection: &mut PgConnection,
    row: NewDriverRow<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO fleet.drivers (id, name, status, created_at)
         VALUES ($1, $2, CASE WHEN $3 THEN 'active' ELSE 'pending' END, $4)",
        row.id.uuid(),
        row.name,
        row.is_active,
        row.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn driver_exists(
    connection: &mut PgConnection,
    id: DriverId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM fleet.drivers WHERE id = $1) AS "exists!""#,
        id.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Those of these people who are drivers.
pub(super) async fn list_drivers_among(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM fleet.drivers WHERE id = ANY($1)", ids)
        .fetch_all(connection)
        .await
}

pub(super) struct DriverRow {
    pub(super) name: String,
    pub(super) status: StatusColumn,
    pub(super) availability: AvailabilityColumn,
    pub(super) vehicle_id: Option<Uuid>,
}

pub(super) async fn find_driver(
    connection: &mut PgConnection,
    id: DriverId,
) -> sqlx::Result<Option<DriverRow>> {
    sqlx::query_as!(
        DriverRow,
        r#"SELECT name, status AS "status: StatusColumn",
               availability AS "availability: AvailabilityColumn", vehicle_id
           FROM fleet.drivers WHERE id = $1"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Lets the changes of one driver happen one after the other. Answers the status of the driver.
pub(super) async fn find_driver_status_for_update(
    connection: &mut PgConnection,
    id: DriverId,
) -> sqlx::Result<Option<StatusColumn>> {
    sqlx::query_scalar!(
        r#"SELECT status AS "status: StatusColumn" FROM fleet.drivers WHERE id = $1 FOR UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn set_driver_active(
    connection: &mut PgConnection,
    id: DriverId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fleet.drivers SET status = 'active' WHERE id = $1",
        id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Online with this vehicle, or offline without one.
pub(super) async fn set_availability(
    connection: &mut PgConnection,
    id: DriverId,
    vehicle: Option<VehicleId>,
    said_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fleet.drivers
         SET availability = CASE WHEN $2::uuid IS NULL THEN 'offline' ELSE 'online' END,
             vehicle_id = $2, availability_at = $3
         WHERE id = $1",
        id.uuid(),
        vehicle.map(VehicleId::uuid),
        said_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// When the driver last went online or offline, if that was noted.
pub(super) async fn find_availability_at(
    connection: &mut PgConnection,
    id: DriverId,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let row = sqlx::query_scalar!(
        "SELECT availability_at FROM fleet.drivers WHERE id = $1",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.flatten())
}

pub(super) struct OnlineRow {
    pub(super) driver_id: Uuid,
    pub(super) vehicle_id: Uuid,
    pub(super) vehicle_class: String,
    pub(super) features: Vec<String>,
    pub(super) seats: Option<i16>,
    pub(super) load_kg: Option<i32>,
}

pub(super) async fn list_online_drivers(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<OnlineRow>> {
    sqlx::query_as!(
        OnlineRow,
        "SELECT d.id AS driver_id, v.id AS vehicle_id, v.vehicle_class, v.features, v.seats,
             v.load_kg
         FROM fleet.drivers d JOIN fleet.vehicles v ON v.id = d.vehicle_id
         WHERE d.availability = 'online' AND d.status = 'active'
         ORDER BY d.id",
    )
    .fetch_all(connection)
    .await
}

/// Those of the drivers who are online and approved, and stay so until the transaction ends. One whose
/// row is just being changed is left out.
pub(super) async fn hold_online_drivers(
    connection: &mut PgConnection,
    drivers: &[Uuid],
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM fleet.drivers
         WHERE id = ANY($1) AND availability = 'online' AND status = 'active'
         ORDER BY id
         FOR SHARE SKIP LOCKED",
        drivers,
    )
    .fetch_all(connection)
    .await
}

pub(super) struct VehicleRow {
    pub(super) id: Uuid,
    pub(super) plate: String,
    pub(super) make: String,
    pub(super) model: String,
    pub(super) colour: String,
    pub(super) vehicle_class: String,
    pub(super) features: Vec<String>,
    pub(super) seats: Option<i16>,
    pub(super) load_kg: Option<i32>,
}

pub(super) async fn insert_vehicle(
    connection: &mut PgConnection,
    driver: DriverId,
    row: &VehicleRow,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO fleet.vehicles
             (id, driver_id, plate, make, model, colour, vehicle_class, created_at, features, seats,
              load_kg)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.id,
        driver.uuid(),
        row.plate,
        row.make,
        row.model,
        row.colour,
        row.vehicle_class,
        now,
        &row.features,
        row.seats,
        row.load_kg,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// In the order in which they were registered; their number is limited.
pub(super) async fn list_vehicles(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Vec<VehicleRow>> {
    sqlx::query_as!(
        VehicleRow,
        "SELECT id, plate, make, model, colour, vehicle_class, features, seats, load_kg
         FROM fleet.vehicles WHERE driver_id = $1 ORDER BY id",
        driver.uuid(),
    )
    .fetch_all(connection)
    .await
}

/// A vehicle, if it is this driver's.
pub(super) async fn find_vehicle(
    connection: &mut PgConnection,
    driver: DriverId,
    vehicle: VehicleId,
) -> sqlx::Result<Option<VehicleRow>> {
    sqlx::query_as!(
        VehicleRow,
        "SELECT id, plate, make, model, colour, vehicle_class, features, seats, load_kg
         FROM fleet.vehicles WHERE driver_id = $1 AND id = $2",
        driver.uuid(),
        vehicle.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn count_vehicles(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM fleet.vehicles WHERE driver_id = $1"#,
        driver.uuid(),
    )
    .fetch_one(connection)
    .await
}
