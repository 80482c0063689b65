//! SQL of the cars that are known to be silent.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn list_silent(connection: &mut PgConnection) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT trip_id FROM dispatch.silent_cars")
        .fetch_all(connection)
        .await
}

/// Answers false if it was noted before.
pub(super) async fn note_silent(
    connection: &mut PgConnection,
    trip: Uuid,
    last_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO dispatch.silent_cars (trip_id, last_at) VALUES ($1, $2)
         ON CONFLICT DO NOTHING",
        trip,
        last_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn forget_silent(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM dispatch.silent_cars WHERE trip_id = ANY($1)",
        trips
    )
    .execute(connection)
    .await?;
    Ok(())
}
