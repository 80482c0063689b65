//! SQL of `dispatch.leases`. Times are the database's: processes with clocks of their own agree on it.

use sqlx::PgConnection;
use uuid::Uuid;

/// Who holds the lease of a market.
pub(super) struct LeaseRow {
    pub(super) holder: Uuid,
    pub(super) epoch: i64,
    /// Milliseconds; negative if it ran out.
    pub(super) left_ms: i64,
}

/// Which lease, and who wants it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    pub(super) market: &'a str,
    pub(super) holder: Uuid,
    pub(super) ttl_ms: i64,
}

/// Makes the row of a market that nobody dispatched before. It has run out already.
pub(super) async fn ensure_lease(
    connection: &mut PgConnection,
    claim: Claim<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.leases (market, holder, epoch, expires_at)
         VALUES ($1, $2, 1, clock_timestamp())
         ON CONFLICT DO NOTHING",
        claim.market,
        Uuid::nil(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a lease that ran out, or renews one's own. Answers its epoch, or nothing if another holds it
/// or it is just being used: a row that is locked belongs to somebody who is alive.
pub(super) async fn take_lease(
    connection: &mut PgConnection,
    claim: Claim<'_>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "UPDATE dispatch.leases AS lease
         SET holder = $2,
             epoch = CASE WHEN lease.holder = $2 THEN lease.epoch ELSE lease.epoch + 1 END,
             expires_at = clock_timestamp() + $3::bigint * interval '1 millisecond'
         FROM (
             SELECT market FROM dispatch.leases
             WHERE market = $1 AND (holder = $2 OR expires_at <= clock_timestamp())
             FOR UPDATE SKIP LOCKED
         ) AS free
         WHERE lease.market = free.market
         RETURNING lease.epoch",
        claim.market,
        claim.holder,
        claim.ttl_ms,
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn find_lease(
    connection: &mut PgConnection,
    market: &str,
) -> sqlx::Result<Option<LeaseRow>> {
    sqlx::query_as!(
        LeaseRow,
        r#"SELECT holder, epoch,
               ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint AS "left_ms!"
           FROM dispatch.leases WHERE market = $1"#,
        market,
    )
    .fetch_optional(connection)
    .await
}

/// Renews one's own lease and locks it until the transaction ends, so that nobody else takes it before.
/// Answers false if it is somebody else's by now.
pub(super) async fn lock_lease(
    connection: &mut PgConnection,
    claim: Claim<'_>,
    epoch: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE dispatch.leases
         SET expires_at = clock_timestamp() + $3::bigint * interval '1 millisecond'
         WHERE market = $1 AND holder = $2 AND epoch = $4",
        claim.market,
        claim.holder,
        claim.ttl_ms,
        epoch,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets the database end a transaction that does nothing, or waits for a lock, for so long.
pub(super) async fn limit_patience(
    connection: &mut PgConnection,
    patience_ms: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT set_config('idle_in_transaction_session_timeout', $1, true) AS idle,
             set_config('lock_timeout', $1, true) AS lock",
        patience_ms.to_string(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Gives one's own lease back.
pub(super) async fn end_lease(
    connection: &mut PgConnection,
    claim: Claim<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE dispatch.leases SET expires_at = clock_timestamp()
         WHERE market = $1 AND holder = $2 AND expires_at > clock_timestamp()",
        claim.market,
        claim.holder,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
