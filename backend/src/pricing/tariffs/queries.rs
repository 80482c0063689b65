//! SQL of the tariffs.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use wayfare_core::pricing::TariffSpec;

pub(super) struct TariffRow {
    pub(super) spec: Value,
    pub(super) valid_from: DateTime<Utc>,
}

/// Adds a version of a tariff.
pub(super) async fn insert_tariff(
    connection: &mut PgConnection,
    spec: &TariffSpec,
    version: i32,
    json: Value,
    valid_from: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.tariffs (id, version, vehicle_class, spec, valid_from)
         VALUES ($1, $2, $3, $4, $5)",
        spec.id,
        version,
        spec.vehicle_class.as_str(),
        json,
        valid_from,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One process at a time gives a new city its tariffs.
pub(super) async fn lock_tariffs(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("LOCK TABLE pricing.tariffs IN SHARE ROW EXCLUSIVE MODE")
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn count_tariffs(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM pricing.tariffs"#)
        .fetch_one(connection)
        .await
}

/// The highest version of a tariff.
pub(super) async fn find_newest_version(
    connection: &mut PgConnection,
    id: &str,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("SELECT max(version) FROM pricing.tariffs WHERE id = $1", id)
        .fetch_one(connection)
        .await
}

/// The newest tariff in force of each class of vehicle.
pub(super) async fn list_tariffs_in_force(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Value>> {
    sqlx::query_scalar!(
        "SELECT DISTINCT ON (vehicle_class) spec FROM pricing.tariffs
         WHERE valid_from <= $1
         ORDER BY vehicle_class, valid_from DESC, version DESC",
        now,
    )
    .fetch_all(connection)
    .await
}

/// The newest versions of all tariffs.
pub(super) async fn list_tariffs(
    connection: &mut PgConnection,
    limit: i64,
) -> sqlx::Result<Vec<TariffRow>> {
    sqlx::query_as!(
        TariffRow,
        "SELECT spec, valid_from FROM pricing.tariffs
         ORDER BY valid_from DESC, id, version DESC
         LIMIT $1",
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find_tariff(
    connection: &mut PgConnection,
    id: &str,
    version: i32,
) -> sqlx::Result<Option<TariffRow>> {
    sqlx::query_as!(
        TariffRow,
        "SELECT spec, valid_from FROM pricing.tariffs WHERE id = $1 AND version = $2",
        id,
        version,
    )
    .fetch_optional(connection)
    .await
}
