//! SQL of `dispatch.drivers`, as far as it counts what drivers did.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::DriverId;

pub(super) struct StandingRow {
    pub(super) driver_id: Uuid,
    pub(super) idle_since: Option<DateTime<Utc>>,
    pub(super) accepted: i64,
    pub(super) gave_back: i64,
    pub(super) stars: i64,
    pub(super) ratings: i64,
    pub(super) home_lat_e7: Option<i32>,
    pub(super) home_lng_e7: Option<i32>,
    pub(super) queue_zone: Option<String>,
    pub(super) queue_since: Option<DateTime<Utc>>,
}

/// What drivers did with offers; of every kind but one it is 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answers {
    pub(super) accepted: i64,
    pub(super) declined: i64,
    pub(super) timed_out: i64,
}

/// A row for each of these drivers, also for those of whom nothing is known. Who is on the way home
/// only until before now is not on the way any more; who is away from a queue does not wait in it.
pub(super) async fn list_standing(
    connection: &mut PgConnection,
    drivers: &[Uuid],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<StandingRow>> {
    sqlx::query_as!(
        StandingRow,
        r#"SELECT asked.id AS "driver_id!", d.idle_since AS "idle_since?",
               coalesce(d.accepted, 0) AS "accepted!", coalesce(d.gave_back, 0) AS "gave_back!",
               coalesce(d.stars, 0) AS "stars!", coalesce(d.ratings, 0) AS "ratings!",
               CASE WHEN d.home_until > $2 THEN d.home_lat_e7 END AS home_lat_e7,
               CASE WHEN d.home_until > $2 THEN d.home_lng_e7 END AS home_lng_e7,
               q.zone AS "queue_zone?", q.since AS "queue_since?"
           FROM unnest($1::uuid[]) AS asked (id)
           LEFT JOIN dispatch.drivers d ON d.driver_id = asked.id
           LEFT JOIN dispatch.queue_places q
               ON q.driver_id = asked.id AND q.away_since IS NULL"#,
        drivers,
        now,
    )
    .fetch_all(connection)
    .await
}

/// Counts the same answer for many drivers, each as often as they are named. The order keeps two
/// transactions from waiting for each other.
pub(super) async fn count_answers(
    connection: &mut PgConnection,
    drivers: &[Uuid],
    each: Answers,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.drivers AS kept
             (driver_id, idle_since, accepted, declined, timed_out)
         SELECT id, $5, $2 * count(*), $3 * count(*), $4 * count(*)
         FROM unnest($1::uuid[]) AS answered (id)
         GROUP BY id
         ORDER BY id
         ON CONFLICT (driver_id) DO UPDATE
             SET accepted = kept.accepted + excluded.accepted,
                 declined = kept.declined + excluded.declined,
                 timed_out = kept.timed_out + excluded.timed_out,
                 idle_since = CASE WHEN excluded.accepted > 0
                     THEN greatest(kept.idle_since, excluded.idle_since)
                     ELSE kept.idle_since END",
        drivers,
        each.accepted,
        each.declined,
        each.timed_out,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One more trip given back.
pub(super) async fn count_gave_back(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.drivers AS kept (driver_id, idle_since, gave_back)
         VALUES ($1, $2, 1)
         ON CONFLICT (driver_id) DO UPDATE
             SET gave_back = kept.gave_back + 1",
        driver.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Never to an earlier time: clocks of two servers may differ a little.
pub(super) async fn set_idle_since(
    connection: &mut PgConnection,
    driver: DriverId,
    since: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.drivers AS kept (driver_id, idle_since) VALUES ($1, $2)
         ON CONFLICT (driver_id) DO UPDATE
             SET idle_since = greatest(kept.idle_since, excluded.idle_since)",
        driver.uuid(),
        since,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn count_rating(
    connection: &mut PgConnection,
    driver: DriverId,
    stars: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.drivers AS kept (driver_id, idle_since, stars, ratings)
         VALUES ($1, $3, $2, 1)
         ON CONFLICT (driver_id) DO UPDATE
             SET stars = kept.stars + excluded.stars, ratings = kept.ratings + 1",
        driver.uuid(),
        stars,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
