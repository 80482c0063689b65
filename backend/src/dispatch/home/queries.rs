//! SQL of `dispatch.drivers`, as far as it keeps where drivers want to get to.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use wayfare_core::id::DriverId;

pub(super) struct HomeRow {
    pub(super) home_lat_e7: Option<i32>,
    pub(super) home_lng_e7: Option<i32>,
    pub(super) home_until: Option<DateTime<Utc>>,
    pub(super) home_day: Option<NaiveDate>,
    pub(super) home_uses: i32,
}

/// A driver whose row is made here is idle from now on.
pub(super) async fn insert_missing(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.drivers (driver_id, idle_since) VALUES ($1, $2)
         ON CONFLICT (driver_id) DO NOTHING",
        driver.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_home(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Option<HomeRow>> {
    sqlx::query_as!(
        HomeRow,
        "SELECT home_lat_e7, home_lng_e7, home_until, home_day, home_uses
         FROM dispatch.drivers WHERE driver_id = $1",
        driver.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn find_home_for_update(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Option<HomeRow>> {
    sqlx::query_as!(
        HomeRow,
        "SELECT home_lat_e7, home_lng_e7, home_until, home_day, home_uses
         FROM dispatch.drivers WHERE driver_id = $1 FOR UPDATE",
        driver.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn set_home(
    connection: &mut PgConnection,
    driver: DriverId,
    row: &HomeRow,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE dispatch.drivers
         SET home_lat_e7 = $2, home_lng_e7 = $3, home_until = $4, home_day = $5, home_uses = $6
         WHERE driver_id = $1",
        driver.uuid(),
        row.home_lat_e7,
        row.home_lng_e7,
        row.home_until,
        row.home_day,
        row.home_uses,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The uses of the day stay.
pub(super) async fn clear_home(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE dispatch.drivers
         SET home_lat_e7 = NULL, home_lng_e7 = NULL, home_until = NULL
         WHERE driver_id = $1",
        driver.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
