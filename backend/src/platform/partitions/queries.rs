//! The statements that make and drop partitions. Names cannot be parameters; these are written in the
//! program.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor, PgPool};

use super::DailyPartitions;

/// One process at a time changes partitions; this number and the table's name are the lock.
const PARTITION_LOCK: i32 = 0x50_41_52_54;

/// A day, and where it begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    pub(super) day: NaiveDate,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// Asks the catalogue's rows and not `to_regclass`, which within a transaction does not learn what
/// another one made.
pub(super) async fn partition_exists(
    executor: impl PgExecutor<'_>,
    table: &DailyPartitions,
    day: NaiveDate,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = split_part($1, '.', 1) AND c.relname = split_part($1, '.', 2)
         ) AS "exists!""#,
        table.name_of(day)
    )
    .fetch_one(executor)
    .await
}

/// Waits for its turn, and then not long for those who use the table: they go first, and it is tried
/// again.
pub(super) async fn lock(
    connection: &mut PgConnection,
    table: &DailyPartitions,
) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock($1, hashtext($2)), set_config('lock_timeout', '1s', true)",
        PARTITION_LOCK,
        table.table,
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Made apart and then attached: so those who write to other days are not held up.
pub(super) async fn create_partition(
    connection: &mut PgConnection,
    table: &DailyPartitions,
    span: Day,
) -> sqlx::Result<()> {
    let (name, parent) = (table.name_of(span.day), table.table);
    let (from, to) = (span.from.to_rfc3339(), span.to.to_rfc3339());
    let statements = format!(
        "CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
         ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ('{from}') TO ('{to}');"
    );
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn list_partitions(
    pool: &PgPool,
    table: &DailyPartitions,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT inhrelid::regclass::text AS "name!" FROM pg_inherits
           WHERE inhparent = to_regclass($1) ORDER BY 1"#,
        table.table,
    )
    .fetch_all(pool)
    .await
}

pub(super) async fn drop_partition(
    connection: &mut PgConnection,
    table: &DailyPartitions,
    day: NaiveDate,
) -> sqlx::Result<()> {
    let statement = format!("DROP TABLE IF EXISTS {}", table.name_of(day));
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes at most `limit` old rows of the default partition.
pub(super) async fn delete_from_default(
    pool: &PgPool,
    table: &DailyPartitions,
    before: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<u64> {
    let (default, column) = (table.default, table.column);
    let statement = format!(
        "DELETE FROM {default} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM {default} WHERE {column} < $1 LIMIT $2))"
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(before)
        .bind(limit)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
